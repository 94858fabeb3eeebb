"""Letters of every kind with invented schools: to try an office's templates on, and to draw pictures of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sync import config
from sync.letters.content import (
    Attachment,
    Digest,
    Failed,
    Item,
    Letter,
    Mend,
    PeriodLines,
    SchoolLine,
    Trouble,
)
from sync.notices import Kind, Notice
from sync.periods import Period, due_moment
from sync.schools import School

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2025, 1, 20, 8, 0, tzinfo=ZONE)
SENDER = "bao-cao@example.org"
OFFICE = config.Office(
    name="PHÒNG GIÁO DỤC VÀ ĐÀO TẠO",
    parent="ỦY BAN NHÂN DÂN HUYỆN",
    contact="Cán bộ phụ trách công tác học sinh",
    email="can-bo@example.org",
    phone="0200 000 100",
)
OFFICER, CHIEF = "can-bo@example.org", "lanh-dao@example.org"
_CAST = (
    ("MN", "Trường Mầm non Hoa Sen"),
    ("TH", "Trường Tiểu học Tre Xanh"),
    ("THCS", "Trường Trung học cơ sở Bình Minh"),
    ("MN", "Trường Mầm non Sơn Ca"),
    ("TH", "Trường Tiểu học Cánh Diều"),
    ("THCS", "Trường Trung học cơ sở Cây Đa"),
)
SCHOOLS = tuple(
    School(
        code=f"{level}-{number:02d}",
        name=name,
        level=level,
        emails=(f"{level.lower()}-{number:02d}@example.org",),
        head_emails=(f"hieu-truong.{level.lower()}-{number:02d}@example.org",),
        phone=f"0200 000 {number:03d}",
    )
    for number, (level, name) in enumerate(_CAST, 1)
)
SEMESTER = Period(
    "2024-2025/HK1",
    "Học kỳ I năm học 2024-2025",
    date(2024, 9, 5),
    date(2025, 1, 17),
    schools_due=due_moment(date(2025, 1, 22), ZONE),
    office_due=due_moment(date(2025, 1, 31), ZONE),
    frozen_on=date(2025, 1, 23),
    sign_on=date(2025, 1, 24),
)
ON_DEMAND = Period(
    "2025/DX-01",
    "Báo cáo đột xuất về an toàn trường học",
    date(2025, 1, 1),
    date(2025, 1, 24),
    schools_due=datetime(2025, 1, 24, 17, 0, tzinfo=ZONE),
    dispatch="12/PGDĐT ngày 15/01/2025",
)
MENDS = (
    Mend("Phụ lục, ô H8", "Kết quả còn trống.", "Ghi kết quả đã thực hiện, ví dụ: 3 buổi, 250 học sinh."),
    Mend("Số liệu, ô D12", "Số học sinh nữ (130) lớn hơn tổng số (120).", "Xem lại hai số này."),
)
DOUBTS = (
    Mend("Số liệu, ô D5", "Số lớp tăng hơn 30% so với kỳ trước.", "Nếu đúng thì không phải sửa.", is_error=False),
)
BOOK = Attachment("MN-01.xlsx", b"PK\x03\x04 a workbook")


@dataclass(frozen=True, slots=True)
class Sample:
    """A letter and what it is a sample of."""

    name: str
    letter: Letter


def samples() -> list[Sample]:
    """Letters of every kind and form."""
    return [*_to_schools(), *_of_receipts(), *_of_many(), *_to_the_office(), *_digests()]


def item(kind: Kind, days: int, school: School | None = SCHOOLS[0], period: Period = SEMESTER, **more: Any) -> Item:
    """A notice of `kind`, `days` before the due date (negative: after it), with other fields of Item in `more`."""
    own = school is None
    due = period.office_due if own else period.schools_due
    notice = Notice(
        kind=kind,
        stage=f"{-days:+d}",
        school=school.code if school else "",
        period=period.key,
        at=(due or NOW) - timedelta(days=days),
        due=due,
        to=school.emails if school else (OFFICER,),
        cc=() if school else (CHIEF,),
        state="" if own else more.pop("state", "missing"),
        told=more.pop("told", None),
    )
    return Item(notice, school, period, days, **more)


def letter(*items: Item, to: tuple[str, ...] = (), cc: tuple[str, ...] = (), digest: Digest | None = None) -> Letter:
    """A letter of `items`, to whom the first one's notice goes unless `to` says otherwise."""
    first = items[0].notice if items else None
    return Letter(
        f"{7:032x}", to or (first.to if first else (OFFICER,)), cc or (first.cc if first else ()), items, digest
    )


def _to_schools() -> list[Sample]:
    mending: dict[str, Any] = {
        "state": "to_mend",
        "file": "MN-01.xlsx",
        "received_at": NOW - timedelta(days=1),
        "findings": MENDS,
    }
    heads = SCHOOLS[0].head_emails
    return [
        Sample("due-soon", letter(item("due_soon", 3, attachments=(BOOK,)))),
        Sample("due-soon-without-workbook", letter(item("due_soon", 0))),
        Sample("due-soon-to-mend", letter(item("due_soon", 1, attachments=(BOOK,), **mending))),
        Sample("overdue", letter(item("overdue", -3), cc=heads)),
        Sample("overdue-to-mend", letter(item("overdue", -7, **mending), cc=(*heads, CHIEF))),
        Sample(
            "overdue-in-grace",
            letter(
                item("overdue", -1, grace_until=due_moment(date(2025, 1, 27), ZONE), attachments=(BOOK,), **mending)
            ),
        ),
        Sample("due-changed", letter(item("due_changed", 4, told=due_moment(date(2025, 1, 18), ZONE)))),
        Sample("announced", letter(item("announced", 4, period=ON_DEMAND))),
        Sample("two-matters", letter(item("due_soon", 7, period=ON_DEMAND), item("overdue", -1))),
    ]


