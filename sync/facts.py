"""What the ledger remembers of one period, as the frames that standings and consolidation are pure functions of."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from sync import i18n
from sync.checks.texts import withhold
from sync.consolidate import Consolidated, Facts
from sync.decisions import Decisions, Returned
from sync.decisions.effects import on_one_line, with_returns
from sync.i18n import gettext as _
from sync.ledger import frames
from sync.looking import in_sight
from sync.office import OpenOffice
from sync.periods import Period
from sync.plan import Plan, TableId
from sync.sources import ADDIN
from sync.sources import addin as handed_in
from sync.standing import standings

if TYPE_CHECKING:
    from sync.ledger import Ledger


FINDINGS = (
    *("receipt", "school", "file", "code", "severity", "table", "sheet"),
    *("cell", "row", "column", "value", "message", "fix"),
)
"""The columns of findings in words."""


@dataclass(frozen=True)
class PeriodReceipts:
    """A period's receipts, oldest first, and the refused files that are shown with it.

    Both: id (int64), sha256, size, suffix, source, path, school, period, plan, template_version, received_at, status,
    rows_* (int64), plan_digest, run_id, in_sight (bool: the file lies in a source now), returned (object: the
    sync.decisions.Returned by which the office gives it back, None where it does not). `receipts` has `errors` and
    `warnings` (int64) too, of each school's newest receipt, 0 for the others.
    """

    period: Period
    receipts: pd.DataFrame
    lost: pd.DataFrame
    everything: pd.DataFrame
    """All receipts of the office, as all_receipts gives them."""

    @property
    def reports(self) -> pd.DataFrame:
        """Each school's newest report: its last receipt that is not refused."""
        return newest(self.receipts[self.receipts["status"] != "refused"])

    @property
    def counted(self) -> pd.DataFrame:
        """The receipt that counts of each school: the newest accepted one."""
        return newest(self.receipts[self.receipts["status"] == "accepted"])

    @property
    def returned(self) -> dict[str, Returned]:
        """Why newest reports go back to their schools, by school code."""
        reports = self.reports[self.reports["returned"].notna()]
        return dict(zip(reports["school"], reports["returned"], strict=True))

    @property
    def doubles(self) -> list[dict[str, Any]]:
        """Schools with several reports in the sources: school, files (oldest first), counted (a file or None)."""
        reports = self.receipts[(self.receipts["status"] != "refused") & self.receipts["in_sight"]]
        counting = self.counted.set_index("school")["path"]
        return [
            {"school": school, "files": list(group["path"]), "counted": counting.get(school)}
            for school, group in reports.groupby("school", sort=True)
            if len(group) > 1
        ]


_NOTHING_DECIDED = Decisions()


def all_receipts(ledger: Ledger, in_sight: Collection[str], decisions: Decisions = _NOTHING_DECIDED) -> pd.DataFrame:
    """All receipts, oldest first; `in_sight` are the contents (SHA-256) that lie in the sources now.

    What lies at a place now comes after what lay there before, also where it lay there once already. What the office
    gives back by `decisions` is to be mended. The path of what was handed in says no more than whose it is.
    """
    receipts = ledger.receipts().rename(columns={"receipt_id": "id"})
    receipts = receipts.assign(in_sight=receipts["sha256"].isin(list(in_sight)))
    last = receipts.groupby(["source", "path"])["received_at"].transform("max")
    order = receipts["received_at"].where(~receipts["in_sight"], last)
    ordered = receipts.assign(order=order).sort_values(
        ["order", "in_sight", "received_at", "sha256"], ignore_index=True
    )
    direct = ordered["source"] == ADDIN
    paths = ordered["path"].mask(direct, ordered["path"].map(handed_in.shown))
    return with_returns(ordered.assign(path=paths).drop(columns="order"), decisions)


def receipts_of(office: OpenOffice, ledger: Ledger, period: Period, everything: pd.DataFrame) -> PeriodReceipts:
    """The receipts of `period` out of `everything` (see all_receipts)."""
    receipts = everything[everything["period"] == period.key].reset_index(drop=True)
    found = ledger.findings(newest(receipts)["id"])
    for severity in ("error", "warning"):
        counts = found.loc[found["severity"] == severity, "receipt_id"].value_counts()
        receipts[f"{severity}s"] = receipts["id"].map(counts).fillna(0).astype("int64")
    receipts["errors"] += receipts["id"].isin(newest(receipts)["id"]) & receipts["returned"].notna()
    return PeriodReceipts(period, receipts, _lost_files(office, period, everything), everything)


def newest(receipts: pd.DataFrame) -> pd.DataFrame:
    """Each school's last of `receipts`, which are oldest first."""
    return receipts.drop_duplicates("school", keep="last")


def _lost_files(office: OpenOffice, period: Period, everything: pd.DataFrame) -> pd.DataFrame:
    """Refused files in sight that name no period of the office; they are shown with the current period."""
    current = office.control.periods.current(office.now)
    if current is None or current.key != period.key:
        return everything.iloc[:0]
    keys = [each.key for each in office.control.periods]
    lost = (everything["status"] == "refused") & everything["in_sight"] & ~everything["period"].isin(keys)
    return everything[lost]


