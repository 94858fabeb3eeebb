"""What all tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sync import i18n
from tests.fakes.libreoffice import libreoffice

__all__ = ["english", "libreoffice", "no_language_is_left_behind"]


@pytest.fixture(autouse=True)
def no_language_is_left_behind() -> Iterator[None]:
    """A command sets the language of its process; the next test begins in the default one again."""
    with i18n.using("vi"):
        yield


@pytest.fixture
def english() -> Iterator[None]:
    """Messages are in English, for tests that look at their words."""
    with i18n.using("en"):
        yield
