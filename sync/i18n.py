"""Vietnamese and English through gettext; source strings are English, the language is chosen once per command."""

from __future__ import annotations

import gettext as _gettext
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

LANGUAGES = ("vi", "en")
FOLDER = Path(__file__).parent / "locale"
_language: ContextVar[str] = ContextVar("language", default="vi")


def use(language: str) -> None:
    """Messages are in `language` ('vi' or 'en') from now on."""
    if language not in LANGUAGES:
        raise ValueError(f"unknown language: {language}")
    _language.set(language)


def current() -> str:
    """The language in use."""
    return _language.get()


@contextmanager
def using(language: str) -> Iterator[None]:
    """Messages are in `language` inside the block: workbooks are Vietnamese whatever the screen is."""
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)


def use_for_click(language: str) -> None:
    """What click itself says, such as "Usage:", is in `language` from now on, in this process and its children."""
    # Click asks gettext's default domain, which takes its language from the environment.
    os.environ["LANGUAGE"] = language
    _gettext.bindtextdomain("click", str(FOLDER))
    _gettext.textdomain("click")


def gettext(message: str) -> str:
    """`message` in the language in use."""
    return _catalogue(_language.get()).gettext(message)


def ngettext(singular: str, plural: str, count: int) -> str:
    """The form of the message for `count`, in the language in use."""
    return _catalogue(_language.get()).ngettext(singular, plural, count)


def mark(message: str) -> str:
    """Marks `message` for the catalogue without translating it yet."""
    return message


@cache
def _catalogue(language: str) -> _gettext.NullTranslations:
    if language == "en":
        return _gettext.NullTranslations()
    return _gettext.translation("baocao", localedir=FOLDER, languages=[language])
