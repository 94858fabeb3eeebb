"""Looking: the office's sources, and what changed in them since the last pass."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sync import sources
from sync.landmarks import INFO_SHEET, META_SHEET
from sync.office import OpenOffice
from sync.sources import ADDIN, GOOGLE, INBOX, NAMES, Changes, Source, SourceError, contents

if TYPE_CHECKING:
    from sync.google.http import Client
    from sync.ledger import Ledger

Wait = Callable[[float], bool]
"""Waits for so many seconds; whether to stop instead, as threading.Event.wait."""


def pause(seconds: float) -> bool:
    """Waits, and never stops."""
    time.sleep(seconds)
    return False


@dataclass
class Places:
    """The office's sources; `google` is the client that its Google Sheets are reached through, None without them.

    problems: what is wrong with a source that could not be opened.
    """

    sources: list[Source] = field(default_factory=list)
    google: Client | None = None
    problems: list[str] = field(default_factory=list)


@contextmanager
def opened(office: OpenOffice, wait: Wait = pause) -> Iterator[Places]:
    """The office's sources, until the block is left. Nothing is asked of them yet. Raises ControlError, PlanError."""
    places = Places(on_disk(office))
    with ExitStack() as stack:
        if office.settings.google.is_used:
            bound = {school.code: school.spreadsheet for school in office.control.schools if school.spreadsheet}
            _open_google(office, bound, wait, places, stack)
        yield places


def on_disk(office: OpenOffice) -> list[Source]:
    """The office's sources that lie in its workspace: the inbox, and what was handed in."""
    folders = {INBOX: ("folder", office.workspace.inbox), ADDIN: ("addin", office.workspace.handed_in)}
    return [sources.make(kind, name=name, folder=folder) for name, (kind, folder) in folders.items()]


def _open_google(office: OpenOffice, bound: dict[str, str], wait: Wait, places: Places, stack: ExitStack) -> None:
    from sync import google
    from sync.google.drive import id_in
    from sync.outputs.layout import FINDINGS_SHEET

    settings = office.settings.google
    try:
        places.google = stack.enter_context(google.connect(settings, wait))
    except google.GoogleError as error:
        places.problems.append(str(error))
        return
    tabs = [META_SHEET, INFO_SHEET, *(table.sheet for table in office.plan.all_tables)]
    where = {"folder": id_in(settings.folder), "shared_drive": id_in(settings.shared_drive)}
    places.sources.append(
        sources.make(
            "google", name=GOOGLE, client=places.google, spreadsheets=bound, tabs=tabs, ours=[FINDINGS_SHEET], **where
        )
    )


@dataclass(frozen=True)
class Look:
    """What is different in one source; `changes` is empty where it failed, and nothing is concluded then."""

    source: Source
    changes: Changes
    problems: Sequence[str]
    whole: bool = True
    """Whether it was looked through; of Google Sheets, whether Google answered."""


def look(places: Places, ledger: Ledger, allow_empty: bool = False) -> list[Look]:
    """What changed in each source since the last pass that looked through it."""
    return [_look(source, ledger, allow_empty) for source in places.sources]


def _look(source: Source, ledger: Ledger, allow_empty: bool) -> Look:
    sightings = ledger.sightings(source.name)
    try:
        changes = source.look(sightings, allow_empty)
    except SourceError as error:
        # Nothing is concluded from a source that failed: what was in sight stays so.
        return Look(source, Changes([], len(sightings), []), [str(error)], whole=False)
    # A part of the inbox may hide any school's file; a spreadsheet that is not to be seen is one school's.
    whole = not changes.problems or source.name == GOOGLE
    return Look(source, changes, [problem.message for problem in changes.problems], whole)


def in_sight(ledger: Ledger) -> set[str]:
    """The contents (SHA-256) that lie in any source of the office.

    Of what was handed in, the last of each school and period: like a file that is written over.
    """
    from sync.sources.addin import newest

    lying = {name: ledger.sightings(name) for name in NAMES}
    lying[ADDIN] = newest(lying[ADDIN])
    return {sha256 for each in lying.values() for sha256 in contents(each)}
