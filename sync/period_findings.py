"""Everything that is wrong in a period, in words: each file's own findings, and what shows beside other reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from sync.checks import across
from sync.checks.attempt import Failure
from sync.checks.catalogue import severity_of, wording
from sync.checks.findings import COLUMNS, as_frame, of_file
from sync.decisions.effects import on_one_line
from sync.facts import PeriodReceipts, all_receipts, entries_of, newest, receipts_of
from sync.looking import in_sight
from sync.office import OpenOffice
from sync.periods import Period

if TYPE_CHECKING:
    from sync.ledger import Ledger


def period_findings(
    office: OpenOffice, ledger: Ledger, receipts: PeriodReceipts
) -> tuple[pd.DataFrame, tuple[Failure, ...]]:
    """The findings of each school's newest report of a period, and of refused files as long as they lie there.

    Columns: receipt, school, file, those of sync.checks.findings, message, fix, in the language in use. Beside them
    the checks that crashed.
    """
    mine = receipts.receipts
    reports = receipts.reports[receipts.reports["school"].isin(office.control.schools.by_code)]
    refused = pd.concat([mine[(mine["status"] == "refused") & mine["in_sight"]], receipts.lost])
    late = _of_earlier_periods(office, receipts)
    shown = pd.concat([reports, refused])
    judged = ledger.findings(shown["id"]).rename(columns={"receipt_id": "receipt"})[COLUMNS]
    judged = _with_emptied(judged, mine)
    beside, failures = _across(office, ledger, receipts, reports)
    found = pd.concat([_given_back(office, receipts), judged, beside, late[COLUMNS]])
    files = pd.concat([shown, late.rename(columns={"receipt": "id"})]).drop_duplicates("id").set_index("id")
    return _in_words(office, found, files), failures


def findings_in_sight(office: OpenOffice, ledger: Ledger, period: Period) -> pd.DataFrame:
    """period_findings of what lies in the inbox now."""
    everything = all_receipts(ledger, in_sight(ledger), office.decisions)
    return period_findings(office, ledger, receipts_of(office, ledger, period, everything))[0]


def _across(
    office: OpenOffice, ledger: Ledger, receipts: PeriodReceipts, reports: pd.DataFrame
) -> tuple[pd.DataFrame, tuple[Failure, ...]]:
    before = earlier_reports(office, ledger, receipts.period, receipts.everything)
    entries = entries_of(ledger, office.plan, reports)
    return across.check(office.plan, receipts.period, entries, before, office.control.schools)


def earlier_reports(
    office: OpenOffice, ledger: Ledger, period: Period, everything: pd.DataFrame
) -> list[tuple[Period, across.Entries]]:
    """The schools' accepted reports of each period before `period`, newest first; see sync.checks.across."""
    reports: list[tuple[Period, across.Entries]] = []
    for earlier in earlier_periods(office, period):
        accepted = everything[(everything["period"] == earlier.key) & (everything["status"] == "accepted")]
        if len(accepted):
            reports.append((earlier, entries_of(ledger, office.plan, newest(accepted))))
    return reports


def earlier_periods(office: OpenOffice, period: Period) -> list[Period]:
    """The schools' periods that ended before `period` did, newest first."""
    periods = office.control.periods.of_schools()
    return [each for each in reversed(periods) if (each.ends_on, each.key) < (period.ends_on, period.key)]


def _given_back(office: OpenOffice, receipts: PeriodReceipts) -> pd.DataFrame:
    """Why the office gives newest reports back, in the officer's own words."""
    reports = receipts.reports[receipts.reports["returned"].notna()]
    found = [
        of_file(receipt, "returned-by-office", office.plan, reason=on_one_line(returned.reason))
        for receipt, returned in zip(reports["id"], reports["returned"], strict=True)
    ]
    return as_frame(found, office.plan)


def _with_emptied(judged: pd.DataFrame, receipts: pd.DataFrame) -> pd.DataFrame:
    """An empty workbook of a school that reported before is not only empty: it would take the report back."""
    reports = receipts[receipts["status"] != "refused"]
    first = dict(reports.groupby("school")["received_at"].min())
    moments = zip(receipts["id"], receipts["school"], receipts["received_at"], strict=True)
    later = [receipt for receipt, school, moment in moments if school in first and moment > first[school]]
    emptied = (judged["code"] == "empty-report") & judged["receipt"].isin(later)
    return judged.assign(code=judged["code"].mask(emptied, "emptied-report"))


def _of_earlier_periods(office: OpenOffice, receipts: PeriodReceipts) -> pd.DataFrame:
    """Reports of earlier periods that came when this one was due, from schools that have sent none for it."""
    period, everything = receipts.period, receipts.everything
    current = office.control.periods.current(office.now)
    columns = [*COLUMNS, "school", "path"]
    if current is None or current.key != period.key:
        return pd.DataFrame(columns=columns)
    earlier = [each.key for each in earlier_periods(office, period)]
    ended = pd.Timestamp(period.ends_on, tz=office.zone)
    late = everything["period"].isin(earlier) & everything["in_sight"] & (everything["received_at"] >= ended)
    late &= ~everything["school"].isin(receipts.reports["school"]) & (everything["status"] != "refused")
    rows: list[dict[str, Any]] = [
        {
            "receipt": row["id"],
            "code": "earlier-period",
            "severity": severity_of("earlier-period", office.plan),
            "params": {"period": row["period"], "current": period.key},
            "school": row["school"],
            "path": row["path"],
        }
        for row in everything[late].to_dict("records")
    ]
    return pd.DataFrame(rows, columns=columns).astype(object).where(lambda frame: frame.notna(), None)


def _in_words(office: OpenOffice, found: pd.DataFrame, files: pd.DataFrame) -> pd.DataFrame:
    found = found.reset_index(drop=True)
    words = [wording(code, params, office.plan) for code, params in zip(found["code"], found["params"], strict=True)]
    return found.assign(
        school=found["receipt"].map(files["school"]).astype(object),
        file=found["receipt"].map(files["path"]).astype(object),
        message=pd.Series([message for message, _fix in words], dtype=object, index=found.index),
        fix=pd.Series([fix for _message, fix in words], dtype=object, index=found.index),
    )
