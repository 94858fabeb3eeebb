"""The heartbeat of the service: a small file that it writes at least once a minute, for whoever watches it.

`python -m sync.heartbeat DIR` ends with status 0 where a service is alive in the workspace DIR, else with 1. It imports
nothing heavy, because a container's health check runs it every minute.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sync.i18n import gettext as _

FILE = "heartbeat.json"
SILENT_AFTER = timedelta(minutes=10)
"""The longest silence of a service that is well: some steps of a pass over thousands of schools take minutes."""


@dataclass(frozen=True, slots=True)
class Done:
    """When a job last ended, and whether all went well."""

    at: datetime
    ok: bool


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """What the service says of itself; all moments are aware. A job is None until it ran for the first time."""

    at: datetime
    pid: int
    started: datetime
    version: str
    last_pass: Done | None = None
    last_remind: Done | None = None

    def is_alive(self, now: datetime) -> bool:
        """Whether the service beat lately; one from the future was written before the clock was set back."""
        return abs(now - self.at) <= SILENT_AFTER


def write(state: Path, beat: Heartbeat) -> None:
    """Replaces the heartbeat in the folder `state` (the workspace's `.baocao`). Raises OSError."""
    from sync.workspace import write_atomically

    write_atomically(state / FILE, json.dumps(asdict(beat), default=datetime.isoformat).encode())


def read(state: Path) -> Heartbeat | None:
    """The heartbeat in the folder `state`; None where there is none to be understood."""
    try:
        raw = json.loads((state / FILE).read_text(encoding="utf-8"))
        moments = {name: datetime.fromisoformat(raw[name]) for name in ("at", "started")}
        jobs = {name: _done(raw[name]) for name in ("last_pass", "last_remind")}
        beat = Heartbeat(**{**raw, **moments, **jobs})
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return beat if beat.at.tzinfo else None


def stop(state: Path) -> None:
    """Takes the heartbeat away: a service that ended in order is not taken for one that died."""
    (state / FILE).unlink(missing_ok=True)


def main(arguments: Sequence[str]) -> None:
    """Ends the process: with 0 where the service in the workspace `arguments[0]` is alive, else with 1 and a line."""
    folder = Path(arguments[0]) if arguments else Path()
    beat = read(folder / ".baocao")
    if beat is None:
        sys.exit(_("No service is running in {folder}.").format(folder=folder))
    if not beat.is_alive(datetime.now(UTC)):
        sys.exit(_("The service in {folder} has been silent since {at}.").format(folder=folder, at=beat.at.isoformat()))


def _done(raw: dict[str, Any] | None) -> Done | None:
    return Done(datetime.fromisoformat(raw["at"]), bool(raw["ok"])) if raw else None


if __name__ == "__main__":
    main(sys.argv[1:])
