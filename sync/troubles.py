"""What failed lately in the service, and did not go well since: kept for the officer's digest and for the doctor.

It is a note beside the ledger, never a fact: a file that is missing or damaged means that nothing failed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sync.errors import MendableError
from sync.i18n import gettext as _
from sync.i18n import mark
from sync.letters.content import Trouble
from sync.logs import frames_of
from sync.workspace import Workspace, write_atomically

FILE = "troubles.json"
KEPT = 50
_NAMES = {"pass": mark("taking in reports"), "remind": mark("sending letters")}


def current(workspace: Workspace) -> list[Trouble]:
    """What failed and has not gone well since, the oldest first; moments are aware."""
    try:
        raw = json.loads((workspace.state / FILE).read_text(encoding="utf-8"))
        found = [Trouble(str(each["job"]), datetime.fromisoformat(each["at"]), str(each["message"])) for each in raw]
    except (OSError, ValueError, TypeError, KeyError):
        return []
    return [trouble for trouble in found if trouble.at.tzinfo]


def note(workspace: Workspace, job: str, at: datetime, message: str) -> None:
    """Remembers that `job` failed at `at`. What it said before already is kept once, as of now. Raises OSError."""
    kept = [each for each in current(workspace) if (each.job, each.message) != (job, message)]
    _write(workspace, [*kept, Trouble(job, at, message)][-KEPT:])


def clear(workspace: Workspace, job: str) -> None:
    """Forgets what failed of `job`, because it went well again. Raises OSError."""
    known = current(workspace)
    kept = [trouble for trouble in known if trouble.job != job]
    if kept != known:
        _write(workspace, kept)


def message_of(error: Exception) -> str:
    """What the command line would say of `error`; of a mistake of ours its type and place, and nothing of its message.

    The message of a mistake of ours may hold whatever a school typed.
    """
    if isinstance(error, MendableError):
        return str(error)
    place = next(iter(frames_of(error)[-1:]), "?")
    message = _("This is a mistake of baocao itself ({kind}, {place}). Please tell whoever looks after the program.")
    return message.format(kind=type(error).__name__, place=place)


def name_of(job: str) -> str:
    """The service's job `job` as people call it."""
    return _(_NAMES[job]) if job in _NAMES else job


def _write(workspace: Workspace, troubles: Sequence[Trouble]) -> None:
    raw = [asdict(trouble) for trouble in troubles]
    text = json.dumps(raw, ensure_ascii=False, default=datetime.isoformat)
    write_atomically(workspace.state / FILE, text.encode())
