"""Which Google Sheet is whose: what setting up bound to schools, kept beside the ledger in `.baocao/spreadsheets.json`.

The officer's own word, the column `Google Sheets` of the control workbook, wins over it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sync.control import Control, ControlError, Problem
from sync.i18n import gettext as _
from sync.schools import School, Schools
from sync.workspace import Workspace, write_atomically

if TYPE_CHECKING:
    from sync.periods import Periods

FILE = "spreadsheets.json"


@dataclass(frozen=True, slots=True)
class Binding:
    """The spreadsheet of one school for one period.

    id: "" while none is known. finished: a digest of what was protected in it, "" before. begun: when it was asked for
    (ISO 8601), until its id is known; "" else.
    """

    id: str = ""
    finished: str = ""
    begun: str = ""


@dataclass(frozen=True, slots=True)
class Bindings:
    """What is bound in one workspace, by (period key, school code)."""

    file: Path
    of: dict[tuple[str, str], Binding]

    def get(self, period: str, school: str) -> Binding:
        """The binding of a school; an empty one where there is none."""
        return self.of.get((period, school), Binding())

    def keep(self, period: str, school: str, binding: Binding) -> None:
        """Remembers a binding at once; an empty one is forgotten."""
        self.of[period, school] = binding
        document: dict[str, dict[str, dict[str, str]]] = {}
        for (key, code), each in sorted(self.of.items()):
            if each != Binding():
                document.setdefault(key, {})[code] = asdict(each)
        write_atomically(self.file, json.dumps(document, ensure_ascii=False, indent=1).encode())

    def ids(self, school: str) -> set[str]:
        """The spreadsheets of a school, of whatever period."""
        return {each.id for (_period, code), each in self.of.items() if code == school and each.id}

    def owners(self) -> dict[str, tuple[str, str]]:
        """(period key, school code) by the id of the spreadsheet."""
        return {each.id: place for place, each in self.of.items() if each.id}


@dataclass
class SetUp:
    """What a command of `baocao google` did; each entry says the school, the period and the link.

    problems: what failed or is left to people. others: spreadsheets in sight that are none of this office's reports.
    instructions: the file that says what a person is to do, "" where nothing is.
    """

    made: list[dict[str, str]] = field(default_factory=list)
    bound: list[dict[str, str]] = field(default_factory=list)
    unchanged: list[dict[str, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    others: list[dict[str, str]] = field(default_factory=list)
    instructions: str = ""


def read(workspace: Workspace) -> Bindings:
    """What is bound in the workspace. Raises ControlError where the file is damaged."""
    file = workspace.state / FILE
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        of = {(key, code): Binding(**each) for key, schools in document.items() for code, each in schools.items()}
    except FileNotFoundError:
        of = {}
    except (ValueError, TypeError, AttributeError) as error:
        message, fix = (
            _("The file is damaged."),
            _("Put it back from a backup, or delete it and run `baocao google link`."),
        )
        raise ControlError(str(file), [Problem(None, None, message, fix)]) from error
    return Bindings(file, of)


def applied(control: Control, bindings: Bindings, now: datetime) -> Control:
    """`control` with the bound spreadsheets of those schools that the officer gave none.

    That of the current period; where there is none yet, that of the period that ends last.
    """
    taken = {school.spreadsheet for school in control.schools}
    order = list(_by_importance(control.periods, now))
    schools = Schools(tuple(_with_spreadsheet(school, bindings, order, taken) for school in control.schools))
    return replace(control, schools=schools)


def link_of(spreadsheet: str) -> str:
    """The link that people open."""
    return f"https://docs.google.com/spreadsheets/d/{spreadsheet}"


def entry(school: str, period: str, spreadsheet: str) -> dict[str, str]:
    """One spreadsheet as commands tell of it."""
    return {"school": school, "period": period, "link": link_of(spreadsheet)}


def _by_importance(periods: Periods, now: datetime) -> Iterator[str]:
    current = periods.current(now)
    if current is not None:
        yield current.key
    yield from (period.key for period in sorted(periods, key=lambda each: each.ends_on, reverse=True))


def _with_spreadsheet(school: School, bindings: Bindings, order: list[str], taken: set[str]) -> School:
    if school.spreadsheet:
        return school
    ids = (bindings.get(key, school.code).id for key in order)
    return replace(school, spreadsheet=next((each for each in ids if each and each not in taken), ""))
