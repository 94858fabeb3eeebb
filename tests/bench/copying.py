"""Finding copies among the reports of many schools: the time as schools grow in number, precision and recall."""

from __future__ import annotations

import random
import re
import statistics
import sys
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from sync import plan
from sync.checks import copies
from sync.consolidate import dtype_of
from sync.plan import Table, TableId
from sync.text import column_letters

PLAN = plan.load("thu-thua-2020-2025")
ACTIVITIES, STATISTICS = PLAN.tables["activities"], PLAN.tables["statistics"]
NARRATED = [row.code for row in ACTIVITIES.rows[:10]]
FIGURES = ("sessions", "children", "staff", "parents")

# Phrases that any school writes; what a school did itself is told in words of its own between them.
OPENINGS = (
    "{school} đã xây dựng kế hoạch và triển khai đến toàn thể cán bộ, giáo viên, nhân viên",
    "ban giám hiệu chỉ đạo giáo viên chủ nhiệm lồng ghép nội dung vào tiết sinh hoạt lớp",
    "liên đội phối hợp với giáo viên tổng phụ trách tổ chức",
    "đơn vị đã phối hợp với công an xã và đoàn thanh niên tổ chức",
    "tổ chuyên môn đã thống nhất nội dung và phân công giáo viên phụ trách",
    "{school} tuyên truyền trong giờ chào cờ đầu tuần về",
)
ENDINGS = (
    "học sinh tham gia tích cực, nắm được nội dung",
    "phụ huynh đồng thuận, phối hợp tốt với nhà trường",
    "có biên bản và hình ảnh lưu tại trường",
    "kết quả đạt yêu cầu đề ra",
    "qua đó nâng cao nhận thức của học sinh",
)
SYLLABLES = [
    begin + middle + end
    for begin in (
        "b",
        "c",
        "ch",
        "d",
        "g",
        "h",
        "kh",
        "l",
        "m",
        "n",
        "ng",
        "nh",
        "ph",
        "qu",
        "r",
        "t",
        "th",
        "tr",
        "v",
        "x",
    )
    for middle in "aăâeêioôơuư"
    for end in ("", "c", "m", "n", "ng", "t")
]
WORDS = random.Random(3).sample(SYLLABLES, 1200)
WEIGHTS = [1 / (rank + 3) for rank in range(len(WORDS))]
"""Some words are frequent and many rare, as in any language."""

Narrative = list[str]
"""Sentences, with {school} for the school's own name."""


# ---------------------------------------------------------------- what schools write


def narrative(rng: random.Random) -> Narrative:
    """What one school did, in 3 to 6 sentences; no two schools write the same."""
    return [sentence(rng) for _ in range(rng.randint(3, 6))]


def sentence(rng: random.Random) -> str:
    """A stock phrase or two around words of the school's own."""
    own = f"{' '.join(rng.choices(WORDS, WEIGHTS, k=rng.randint(7, 14)))} cho {rng.randint(2, 600)} em"
    parts = [rng.choice(OPENINGS), own, rng.choice(ENDINGS)]
    first, last = rng.choice(((0, 3), (0, 3), (0, 2), (1, 3)))
    return ", ".join(parts[first:last])


def exactly(rng: random.Random, text: Narrative) -> Narrative:
    return text


def reordered(rng: random.Random, text: Narrative) -> Narrative:
    return rng.sample(text, len(text))


def renumbered(rng: random.Random, text: Narrative) -> Narrative:
    return [re.sub(r"\d+", lambda _found: str(rng.randint(2, 600)), part) for part in text]


