"""Verifying: whether a seal is what was sealed, and whether its outputs can be made again from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sync.errors import MendableError
from sync.i18n import gettext as _
from sync.ledger import Sealing
from sync.office import OpenOffice
from sync.progress import Progress, silent
from sync.sealing import chain, manifest, places, rebuilding, state, step
from sync.sealing.chain import Link
from sync.sealing.manifest import STATE, SealError
from sync.sealing.rebuilding import Rebuilt, Sameness

if TYPE_CHECKING:
    from sync.ledger import Ledger

Found = Literal["bytes", "parts", "none", ""]


@dataclass(frozen=True)
class Proof:
    """What was found out about one seal or addendum.

    file: its place. period, number, sealed_at, version (of the program that sealed), digest (of the manifest): None
    where the file says nothing that can be believed. whole: every byte is the one that was sealed, of all that it adds
    to as well. recorded: the ledger has this digest; None where there is no ledger that knows the period. rebuilt: how
    far what was made again is the same: to the byte, in all parts of the files (packed otherwise), not; "" where it
    was not tried. problems: what differs, in sentences. notes: what cannot be promised, in sentences.
    """

    file: str
    period: str | None = None
    number: int | None = None
    sealed_at: datetime | None = None
    version: str | None = None
    digest: str | None = None
    whole: bool = False
    recorded: bool | None = None
    rebuilt: Found = ""
    problems: Sequence[str] = field(default_factory=tuple)
    notes: Sequence[str] = field(default_factory=tuple)


def verify(office: OpenOffice, key: str | None = None, progress: Progress = silent) -> list[Proof]:
    """Proves the seals of the period `key` (None: of all periods) and their addenda, against the ledger.

    Raises SealError where nothing is sealed, UnknownPeriod, and LedgerError.
    """
    from sync.ledger import Ledger

    period = office.period(key).key if key is not None else None
    with Ledger.open(office.ledger_url) as ledger:
        sealings = [each for each in ledger.sealings.all() if period in (None, each.period)]
        if not sealings:
            named = _("{period} is not sealed; `baocao seal --period {period}` seals it.").format(period=period)
            raise SealError(named if period else _("Nothing is sealed yet."))
        return [_of(office, sealing, progress) for sealing in sealings]


def verify_file(file: Path, office: OpenOffice | None = None, progress: Progress = silent) -> Proof:
    """Proves one seal or addendum; those that it adds to lie beside it.

    `office`: whose ledger is asked too, where it knows the period.
    """
    from sync.ledger import Ledger

    proof = proof_of(file, progress)
    if office is None or proof.period is None:
        return proof
    with Ledger.open(office.ledger_url) as ledger:
        return _recorded(proof, _known(ledger, proof))


def proof_of(file: Path, progress: Progress = silent) -> Proof:
    """What the file alone proves, with those that it adds to."""
    bare = Proof(str(file))
    try:
        links = chain.chain(file)
    except SealError as error:
        return replace(bare, problems=(str(error),))
    last = links[-1]
    told = replace(
        bare,
        period=last.manifest.period,
        number=last.manifest.number,
        sealed_at=last.manifest.sealed_at,
        version=last.manifest.version,
        digest=last.digest,
        whole=True,
    )
    try:
        parts = chain.parts_of(links)
        rebuilt = rebuilding.rebuild(parts, last.manifest.number, progress=progress)
        expected = _expected(links, rebuilt)
    except MendableError as error:
        return _judged(told, last, "none", [str(error)])
    found, differing = _compared(last, expected)
    return _judged(told, last, found, [*_sentences(differing), *_other(rebuilt)] if differing else [])


def _of(office: OpenOffice, sealing: Sealing, progress: Progress) -> Proof:
    return _recorded(proof_of(places.file_of(office.workspace, sealing), progress), sealing)


def _known(ledger: Ledger, proof: Proof) -> Sealing | None:
    known = ((each.period, each.number, each) for each in ledger.sealings.all())
    return next((each for period, number, each in known if (period, number) == (proof.period, proof.number)), None)


def _recorded(proof: Proof, sealing: Sealing | None) -> Proof:
    """`proof` with what the ledger says of it."""
    if sealing is None or proof.digest is None:
        return proof
    if proof.digest == sealing.manifest_sha256:
        return replace(proof, recorded=True)
    return replace(proof, recorded=False, problems=(*proof.problems, step.not_recorded(Path(proof.file).name)))


def _expected(links: Sequence[Link], rebuilt: Rebuilt) -> dict[str, bytes]:
    """The members that can be made again, as they should be."""
    last = links[-1].manifest
    expected = {last.workbook: rebuilt.workbook, last.report: rebuilt.report, STATE: state.as_bytes(rebuilt.state)}
    zone = rebuilt.period.schools_due.tzinfo if rebuilt.period.schools_due else None
    more = rebuilt.difference(links[-2].state, last.sealed_at.astimezone(zone)) if len(links) > 1 else {}
    return expected | more


def _compared(last: Link, expected: Mapping[str, bytes]) -> tuple[Sameness, list[str]]:
    """How far the outputs are the same, and the names of those that are not to the byte."""
    found: dict[str, Sameness] = {
        name: rebuilding.sameness(content, last.members.get(name, b"")) for name, content in expected.items()
    }
    worst = max(found.values(), key=("bytes", "parts", "none").index)
    return worst, [name for name, each in found.items() if each != "bytes"]


def _sentences(names: Sequence[str]) -> Iterator[str]:
    yield from (_("{name} was made again and is not the same.").format(name=name) for name in names)


def _other(rebuilt: Rebuilt) -> Iterator[str]:
    for name in rebuilt.other_verdicts:
        yield _("{name} is judged otherwise than when it was sealed.").format(name=name)


def _judged(proof: Proof, last: Link, found: Sameness, problems: Sequence[str]) -> Proof:
    """`proof` with what came of making it again: other versions promise nothing, and so a difference is no problem."""
    here, there = manifest.made_with(), last.manifest.made_with
    other = [name for name in here if here[name] != there.get(name)]
    notes = [_sealed_by(there, here, other)] if other else []
    if found == "bytes":
        return replace(proof, rebuilt=found, notes=tuple(notes))
    if found == "parts" and {"zlib", "python"} & set(other):
        notes.append(_("All parts of the rebuilt files are the same; only the way in which they are packed differs."))
        return replace(proof, rebuilt=found, notes=tuple(notes))
    if set(other) - {"zlib", "python"}:
        return replace(proof, rebuilt=found, notes=(*notes, *problems))
    return replace(proof, rebuilt=found, notes=tuple(notes), problems=tuple(problems))


def _sealed_by(there: Mapping[str, str], here: Mapping[str, str], other: Sequence[str]) -> str:
    versions = ", ".join(f"{name} {there.get(name, '?')} → {here[name]}" for name in other)
    return _(
        "It was sealed by other versions ({versions}). Its bytes are proven; that it is rebuilt the same is no promise."
    ).format(versions=versions)
