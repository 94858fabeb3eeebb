"""The examination: every check by itself, whatever becomes of the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sync import logs
from sync.doctor import desk, google, memory, places, running
from sync.doctor.case import Case, NotKnown
from sync.doctor.catalogue import Symptom, symptom
from sync.workspace import Workspace

Check = Callable[[Case], Iterable[Symptom]]

CHECKS: tuple[Check, ...] = (
    desk.settings,
    desk.plan,
    places.folders,
    places.inbox,
    places.secret,
    places.disk,
    desk.control,
    desk.addresses,
    desk.reminders,
    memory.ledger,
    memory.archive,
    memory.last_pass,
    places.disk_clock,
    running.zone,
    running.mail,
    desk.letters,
    google.google,
    running.service,
    running.jobs,
    running.addin,
    memory.keys,
    running.version,
)
"""In the order in which they are told."""


def examine(
    folder: Path, as_of: datetime | None = None, *, clock: datetime | None = None, checks: Sequence[Check] = CHECKS
) -> list[Symptom]:
    """Looks at everything in the workspace `folder`, of which anything may be broken or missing.

    `as_of` is what the office's now is taken to be, `clock` what this machine's clock says (default: its clock); both
    may be None. Nothing is written but empty files that are removed at once; a mail server and Google are
    logged in to, and a provider of mail may hand out a renewed token, which is kept. Never raises for what it finds.
    """
    case = Case(Workspace(folder.absolute()), as_of, clock or datetime.now(UTC))
    return [found for check in checks for found in _attempt(check, case)]


def document(symptoms: Sequence[Symptom]) -> dict[str, Any]:
    """What `doctor --json` prints."""
    return {
        "findings": [
            {"id": each.id, "severity": each.severity, "message": each.message, "hint": each.hint} for each in symptoms
        ]
    }


def _attempt(check: Check, case: Case) -> list[Symptom]:
    """What `check` says, up to where it could not go on. One that crashes is our mistake, and says so."""
    found: list[Symptom] = []
    try:
        found.extend(check(case))
    except NotKnown:
        pass
    except Exception as error:  # whatever is broken here, the other checks are to say what they see
        place = next(iter(logs.frames_of(error)[-1:]), "")
        found.append(symptom("check-crashed", check=check.__name__, problem=f"{type(error).__name__} {place}".strip()))
    return found
