"""Which receipts go back to their schools."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.decisions import Decision, Decisions
from sync.decisions.effects import LONGEST, on_one_line, with_returns

KEY, OTHER = "2024-2025/HK1", "2024-2025/CN"
BEGIN = datetime(2025, 1, 20, tzinfo=UTC)
Row = tuple[str | None, str | None, str, int]
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["TH01", "MN01", None]),
        st.sampled_from([KEY, OTHER, None]),
        st.sampled_from(["accepted", "to_mend", "refused"]),
        st.integers(1, 9),
    ),
    max_size=12,
)


def decision(value: str, seen_run: int | None, days: int = 0, number: int = 1) -> Decision:
    moment = BEGIN + timedelta(days=days)
    return Decision(KEY, "TH01", "returned", value, moment, moment, "tong-hop.xlsx", seen_run=seen_run, id=number)


def receipts(rows: list[Row]) -> pd.DataFrame:
    """A receipt that a pass took in came on the day of the pass."""
    texts = {
        name: pd.Series([row[at] for row in rows], dtype="str")
        for at, name in enumerate(("school", "period", "status"))
    }
    came = pd.Series([BEGIN + timedelta(days=row[3]) for row in rows], dtype=pd.DatetimeTZDtype("us", "UTC"))
    return pd.DataFrame({**texts, "run_id": pd.Series([row[3] for row in rows], dtype="int64"), "received_at": came})


@pytest.mark.parametrize("knows_the_pass", [True, False])
@given(ROWS, st.integers(0, 9))
def test_what_came_before_the_officer_looked_goes_back_and_nothing_else(
    knows_the_pass: bool, rows: list[Row], seen: int
) -> None:
    said = decision("Sai số liệu.", seen if knows_the_pass else None, days=seen)
    found = with_returns(receipts(rows), Decisions((said,)))
    for row, status, returned in zip(rows, found["status"], found["returned"], strict=True):
        school, period, before, run = row
        meant = (school, period) == ("TH01", KEY) and run <= seen and before != "refused"
        assert status == ("to_mend" if meant and before == "accepted" else before)
        assert (returned and returned.reason) == ("Sai số liệu." if meant else None)


@given(ROWS)
def test_where_nothing_is_said_every_receipt_stays(rows: list[Row]) -> None:
    given_back, cleared = decision("Sai số liệu.", 9), decision("", 9, days=1, number=2)
    for decisions in (Decisions(), Decisions((given_back, cleared))):
        found = with_returns(receipts(rows), decisions)
        assert found.drop(columns="returned").equals(receipts(rows))
        assert found["returned"].tolist() == [None] * len(rows)


def test_the_newest_reason_is_told_and_means_what_came_until_it() -> None:
    said = Decisions((decision("Sai số liệu.", 2), decision("Vẫn sai.", 4, days=1, number=2)))
    found = with_returns(receipts([("TH01", KEY, "accepted", run) for run in (1, 4, 5)]), said)
    assert found["status"].tolist() == ["to_mend", "to_mend", "accepted"]
    assert [each and each.reason for each in found["returned"]] == ["Vẫn sai.", "Vẫn sai.", None]


def test_a_reason_is_one_line_of_bearable_length() -> None:
    assert on_one_line(" Sai \r\n số\tliệu\x1b[2J\u202e mục\u2028II ") == "Sai số liệu [2J mục II"
    long = on_one_line("rất dài " * 1000)
    assert (len(long), long[-1]) == (LONGEST, "…")
