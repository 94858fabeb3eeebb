"""What the last pass said, so that a pass with nothing to do can say it again at once.

It is a note beside the ledger, never a fact: a note that is missing, damaged or out of date costs a whole pass.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sync import __version__
from sync.office import OpenOffice
from sync.workspace import write_atomically


@dataclass(frozen=True)
class Note:
    """What a pass said and how long it stays true while nothing changes.

    run_id: the ledger's run. settings: the state of the files that settings come from. asked: the period that was
    asked for. valid_until: aware, None for ever. files: what was written. told: the result. decided: how many decisions
    of the officer were known.
    """

    run_id: int
    settings: str
    asked: str | None
    as_of: datetime
    valid_until: datetime | None
    files: Sequence[str]
    told: dict[str, Any]
    decided: int


def settings_state(office: OpenOffice) -> str:
    """A digest that changes when the program or one of the files that settings come from does."""
    files = [office.workspace.config_file, office.workspace.control_file, Path(office.settings.plan)]
    states = [(file.name, *_state(file)) for file in files]
    return hashlib.sha256(repr((__version__, states)).encode()).hexdigest()


def _state(file: Path) -> tuple[int, int]:
    try:
        status = file.stat()
    except OSError:
        return (-1, -1)
    return (status.st_size, status.st_mtime_ns)


def write(office: OpenOffice, note: Note) -> None:
    """Keeps `note`."""
    moments = {name: value and value.isoformat() for name, value in _moments(note).items()}
    text = json.dumps({**vars(note), **moments}, ensure_ascii=False, sort_keys=True)
    write_atomically(_file(office), text.encode())


def read(office: OpenOffice) -> Note | None:
    """The note of the last pass; None where there is none to be understood."""
    try:
        data = json.loads(_file(office).read_text(encoding="utf-8"))
        until = data["valid_until"]
        data["as_of"] = datetime.fromisoformat(data["as_of"])
        data["valid_until"] = datetime.fromisoformat(until) if until else None
        return Note(**data)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def forget(office: OpenOffice) -> None:
    """Forgets what the last pass said: the next one is a whole one."""
    _file(office).unlink(missing_ok=True)


def still_true(office: OpenOffice, run_id: int | None, asked: str | None) -> Note | None:
    """The note of the last pass (`run_id`), if a pass that found nothing new would say and write the same."""
    note = read(office)
    if note is None or (note.run_id, note.asked) != (run_id, asked) or note.settings != settings_state(office):
        return None
    if note.decided != len(office.decisions.all):
        return None
    begun = note.as_of <= office.now
    over = note.valid_until is not None and office.now >= note.valid_until
    written = all((office.workspace.path / file).is_file() for file in note.files)
    return note if begun and not over and written else None


def _moments(note: Note) -> dict[str, datetime | None]:
    return {"as_of": note.as_of, "valid_until": note.valid_until}


def _file(office: OpenOffice) -> Path:
    return office.workspace.state / "last-pass.json"
