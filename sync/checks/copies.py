"""Reports and narratives copied from other schools in the same period. Pure: frames in, findings out.

Frames of entries as in sync.checks.history.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from sync.checks.alike import Hashes, Ints, Sets, alike, counting, distinct
from sync.checks.catalogue import severity_of
from sync.checks.findings import Finding, of_file
from sync.checks.history import Entries, addresses
from sync.checks.shingles import Names, is_in, read, shingles, whole
from sync.plan import Column, Plan, Table

SAME_TEXT = 0.65
"""Jaccard index of the shingles from which two texts of one row are nearly the same: about one word in fifteen may be
another one, which changes three shingles of each."""
FEWEST_SHINGLES = 20
"""What a text must have of its own before it can be a copy, about 100 letters: one ordinary sentence is shorter, and
two schools may well write it alike."""
TRADE_SCHOOLS, TRADE_SHARE, TRADE_MOST = 5, 0.02, 100
"""Shingles of so many schools, or of this share of them, are phrases of the trade, which nobody copied. The last bound
keeps the work for one school the same however many there are."""
SAME_WORKBOOK = 0.95
"""Share of the filled cells of the fuller report from which two reports are nearly the same."""
FEWEST_NUMBERS = 30
"""Filled number cells that a report needs to be compared as a whole."""


def check(plan: Plan, entries: Entries, names: Mapping[str, str]) -> list[Finding]:
    """copied-text and copied-workbook over the reports of one period, one report a school.

    `names`: how schools are called, by code. Both sides are marked; each names the other school, where there are
    several the first by code.
    """
    found = [*_copied_texts(plan, entries, names), *_copied_workbooks(plan, entries, names)]
    return sorted(found, key=lambda each: (each.receipt, each.code, *map(str, each[3:8])))


# ---------------------------------------------------------------- texts


def _copied_texts(plan: Plan, entries: Entries, names: Mapping[str, str]) -> Iterator[Finding]:
    cells = _free_cells(plan, entries)
    schools, ranks = _ranked(cells["school"])
    if len(schools) < 2:
        return
    cells = cells.assign(rank=ranks)
    texts = _own_shingles(plan, cells, names)
    cells = _identified(cells[texts.sizes[cells["text_id"]] > 0], texts)
    severity = severity_of("copied-text", plan)
    for at, rank in _first_others(cells, _text_links(cells, texts)):
        cell = cells.iloc[at]
        where = (cell["table"], cell["sheet"], cell["cell"], cell["row"], cell["column"])
        # The text is not repeated: it may hold what should not spread.
        said = {"school": names.get(schools[rank], schools[rank])}
        yield Finding(int(cell["receipt"]), "copied-text", severity, *where, None, said)


def _free_cells(plan: Plan, entries: Entries) -> pd.DataFrame:
    """The texts that schools composed: receipt, school, table, row, column, sheet, cell, text_id, text."""
    parts = []
    for table, column in _columns(plan, entries):
        if column.free:
            rows = entries[table.id]
            rows = rows[(rows[column.id].notna() & rows["school"].notna()).to_numpy()]
            part = rows[["receipt", "school", "row", "sheet"]].assign(table=table.id, column=column.id)
            parts.append(part.assign(cell=addresses(rows, column.id), text=rows[column.id]))
    columns = ["receipt", "school", "row", "sheet", "table", "column", "cell", "text"]
    cells = pd.concat([pd.DataFrame(columns=columns), *parts]).astype(object).reset_index(drop=True)
    return cells.assign(text_id=pd.factorize(cells["text"])[0])


def _own_shingles(plan: Plan, cells: pd.DataFrame, names: Mapping[str, str]) -> Sets:
    """The shingles of each text (by text_id) that are neither the plan's nor everybody's; none where they are few."""
    texts = list(cells.drop_duplicates("text_id")["text"])
    owner, codes, known = shingles(texts, Names(names.values(), figures=False))
    own = ~(is_in(known, _wording(plan)) | _of_the_trade(owner, codes, len(known), cells))[codes]
    owner, codes = owner[own], codes[own]
    enough = np.bincount(owner, minlength=len(texts)) >= FEWEST_SHINGLES
    return Sets(len(texts), owner[enough[owner]], known[codes[enough[owner]]])


def _wording(plan: Plan) -> Hashes:
    """The shingles of everything that the plan says."""
    return shingles(list(_strings(plan.model_dump())), Names(()))[2]


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _strings(part)
    elif isinstance(value, tuple | list):
        for part in value:
            yield from _strings(part)


def _of_the_trade(owner: Ints, codes: Ints, count: int, cells: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Which of the `count` shingles stand in the texts of many schools; `codes` are those of the texts `owner`."""
    many = max(TRADE_SCHOOLS, min(TRADE_MOST, TRADE_SHARE * (cells["rank"].max() + 1)))
    users = cells[["text_id", "rank"]].drop_duplicates()
    # Schools are counted only where there are reports enough.
    reports = np.bincount(users["text_id"])[owner]
    often = (np.bincount(codes, reports, minlength=count) >= many)[codes]
    used = pd.DataFrame({"text_id": owner[often], "code": codes[often]}).merge(users, on="text_id")
    schools = np.bincount(used[["code", "rank"]].drop_duplicates()["code"], minlength=count)
    return np.asarray(schools >= many)


