"""What is refused before anything of a file is parsed."""

from __future__ import annotations

from dataclasses import dataclass

from sync.intake.reading import Observation, Reading
from sync.intake.sniff import WORDS, WORKBOOK_KINDS, Sniffed

_MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost. Bytes, seconds, counts; `cpu_seconds` and `wall_seconds` are per file."""

    max_bytes: int = 25 * _MEGABYTE
    max_unpacked_bytes: int = 400 * _MEGABYTE
    memory_bytes: int = 1024 * _MEGABYTE
    cpu_seconds: int = 15
    wall_seconds: int = 20
    max_sheets: int = 200
    max_cells: int = 2_000_000


def refusal(code: str, **params: str) -> Reading:
    """The reading of a file of which nothing can be used."""
    return Reading(refused=True, observations=[Observation(code, params=tuple(params.items()))])


def refuse_size(size: int, limits: Limits) -> Reading | None:
    """The refusal of a file of `size` bytes, None where its size is no reason."""
    if size == 0:
        return refusal("empty-file")
    if size > limits.max_bytes:
        return refusal("too-large", size=_megabytes(size), limit=_megabytes(limits.max_bytes))
    return None


def refuse_kind(sniffed: Sniffed, limits: Limits) -> Reading | None:
    """The refusal of what `sniff` found, None where it is a workbook to be opened."""
    if sniffed.kind == "empty":
        return refusal("empty-file")
    if sniffed.kind in ("encrypted", "damaged"):
        return refusal(sniffed.kind)
    if sniffed.kind not in WORKBOOK_KINDS:
        return refusal("not-a-workbook", what=WORDS[sniffed.kind])
    # The directory can lie about sizes; the limits on the process hold where this does not.
    if sum(member.unpacked for member in sniffed.members) > limits.max_unpacked_bytes:
        return refusal("reading-stopped")
    return None


def refuse_sheets(count: int, limits: Limits) -> Reading | None:
    """The refusal of a workbook of `count` sheets, None where they are few enough."""
    if count > limits.max_sheets:
        return refusal("too-many-sheets", count=str(count), limit=str(limits.max_sheets))
    return None


def _megabytes(size: int) -> str:
    """Whole megabytes, rounded up so that a file over the limit never shows the limit."""
    return str(-(-size // _MEGABYTE))
