"""What the officer's columns show, and what became of every decision. Pure: decisions in, rows and sentences out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal

from sync.decisions.model import COLUMNS, FIELDS, Decision, Decisions, Field, due_in
from sync.periods import Period

RECENT = timedelta(days=7)
"""So long what needs the officer's eye is told."""
SHOWN_NAMES = 3
Outcome = Literal["holds", "replaced", "overwritten", "answered", "not_understood", "taken_back"]


@dataclass(frozen=True, slots=True)
class Logged:
    """A decision, what stood in its cell before it ("" for nothing), and what became of it.

    outcome: holds; replaced: by a later one that was typed over it; overwritten: by a newer one of somebody who did not
    see it; answered: the school sent again what had gone back; not_understood; taken_back: the cell was cleared.
    """

    decision: Decision
    before: str
    outcome: Outcome


def shown(decisions: Decisions, period: str, answered: Collection[str] = ()) -> dict[tuple[str, Field], str]:
    """What the officer's columns show in `period`, by school and column; blank cells are left out.

    That is what holds, but for `Trả lại` of the schools `answered`, which have sent a newer report.
    """
    typed = decisions.typed(period)
    return {
        (school, field): decision.value
        for (school, field), decision in typed.items()
        if field != "returned" or school not in answered
    }


def is_understood(field: Field, value: str, period: Period) -> bool:
    """Whether `value` means something in the column; all but `Gia hạn đến` take any words."""
    return field != "extended_to" or not value or due_in(value, period) is not None


def log(decisions: Decisions, period: Period, answered: Collection[str] = ()) -> list[Logged]:
    """Every decision of `period`, the newest first."""
    rows = [row for history in _histories(decisions, period.key) for row in _logged(history, period, answered)]
    return sorted(rows, key=lambda row: (row.decision.decided_at, row.decision.id), reverse=True)


def conflicts(decisions: Decisions, period: str) -> list[tuple[Decision, Decision]]:
    """Pairs (what was replaced, what holds instead) where whoever typed the newer one did not see the older one."""
    pairs = [pair for history in _histories(decisions, period) for pair in pairwise(history)]
    return [pair for pair in pairs if _is_unseen(*pair)]


def notes(decisions: Decisions, period: Period, now: datetime) -> list[str]:
    """Sentences for the officer, in Vietnamese: what is not understood, and the conflicts of the last days."""
    return [*_not_understood(decisions, period), *_of_conflicts(_recent(decisions, period.key, now))]


def notes_until(decisions: Decisions, period: str, now: datetime) -> datetime | None:
    """The moment from which `notes` would leave something out, None for never."""
    return min((_known_at(*pair) + RECENT for pair in _recent(decisions, period, now)), default=None)


def _histories(decisions: Decisions, period: str) -> Iterator[Sequence[Decision]]:
    cells = dict.fromkeys((each.school, each.field) for each in decisions.all if each.period == period)
    return (decisions.history(period, school, field) for school, field in cells)


def _logged(history: Sequence[Decision], period: Period, answered: Collection[str]) -> Iterator[Logged]:
    holding = _holding(history, period)
    before = ""
    for number, decision in enumerate(history):
        newer = history[number + 1] if number + 1 < len(history) else None
        yield Logged(decision, before, _outcome(decision, newer, holding, period, answered))
        before = decision.value


def _holding(history: Sequence[Decision], period: Period) -> Decision | None:
    """The decision that is in force: the newest that is understood."""
    return next((each for each in reversed(history) if is_understood(each.field, each.value, period)), None)


def _outcome(
    decision: Decision, newer: Decision | None, holding: Decision | None, period: Period, answered: Collection[str]
) -> Outcome:
    if not is_understood(decision.field, decision.value, period):
        return "not_understood"
    if decision is not holding:
        return "overwritten" if newer and _is_unseen(decision, newer) else "replaced"
    if not decision.value:
        return "taken_back"
    return "answered" if decision.field == "returned" and decision.school in answered else "holds"


def _is_unseen(older: Decision, newer: Decision) -> bool:
    """Whether `newer` replaced `older` without knowing of it: something else stood in the cell when it was typed."""
    if newer.base is None or older.value in (newer.base, newer.value):
        return False
    # What goes back is shown until it is answered: a later workbook shows an empty cell again.
    was_answered = older.field == "returned" and not newer.base and (newer.seen_run or 0) > (older.seen_run or 0)
    return not was_answered


def _known_at(older: Decision, newer: Decision) -> datetime:
    return max(older.read_at, newer.read_at)


def _recent(decisions: Decisions, period: str, now: datetime) -> list[tuple[Decision, Decision]]:
    return [pair for pair in conflicts(decisions, period) if now < _known_at(*pair) + RECENT]


def _not_understood(decisions: Decisions, period: Period) -> list[str]:
    typed: Mapping[tuple[str, Field], Decision] = decisions.typed(period.key)
    schools = sorted(school for (school, field), each in typed.items() if not is_understood(field, each.value, period))
    if not schools:
        return []
    column = COLUMNS["extended_to"]
    return [
        f"Cột {column} trên sheet Tiến độ nộp có ô không hiểu được ({_listed(schools)}): ghi ngày/tháng/năm, "
        "không sớm hơn hạn nộp chung. Ô đó được tô đỏ."
    ]


def _of_conflicts(pairs: Sequence[tuple[Decision, Decision]]) -> list[str]:
    if not pairs:
        return []
    cells = sorted({(older.school, FIELDS.index(older.field)) for older, _newer in pairs})
    named = _listed([f"{school} – {COLUMNS[FIELDS[number]]}" for school, number in cells])
    return [f"Có ô được sửa ở hai nơi ({named}): bản lưu sau được dùng; cả hai bản ghi ở sheet Nhật ký quyết định."]


def _listed(names: Sequence[str]) -> str:
    more = f" và {len(names) - SHOWN_NAMES} ô khác" if len(names) > SHOWN_NAMES else ""
    return ", ".join(names[:SHOWN_NAMES]) + more
