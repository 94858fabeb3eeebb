"""What a reminding found and did."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from sync.notices import Notice


@dataclass
class Reminded:
    """What was sent, or would be in a dry run.

    notices: of the letters that left, or would leave now. next_at: when something is owed next if nothing comes in, and
    `later` what that is, outside of the hours of work. unreachable: notices to schools without an address. limited:
    letters that wait for the daily limit or for another reason. outcomes: addresses by what became of them.
    """

    at: datetime
    notices: list[Notice] = field(default_factory=list)
    next_at: datetime | None = None
    later: list[Notice] = field(default_factory=list)
    unreachable: list[Notice] = field(default_factory=list)
    limited: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    subjects: dict[str, str] = field(default_factory=dict)
    """The subject of each notice by its key."""

    def add(self, more: Reminded) -> None:
        """Takes in what a later round did."""
        self.notices += more.notices
        self.outcomes += more.outcomes
        self.problems += [problem for problem in more.problems if problem not in self.problems]
        self.subjects |= more.subjects
        self.limited, self.next_at = more.limited, more.next_at

    @property
    def failed(self) -> bool:
        """Whether a letter did not leave for an address, or nobody knows."""
        bad = ("temporary", "permanent", "exhausted", "unknown")
        return bool(self.problems) or any(self.outcomes[status] for status in bad)
