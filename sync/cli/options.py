"""Options that commands share, and how their errors become exit statuses."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from sync import i18n
from sync.errors import Busy, MendableError
from sync.i18n import gettext as _

if TYPE_CHECKING:
    from sync.office import OpenOffice

DONE, FOUND_ERRORS, WRONG_USE, BUSY, PARTLY = 0, 1, 2, 3, 4
"""Exit statuses: done; `check` found errors; wrong use or settings; another pass holds the workspace; done, but a
source or an address failed."""

FIRST_YEAR, LAST_YEAR = 1990, 2099
"""Moments further away are typing errors, and calendars do not know them."""
_CHOSEN = "baocao.language"
_Function = TypeVar("_Function", bound=Callable[..., Any])


class Moment(click.ParamType[datetime]):
    """A moment in ISO 8601; one without a time zone is in the office's."""

    name = "datetime"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(str(value).strip())
        except ValueError:
            moment = None
        if moment is None or not FIRST_YEAR <= moment.year <= LAST_YEAR:
            self.fail(_("'{value}' is no moment; write it like 2025-01-20T08:00.").format(value=value), param, ctx)
        return moment


def lang_option(function: _Function) -> _Function:
    return click.option(
        "--lang",
        type=click.Choice(i18n.LANGUAGES),
        expose_value=False,
        callback=_choose_language,
        help=_("Language of messages: vi or en (default vi)."),
    )(function)


def _choose_language(context: click.Context, _parameter: click.Parameter, value: str | None) -> None:
    if value:
        context.meta[_CHOSEN] = value
        i18n.use(value)


def json_option(function: _Function) -> _Function:
    return click.option("--json", "as_json", is_flag=True, help=_("Prints one JSON document and nothing else."))(
        function
    )


def workspace_option(function: _Function) -> _Function:
    return click.option(
        "-w",
        "--workspace",
        "folder",
        type=click.Path(path_type=Path),
        envvar="BAOCAO_WORKSPACE",
        default=Path(),
        help=_("The workspace (default: this folder, or BAOCAO_WORKSPACE)."),
    )(function)


def as_of_option(function: _Function) -> _Function:
    return click.option("--as-of", type=Moment(), help=_("Works as if it were this moment (ISO 8601, office time)."))(
        function
    )


def period_option(function: _Function) -> _Function:
    return click.option("--period", help=_("One period, such as 2024-2025/HK1."))(function)


def office_options(function: _Function) -> _Function:
    """The options of every command that works in a workspace."""
    for option in (lang_option, json_option, period_option, as_of_option, workspace_option):
        function = option(function)
    return function


def open_office(folder: Path, as_of: datetime | None) -> OpenOffice:
    """The office of `folder`; its settings' language is used unless `--lang` or BAOCAO_LANG chose one."""
    from sync import office

    opened = office.open_office(folder, as_of)
    if _CHOSEN not in click.get_current_context().meta and not os.environ.get("BAOCAO_LANG"):
        i18n.use(opened.settings.language)
    return opened


def fails_clearly(function: _Function) -> _Function:
    """Errors that a user can mend end the command with one message and the right status, never with a traceback."""

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except MendableError as error:
            stop(str(error), BUSY if isinstance(error, Busy) else WRONG_USE)

    return wrapper  # type: ignore[return-value]


def stop(message: str, status: int) -> NoReturn:
    """Ends the command with `message` on stderr."""
    click.echo(message, err=True)
    sys.exit(status)
