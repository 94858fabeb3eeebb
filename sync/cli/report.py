"""The command that draws up the report in Word."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sync.cli import show
from sync.cli.options import fails_clearly, office_options, open_office
from sync.i18n import gettext as _

if TYPE_CHECKING:
    from sync.drawing_up import DrawnUp
    from sync.office import OpenOffice


@click.command(help=_("Writes the report of a period in Word; what is to be filled in is marked yellow."))
@click.option("--for-others", is_flag=True, help=_("A copy for others: counts of children under 3 are not in it."))
@click.option(
    "--templates", is_flag=True, help=_("Only puts the templates of reports into mau-bao-cao/, to be edited in Word.")
)
@office_options
@fails_clearly
def report(
    folder: Path, as_of: datetime | None, period: str | None, as_json: bool, for_others: bool, templates: bool
) -> None:
    office = open_office(folder, as_of)
    if templates:
        _templates(office, as_json)
        return
    from sync import drawing_up
    from sync.ledger import Ledger

    with Ledger.open(office.ledger_url) as ledger:
        drawn = drawing_up.draw_up(office, ledger, period, for_others=for_others)
    if as_json:
        show.as_json(vars(drawn))
    else:
        _show(office, drawn)


def _show(office: OpenOffice, drawn: DrawnUp) -> None:
    click.echo(
        _("{file}: {gaps} places to fill in, marked yellow.").format(
            file=show.place(office.workspace.path / drawn.report), gaps=drawn.gaps
        )
    )
    if drawn.kept:
        click.echo(_("{file} was edited since it was written and stays as it is.").format(file=drawn.kept))


def _templates(office: OpenOffice, as_json: bool) -> None:
    from sync.outputs import word_report

    made, kept = word_report.copy_templates(office.workspace.report_templates)
    if as_json:
        show.as_json({"written": [file.name for file in made], "kept": [file.name for file in kept]})
        return
    for file in made:
        click.echo(show.place(file))
    for file in kept:
        click.echo(_("{file} is there already and stays as it is.").format(file=show.place(file)))
