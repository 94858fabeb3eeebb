"""Commands that freeze what was reported, and prove it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sync.cli import show
from sync.cli.options import (
    DONE,
    FOUND_ERRORS,
    WRONG_USE,
    as_of_option,
    fails_clearly,
    json_option,
    lang_option,
    open_office,
    period_option,
    stop,
    workspace_option,
)
from sync.i18n import gettext as _

if TYPE_CHECKING:
    from sync.sealing import Proof, Sealed

_SHOWN = 20


@click.command(
    help=_(
        "Freezes what was reported of a period: workbook, report, receipts, plan and decisions in one file, after a "
        "pass. A sealed period that changed since gets an addendum."
    )
)
@click.option("--period", required=True, help=_("The period to seal, such as 2024-2025/HK1."))
@workspace_option
@as_of_option
@json_option
@lang_option
@fails_clearly
def seal(folder: Path, as_of: datetime | None, period: str, as_json: bool) -> None:
    from sync import sealing

    office = open_office(folder, as_of)
    with show.progress_bar(as_json) as progress:
        sealed = sealing.seal(office, period, progress)
    if as_json:
        show.as_json({**asdict(sealed), "missing": list(sealed.missing), "notes": list(sealed.notes)})
    else:
        _tell_sealed(sealed)


@click.command(
    help=_("Proves that what was sealed is unchanged, and makes the workbook again from it. Needs no workspace.")
)
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@period_option
@workspace_option
@as_of_option
@json_option
@lang_option
@fails_clearly
def verify(file: Path | None, folder: Path, as_of: datetime | None, period: str | None, as_json: bool) -> None:
    from sync import sealing, workspace

    if file is not None and period is not None:
        stop(_("Name a file or a period, not both."), WRONG_USE)
    office = open_office(folder, as_of) if file is None or workspace.is_workspace(folder) else None
    with show.progress_bar(as_json) as progress:
        if file is not None:
            proofs = [sealing.verify_file(file, office, progress)]
        else:
            assert office is not None  # noqa: S101 - opened above where there is no file
            proofs = sealing.verify(office, period, progress)
    if as_json:
        show.as_json({"seals": [_document(proof) for proof in proofs]})
    else:
        _tell_proofs(proofs)
    sys.exit(FOUND_ERRORS if any(proof.problems for proof in proofs) else DONE)


def _document(proof: Proof) -> dict[str, Any]:
    return {**asdict(proof), "problems": list(proof.problems), "notes": list(proof.notes)}


def _tell_sealed(sealed: Sealed) -> None:
    if not sealed.new:
        click.echo(_("{period} is sealed, and nothing changed since: {file}").format(**asdict(sealed)))
    elif sealed.number:
        click.echo(_("{period}: addendum {number} is sealed: {file}").format(**asdict(sealed)))
        _tell_changes(sealed)
    else:
        click.echo(_("{period} is sealed with {receipts} received files: {file}").format(**asdict(sealed)))
    click.echo(_("SHA-256 of the seal, to be kept elsewhere too: {digest}").format(digest=sealed.digest))
    if sealed.missing:
        message = _("{count} received files are not in it, because their bytes were not kept.")
        click.echo(message.format(count=len(sealed.missing)), err=True)
    for note in sealed.notes:
        click.echo(note, err=True)


def _tell_changes(sealed: Sealed) -> None:
    changes = sealed.changes
    lines = [
        *(
            f"{each.key}: {each.before or '–'} → {each.after or '–'}"
            for each in (*changes.standings, *changes.decisions)
        ),
        *(f"{each.key}: {each.before or 0:g} → {each.after or 0:g}" for each in changes.figures),
    ]
    for line in lines[:_SHOWN]:
        click.echo(f"  {line}")
    if len(lines) > _SHOWN:
        click.echo("  " + _("… and {count} more.").format(count=len(lines) - _SHOWN))


def _tell_proofs(proofs: Sequence[Proof]) -> None:
    for proof in proofs:
        place = show.place(Path(proof.file).absolute())
        if proof.problems:
            click.echo(_("{file}: NOT as it was sealed.").format(file=place))
        elif proof.rebuilt == "bytes":
            click.echo(
                _("{file}: unchanged; the workbook and the report were made again, byte for byte.").format(file=place)
            )
        else:
            click.echo(_("{file}: unchanged.").format(file=place))
        if proof.sealed_at is not None:
            at = show.moment(proof.sealed_at)
            words = _("{period}, sealed {at} by version {version}; SHA-256 {digest}")
            click.echo("  " + words.format(period=proof.period, at=at, version=proof.version, digest=proof.digest))
        if not proof.problems and proof.recorded is None:
            click.echo(
                "  " + _("No ledger here knows it: compare the SHA-256 with the one that was noted when it was sealed.")
            )
        for line in (*proof.problems, *proof.notes):
            click.echo(f"  {line}", err=True)
