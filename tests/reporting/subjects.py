"""What reports are about, of an invented office, without a ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from sync import plan as plans
from sync import reporting
from sync.comparing import figures_from
from sync.config import Office
from sync.consolidate import Consolidated, Facts, consolidate
from sync.periods import Period, proposed
from sync.plan import Plan
from sync.reporting import Masking, Subject
from tests.outputs.office_facts import OFFICE, ZONE, make_facts

OTHER_PLAN = Path(__file__).parent.parent / "fakes" / "other-plan.toml"
HK1, NAM, REVIEW = "2024-2025/HK1", "2024/NAM", "TK-2025"
NOW: Mapping[str, datetime] = {
    HK1: datetime(2025, 1, 27, 8, 30, tzinfo=ZONE),
    NAM: datetime(2024, 11, 5, 9, tzinfo=ZONE),
    REVIEW: datetime(2025, 12, 20, 9, tzinfo=ZONE),
}
Change = Callable[[Facts], Facts]


@cache
def shipped() -> Plan:
    return plans.load("thu-thua-2020-2025")


@cache
def other() -> Plan:
    return plans.load(OTHER_PLAN)


def facts_of(plan: Plan, period: Period, schools: int = 9) -> Facts:
    """Facts of `period` some days after schools were due; other ones in each period."""
    assert period.schools_due is not None
    seed = proposed(plan, ZONE).of_schools().index(period) + 1
    return make_facts(plan, schools, seed=seed, period=period.key, now=period.schools_due + timedelta(days=4))


@cache
def _consolidated(plan_code: str, key: str, change: Change | None, *, reported: bool) -> Consolidated:
    plan = {each.code: each for each in (shipped(), other())}[plan_code]
    facts = facts_of(plan, proposed(plan, ZONE).by_key[key])
    facts = change(facts) if change else facts
    return consolidate(facts if reported else silent(facts))


def subject(
    key: str = HK1,
    *,
    plan: Plan | None = None,
    now: datetime | None = None,
    for_others: bool = False,
    office: Office = OFFICE,
    change: Change | None = None,
    reported: Callable[[Period], bool] = lambda period: True,
) -> Subject:
    """The report on `key`; `change` is made to the facts of every schools' period, none is `reported` where false."""
    plan = plan or shipped()
    moment = now or NOW[key]
    periods = proposed(plan, ZONE)

    def known(of: Period | None) -> list[Consolidated]:
        covered = [each for each in periods.covered_by(of) if each.starts_on <= moment.date()] if of else []
        return [_consolidated(plan.code, each.key, change, reported=reported(each)) for each in covered]

    period = periods.by_key[key]
    covered = {each.period.key: each for each in known(period)}
    figures = [figures_from(each) for each in covered.values()]
    spans = reporting.spans_of(figures, moment) or tuple(figures)
    earlier = reporting.before(plan, periods, period)
    return Subject(
        plan=plan,
        period=period,
        office=office,
        now=moment,
        covered=figures,
        state=covered[spans[-1].period.key] if spans else None,
        earlier=[figures_from(each) for each in known(earlier)],
        earlier_title=earlier.title if earlier else "",
        masking=Masking(for_others),
    )


def silent(facts: Facts) -> Facts:
    """The same facts where no report counts yet."""
    none = {name: entries.iloc[:0] for name, entries in facts.entries.items()}
    return replace(facts, counted=facts.counted.iloc[:0], entries=none)
