"""Which days and hours the office works: Vietnam's public holidays, weekends and the officer's extra days off."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from functools import cache

from sync.i18n import gettext as _

_DAY = timedelta(days=1)
_SATURDAY = 5


class WorkingDays:
    """The office's calendar: Monday to Friday but for public holidays (Labor Code 2019, article 112) and `extra`.

    `extra` are more days off and their names. The office is open from `opens_at`, that moment included, to `closes_at`,
    that moment not included, by the clock of `zone`. Tết and days in lieu are known for 1901 to 2100; of other years
    only weekends and `extra` are off.
    """

    def __init__(
        self, extra: Mapping[date, str] | None = None, *, opens_at: time, closes_at: time, zone: tzinfo
    ) -> None:
        self.extra: Mapping[date, str] = dict(extra or {})
        self.opens_at = opens_at
        self.closes_at = closes_at
        self.zone = zone

    def is_working(self, day: date) -> bool:
        """Whether the office works on `day`."""
        return day.weekday() < _SATURDAY and day not in self.extra and day not in _public_holidays(day.year)

    def name(self, day: date) -> str | None:
        """What `day` is off for, in Vietnamese for public holidays; None where it is no holiday (weekends are none)."""
        if day in self.extra:
            return self.extra[day] or _("day off")
        return _public_holidays(day.year).get(day)

    def on_or_before(self, day: date) -> date:
        """The last working day that is not after `day`."""
        while not self.is_working(day):
            day -= _DAY
        return day

    def on_or_after(self, day: date) -> date:
        """The first working day that is not before `day`."""
        while not self.is_working(day):
            day += _DAY
        return day

    def before(self, day: date) -> date:
        """The last working day before `day`."""
        return self.on_or_before(day - _DAY)

    def after(self, day: date) -> date:
        """The first working day after `day`."""
        return self.on_or_after(day + _DAY)

    def is_open(self, moment: datetime) -> bool:
        """Whether the office works at `moment` (aware). Raises ValueError for one without a time zone."""
        local = self._local(moment)
        return self.opens_at <= local.time() < self.closes_at and self.is_working(local.date())

    def opening(self, day: date) -> datetime:
        """The moment at which the office opens on `day`, or would if it worked then."""
        return datetime.combine(day, self.opens_at, self.zone)

    def next_open(self, moment: datetime) -> datetime:
        """`moment` (aware) where the office works then, else the next opening; in the office's time zone."""
        local = self._local(moment)
        if self.is_open(local):
            return local
        day = local.date()
        return self.opening(self.on_or_after(day) if local.time() < self.opens_at else self.after(day))

    def _local(self, moment: datetime) -> datetime:
        if moment.tzinfo is None:
            raise ValueError(f"{moment} has no time zone")
        return moment.astimezone(self.zone)


@cache
def _public_holidays(year: int) -> Mapping[date, str]:
    """Vietnam's public holidays of `year` and their names, days in lieu included."""
    import holidays

    return dict(holidays.country_holidays("VN", years=year, language="vi"))
