"""A check that crashes is our mistake: it is told with its name, marks no school, and the other checks go on."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from sync.checks.findings import Finding
from sync.i18n import gettext as _


@dataclass(frozen=True)
class Failure:
    """A check that crashed: its name, and the traceback for those who mend it."""

    check: str
    traceback: str

    def __str__(self) -> str:
        last = self.traceback.strip().splitlines()[-1]
        message = _(
            "The check '{check}' of baocao failed ({error}); nothing was said by it. This is no school's fault."
        )
        return message.format(check=self.check, error=last)


@dataclass
class Attempts:
    """Runs checks and collects those that crash."""

    failures: list[Failure] = field(default_factory=list)

    def run(self, check: str, work: Callable[[], Iterable[Finding]]) -> list[Finding]:
        """What `work` finds; nothing where it crashes, and then its name is kept."""
        try:
            return list(work())
        except Exception:  # the one place where any mistake of a check is caught, to be told as ours
            self.failures.append(Failure(check, traceback.format_exc()))
            return []
