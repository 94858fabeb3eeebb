"""One office's workspace, opened: its settings, its plan, its schools and periods, and the moment."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sync import __version__, config, control, plan, seal, spreadsheets
from sync.checks.context import Context
from sync.config import Settings
from sync.control import Control
from sync.decisions import Decision, Decisions
from sync.errors import MendableError
from sync.i18n import gettext as _
from sync.intake.guard import Limits
from sync.intake.reading import Reading
from sync.periods import Period, Periods
from sync.plan import Plan
from sync.schools import School
from sync.working_days import WorkingDays
from sync.workspace import Workspace

if TYPE_CHECKING:
    from sync.ledger import Ledger, Sealing


class UnknownPeriod(MendableError):
    """A period was asked for that the office does not have; the message names those it has."""


@dataclass(frozen=True)
class OpenOffice:
    """An opened workspace; plan and control workbook are read when first asked for.

    Their errors (PlanError, ControlError) come from there.
    """

    workspace: Workspace
    settings: Settings
    now: datetime
    chosen: bool = False
    """Whether somebody chose the moment; else it is the clock's, which can be wrong."""
    decisions: Decisions = field(default_factory=Decisions)
    """What the officer decided in the consolidated workbook; `informed` fills it in from the ledger."""
    sealed: Mapping[str, Sealing] = field(default_factory=dict)
    """The newest seal or addendum of each sealed period, by key; `informed` fills it in too."""

    @property
    def zone(self) -> ZoneInfo:
        return self.settings.zone

    @property
    def ledger_url(self) -> str | Path:
        """Where the ledger is: the settings' database, else a file of the workspace. It may hold a password."""
        return self.settings.ledger.url.get_secret_value() or self.workspace.ledger_file

    @cached_property
    def plan(self) -> Plan:
        return plan.load(self.settings.plan)

    @cached_property
    def control(self) -> Control:
        read = control.read(self.workspace.control_file, self.plan, self.zone)
        if self.settings.google.is_used:
            read = spreadsheets.applied(read, spreadsheets.read(self.workspace), self.now)
        return replace(read, periods=self._with_more_time(read.periods))

    def _with_more_time(self, periods: Periods) -> Periods:
        """`periods` with the officer's extensions; what stands in the consolidated workbook wins."""
        given = ((period, self.decisions.extensions(period)) for period in periods)
        return Periods(
            tuple(
                replace(period, extensions={**period.extensions, **more}) if more else period for period, more in given
            )
        )

    def informed(self, ledger: Ledger, open_again: str | None = None) -> OpenOffice:
        """This office with the decisions and seals that `ledger` has. Raises LedgerError.

        What was decided on a period after it was sealed has no effect before an addendum seals it too. The period
        `open_again` is taken as if it were not sealed: that is what its next addendum is made from.
        """
        sealed = {key: sealing for key, sealing in ledger.sealings.last().items() if key != open_again}
        return replace(self, decisions=in_effect(ledger.decisions.all(), sealed), sealed=sealed)

    def at(self, now: datetime, decisions: Decisions) -> OpenOffice:
        """This office at another moment and with other decisions; its plan and control workbook are those of now."""
        then = replace(self, now=now, decisions=decisions)
        then.__dict__.update(plan=self.plan, control=self.control)
        return then

    @cached_property
    def working_days(self) -> WorkingDays:
        """When the office works, by the settings' hours and the control workbook's extra days off."""
        return working_days(self.settings, self.control.holidays)

    def without_control(self) -> OpenOffice:
        """This office with nothing in its control workbook: all that is left while that cannot be read."""
        blind = replace(self)
        blind.__dict__["control"] = Control()
        return blind

    @cached_property
    def _secret(self) -> bytes:
        return self.workspace.secret()

    def period(self, key: str | None) -> Period:
        """The schools' period `key`, or the current one. Raises UnknownPeriod."""
        periods = self.control.periods
        period = periods.by_key.get(key) if key is not None else periods.current(self.now)
        if period is None or period.schools_due is None:
            known = ", ".join(each.key for each in periods.of_schools()) or _("none yet")
            raise UnknownPeriod(
                _("Schools have no period {period}; their periods are: {known}.").format(period=key or "", known=known)
            )
        return period

    def any_period(self, key: str) -> Period:
        """The period `key`, one in which the office alone reports too. Raises UnknownPeriod."""
        period = self.control.periods.by_key.get(key)
        return period if period is not None else self.period(key)

    def seal_of(self, school: str, period: str) -> str:
        """The seal of the workbook that goes to `school` for `period`."""
        return seal.seal(
            self._secret, plan=self.plan.code, template_version=self.plan.version, school=school, period=period
        )

    def is_sealed(self, reading: Reading) -> bool:
        """Whether the seal that was read is this office's for what the workbook says of itself."""
        return seal.is_sealed(
            self._secret,
            reading.seal,
            plan=reading.plan or "",
            template_version=reading.template_version or "",
            school=reading.school or "",
            period=reading.period or "",
        )

    @property
    def limits(self) -> Limits:
        """The limits of reading one file, as the settings have them."""
        intake = self.settings.intake
        return Limits(
            max_bytes=intake.max_file_mb << 20,
            memory_bytes=intake.memory_mb << 20,
            cpu_seconds=intake.cpu_seconds,
            wall_seconds=intake.wall_seconds,
            max_sheets=intake.max_sheets,
            max_cells=intake.max_cells,
        )

    @property
    def context(self) -> Context:
        """What reports are judged against here."""
        return Context(self.plan, self.control.periods, self.control.schools, self.is_sealed)

    @cached_property
    def digest(self) -> str:
        """A digest of all that judging depends on; another digest means that old verdicts may no longer hold."""
        schools = [(s.code, s.level, s.opened_on, s.closed_on, *_levels_before(s)) for s in self.control.schools]
        periods = [(p.key, p.starts_on, p.ends_on, p.schools_due is not None) for p in self.control.periods]
        parts = (__version__, self.plan.digest, schools, periods)
        return hashlib.sha256(repr(parts).encode()).hexdigest()


def _levels_before(school: School) -> Iterator[tuple[date, str]]:
    return ((each.until, each.level) for each in school.earlier if each.level)


def in_effect(decisions: Iterable[Decision], sealed: Mapping[str, Sealing]) -> Decisions:
    """Those of `decisions` that hold beside the newest seals, by period."""
    return Decisions(
        tuple(each for each in decisions if each.period not in sealed or each.id <= sealed[each.period].last_decision)
    )


def working_days(settings: Settings, extra: Mapping[date, str]) -> WorkingDays:
    """When an office with these settings works; `extra` are its own days off and their names."""
    notices = settings.notices
    return WorkingDays(extra, opens_at=notices.opens_at, closes_at=notices.closes_at, zone=settings.zone)


def open_office(folder: Path, as_of: datetime | None = None) -> OpenOffice:
    """The office of the workspace `folder` at the moment `as_of`, else the settings' own, else now.

    A moment without a time zone is in the office's. Raises WorkspaceError and ConfigError.
    """
    opened = Workspace.open(folder)
    settings = config.load(opened.path)
    moment = as_of or settings.as_of or datetime.now(settings.zone)
    local = moment.replace(tzinfo=moment.tzinfo or settings.zone).astimezone(settings.zone)
    return OpenOffice(opened, settings, local, chosen=bool(as_of or settings.as_of))
