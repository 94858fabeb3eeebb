"""Sealing a period: a pass, then everything that was reported into one file, then a line in the ledger.

The file is put in its place whole, after it was read back and rebuilt. A period is sealed when the ledger says so: a
file that a killed run left there is written anew by the next one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sync import __version__, drawing_up, lastpass, looking, passes
from sync.comparing import workbook_name
from sync.i18n import gettext as _
from sync.ledger import Sealing
from sync.office import OpenOffice
from sync.periods import Period
from sync.progress import Progress, silent
from sync.sealing import chain, manifest, package, parts, places, placing, rebuilding, state
from sync.sealing.manifest import EDITED, STATE, Manifest, Member, SealError
from sync.sealing.parts import Parts
from sync.sealing.rebuilding import Rebuilt
from sync.sealing.restoring import Witness
from sync.sealing.state import Difference
from sync.sources import SourceError
from sync.workspace import write_atomically

if TYPE_CHECKING:
    from sync.ledger import Ledger
    from sync.sealing.chain import Link


@dataclass(frozen=True)
class Sealed:
    """What sealing made. file: relative to the workspace. digest: the SHA-256 of the manifest.

    number: 0 is the seal, from 1 on its addenda. new: False where nothing had changed since, and nothing was written.
    receipts: contents that were sealed now. missing: contents that the archive lacked. changes: what the addendum
    changes, empty for a seal.
    """

    period: str
    number: int
    file: str
    digest: str
    new: bool
    receipts: int = 0
    missing: Sequence[str] = ()
    changes: Difference = field(default_factory=Difference)
    notes: Sequence[str] = ()


def seal(office: OpenOffice, key: str, progress: Progress = silent) -> Sealed:
    """Seals the schools' period `key`, or what changed in it since it was sealed, after a pass over the workspace.

    Raises SealError where not everything is taken in or a seal before is damaged, and what a pass raises.
    """
    from sync.answers.listening import Answers
    from sync.ledger import Ledger

    period = office.period(key)
    result = passes.run(office, progress=progress)
    if result.problems:
        heading = _("{period} is not sealed while not everything is taken in:").format(period=key)
        raise SealError("\n".join([heading, *result.problems]))
    with office.workspace.lock(), Ledger.open(office.ledger_url) as ledger, ledger.held("pass"):
        _refuse_unseen(office, ledger, key)
        _refuse_early(office.informed(ledger), ledger, key)
        # The next pass says something else than the one before the seal, also where this one is killed half-way.
        lastpass.forget(office)
        # With all that was decided since it was sealed: that is what an addendum seals.
        sealed = _seal(office.informed(ledger, open_again=key), ledger, period, progress)
        informed = office.informed(ledger)
        answers = Answers.of(informed, ledger)
        notes = placing.place(informed, ledger, key, answers)
    return replace(sealed, notes=[*result.notes, *sealed.notes, *notes, *answers.notes])


def _refuse_unseen(office: OpenOffice, ledger: Ledger, key: str) -> None:
    """Between the pass and now somebody may have handed in a report, or was still writing a file."""
    try:
        found = [each.look(ledger.sightings(each.name), allow_empty=True) for each in looking.on_disk(office)]
    except SourceError as error:
        raise SealError(str(error)) from error
    if any(each.changed or each.gone for each in found):
        message = _("{period} is not sealed: files in the inbox are just being written; try again in a moment.")
        raise SealError(message.format(period=key))


def _refuse_early(office: OpenOffice, ledger: Ledger, key: str) -> None:
    """Nobody is reminded of a sealed period: while schools have time, that would be a slip of the key."""
    from sync import facts

    period, frame = facts.status_of(office, ledger, key)
    waiting = frame["standing"].isin(["not_due", "due_soon"]).sum()
    if waiting and key not in office.sealed and period.schools_due and office.now <= period.schools_due:
        message = _("{period} is not sealed: {count} schools still have time to report; seal it after {due}.")
        due = f"{period.schools_due:%d/%m/%Y %H:%M}"
        raise SealError(message.format(period=key, count=waiting, due=due))


def _seal(office: OpenOffice, ledger: Ledger, period: Period, progress: Progress) -> Sealed:
    last = ledger.sealings.last().get(period.key)
    before = _links(office, last)
    taken = parts.gather(office, ledger, period)
    witness = Witness(office)
    number = len(before)
    rebuilt = rebuilding.rebuild(taken, number, witness, progress)
    taken = replace(taken, seals=witness.answers)
    difference = state.difference(before[-1].state, rebuilt.state) if before else Difference()
    edited = _edited_report(office, ledger, period, before)
    if last is not None and not (difference.is_new or edited):
        # Where schools stand is no reason of its own: that changes while time goes by.
        place = places.file_of(office.workspace, last).relative_to(office.workspace.path).as_posix()
        return Sealed(period.key, last.number, place, last.manifest_sha256, new=False)
    written = _manifest(office, period, before, taken, next(iter(edited), ""))
    members = {**_members(taken, rebuilt, written, before), **edited}
    sealed = _write(office, ledger, written, members, progress)
    return replace(sealed, changes=difference, notes=[] if edited else _unfinished(rebuilt, written))


def _links(office: OpenOffice, last: Sealing | None) -> list[Link]:
    """The seal and the addenda that there are, the newest last. Raises SealError where they are not as sealed."""
    if last is None:
        return []
    links = chain.chain(places.file_of(office.workspace, last))
    if links[-1].digest != last.manifest_sha256:
        raise SealError(not_recorded(links[-1].file.name))
    return links


def not_recorded(name: str) -> str:
    """What is said of a seal that is whole, and another one than the ledger knows."""
    return _("{file} is not the seal that the ledger recorded; put that one back from a backup.").format(file=name)


def _manifest(office: OpenOffice, period: Period, before: Sequence[Link], taken: Parts, edited: str) -> Manifest:
    known = {sha256 for each in before for sha256 in each.manifest.receipts}
    return Manifest(
        period=period.key,
        title=period.title,
        office=office.settings.office.name,
        number=len(before),
        sealed_at=office.now,
        version=__version__,
        made_with=dict(manifest.made_with()),
        plan=office.plan.code,
        plan_version=office.plan.version,
        plan_digest=office.plan.digest,
        workbook=workbook_name(period),
        report=Path(drawing_up.report_name(period)).name,
        edited_report=edited,
        previous=before[-1].digest if before else "",
        earlier=tuple(sorted(known & taken.receipts.keys())),
        missing=tuple(taken.missing),
        last_receipt=max((row["id"] for row in taken.rows["receipt"]), default=0),
        last_decision=max((row["id"] for row in taken.rows["decision"]), default=0),
        members={},
    )


def _edited_report(office: OpenOffice, ledger: Ledger, period: Period, before: Sequence[Link]) -> dict[str, bytes]:
    """The report that lies in the folder of outputs, where somebody worked on it: that is the one that was signed.

    By the name of its member; nothing where it is sealed already.
    """
    name = drawing_up.report_name(period)
    file, output = office.workspace.path / name, ledger.output(name)
    content = file.read_bytes() if file.is_file() else None
    if content is None or (output is not None and output.fingerprint == hashlib.sha256(content).hexdigest()):
        return {}
    member = f"{EDITED}/{file.name}"
    return {} if any(each.members.get(member) == content for each in before) else {member: content}


def _unfinished(rebuilt: Rebuilt, written: Manifest) -> list[str]:
    if not rebuilt.gaps:
        return []
    message = _(
        "The report in Word was sealed with {count} places that nobody filled in. Put the finished one into {folder} "
        "as {name} and seal again: that makes an addendum."
    )
    return [message.format(count=rebuilt.gaps, folder="tong-hop", name=written.report)]


def _members(taken: Parts, rebuilt: Rebuilt, written: Manifest, before: Sequence[Link]) -> dict[str, bytes]:
    known = [sha256 for each in before for sha256 in each.manifest.receipts]
    made = {written.workbook: rebuilt.workbook, written.report: rebuilt.report, STATE: state.as_bytes(rebuilt.state)}
    members = {**parts.members_of(taken, known), **made}
    return members | (rebuilt.difference(before[-1].state, taken.now) if before else {})


def _write(
    office: OpenOffice,
    ledger: Ledger,
    bare: Manifest,
    members: Mapping[str, bytes],
    progress: Progress,
) -> Sealed:
    listed = {name: Member(size=len(each), sha256=hashlib.sha256(each).hexdigest()) for name, each in members.items()}
    full = bare.model_copy(update={"members": listed})
    content, digest = package.packed(full, members)
    file = places.folder_of(office.workspace, full.period) / manifest.file_name(full.period, full.number)
    _put(file, content, progress)
    folder = file.parent.relative_to(office.workspace.path).as_posix()
    ledger.sealings.record(
        Sealing(full.period, full.number, full.sealed_at, folder, digest, full.last_receipt, full.last_decision)
    )
    return Sealed(
        full.period,
        full.number,
        file.relative_to(office.workspace.path).as_posix(),
        digest,
        new=True,
        receipts=len(full.receipts),
        missing=full.missing,
    )


def _put(file: Path, content: bytes, progress: Progress) -> None:
    """Puts a seal in its place after it was read back, and rebuilt to the same bytes. Raises SealError."""
    from sync.sealing.verifying import proof_of

    file.parent.mkdir(parents=True, exist_ok=True)
    trial = file.with_name(f"thu-{file.name}")
    try:
        write_atomically(trial, content)
        proof = proof_of(trial, progress)
        if proof.problems:
            heading = _("What was to be sealed could not be read back; nothing was sealed:")
            raise SealError("\n".join([heading, *proof.problems]))
        trial.replace(file)
    except PermissionError as error:
        raise SealError(_("{file} is open in another program; close it.").format(file=file)) from error
    finally:
        trial.unlink(missing_ok=True)