def standings_of(office: OpenOffice, receipts: PeriodReceipts) -> pd.DataFrame:
    """Where each school stands in the period now; see sync.standing.standings."""
    deadlines = office.settings.deadlines
    return standings(
        office.control.schools,
        receipts.period,
        receipts.receipts,
        office.now,
        deadlines.due_soon_days,
        deadlines.grace_days,
        extensions=receipts.period.extensions,
        excused=office.decisions.excused(receipts.period.key),
    )


def facts_of(
    office: OpenOffice, ledger: Ledger, receipts: PeriodReceipts, standing: pd.DataFrame, findings: pd.DataFrame
) -> Facts:
    """Everything that the consolidated workbook of a period is built from; `findings` as period_findings gives them."""
    counted = receipts.counted
    entries = entries_of(ledger, office.plan, counted)
    kept_back = ledger.findings(counted["id"]).rename(columns={"receipt_id": "receipt"})
    return Facts(
        plan=office.plan,
        period=receipts.period,
        schools=office.control.schools.at(receipts.period.ends_on),
        standings=standing,
        receipts=pd.concat([receipts.receipts, receipts.lost], ignore_index=True),
        counted=counted,
        entries={table.id: withhold(entries[table.id], table, kept_back) for table in office.plan.all_tables},
        findings=_with_receipts(findings, receipts.everything),
        doubles={double["school"]: _told(double) for double in receipts.doubles},
        decisions=office.decisions,
    )


def _with_receipts(findings: pd.DataFrame, everything: pd.DataFrame) -> pd.DataFrame:
    """`findings` with sha256, source, in_sight and received_at of their receipts."""
    known = everything.set_index("id")[["sha256", "source", "in_sight", "received_at"]]
    joined = known.reindex(pd.Index(findings["receipt"])).set_axis(findings.index)
    return findings.assign(**{str(name): joined[name] for name in known}).astype({"in_sight": object})


def as_sealed(office: OpenOffice, period: Period, everything: pd.DataFrame) -> pd.DataFrame:
    """`everything` (see all_receipts) without what came for `period` after it was sealed, where it is."""
    sealing = office.sealed.get(period.key)
    if sealing is None:
        return everything
    return everything[(everything["period"] != period.key) | (everything["id"] <= sealing.last_receipt)]


def figures_of(
    office: OpenOffice, ledger: Ledger, period: Period, everything: pd.DataFrame | None = None
) -> Consolidated:
    """The figures of a schools' period, without findings; of a sealed one those that were sealed.

    `everything`: all_receipts, where the caller has them.
    """
    from sync.consolidate import consolidate

    known = all_receipts(ledger, in_sight(ledger), office.decisions) if everything is None else everything
    receipts = receipts_of(office, ledger, period, as_sealed(office, period, known))
    none = pd.DataFrame({name: pd.Series(dtype=object) for name in FINDINGS})
    return consolidate(facts_of(office, ledger, receipts, standings_of(office, receipts), none))


def status_of(office: OpenOffice, ledger: Ledger, key: str | None) -> tuple[Period, pd.DataFrame]:
    """The period `key` (None: the current one) and where each school stands in it. Raises UnknownPeriod.

    Beside what standings_of gives it has what the officer decided (object, None where nothing): extended_to (aware),
    returned (why the newest report goes back), excused (why nothing is owed), note.
    """
    period = office.period(key)
    receipts = receipts_of(office, ledger, period, all_receipts(ledger, in_sight(ledger), office.decisions))
    frame = standings_of(office, receipts)
    decided = {name: frame["code"].map(each).astype(object) for name, each in _decided(office, receipts).items()}
    return period, frame.assign(**{name: each.where(each.notna(), None) for name, each in decided.items()})


def _decided(office: OpenOffice, receipts: PeriodReceipts) -> dict[str, dict[str, Any]]:
    """What the officer decided for each school, by column and code, as far as it holds."""
    key, decisions = receipts.period.key, office.decisions
    words = {
        "returned": {school: each.reason for school, each in receipts.returned.items()},
        "excused": decisions.excused(key),
        "note": {school: each.value for (school, field), each in decisions.typed(key).items() if field == "note"},
    }
    lines = {name: {school: on_one_line(text) for school, text in each.items()} for name, each in words.items()}
    return {"extended_to": decisions.extensions(receipts.period), **lines}


def entries_of(ledger: Ledger, plan: Plan, receipts: pd.DataFrame) -> dict[TableId, pd.DataFrame]:
    """The entries of `receipts` by table, as Facts has them, with <column>:letters; in the schools' own words."""
    schools = receipts.set_index("id")["school"]
    entries: dict[TableId, pd.DataFrame] = {}
    for table in plan.all_tables:
        frame = frames.with_values(ledger.entries(receipts["id"], table.id), table)
        frame = frame.rename(columns={"receipt_id": "receipt"})
        entries[table.id] = frame.assign(school=frame["receipt"].map(schools).astype(object))
    return entries


def _told(double: Mapping[str, Any]) -> str:
    """The sentence for the officer, in Vietnamese, on a school that sent several workbooks."""
    with i18n.using("vi"):
        return _("{school} sent {count} workbooks; counted is: {file}.").format(
            school=double["school"], count=len(double["files"]), file=double["counted"] or _("none of them yet")
        )
