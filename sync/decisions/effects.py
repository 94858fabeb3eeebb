"""What decisions bring about: which receipts go back to their schools. Pure: frames in, frames out."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sync.decisions.model import Decisions, Returned
from sync.text import collapse

if TYPE_CHECKING:
    import pandas as pd

LONGEST = 500
"""Characters of the officer's words that letters, cells and screens have room for; the rest is cut off."""


def on_one_line(words: str) -> str:
    """The officer's `words` as letters, cells and screens can show them: one line, nothing that steers a screen."""
    line = collapse("".join(sign if sign.isprintable() else " " for sign in words))
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def is_meant(returned: Returned, run_id: int, received_at: datetime) -> bool:
    """Whether a receipt of the school and period goes back: one that came before the officer saw the workbook.

    run_id: the pass that took it in. received_at: aware; it decides where the pass that wrote the workbook is unknown.
    """
    if returned.seen_run is None:
        return received_at <= returned.decided_at
    return run_id <= returned.seen_run


def with_returns(receipts: pd.DataFrame, decisions: Decisions) -> pd.DataFrame:
    """`receipts` as the officer's returns leave them: accepted ones that go back are to be mended (`to_mend`).

    `receipts` (of any periods, in any order): school, period, status (str), run_id (int64), received_at (aware). Gives
    them with `returned` (object): the Returned by which each goes back, None where none does. A refused file is no
    report and does not go back.
    """
    import pandas as pd

    back = pd.Series(_returned(receipts, decisions), index=receipts.index, dtype=object)
    is_undone = back.notna() & (receipts["status"] == "accepted")
    return receipts.assign(status=receipts["status"].mask(is_undone, "to_mend"), returned=back)


def _returned(receipts: pd.DataFrame, decisions: Decisions) -> list[Returned | None]:
    """The Returned by which each receipt goes back, in the order of `receipts`."""
    found: list[Returned | None] = [None] * len(receipts)
    periods = sorted(receipts["period"].dropna().unique())
    wanted = {(key, school): each for key in periods for school, each in decisions.returned(key).items()}
    if not wanted:
        return found
    columns = ["period", "school", "status", "run_id", "received_at"]
    for place, (key, school, status, run_id, received_at) in enumerate(
        receipts[columns].itertuples(index=False, name=None)
    ):
        returned = wanted.get((key, school))
        if returned and status != "refused" and is_meant(returned, run_id, received_at):
            found[place] = returned
    return found


def answered(receipts: pd.DataFrame, decisions: Decisions, period: str) -> frozenset[str]:
    """The schools that have sent a newer report than those that went back in `period`, so that nothing goes back now.

    `receipts` as with_returns gives them, oldest first.
    """
    wanted = decisions.returned(period)
    if not wanted:
        return frozenset()
    reports = receipts[(receipts["period"] == period) & (receipts["status"] != "refused")]
    newest = reports.drop_duplicates("school", keep="last")
    return frozenset(set(newest.loc[newest["returned"].isna(), "school"]) & wanted.keys())