def _identified(cells: pd.DataFrame, texts: Sets) -> pd.DataFrame:
    """`cells` with `same` (equal for the same own shingles), `place` (of the row) and `set` (of both), int64."""
    starts = np.concatenate([[0], np.cumsum(texts.sizes)])
    sums = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(texts.item, dtype=np.uint64)])
    same = pd.factorize((sums[starts[1:]] - sums[starts[:-1]])[cells["text_id"]])[0]
    place = pd.factorize(cells["table"] + "\n" + cells["row"])[0]
    both = pd.factorize(same * (place.max(initial=0) + 1) + place)[0]
    return cells.assign(same=same, place=place, set=both).reset_index(drop=True)


def _text_links(cells: pd.DataFrame, texts: Sets) -> pd.DataFrame:
    """Whose texts the text of a set is (near) the same as: in any row if it is the same, else in its own row."""
    one = cells.drop_duplicates("set")
    sizes = texts.sizes[one["text_id"]]
    starts = np.concatenate([[0], np.cumsum(texts.sizes)])[one["text_id"]]
    item = texts.item[np.repeat(starts, sizes) + counting(sizes)]
    places = pd.util.hash_array(one["place"].to_numpy())
    sets = Sets(len(one), np.repeat(np.arange(len(one)), sizes), item + np.repeat(places, sizes))
    near = _linked(alike(sets, SAME_TEXT), cells)
    same = one[["set", "same"]].merge(_first_two(cells, "same"), on="same")
    return pd.concat([near, same[["set", "other"]]], ignore_index=True)


# ---------------------------------------------------------------- workbooks


def _copied_workbooks(plan: Plan, entries: Entries, names: Mapping[str, str]) -> Iterator[Finding]:
    sizes = _enrolment(plan, entries)
    sizes = sizes[sizes.duplicated(keep=False)]
    filled = _filled_cells(plan, entries, sizes.index, names)
    schools, ranks = _ranked(filled["school"])
    if len(schools) < 2:
        return
    reports = filled.assign(rank=ranks).groupby("receipt").agg(rank=("rank", "first"), numbers=("is_number", "sum"))
    reports = reports[reports["numbers"] >= FEWEST_NUMBERS].join(sizes, how="inner").reset_index()
    reports["set"] = np.arange(len(reports))
    sets = _report_sets(filled, reports)
    # Of two that agree in this share of the fuller one, the Jaccard index is at least this.
    pairs = alike(sets, SAME_WORKBOOK / (2 - SAME_WORKBOOK), TRADE_MOST)
    fuller = np.maximum(sets.sizes[pairs["left"]], sets.sizes[pairs["right"]])
    pairs = pairs[pairs["common"] >= SAME_WORKBOOK * fuller - 1e-9]
    for at, rank in _first_others(reports, _linked(pairs, reports)):
        school = names.get(schools[rank], schools[rank])
        yield of_file(int(reports["receipt"].iloc[at]), "copied-workbook", plan, school=school)


