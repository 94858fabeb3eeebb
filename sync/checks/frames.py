"""Readings of many files → one frame per table, typed and with Excel's own addresses.

A table's frame has one row per row that was found:

    receipt     int64      position of the reading in the judged sequence
    row         object     row code
    number      int64      Excel's row number
    sheet       object     the sheet's name in the file
    <column>    float64 (whole, number), datetime64[s] (date) or object (choice, text); missing: NaN, NaT, None
    <column>:filled  bool  something stands in the cell that could not be read as a value of the column
    <column>:letters object  Excel's column letters; None where the column is missing
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

from sync.intake.reading import Reading
from sync.plan import Column, Table

UNREADABLE = frozenset({"not-a-date", "not-a-number", "not-whole", "error-cell"})
"""Observations that say: the cell is filled, and no value was read."""


def table_frame(table: Table, readings: Sequence[Reading]) -> pd.DataFrame:
    """The frame of `table` over all `readings`; see the module's description for its columns."""
    found = [(at, part) for at, reading in enumerate(readings) for part in reading.tables if part.id == table.id]
    counts = [len(part.rows) for _, part in found]
    rows = list(chain.from_iterable(part.rows for _, part in found))
    data: dict[str, Any] = {
        "receipt": np.repeat(np.array([at for at, _ in found], dtype=np.int64), counts),
        "row": pd.Series([row.code for row in rows], dtype=object),
        "number": np.array([row.number for row in rows], dtype=np.int64),
        "sheet": _repeated([part.sheet for _, part in found], counts),
    }
    columns = list(zip(*(row.values for row in rows), strict=True)) or [()] * len(table.columns)
    for index, (column, values) in enumerate(zip(table.columns, columns, strict=True)):
        data[column.id] = _typed(column, values)
        data[f"{column.id}:letters"] = _repeated([part.letters[index] for _, part in found], counts)
    frame = pd.DataFrame(data)
    return _with_filled(frame, table, readings)


def _repeated(values: Sequence[object], counts: list[int]) -> pd.Series[Any]:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    # Said twice, because pandas makes strings of objects, and NaN of None, where it may choose.
    return pd.Series(np.repeat(array, counts), dtype=object)


def _typed(column: Column, values: Iterable[Any]) -> Any:
    values = list(values)
    if column.is_number:
        return np.array(values, dtype=float)
    if column.kind == "date":
        return np.array(values, dtype="datetime64[D]").astype("datetime64[s]")
    return pd.Series(values, dtype=object)


def _with_filled(frame: pd.DataFrame, table: Table, readings: Sequence[Reading]) -> pd.DataFrame:
    unreadable: dict[str, set[tuple[int, str]]] = {column.id: set() for column in table.columns}
    for at, reading in enumerate(readings):
        for seen in reading.observations:
            if seen.table == table.id and seen.code in UNREADABLE and seen.column and seen.row:
                unreadable[seen.column].add((at, seen.row))
    for column_id, places in unreadable.items():
        filled = np.zeros(len(frame), dtype=bool)
        if places:
            keys = zip(frame["receipt"], frame["row"], strict=True)
            filled = np.fromiter((key in places for key in keys), dtype=bool, count=len(frame))
        frame[f"{column_id}:filled"] = filled
    return frame


def blank_cells(frame: pd.DataFrame, column: str) -> np.ndarray:
    """Where nothing at all stands in the cells of `column`."""
    return np.asarray(frame[column].isna() & ~frame[f"{column}:filled"], dtype=bool)


def blank_rows(frame: pd.DataFrame, table: Table) -> np.ndarray:
    """Where all fill-in cells of the row are blank."""
    blank: np.ndarray = np.logical_and.reduce([blank_cells(frame, column.id) for column in table.columns])
    return blank
