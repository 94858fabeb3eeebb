"""Commands about Excel on the officer's machine: setting up the buttons, and taking them away."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sync.cli import show
from sync.cli.options import DONE, PARTLY, fails_clearly, json_option, lang_option, open_office, workspace_option
from sync.i18n import gettext as _

if TYPE_CHECKING:
    from sync.desktop.installing import Installed

UNDO = "baocao excel remove"


@click.group(help=_("Excel on this machine: the buttons of the add-in."))
def excel() -> None:
    """The group of commands."""


@excel.command(help=_("Sets up the buttons in Excel; they work in the workspace from then on."))
@click.option("--to", type=click.Path(path_type=Path), help=_("The folder for the add-in, in place of Excel's own."))
@workspace_option
@json_option
@lang_option
@fails_clearly
def install(folder: Path, to: Path | None, as_json: bool) -> None:
    from sync.desktop import installing

    office = open_office(folder, None)
    done = installing.install(office.workspace.path, to)
    by_hand = _by_hand(done, in_start_folder=to is None)
    if as_json:
        show.as_json({**vars(done), "by_hand": by_hand, "undo": UNDO})
    else:
        _show(done, by_hand)


@excel.command(help=_("Takes the buttons away again: deletes what `baocao excel install` wrote."))
@json_option
@lang_option
@fails_clearly
def remove(as_json: bool) -> None:
    from sync.desktop import installing

    done = installing.remove()
    if as_json:
        show.as_json(vars(done))
    else:
        for file in done.removed:
            click.echo(_("deleted: {file}").format(file=file))
        for file in done.left:
            click.echo(_("left, because it is not as it was installed: {file}").format(file=file), err=True)
    sys.exit(PARTLY if done.left else DONE)


def _show(done: Installed, by_hand: list[str]) -> None:
    for words, files in (
        (_("written: {file}"), done.written),
        (_("unchanged: {file}"), done.unchanged),
        (_("deleted: {file}"), done.removed),
    ):
        for file in files:
            click.echo(words.format(file=file))
    click.echo(_("The buttons start {interpreter} and work in {workspace}.").format(**vars(done)))
    click.echo(_("What was installed is noted in {record}.").format(**vars(done)))
    click.echo(_("What is left to do by hand:"))
    for number, step in enumerate(by_hand, start=1):
        click.echo(f"{number}. {step}")
    click.echo(_("To undo all of this: {command}").format(command=UNDO))


def _by_hand(done: Installed, in_start_folder: bool) -> list[str]:
    """What no program may do for the user, or cannot know."""
    load = _("Close Excel and start it again: the tab of the add-in is there.")
    other = _("In Excel: Developer, Excel Add-ins, Browse, {file}. Add its folder to the trusted locations.")
    trust = _(
        "If Excel says that macros are disabled: File, Options, Trust Center, Trust Center Settings, Trusted "
        "Locations, and let {folder} be one. Do not enable all macros."
    )
    first = load if in_start_folder else other.format(file=done.addin)
    return [first, trust.format(folder=Path(done.addin).parent)]