def edited(rng: random.Random, text: Narrative) -> Narrative:
    """One word in thirty is another one, at least one."""
    words = " | ".join(text).split(" ")
    at = [place for place, word in enumerate(words) if word.isalpha()]
    for place in rng.sample(at, max(1, len(at) // 30)):
        words[place] = rng.choice(WORDS)
    return reordered(rng, " ".join(words).split(" | "))


def adapted(rng: random.Random, text: Narrative) -> Narrative:
    """Every third sentence is the school's own: a model was used, and filled with what the school did."""
    return [sentence(rng) if at % 3 == 0 else part for at, part in enumerate(text)]


COPYING: tuple[Callable[[random.Random, Narrative], Narrative], ...] = (exactly, reordered, renumbered, edited)


# ---------------------------------------------------------------- an office


@dataclass
class Office:
    """A period's entries as copies.check takes them, and where copies were planted: both sides of each."""

    entries: dict[TableId, pd.DataFrame]
    names: dict[str, str]
    texts: dict[str, set[tuple[int, str]]] = field(default_factory=dict)
    """Receipt and row of the planted texts, by the way of copying."""
    workbooks: set[int] = field(default_factory=set)

    @property
    def planted(self) -> set[tuple[int, str]]:
        return set().union(*self.texts.values())


def office(schools: int, seed: int = 5) -> Office:
    """`schools` reports (30 or more) with ten narratives each. Of the texts of a row 4 % are copies or copied, 2 %
    adaptations, and 4 % end with a model of the office's; one school in a hundred sends another's workbook."""
    rng = random.Random(seed)
    two = [" ".join(rng.sample(WORDS, 2)).title() for _ in range(schools)]
    made = Office({}, {f"T{at:05}": f"Trường Tiểu học {name}" for at, name in enumerate(two)})
    told = {row: [narrative(rng) for _ in range(schools)] for row in NARRATED}
    numbers = [_numbers(rng) for _ in range(schools)]
    model = narrative(rng)
    for row, texts in told.items():
        alone = rng.sample(range(schools // 50, schools), schools - schools // 50)
        _plant_texts(rng, row, texts, alone, made)
        for at in alone[: max(10, schools // 25)]:
            texts[at] = texts[at] + model
    for source in range(0, schools // 50, 2):
        _plant_workbook(rng, source, told, numbers, made)
    made.entries = {
        "activities": _activities(told, numbers, made.names),
        "statistics": _statistics(numbers, made.names),
    }
    return made


def _plant_texts(rng: random.Random, row: str, texts: list[Narrative], alone: list[int], made: Office) -> None:
    """Takes schools off `alone` and makes copies and adaptations of their texts in `row`."""
    for number in range(max(4, len(alone) // 50)):
        way = COPYING[number % len(COPYING)]
        source, target = alone.pop(), alone.pop()
        texts[target] = way(rng, texts[source])
        made.texts.setdefault(way.__name__, set()).update(((source, row), (target, row)))
    for _ in range(max(2, len(alone) // 100)):
        source, target = alone.pop(), alone.pop()
        texts[target] = adapted(rng, texts[source])


def _plant_workbook(
    rng: random.Random, source: int, told: dict[str, list[Narrative]], numbers: list[list[int]], made: Office
) -> None:
    """The next school's workbook becomes that of `source`, but for two figures."""
    for row, texts in told.items():
        texts[source + 1] = texts[source]
        made.texts.setdefault("in workbooks", set()).update(((source, row), (source + 1, row)))
    numbers[source + 1] = list(numbers[source])
    for at in rng.sample(range(_PEOPLE, len(numbers[source])), 2):
        numbers[source + 1][at] += 1
    made.workbooks |= {source, source + 1}


_PEOPLE = 3
"""The first numbers of a school are its classes, children and staff: what its size is known by."""


def _numbers(rng: random.Random) -> list[int]:
    """The totals of the statistics, then the figures of the activities."""
    people = [rng.randint(5, 40), rng.randint(90, 1500), rng.randint(10, 90)]
    others = [rng.choice((0, 0, 1, rng.randint(2, 90))) for _ in STATISTICS.rows[_PEOPLE:]]
    return people + others + [rng.randint(1, people[1]) for _ in NARRATED for _ in FIGURES]


def _activities(told: dict[str, list[Narrative]], numbers: list[list[int]], names: dict[str, str]) -> pd.DataFrame:
    frames = []
    for number, (row, texts) in enumerate(told.items()):
        first = len(STATISTICS.rows) + number * len(FIGURES)
        figures = {name: [float(each[first + at]) for each in numbers] for at, name in enumerate(FIGURES)}
        written = [". ".join(text).format(school=name) + "." for text, name in zip(texts, names.values(), strict=True)]
        frames.append(entries(ACTIVITIES, row, names, status="Hoàn thành", results=written, **figures))
    return pd.concat(frames, ignore_index=True)


def _statistics(numbers: list[list[int]], names: dict[str, str]) -> pd.DataFrame:
    return pd.concat(
        [
            entries(STATISTICS, row.code, names, total=[float(each[at]) for each in numbers])
            for at, row in enumerate(STATISTICS.rows)
        ],
        ignore_index=True,
    )


def entries(table: Table, row: str, schools: Collection[str], **values: Any) -> pd.DataFrame:
    """One row of each school, in the form of sync.consolidate.Facts.entries, blank where no `values` are given."""
    number = 9 + [each.code for each in table.rows].index(row)
    frame = pd.DataFrame({"receipt": range(len(schools)), "school": pd.Series(list(schools), dtype=object)})
    frame = frame.assign(row=row, sheet=table.sheet, cell=f"F{number}", excel_row=number)
    for at, column in enumerate(table.columns):
        frame[column.id] = pd.Series(values.get(column.id), index=frame.index, dtype=dtype_of(column))
        frame[f"{column.id}:letters"] = column_letters(5 + at)
    return frame.astype({name: object for name in frame if frame[name].dtype == "str"})


# ---------------------------------------------------------------- what is measured


@dataclass(frozen=True)
class Quality:
    """How many of the findings are right, and how many of the planted copies are found."""

    right: int
    found: int
    planted: int

    @property
    def precision(self) -> float:
        return self.right / max(1, self.found)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.planted)

    def __str__(self) -> str:
        return f"precision {self.precision:.3f}, recall {self.recall:.3f} ({self.planted} planted)"


def _quality(found: Collection[Any], planted: Collection[Any]) -> Quality:
    return Quality(len({*found} & {*planted}), len(found), len(planted))


def qualities(made: Office) -> dict[str, Quality]:
    """Of texts, of each way of copying them (where only the recall means something), and of workbooks."""
    findings = copies.check(PLAN, made.entries, made.names)
    texts = {(each.receipt, str(each.row)) for each in findings if each.code == "copied-text"}
    books = {each.receipt for each in findings if each.code == "copied-workbook"}
    ways = {way: _quality(texts & planted, planted) for way, planted in made.texts.items()}
    return {"texts": _quality(texts, made.planted), **ways, "workbooks": _quality(books, made.workbooks)}


def _seconds(made: Office) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    copies.check(PLAN, made.entries, made.names)
    return time.perf_counter() - wall, time.process_time() - cpu


def main(*counts: int) -> Iterator[str]:
    """Medians of three runs for each number of schools, and how good the findings on the last are."""
    for count in counts or (1000, 2500, 5000):
        made = office(count)
        times = [_seconds(made) for _run in range(3)]
        wall, cpu = (statistics.median(each) for each in zip(*times, strict=True))
        yield f"copies among {count} schools: {wall:.2f} s ({cpu:.2f} s CPU), {cpu / count * 1000:.2f} ms CPU a school"
    for name, quality in qualities(made).items():
        yield f"copies, {name}: {quality}"


if __name__ == "__main__":
    for line in main(*map(int, sys.argv[1:])):
        print(line)
