"""Commands about Google Sheets: making the schools' spreadsheets, and binding those that people made."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sync.cli import show
from sync.cli.options import (
    DONE,
    PARTLY,
    as_of_option,
    fails_clearly,
    json_option,
    lang_option,
    office_options,
    open_office,
    workspace_option,
)
from sync.i18n import gettext as _

if TYPE_CHECKING:
    from sync.spreadsheets import SetUp


@click.group(help=_("Google Sheets: the spreadsheets that schools report in."))
def google() -> None:
    """The group of commands."""


@google.command(
    help=_("Makes each school's spreadsheet, protects it and shares it; a second run does what is missing.")
)
@click.option("--school", "schools", multiple=True, metavar="CODE", help=_("Only this school; may be given again."))
@office_options
@fails_clearly
def prepare(folder: Path, as_of: datetime | None, period: str | None, as_json: bool, schools: tuple[str, ...]) -> None:
    from sync import preparing_sheets

    office = open_office(folder, as_of)
    with show.progress_bar(as_json) as progress:
        done = preparing_sheets.prepare(office, period, schools, progress=progress)
    _finish(done, as_json)


@google.command(help=_("Binds the spreadsheets that are shared with this program to their schools."))
@workspace_option
@as_of_option
@json_option
@lang_option
@fails_clearly
def link(folder: Path, as_of: datetime | None, as_json: bool) -> None:
    from sync import linking_sheets

    office = open_office(folder, as_of)
    with show.progress_bar(as_json) as progress:
        done = linking_sheets.link(office, progress=progress)
    _finish(done, as_json)


def _finish(done: SetUp, as_json: bool) -> None:
    if as_json:
        show.as_json(vars(done))
    else:
        _show(done)
    sys.exit(PARTLY if done.problems else DONE)


def _show(done: SetUp) -> None:
    for words, entries in (
        (_("made"), done.made),
        (_("bound"), done.bound),
        (_("unchanged"), done.unchanged),
    ):
        for entry in entries:
            place = " ".join(filter(None, (entry["school"], entry["period"])))
            click.echo(f"{place}  {words}  {entry['link']}")
    for other in done.others:
        click.echo(_("{name} ({link}) is left alone: {reason}.").format(**other))
    if done.instructions:
        click.echo(Path(done.instructions).read_text(encoding="utf-8-sig"))
        click.echo(_("This is also in {file}.").format(file=show.place(Path(done.instructions))))
    for problem in done.problems:
        click.echo(problem, err=True)
