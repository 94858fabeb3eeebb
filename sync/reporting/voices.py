"""What schools wrote, counted together where they wrote the same.

The texts are those of the consolidated figures: what failed the privacy checks is replaced there already.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypedDict

import pandas as pd

from sync.checks.texts import WITHHELD
from sync.consolidate import Consolidated
from sync.plan import Section, Table
from sync.reporting.masking import tells_counts
from sync.reporting.results import content
from sync.reporting.wording import listed, lowered, number, plain, short

DIFFICULTIES, REASON = "difficulties", "reason"
"""Free columns with these ids hold what held a school up, and why a target is not met."""
AT_MOST, NAMED_AT_MOST = 5, 3
"""Groups of texts in one part of a report, and schools named beside one; the others are counted."""
_SILENT = re.compile(r"^(không( có)?|ko|k|0|-+|\.+|n/?a|không có (khó khăn|gì|vướng mắc).{0,20})$")
"""Answers that say that there is nothing to say."""


@dataclass(frozen=True)
class Voice:
    """A text, the rows it was written on and the schools that wrote it, both in their order."""

    text: str
    rows: tuple[str, ...]
    schools: tuple[str, ...]


class Voices(TypedDict):
    """What was said of one part: its title, and sentences."""

    title: str
    lines: list[str]


def key(text: str) -> str:
    """What two texts that say the same have in common: letters and digits, without accents, case, signs and spaces."""
    bare = unicodedata.normalize("NFD", text.lower().replace("đ", "d").replace("ð", "d"))
    return "".join(sign for sign in bare if sign.isalnum())


def grouped(entries: pd.DataFrame, column: str) -> list[Voice]:
    """The texts of `column` (entries with row, name), most schools first; those that say nothing are left out."""
    spoken: dict[str, list[tuple[str, str, str]]] = {}
    for text, row, name in zip(entries[column], entries["row"], entries["name"], strict=True):
        said = plain(text) if isinstance(text, str) else ""
        if key(said) and not _SILENT.match(said.lower().rstrip(". ")):
            spoken.setdefault(key(said), []).append((said, str(row), plain(str(name))))
    voices = [_voice(each) for each in spoken.values()]
    return sorted(voices, key=lambda voice: (-len(voice.schools), voice.text))


def _voice(said: Sequence[tuple[str, str, str]]) -> Voice:
    counts = Counter(text for text, _row, _name in said)
    # The spelling that most used; among equals the one with most accents.
    best = min(counts, key=lambda text: (-counts[text], -sum(not sign.isascii() for sign in text), text))
    rows, schools = (tuple(dict.fromkeys(each)) for each in list(zip(*said, strict=True))[1:])
    return Voice(best, rows, schools)


def reasons(main: Consolidated | None, *, for_others: bool) -> list[Voices]:
    """Per target that schools report as not met: their reasons, and who gave none."""
    figures = main.tables.get("targets") if main else None
    if main is None or figures is None or figures.table.status_column is None:
        return []
    entries, table = main.entries["targets"], figures.table
    unmet = entries[_at_stage(entries, table, "not_begun") | _at_stage(entries, table, "under_way")]
    told = []
    for row in table.rows:
        chosen = unmet[unmet["row"] == row.code]
        if len(chosen):
            title = f"{plain(table.row_name)} {row.number} ({short(content(table, row))}): {_schools(chosen)} chưa đạt"
            told.append(Voices(title=title, lines=_reasons(chosen, for_others=for_others)))
    return told


def _reasons(chosen: pd.DataFrame, *, for_others: bool) -> list[str]:
    if REASON not in chosen:
        return [f"{listed([plain(str(name)) for name in chosen['name']])}."]
    voices = grouped(chosen, REASON)
    spoken = {name for voice in voices for name in voice.schools}
    silent = [name for name in map(plain, chosen["name"].astype(str)) if name not in spoken]
    lines = _sentences(voices, for_others=for_others)
    return [*lines, *([f"Chưa ghi lý do: {listed(silent, 10)}."] if silent else [])]


def _schools(chosen: pd.DataFrame) -> str:
    return f"{number(chosen['school'].nunique())} trường"


def difficulties(main: Consolidated | None, *, for_others: bool) -> list[Voices]:
    """By section of each table: what schools wrote as difficulties of what they have to do."""
    told: list[Voices] = []
    for table, entries in _speaking(main):
        chosen = entries[~_at_stage(entries, table, "not_applicable")]
        told += _of_sections(chosen, table, for_others=for_others)
    return told


def not_applicable(main: Consolidated | None, *, for_others: bool) -> list[Voices]:
    """By table: why schools say that something does not apply to them."""
    told = []
    for table, entries in _speaking(main):
        chosen = entries[_at_stage(entries, table, "not_applicable")]
        lines = _sentences(grouped(chosen, DIFFICULTIES), table, for_others=for_others)
        told += [Voices(title=plain(table.row_name), lines=lines)] if lines else []
    return told


def _speaking(main: Consolidated | None) -> Iterator[tuple[Table, pd.DataFrame]]:
    """The tables with a column of difficulties, and their entries."""
    for table_id, figures in main.tables.items() if main else ():
        if main is not None and DIFFICULTIES in main.entries[table_id]:
            yield figures.table, main.entries[table_id]


def _of_sections(chosen: pd.DataFrame, table: Table, *, for_others: bool) -> Iterable[Voices]:
    for section in table.sections or (None,):
        codes = [row.code for row in (table.rows_of(section.code) if section else table.rows)]
        lines = _sentences(grouped(chosen[chosen["row"].isin(codes)], DIFFICULTIES), table, for_others=for_others)
        if lines:
            yield Voices(title=_title(section, table), lines=lines)


def _title(section: Section | None, table: Table) -> str:
    return f"Mục {plain(section.code)}. {short(section.title, 200)}" if section else plain(table.sheet)


def _at_stage(entries: pd.DataFrame, table: Table, stage: str) -> pd.Series[bool]:
    status = table.status_column
    values = [choice.value for choice in status.choices if choice.stage == stage] if status else []
    return entries[status.id].isin(values) if status else pd.Series(False, index=entries.index)


def _sentences(voices: Sequence[Voice], table: Table | None = None, *, for_others: bool) -> list[str]:
    withheld = [voice for voice in voices if voice.text == plain(WITHHELD)]
    counted = [voice for voice in voices if for_others and voice not in withheld and tells_counts(voice.text)]
    open_ = [voice for voice in voices if voice not in withheld and voice not in counted]
    lines = [_sentence(voice, table) for voice in open_[:AT_MOST]]
    if len(open_) > AT_MOST:
        lines.append(f"Còn {number(len(open_) - AT_MOST)} ý kiến khác (xem bảng tổng hợp).")
    if withheld:
        lines.append(f"Nội dung được giữ lại vì có thông tin cần bảo vệ: {_count(withheld)}.")
    if counted:
        lines.append(f"Nội dung có nêu số liệu, không đưa vào bản gửi nơi khác: {_count(counted)}.")
    return lines


def _count(voices: Sequence[Voice]) -> str:
    return f"{number(len({name for voice in voices for name in voice.schools}))} trường (xem tệp của trường)"


def _sentence(voice: Voice, table: Table | None) -> str:
    schools = listed(voice.schools, NAMED_AT_MOST)
    told = f"{number(len(voice.schools))} trường: {schools}{_where(voice, table) if table else ''}"
    return f"{voice.text.rstrip('. ;')} ({told})."


def _where(voice: Voice, table: Table) -> str:
    rows = (row.code for row in table.rows if row.code in voice.rows)
    return f"; {lowered(plain(table.row_name))} {', '.join(rows)}"
