"""Commands about the add-in in schools' workbooks: the server behind it."""

from __future__ import annotations

from pathlib import Path

import click

from sync.cli.options import fails_clearly, lang_option, open_office, workspace_option
from sync.i18n import gettext as _


@click.group(help=_("The add-in in schools' workbooks."))
def addin() -> None:
    """The group of commands."""


@addin.command(
    help=_("Runs the server that schools' workbooks are checked and handed in at, until it is stopped (Ctrl+C).")
)
@workspace_option
@lang_option
@fails_clearly
def serve(folder: Path) -> None:
    from sync import logs
    from sync.serving import starting

    office = open_office(folder, None)
    starting.prepare(office)
    server = starting.load()
    with logs.open_log(office.workspace, office.settings, logs.ADDIN_FILE):
        server.run(office, _say)


def _say(address: str) -> None:
    click.echo(_("The server of the add-in listens at {address}.").format(address=address))
