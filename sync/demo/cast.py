"""Invented schools. No name, address or number belongs to anybody."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from datetime import timedelta

from sync.periods import Period
from sync.plan import Level, Plan
from sync.schools import School

_NAMES = (
    "Hoa Sen", "Hoa Mai", "Tre Xanh", "Phượng Vĩ", "Bằng Lăng", "Hướng Dương", "Sao Mai", "Ban Mai", "Bình Minh",
    "Hòa Bình", "Đoàn Kết", "Hữu Nghị", "Tiến Bộ", "Hy Vọng", "Nhân Ái", "Trung Thực", "Chăm Ngoan", "Sơn Ca",
    "Họa Mi", "Chim Én", "Cánh Diều", "Cầu Vồng", "Sông Xanh", "Suối Mát", "Đồi Thông", "Lúa Vàng", "Vườn Xoài",
    "Hàng Dừa", "Rặng Trâm", "Bến Đò", "Giếng Nước", "Cây Đa", "Cây Bàng", "Hoa Sữa", "Hoa Cúc", "Hoa Lan",
    "Mặt Trời", "Ánh Dương", "Ngôi Sao", "Trăng Rằm",
)  # fmt: skip
_UNITS = (
    "xã Sông Xanh", "xã Đồi Thông", "xã Bến Lúa", "xã Vườn Xoài", "xã Cầu Tre", "xã Giồng Dừa", "xã Gò Sậy",
    "xã Rạch Sen", "phường Hàng Dừa", "phường Bến Đò",
)  # fmt: skip
_SCHOOLS_IN_A_UNIT = 5


@dataclass(frozen=True, slots=True)
class Size:
    """How large a school is; its reports must fit."""

    classes: int
    children: int
    staff: int


def invent(plan: Plan, count: int, rng: random.Random) -> dict[School, Size]:
    """`count` schools of the plan's levels in turn, all open, with their sizes."""
    width = max(2, len(str(count)))
    units = _UNITS[: max(2, min(len(_UNITS), count // _SCHOOLS_IN_A_UNIT))]
    levels = len(plan.levels)
    cast = {}
    for index in range(count):
        level, turn = plan.levels[index % levels], index // levels
        code = f"{code_of(level)}-{index + 1:0{width}d}"
        cast[_school(code, _name(level, turn + index % levels * 11, turn), level, units[index % len(units)])] = _size(
            rng
        )
    return cast


def closed(plan: Plan, period: Period, count: int) -> School:
    """One more school, which closed before the last day of `period`."""
    level = plan.levels[0]
    school = _school(f"{code_of(level)}-{count + 1:02d}", f"Trường {_short(level)} Hoàng Hôn", level, _UNITS[0])
    return School(
        school.code, school.name, school.level, school.unit, school.emails, school.head_emails, school.phone,
        closed_on=period.starts_on - timedelta(days=30),
    )  # fmt: skip


def code_of(level: Level) -> str:
    """`level`'s code with its letters and digits only."""
    return re.sub(r"[^A-Z0-9]", "", level.code.upper())


def _school(code: str, name: str, level: Level, unit: str) -> School:
    mail = code.lower()
    number = int(code.rsplit("-", 1)[1])
    return School(
        code=code,
        name=name,
        level=level.code,
        unit=unit,
        emails=(f"{mail}@example.org",),
        head_emails=(f"hieu-truong.{mail}@example.org",),
        phone=f"0200 {number // 1000:03d} {number % 1000:03d}",
    )


def _name(level: Level, place: int, turn: int) -> str:
    round_ = turn // len(_NAMES)
    number = f" {round_ + 1}" if round_ else ""
    return f"Trường {_short(level)} {_NAMES[place % len(_NAMES)]}{number}"


def _short(level: Level) -> str:
    return level.name.split(",")[0]


def _size(rng: random.Random) -> Size:
    classes = rng.randint(6, 30)
    children = sum(rng.randint(22, 38) for _ in range(classes))
    return Size(classes, children, round(classes * 1.6) + rng.randint(4, 9))
