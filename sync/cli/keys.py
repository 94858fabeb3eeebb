"""Commands about the keys of schools: what opens the server of the add-in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sync.cli import show
from sync.cli.options import (
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
    from sync.handing_out_keys import HandedOut
    from sync.keys import Key


@click.group(help=_("Keys of schools: what opens the add-in's server to them."))
def keys() -> None:
    """The group of commands."""


@keys.command(help=_("Issues a new key to each of these schools. It is shown once, and cannot be shown again."))
@click.argument("codes", nargs=-1, metavar="[CODE]...")
@click.option("--all", "everyone", is_flag=True, help=_("To every open school that has no key that works."))
@click.option(
    "--to",
    "target",
    type=click.Path(file_okay=False, path_type=Path),
    help=_("Writes a note for each school into this folder, in place of showing the keys."),
)
@workspace_option
@as_of_option
@json_option
@lang_option
@fails_clearly
def issue(
    codes: tuple[str, ...], everyone: bool, target: Path | None, folder: Path, as_of: datetime | None, as_json: bool
) -> None:
    from sync import handing_out_keys

    if bool(codes) == everyone:
        stop(_("Name schools, or give --all."), WRONG_USE)
    done = handing_out_keys.issue(open_office(folder, as_of), codes, everyone, target)
    if as_json:
        show.as_json({"keys": [_issued(each, target is None) for each in done]})
    else:
        _tell(done)


@keys.command("list", help=_("Lists the keys: whose, since when, revoked when. The keys themselves are not kept."))
@workspace_option
@as_of_option
@json_option
@lang_option
@fails_clearly
def list_(folder: Path, as_of: datetime | None, as_json: bool) -> None:
    from sync import handing_out_keys

    known = handing_out_keys.known(open_office(folder, as_of))
    if as_json:
        show.as_json({"keys": [_document(key) for key in known]})
    else:
        rows = [(key.id, key.school, show.moment(key.issued_at), _state(key)) for key in known]
        show.table((_("key"), _("school"), _("issued"), _("state")), rows)


@keys.command(help=_("Revokes keys by their ids, at once and for ever."))
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@workspace_option
@as_of_option
@json_option
@lang_option
@fails_clearly
def revoke(ids: tuple[str, ...], folder: Path, as_of: datetime | None, as_json: bool) -> None:
    from sync import handing_out_keys

    revoked = handing_out_keys.revoke(open_office(folder, as_of), ids)
    if as_json:
        show.as_json({"keys": [_document(key) for key in revoked]})
        return
    for key in revoked:
        click.echo(_("Key {id} of {school} opens nothing any more.").format(id=key.id, school=key.school))


def _document(key: Key) -> dict[str, Any]:
    return {"id": key.id, "school": key.school, "issued_at": key.issued_at, "revoked_at": key.revoked_at}


def _issued(each: HandedOut, shown: bool) -> dict[str, Any]:
    told = {**_document(each.issued.key), "name": each.name, "file": each.file and str(each.file)}
    return {**told, "key": each.issued.text} if shown else told


def _tell(done: Sequence[HandedOut]) -> None:
    for each in done:
        where = show.place(each.file) if each.file else each.issued.text
        click.echo(f"{each.issued.key.school}  {each.name}  {where}")
    if not done:
        click.echo(_("Every open school has a key that works."))
    elif done[0].file is None:
        click.echo(_("Note the keys now: they are not kept, and cannot be shown again."), err=True)


def _state(key: Key) -> str:
    if key.revoked_at is None:
        return _("works")
    return _("revoked {at}").format(at=show.moment(key.revoked_at))
