"""What was decided in one copy of a workbook since it was written: a merge of three. Pure: documents in, decisions out.

A cell is compared with what it held when the workbook was written, or with what this same copy said when it was read
last; where the two are equal, nobody typed anything there. So an old copy that turns up takes nothing back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sync.answers.document import Cell, Document
from sync.decisions import Decision, Decisions


def decided(
    document: Document, period: str, place: str, known: Decisions, saved_at: datetime, now: datetime
) -> list[Decision]:
    """The decisions of `document`, the workbook of `period` at `place`, that are not among `known`.

    saved_at: the workbook's own time (aware); it is believed between the workbook's making and `now`. Where the hidden
    sheet is lost, a cell that is filled and says something else than what holds is a decision, and a blank one is none.
    """
    base = document.base
    moment = min(max(saved_at, base.built_at), now) if base and base.built_at else min(saved_at, now)
    seen_run = base.run if base else None
    found: list[Decision] = []
    for cell, texts in document.cells.items():
        heard = _heard(document, period, place, cell, known)
        before = _before(document, cell, heard)
        at = max(moment, _seen_until(document, before, heard, known.history(period, *cell)) or moment)
        values = _typed(document, texts, before, heard, known.typed(period).get(cell))
        found += [Decision(period, *cell, value, at, now, place, before, seen_run) for value in values]
    return found


def _before(document: Document, cell: Cell, heard: Sequence[Decision]) -> str | None:
    """What the cell said before it was typed into; None where the hidden sheet is lost."""
    if document.base is None:
        return None
    return heard[-1].value if heard else document.base.values.get(cell, "")


def _heard(document: Document, period: str, place: str, cell: Cell, known: Decisions) -> Sequence[Decision]:
    """What was read from this copy already, in the order of reading: a chain that begins with what was written."""
    base = document.base
    if base is None:
        return ()
    mine = [each for each in known.history(period, *cell) if (each.place, each.seen_run) == (place, base.run)]
    mine.sort(key=lambda each: each.id)
    written = base.values.get(cell, "")
    begins = [number for number, each in enumerate(mine) if each.base == written]
    # Several rows of one school were read at once, and begin the chain together.
    begin = next((number for number in begins if mine[number].read_at == mine[begins[-1]].read_at), None)
    return mine[begin:] if begin is not None else ()


def _seen_until(
    document: Document, before: str | None, heard: Sequence[Decision], history: Sequence[Decision]
) -> datetime | None:
    """When what the cell showed was decided: what is typed over it is later, whatever a clock said meanwhile."""
    base, last = document.base, history[-1] if history else None
    if base is None or last is None or last.value != before:
        return None
    is_later = base.run is not None and last.seen_run is not None and last.seen_run < base.run
    return last.decided_at if is_later or last in heard else None


def _typed(
    document: Document,
    texts: Sequence[str],
    before: str | None,
    heard: Sequence[Decision],
    holding: Decision | None,
) -> Iterator[str]:
    different = dict.fromkeys(texts)
    if document.base is None:
        yield from (text for text in different if text and (holding is None or holding.value != text))
        return
    new = [text for text in different if text != before]
    if len(different) > 1:
        # Of several rows of one school those that are blank or were not touched since they were read say nothing.
        known = {heard[0].base, *(each.value for each in heard)} if heard else {before}
        new = [text for text in new if text and text not in known]
    yield from new
