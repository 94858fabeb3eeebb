"""`remind`: what is owed is shown, and leaves only after a confirmation, once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sync import addin, office, passes
from sync.addin.reminding import LONGEST
from tests.reminding.offices import at, make_office, outbox

if TYPE_CHECKING:
    from xlwings import Book

pytestmark = pytest.mark.usefixtures("english")

OVERDUE = "2025-01-24T15:00"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nobody has reported, and the due date is over."""
    folder = make_office(tmp_path_factory.mktemp("remind") / "office")
    passes.run(office.open_office(folder, at(OVERDUE)))
    return folder


def remind(workspace: Path, moment: str, *, confirmed: bool) -> addin.Outcome:
    book: Book = None  # type: ignore[assignment]  # nothing is read from it
    return addin.remind(book, office.open_office(workspace, at(moment)), confirmed)


def test_notices_are_shown_first_and_leave_once_they_are_confirmed(workspace: Path) -> None:
    shown = remind(workspace, OVERDUE, confirmed=False)
    assert (shown.accepted, shown.submitted) == (True, False)
    assert "3 nhắc quá hạn" in shown.message
    assert "TH01 · th01@example.org" in shown.message
    assert len(shown.message) <= LONGEST
    assert outbox(workspace) == []

    sent = remind(workspace, OVERDUE, confirmed=True)
    assert (sent.accepted, sent.submitted) == (True, True)
    assert "3 nhắc quá hạn" in sent.message
    letters = outbox(workspace)
    assert {"th01@example.org", "mn01@example.org", "cs01@example.org"} <= {str(each["To"]) for each in letters}

    again = remind(workspace, OVERDUE, confirmed=True)
    assert (again.accepted, again.submitted) == (True, False)
    assert len(outbox(workspace)) == len(letters)
    assert not remind(workspace, OVERDUE, confirmed=False).accepted


def test_at_night_nothing_is_asked_for_and_nothing_leaves(workspace: Path) -> None:
    before = len(outbox(workspace))
    shown = remind(workspace, "2025-02-12T23:00", confirmed=False)
    assert not shown.accepted
    assert "nhắc quá hạn" in shown.message
    assert not remind(workspace, "2025-02-12T23:00", confirmed=True).submitted
    assert len(outbox(workspace)) == before