def _of_receipts() -> list[Sample]:
    seen: dict[str, Any] = {"file": "MN-01 hoc ky 1.xlsx", "received_at": NOW - timedelta(hours=1)}
    unusable = Mend("", "Tệp này đặt mật khẩu mở, không đọc được.", "Bỏ mật khẩu rồi gửi lại.")
    return [
        Sample("accepted", letter(item("accepted", 2, state="accepted", **seen))),
        Sample("accepted-with-warnings", letter(item("accepted", 2, state="accepted", findings=DOUBTS, **seen))),
        Sample(
            "to-mend", letter(item("to_mend", 2, state="to_mend", findings=MENDS + DOUBTS, attachments=(BOOK,), **seen))
        ),
        Sample(
            "to-mend-while-another-counts",
            letter(item("to_mend", 2, state="accepted", findings=MENDS, more=5, counts=True, too_large=True, **seen)),
        ),
        Sample("returned", letter(_given_back(attachments=(BOOK,), grace_until=due_moment(date(2025, 1, 27), ZONE)))),
        Sample("returned-with-findings", letter(_given_back(findings=MENDS + DOUBTS, file="", received_at=None))),
        Sample("unusable", letter(item("to_mend", 2, findings=(unusable,), refused=True, **seen))),
    ]


def _given_back(school: School = SCHOOLS[0], **more: Any) -> Item:
    seen: dict[str, Any] = {"file": f"{school.code} hoc ky 1.xlsx", "received_at": NOW - timedelta(days=2)}
    reason = "Số liệu mục II.3 không khớp với biên bản kiểm tra ngày 15/01; kính đề nghị rà soát lại."
    return item("returned", 2, school, state="to_mend", reason=reason, **(seen | more))


def _of_many() -> list[Sample]:
    late = [item("overdue", -8 - number, school) for number, school in enumerate(SCHOOLS)]
    late[1] = replace(late[1], notice=replace(late[1].notice, state="to_mend"))
    cluster = tuple(address for school in SCHOOLS for address in school.emails[:1])[:1]
    faulty = [
        item(
            "to_mend",
            2,
            school,
            state="to_mend",
            findings=MENDS,
            attachments=(replace(BOOK, name=f"{school.code}.xlsx"),),
        )
        for school in SCHOOLS
    ]
    return [
        Sample("late-schools-to-the-chief", letter(*late, to=(CHIEF,))),
        Sample("due-soon-to-a-cluster", letter(*(item("due_soon", 7, school) for school in SCHOOLS), to=cluster)),
        Sample("to-mend-to-a-cluster", letter(*faulty, to=cluster)),
        Sample("returned-to-a-cluster", letter(*map(_given_back, SCHOOLS[:4]), to=cluster)),
        *(
            Sample(
                f"{kind}-to-a-cluster", letter(*(item(kind, 4, school, ON_DEMAND) for school in SCHOOLS), to=cluster)
            )
            for kind in _REST
        ),
    ]


_REST: tuple[Kind, ...] = ("due_changed", "announced", "accepted")


def _to_the_office() -> list[Sample]:
    return [
        Sample("office-due-soon", letter(item("office_due_soon", 7, None))),
        Sample("office-overdue", letter(item("office_overdue", -1, None))),
    ]


def _digests() -> list[Sample]:
    quiet = Digest(NOW, NOW - timedelta(days=7), last_pass=NOW - timedelta(minutes=5))
    return [Sample("digest", letter(digest=_busy_day())), Sample("digest-quiet", letter(digest=quiet))]


def _busy_day() -> Digest:
    now = NOW + timedelta(days=4)
    lines = [SchoolLine(each.code, each.name, each.phone, days_late=2) for each in SCHOOLS]
    counts = {"on_time": 21, "late": 3, "to_mend": 2, "missing": 2, "excused": 0}
    subject = "Quá hạn 1 ngày: báo cáo Học kỳ I năm học 2024-2025"
    lost = Failed(SCHOOLS[0].emails[0], SCHOOLS[0].name, SCHOOLS[0].phone, subject, now, "550 không có hộp thư này")
    return Digest(
        now,
        now - timedelta(days=1),
        periods=[
            PeriodLines(
                SEMESTER,
                counts,
                lines[:2],
                [replace(lines[2], days_late=0), replace(lines[3], reason="Số liệu mục II.3 chưa khớp biên bản.")],
                [replace(lines[4], standing="on_time")],
            )
        ],
        sent=[("overdue", 2), ("returned", 1), ("to_mend", 1), ("accepted", 4)],
        failed=[
            lost,
            replace(lost, reason="mất kết nối khi đang gửi", unknown=True),
            replace(lost, reason="", repeated=True),
        ],
        to_call=[
            replace(lines[0], reason="thư không đến: 550 không có hộp thư này"),
            replace(lines[5], phone="", reason="chưa có địa chỉ thư"),
        ],
        last_pass=now - timedelta(minutes=5),
        troubles=[Trouble("pass", now - timedelta(hours=2), "Không đọc được thư mục nhan.")],
        next=[(now + timedelta(days=3), "overdue", SEMESTER.title, 4)],
        waiting=3,
        remarks=["Ngày nhắc 25/01/2025 của Học kỳ I rơi vào thứ Bảy."],
    )