def _filled_cells(plan: Plan, entries: Entries, receipts: pd.Index[Any], names: Mapping[str, str]) -> pd.DataFrame:
    """The filled cells of `receipts`: receipt (int64), school, is_number (bool), item (uint64: place and value)."""
    known = Names(names.values())
    parts = []
    for table, column in _columns(plan, entries):
        rows = entries[table.id]
        rows = rows[(rows[column.id].notna() & rows["school"].notna() & rows["receipt"].isin(receipts)).to_numpy()]
        place = pd.util.hash_array((f"{table.id}\n{column.id}\n" + rows["row"]).to_numpy(dtype=object))
        item = pd.util.hash_array(place) + _value_hashes(rows[column.id], column, known)
        part = {"receipt": rows["receipt"], "school": rows["school"], "is_number": column.is_number, "item": item}
        parts.append(pd.DataFrame(part))
    empty = {"receipt": np.int64, "school": object, "is_number": bool, "item": np.uint64}
    nothing = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in empty.items()})
    return pd.concat(parts, ignore_index=True) if parts else nothing


def _value_hashes(values: pd.Series[Any], column: Column, names: Names) -> Hashes:
    """Equal for equal numbers and dates, and for texts of the same words but for schools' names."""
    if column.is_number:
        return pd.util.hash_array(values.to_numpy(dtype=float) + 0.0)
    if column.kind == "date":
        return pd.util.hash_array(values.to_numpy().astype("datetime64[s]").astype(np.int64))
    codes, known = pd.factorize(values.to_numpy(dtype=object))
    return whole(names.removed(read([str(text) for text in known])))[codes]


def _enrolment(plan: Plan, entries: Entries) -> pd.Series[Any]:
    """`key`: by receipt, a hash of how many people the school has, if it says so; 0 where the plan does not ask."""
    asked = [figure for figure in plan.figures.values() if figure.max_change] or list(plan.figures.values())
    parts = []
    for figure in asked:
        rows = entries.get(figure.table)
        if rows is not None:
            one = rows[rows["row"] == figure.row].drop_duplicates("receipt", keep="last")
            parts.append(one.set_index("receipt")[figure.column].astype(float))
    if not parts:
        receipts = {receipt for frame in entries.values() for receipt in frame["receipt"].tolist()}
        return pd.Series(0, index=pd.Index(sorted(receipts), name="receipt"), dtype="uint64", name="key")
    said = pd.concat(parts, axis=1).dropna()
    said = said[(said != 0).any(axis=1)]
    return pd.util.hash_pandas_object(said, index=False).rename("key")


def _report_sets(filled: pd.DataFrame, reports: pd.DataFrame) -> Sets:
    """The filled cells of each report; with the enrolment in them, so that only schools of one size are alike."""
    cells = filled.merge(reports[["receipt", "set", "key"]], on="receipt")
    item = cells["item"].to_numpy(dtype=np.uint64) + cells["key"].to_numpy(dtype=np.uint64)
    return Sets(len(reports), *distinct(cells["set"].to_numpy(dtype=np.int64), item))


# ---------------------------------------------------------------- both


def _columns(plan: Plan, entries: Entries) -> Iterator[tuple[Table, Column]]:
    for table in plan.all_tables:
        if table.id in entries:
            yield from ((table, column) for column in table.columns)


def _ranked(schools: pd.Series[Any]) -> tuple[list[str], Ints]:
    """The schools by code, and the place of each of `schools` among them."""
    codes, known = pd.factorize(schools.to_numpy(dtype=object), sort=True)
    return list(known), codes.astype(np.int64)


def _linked(pairs: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """The sets of `pairs` (left, right), and the first schools that have the other set: set, other (rank)."""
    there = pairs[["left", "right"]].set_axis(["of", "set"], axis=1)
    both = pd.concat([there, there.rename(columns={"set": "of", "of": "set"})])
    schools = _first_two(cells, "set").rename(columns={"set": "of"})
    return both.merge(schools, on="of")[["set", "other"]]


def _first_two(cells: pd.DataFrame, by: str) -> pd.DataFrame:
    """The first two schools that have each value of `by`: `by`, other (rank). One of them is always another school."""
    pairs = cells[[by, "rank"]].drop_duplicates().sort_values([by, "rank"])
    return pairs.groupby(by).head(2).rename(columns={"rank": "other"})


def _first_others(cells: pd.DataFrame, links: pd.DataFrame) -> Iterator[tuple[int, int]]:
    """Positions in `cells` (set, rank) whose set is linked to another school's, and the first such school's rank."""
    linked = cells[["set", "rank"]].reset_index(names="at").merge(links, on="set")
    linked = linked[linked["other"] != linked["rank"]]
    first = linked.groupby("at", sort=True)["other"].min()
    return zip(first.index.tolist(), first.tolist(), strict=True)
