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
    befores = {cell: _before(document, period, place, cell, known) for cell in document.cells}
    return [
        Decision(period, *cell, value, moment, now, place, befores[cell], seen_run)
        for cell, texts in document.cells.items()
        for value in _typed(texts, befores[cell], period, cell, known, document)
    ]


def _before(document: Document, period: str, place: str, cell: Cell, known: Decisions) -> str | None:
    """What the cell said before it was typed into; None where the hidden sheet is lost."""
    base = document.base
    if base is None:
        return None
    written = base.values.get(cell, "")
    return next((each.value for each in reversed(_of_copy(base.run, written, period, place, cell, known))), written)


def _of_copy(
    run: int | None, written: str, period: str, place: str, cell: Cell, known: Decisions
) -> Sequence[Decision]:
    """What was read from this copy already, in the order of reading: a chain that begins with what was written."""
    mine = [each for each in known.history(period, *cell) if (each.place, each.seen_run) == (place, run)]
    mine.sort(key=lambda each: each.id)
    begin = next((number for number, each in reversed(list(enumerate(mine))) if each.base == written), None)
    return mine[begin:] if begin is not None else ()


def _typed(
    texts: Sequence[str], before: str | None, period: str, cell: Cell, known: Decisions, document: Document
) -> Iterator[str]:
    if document.base is None:
        holding = known.typed(period).get(cell)
        yield from (text for text in dict.fromkeys(texts) if text and (holding is None or holding.value != text))
        return
    written = document.base.values.get(cell, "")
    new = [text for text in dict.fromkeys(texts) if text != before]
    # Of several rows of one school those that were not touched say nothing.
    yield from new if len(texts) == 1 else [text for text in new if text != written]
