"""What needs the officer today, the most pressing first. Pure: figures and one `now` → lines of the overview."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sync.consolidate import Consolidated
from sync.standing import Standing

SOON = timedelta(days=14)
"""The office's own dates are spoken of so long before they come."""
PRESSING = timedelta(days=3)


@dataclass(frozen=True)
class Item:
    """One thing: how many, of what, which ones, and where they all stand.

    standing: the standing that `count` is the number of schools of, None where no other sheet has that number.
    """

    words: str
    count: int | None = None
    names: Sequence[str] = ()
    where: str = ""
    standing: Standing | None = None


def items(consolidated: Consolidated, now: datetime, note: str) -> list[Item]:
    """All of it; `note` is one more sentence. `now` is aware, in the office's time zone."""
    office = list(_office_dates(consolidated, now))
    pressing = _is_pressing(consolidated, now)
    return [
        *([Item(note)] if note else []),
        *(office if pressing else []),
        *_of_standing(consolidated, "missing", "trường quá hạn chưa nộp", "sheet Quá hạn"),
        *_of_standing(consolidated, "to_mend", "trường phải sửa báo cáo", "sheet Lỗi cần sửa"),
        *_returned(consolidated),
        *_of_standing(consolidated, "due_soon", "trường sắp đến hạn chưa nộp", "sheet Tiến độ nộp"),
        *_with_more_time(consolidated),
        *_doubles(consolidated),
        *_refused(consolidated),
        *([] if pressing else office),
        *(Item(sentence) for sentence in consolidated.notes),
    ]


def sentences(consolidated: Consolidated) -> list[str]:
    """What stands whole on no other sheet."""
    return [*consolidated.doubles.values(), *consolidated.notes]


def _of_standing(consolidated: Consolidated, standing: Standing, words: str, where: str) -> Iterator[Item]:
    names = consolidated.schools_standing(standing)
    if names:
        yield Item(words, len(names), names, where, standing)


def _named(consolidated: Consolidated, codes: Sequence[str]) -> list[str]:
    """The names of those of `codes` that owe a report, in the schools' order."""
    progress = consolidated.progress
    return [str(name) for name in progress.loc[progress["code"].isin(list(codes)), "name"]]


def _returned(consolidated: Consolidated) -> Iterator[Item]:
    returned = consolidated.decisions.returned(consolidated.period.key)
    names = _named(consolidated, [code for code in returned if code not in consolidated.answered])
    if names:
        yield Item("trường bị trả lại báo cáo, chưa gửi bản mới", len(names), names, "sheet Tiến độ nộp")


def _with_more_time(consolidated: Consolidated) -> Iterator[Item]:
    """Schools that were given more time and still have some."""
    progress, usual = consolidated.progress, consolidated.period.schools_due
    waiting = progress[progress["standing"].isin(["not_due", "due_soon"])]
    later = waiting[waiting["due"] > usual] if usual else waiting.iloc[:0]
    if len(later):
        soonest = f"trường được gia hạn chưa nộp, hạn gần nhất {later['due'].min():%d/%m/%Y}"
        yield Item(soonest, len(later), [str(name) for name in later["name"]], "sheet Tiến độ nộp")


def _doubles(consolidated: Consolidated) -> Iterator[Item]:
    codes = list(consolidated.doubles)
    if codes:
        names = _named(consolidated, codes) or codes
        yield Item("trường gửi nhiều tệp, tính bản đạt nhận sau cùng", len(codes), names, "xem phía dưới trang này")


def _refused(consolidated: Consolidated) -> Iterator[Item]:
    files = [str(path).rsplit("/", 1)[-1] for path in consolidated.refused["path"]]
    if files:
        yield Item("tệp không dùng được", len(files), files, "sheet Lỗi cần sửa")


def _is_pressing(consolidated: Consolidated, now: datetime) -> bool:
    due = consolidated.period.office_due
    return due is not None and due.date() - now.date() <= PRESSING


def _office_dates(consolidated: Consolidated, now: datetime) -> Iterator[Item]:
    """The office's own due date, until it has reported, and the days before it on which its report is made."""
    period, today = consolidated.period, now.date()
    due = period.office_due
    if due is None or period.office_reported_on is not None or due.date() - today > SOON:
        return
    if due < now:
        yield Item(f"Đơn vị đã quá hạn báo cáo cấp trên ({due:%d/%m/%Y}); báo cáo rồi thì ghi ngày vào dieu-hanh.xlsx.")
        return
    days = (due.date() - today).days
    steps = ((period.frozen_on, "chốt số liệu"), (period.sign_on, "ký báo cáo"))
    before = [f"{words} ngày {day:%d/%m}" for day, words in steps if day is not None and day >= today]
    left = f"còn {days} ngày" if days else "là hôm nay"
    yield Item(f"Hạn đơn vị báo cáo cấp trên {due:%d/%m/%Y}, {left}" + "".join(f"; {each}" for each in before) + ".")
