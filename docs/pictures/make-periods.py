"""What make.sh draws beside the plain demo:

    .venv/bin/python docs/pictures/make-periods.py office FOLDER    the demo's office, with earlier periods
    .venv/bin/python docs/pictures/make-periods.py later FOLDER     the period after the demo's in that office
    .venv/bin/python docs/pictures/make-periods.py decide FOLDER    in a demo: an officer answers some schools

Schools report the other periods soundly, but for some that say nothing; a pass follows each.
"""

from __future__ import annotations

import random
import shutil
import sys
from datetime import datetime, timedelta
from pathlib import Path

import openpyxl

from sync import config, decisions, landmarks, office, passes, plan
from sync.demo import cast, making, reports
from sync.demo.book import Sealer
from sync.demo.post import Post
from sync.demo.typing_in import Typist

EARLIER = ("2022-2023/HK1", "2022-2023/CN", "2023-2024/HK1", "2023-2024/CN")
LATER = "2024-2025/CN"
SEED = 2024
DECISIONS = {
    "TH-06": ("returned", "Số liệu mục A.2 chưa khớp với báo cáo đầu năm"),
    "THCS-03": ("extended_to", datetime(2025, 2, 10)),  # noqa: DTZ001 - a cell of Excel
    "MNMG-09": ("extended_to", "tuần sau"),
    "THTHCS-12": ("excused", "Trường đang sửa chữa, học sinh học nhờ nơi khác"),
    "THTHCS-16": ("note", "Đã gọi điện cho trường ngày 24/01"),
}


def main() -> None:
    {"office": make, "later": later, "decide": decide}[sys.argv[1]](Path(sys.argv[2]).absolute())


def make(folder: Path) -> None:
    """The office up to the pass over the demo's period."""
    planted = making.make(folder, plan.load("thu-thua-2020-2025"), seed=SEED)
    inbox, aside = folder / "nhan", folder / "nhan-sau"
    shutil.move(inbox, aside)
    inbox.mkdir()
    for number, period in enumerate(EARLIER):
        report(folder, period, number)
    for path in sorted(aside.iterdir()):
        shutil.move(path, inbox / path.name)
    aside.rmdir()
    run(folder, planted.as_of)


def later(folder: Path) -> None:
    """The period after that of the demo."""
    report(folder, LATER, len(EARLIER))


def report(folder: Path, key: str, number: int) -> None:
    """Every school but one in seven reports the period; a pass follows two days after it was due."""
    opened = office.open_office(folder)
    period = opened.period(key)
    if period.schools_due is None:
        raise ValueError(f"schools do not report {key}")
    rng = random.Random(key)  # noqa: S311
    people = {
        school: cast.Size(rng.randint(6, 20), rng.randint(180, 600), rng.randint(14, 40))
        for at, school in enumerate(opened.control.schools.schools)
        if at % 7 != number and school.closed_on is None
    }
    as_of = period.schools_due + timedelta(days=2)
    sealer, typist = Sealer(opened.workspace.secret(), opened.plan), Typist(opened.settings.office)
    post = Post(opened.plan, rng, period.schools_due, as_of, sealer, typist, config.Intake())
    for each in reports.sound(opened.plan, people, period, SEED):
        file = folder / "nhan" / key.replace("/", "-") / f"{each.school.code}.xlsx"
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(typist.filled_in(each, post.identity(each)))
        making._set_time(file, post.on_time())
    run(folder, as_of)


def run(folder: Path, now: datetime) -> None:
    """A pass at `now`."""
    passes.run(office.open_office(folder, now))


def decide(folder: Path) -> None:
    """Types the decisions into the columns of the demo's workbook, an hour after it was made; a pass follows."""
    file, now = folder / "tong-hop" / "tong-hop-2024-2025-HK1.xlsx", office.open_office(folder).now
    book = openpyxl.load_workbook(file, data_only=True)
    sheet = book[landmarks.PROGRESS_SHEET]
    head = next(row for row in sheet.iter_rows() if landmarks.SCHOOL_HEADING in [cell.value for cell in row])
    columns = {cell.value: cell.column for cell in head}
    rows = {row[columns[landmarks.SCHOOL_HEADING] - 1].value: row[0].row for row in sheet.iter_rows(head[0].row + 1)}
    for school, (field, value) in DECISIONS.items():
        sheet.cell(rows[school], columns[decisions.COLUMNS[field]]).value = value
    book.save(file)
    making._set_time(file, now + timedelta(hours=1))
    run(folder, now + timedelta(hours=2))


if __name__ == "__main__":
    main()
