"""What the server knows of the office: whose a key is, where its school stands. All of it may block."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sync import keys, office
from sync.errors import MendableError
from sync.i18n import gettext as _
from sync.keys import Key
from sync.office import OpenOffice

if TYPE_CHECKING:
    import pandas as pd

    from sync.ledger import Ledger
    from sync.periods import Period

WORKSPACE = "BAOCAO_WORKSPACE"


class NotReady(MendableError):
    """The ledger is not there: the server makes none, because an empty one would know no key."""


class NotListed(MendableError):
    """The school of a key is not in the control workbook any more."""

    status = 409


class Desk:
    """The office of the workspace `folder`, opened anew for each call; only a look at files that changed is saved."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def office(self) -> OpenOffice:
        """The office as it is now. Raises WorkspaceError and ConfigError."""
        return office.open_office(self._folder)

    def key(self, text: str) -> Key:
        """The key that `text` is, looked up now. Raises KeyRefused, NotReady, LedgerError."""
        with _ledger(self.office()) as ledger:
            return keys.check(text, ledger.keys)

    def sheets(self) -> list[str]:
        """The sheets of a school's workbook that are needed to judge it, and the one that takes the verdict."""
        from sync.outputs import layout

        return [name for name in layout.sheet_names(self.office().plan) if name != layout.GUIDE_SHEET]

    def standing(self, school: str) -> dict[str, Any]:
        """Where `school` stands in the current period: school, name, period, title, due, standing, standing_text,
        received_at, accepted_at, handed_in_at; moments as ISO 8601, null where there is none. A school that owes no
        report of the period has no due moment and no standing, and standing_text says so.

        Raises NotListed, UnknownPeriod, ControlError, LedgerError, NotReady.
        """
        from sync import facts

        opened = self.office()
        with _ledger(opened) as ledger:
            informed = opened.informed(ledger)
            period, frame = facts.status_of(informed, ledger, None)
            handed_in_at = _handed_in_at(opened, ledger, school, period)
        listed = opened.control.schools.by_code.get(school)
        if listed is None:
            raise NotListed(_("The school of this key is not among those of the office any more. Ask the office."))
        whose = {"school": school, "name": listed.at(period.ends_on).name, "period": period.key, "title": period.title}
        return {**whose, **_told(frame[frame["code"] == school]), "handed_in_at": handed_in_at}


def of_environment() -> Desk:
    """The desk of the workspace that the environment variable BAOCAO_WORKSPACE names, else of the current folder."""
    return _desk(os.environ.get(WORKSPACE, "."))


@cache
def _desk(folder: str) -> Desk:
    return Desk(Path(folder).absolute())


@contextmanager
def _ledger(opened: OpenOffice) -> Iterator[Ledger]:
    from sync.ledger import Ledger

    url = opened.ledger_url
    if isinstance(url, Path) and not url.is_file():
        raise NotReady(_("The ledger {file} is not there.").format(file=url))
    with Ledger.open(url) as ledger:
        yield ledger


def _told(own: pd.DataFrame) -> dict[str, Any]:
    """What the only row of `own` says; there is none where nothing is owed."""
    from sync.standing import LABELS

    moments = ("due", "received_at", "accepted_at")
    if own.empty:
        nothing = _("No report is owed in this period")
        return {**dict.fromkeys(moments), "standing": None, "standing_text": nothing}
    row = own.iloc[0]
    told = {"standing": row["standing"], "standing_text": _(LABELS[row["standing"]])}
    return {**{name: _moment(row[name]) for name in moments}, **told}


def _handed_in_at(opened: OpenOffice, ledger: Ledger, school: str, period: Period) -> str | None:
    """When a report was handed in that no pass has taken in yet."""
    from sync.sources import ADDIN, addin

    seen = ledger.sightings(ADDIN)
    waiting = addin.waiting(opened.workspace.handed_in, seen, school, period.key)
    return datetime.fromtimestamp(waiting.at_ns // 10**9, opened.zone).isoformat() if waiting else None


def _moment(value: Any) -> str | None:
    return None if value is None or value != value else datetime.isoformat(value)  # noqa: PLR0124 - NaT differs from itself
