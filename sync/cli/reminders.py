"""Commands about notices: what is owed now, what would be owed, and the texts of letters."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sync.cli import show
from sync.cli.options import (
    DONE,
    FIRST_YEAR,
    LAST_YEAR,
    PARTLY,
    WRONG_USE,
    as_of_option,
    fails_clearly,
    json_option,
    lang_option,
    open_office,
    stop,
    workspace_option,
)
from sync.i18n import gettext as _

if TYPE_CHECKING:
    from sync.notices import Notice
    from sync.office import OpenOffice
    from sync.reminding import Reminded

_ROUND_SECONDS = 600


@click.command(help=_("Sends the notices that are due now, as e-mail or as .eml files."))
@click.option("--dry-run", is_flag=True, help=_("Lists them and sends nothing."))
@workspace_option
@as_of_option
@json_option
@lang_option
@fails_clearly
def remind(folder: Path, as_of: datetime | None, as_json: bool, dry_run: bool) -> None:
    from sync import reminding

    office = open_office(folder, as_of)
    told = reminding.preview(office) if dry_run else reminding.remind(office, force=True, seconds=_ROUND_SECONDS)
    while told.limited and told.outcomes and not dry_run and as_of is None and office.settings.as_of is None:
        # What was true ten minutes ago need not be true now.
        office = open_office(folder, None)
        more = reminding.remind(office, seconds=_ROUND_SECONDS)
        told.add(more)
        if not more.outcomes:
            break
    if as_json:
        show.as_json(_document(told))
    else:
        _show(office, told, dry_run)
    sys.exit(PARTLY if told.failed else DONE)


@click.command(help=_("Plays the calendar on a fake clock and lists every notice that would be sent."))
@click.option("--from", "first", required=True, type=click.DateTime(["%Y-%m-%d"]), help=_("The first day."))
@click.option("--to", "last", required=True, type=click.DateTime(["%Y-%m-%d"]), help=_("The last day."))
@workspace_option
@as_of_option
@json_option
@lang_option
@fails_clearly
def rehearse(folder: Path, as_of: datetime | None, first: datetime, last: datetime, as_json: bool) -> None:
    from sync import rehearsing

    if first > last:
        stop(_("--from lies after --to."), WRONG_USE)
    if not FIRST_YEAR <= first.year <= last.year <= LAST_YEAR:
        stop(_("Name days between {first} and {last}.").format(first=FIRST_YEAR, last=LAST_YEAR), WRONG_USE)
    office = open_office(folder, as_of)
    notices = rehearsing.rehearse(office, first.date(), last.date())
    if as_json:
        show.as_json({"notices": [show.notice(each.notice, each.subject) for each in notices]})
    else:
        show.notices([(each.notice, each.subject) for each in notices])
        click.echo(_("{count} notices in all; nothing was sent.").format(count=len(notices)))


@click.command(help=_("Puts a template of letters into mau-thu/, to be edited there; without KIND lists them."))
@click.argument("kinds", metavar="[KIND]...", nargs=-1)
@workspace_option
@lang_option
@fails_clearly
def letters(folder: Path, kinds: tuple[str, ...]) -> None:
    from sync.letters import drawing, shipped

    office = open_office(folder, None)
    if not kinds:
        click.echo("\n".join(drawing.NAMES))
    for kind in kinds:
        click.echo(show.place(shipped.copy_template(kind, office.workspace.letter_templates)))


def _document(told: Reminded) -> dict[str, Any]:
    """What `remind --json` prints."""
    return {
        "notices": _listed(told, told.notices),
        "later": _listed(told, told.later),
        "unreachable": _listed(told, told.unreachable),
        "at": told.at,
        "next_at": told.next_at,
        "waiting": told.limited,
        "outcomes": dict(told.outcomes),
        "problems": told.problems,
    }


def _listed(told: Reminded, notices: Sequence[Notice]) -> list[dict[str, Any]]:
    return [show.notice(notice, told.subjects[notice.key]) for notice in notices]


def _show(office: OpenOffice, told: Reminded, dry_run: bool) -> None:
    def listed(notices: Sequence[Notice]) -> None:
        show.notices([(notice, told.subjects[notice.key]) for notice in notices])

    if told.later:
        click.echo(
            _("Outside of working hours nothing is sent. At {moment}, if nothing comes in until then:").format(
                moment=show.moment(told.next_at)
            )
        )
        listed(told.later)
    elif told.notices:
        click.echo(_("Would be sent now:") if dry_run else _("Sent:"))
        listed(told.notices)
    elif not told.problems:
        click.echo(_("No notice is due now."))
    if told.unreachable:
        click.echo(_("Schools without an address, to be called:"))
        listed(told.unreachable)
    if told.limited and not dry_run:
        click.echo(_("{count} letters wait.").format(count=told.limited))
    if told.outcomes["written"]:
        click.echo(
            _("No mail server is configured: the letters lie in {folder}.").format(
                folder=show.place(office.workspace.outbox)
            )
        )
    if told.next_at and not told.later:
        click.echo(_("The next notices are due at {moment}.").format(moment=show.moment(told.next_at)))
    for problem in told.problems:
        click.echo(problem, err=True)
