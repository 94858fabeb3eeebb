"""The stages of one due date: when each begins. Notices move off days on which nobody works; the due date does not."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from sync.working_days import WorkingDays


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When a due date is spoken of, in days before and after it; see [notices] in config.example.toml."""

    before: tuple[int, ...]
    after: tuple[int, ...]
    repeat: int
    stop_after: int


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage: days from the due date (negative before it), and the moment from which it is the one to tell."""

    days: int
    begins: datetime

    @property
    def name(self) -> str:
        """As the ledger and `remind --json` know it: "-7", "+3"."""
        return f"{self.days:+d}"


@dataclass(frozen=True)
class Stages:
    """All stages of one due date, in the order in which they begin."""

    due: datetime
    ends: datetime
    """The moment from which nothing more is said."""
    stages: tuple[Stage, ...]
    _begins: tuple[datetime, ...]

    def at(self, now: datetime) -> Stage | None:
        """The stage to tell at `now`: the latest that has begun. None between the last one before and the due moment.

        What was missed in between is not told any more: it is no longer what is true.
        """
        index = bisect_right(self._begins, now) - 1
        if index < 0 or now >= self.ends:
            return None
        stage = self.stages[index]
        return None if stage.days < 0 and now > self.due else stage

    def after(self, now: datetime) -> Stage | None:
        """The next stage that begins after `now`."""
        index = bisect_right(self._begins, now)
        return self.stages[index] if index < len(self.stages) else None


@lru_cache(maxsize=4096)
def stages_of(due: datetime, rhythm: Rhythm, days: WorkingDays, reminders: tuple[date, ...] = ()) -> Stages:
    """The stages of `due`; `reminders` are the days on which it is spoken of before, in place of the rhythm's own.

    A reminder on the day of one of the rhythm's own stages has its name, any other is named by its days.
    A stage before the due date begins at the opening of the last working day not after its day, one after it at the
    opening of the first working day not before its day. Of stages that begin together the latest is told.
    """
    last = due.date() + timedelta(days=rhythm.stop_after)
    found = [*_before(due, rhythm, days, reminders), *_after(due, rhythm, days)]
    found.sort(key=lambda stage: (stage.begins, stage.days))
    ends = datetime.combine(last + timedelta(days=1), datetime.min.time(), due.tzinfo)
    return Stages(due, ends, tuple(found), tuple(stage.begins for stage in found))


def _before(due: datetime, rhythm: Rhythm, days: WorkingDays, reminders: Sequence[date]) -> list[Stage]:
    # In falling order: of two that move to the same day the one nearer to the due date stays.
    usual = {days.on_or_before(due.date() - timedelta(days=n)): n for n in sorted(rhythm.before, reverse=True)}
    wanted = dict.fromkeys(map(days.on_or_before, reminders)) or usual
    counted = {day: usual.get(day, (due.date() - day).days) for day in wanted}
    return [Stage(-count, days.opening(day)) for day, count in counted.items() if count > 0]


def _after(due: datetime, rhythm: Rhythm, days: WorkingDays) -> list[Stage]:
    counts = sorted(count for count in rhythm.after if count <= rhythm.stop_after)
    first = (counts[-1] if counts else 0) + rhythm.repeat
    counts += range(first, rhythm.stop_after + 1, rhythm.repeat)
    late = ((count, due.date() + timedelta(days=count)) for count in counts)
    return [Stage(count, days.opening(days.on_or_after(day))) for count, day in late]
