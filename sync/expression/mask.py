"""Expressions over all rows at once: each condition becomes two boolean arrays, surely true and surely false."""

from __future__ import annotations

import operator as op
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from sync.expression import grammar as g
from sync.text import fold, trim

Truth = tuple[np.ndarray, np.ndarray]
"""Where a condition is surely true, and where it is surely false; unknown is neither."""

_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "==": op.eq,
    "!=": op.ne,
    "<": op.lt,
    "<=": op.le,
    ">": op.gt,
    ">=": op.ge,
}
_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {"+": op.add, "-": op.sub, "*": op.mul, "/": op.truediv}
_EPOCH = np.datetime64("1899-12-30")


class Rows:
    """The rows that rules look at.

    `frame` has a column per name: float64 for numbers, datetime64 for dates, object or str for texts; missing values
    are NaN, NaT or None. A boolean column `<name>:filled`, where present, says that the cell is not blank although its
    value could not be read.
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame
        self._values: dict[str, np.ndarray] = {}

    def __len__(self) -> int:
        return len(self.frame)

    def values(self, name: g.Name) -> np.ndarray:
        """Numbers and dates as float64 (dates as Excel serials, NaN where unknown); texts folded ('' where unknown)."""
        if name.name not in self._values:
            self._values[name.name] = _READ[name.kind](self.frame[name.name])
        return self._values[name.name]

    def filled(self, name: g.Name) -> np.ndarray:
        known = self.frame[name.name].notna().to_numpy()
        if name.kind == "text":
            known = known & (self.values(name) != "")
        extra = self.frame.get(f"{name.name}:filled")
        return known if extra is None else known | extra.to_numpy(dtype=bool)

    def lengths(self, name: g.Name) -> np.ndarray:
        texts = self.frame[name.name]
        lengths = [len(trim(text)) if isinstance(text, str) else 0 for text in texts]
        return np.array(lengths, dtype=float)


def _numbers(series: pd.Series[Any]) -> np.ndarray:
    values = series.to_numpy(dtype=float, na_value=np.nan).copy()
    values[~np.isfinite(values)] = np.nan
    return values


def _dates(series: pd.Series[Any]) -> np.ndarray:
    days = np.asarray(pd.to_datetime(series).to_numpy(), dtype="datetime64[D]")
    serials = (days - _EPOCH).astype("timedelta64[D]").astype(float)
    serials[np.isnat(days)] = np.nan
    outside = (serials < g.excel_serial(g.FIRST_DATE)) | (serials > g.excel_serial(g.LAST_DATE))
    serials[outside] = np.nan
    return serials


def _texts(series: pd.Series[Any]) -> np.ndarray:
    # Choices repeat by the thousand: fold each distinct text once.
    codes, uniques = pd.factorize(series)
    folded = np.array([fold(str(text)) for text in uniques] + [""], dtype=object)
    return folded[codes]


_READ: dict[g.Kind, Callable[[Any], np.ndarray]] = {"number": _numbers, "date": _dates, "text": _texts}


def violation_mask(when: g.Expression | None, require: g.Expression, rows: Rows) -> np.ndarray:
    """One boolean per row: the rule fires, because `when` is surely true and `require` surely false."""
    _, broken = _truth(require.condition, rows)
    if when is None:
        return broken
    applies, _ = _truth(when.condition, rows)
    return applies & broken


def _truth(condition: g.Condition, rows: Rows) -> Truth:
    match condition:
        case g.Compare(operator=symbol, left=left, right=right):
            return _compare(symbol, left, right, rows)
        case g.Member(operand=operand, choices=choices):
            return _member(operand, choices, rows)
        case g.Blank(name=name):
            filled = rows.filled(name)
            return ~filled, filled
        case g.Not(condition=inner):
            true, false = _truth(inner, rows)
            return false, true
        case g.Logic(operator=word, conditions=conditions):
            truths = [_truth(inner, rows) for inner in conditions]
            trues, falses = [true for true, _ in truths], [false for _, false in truths]
            if word == "and":
                return np.logical_and.reduce(trues), np.logical_or.reduce(falses)
            return np.logical_or.reduce(trues), np.logical_and.reduce(falses)


def _compare(symbol: str, left: g.Operand, right: g.Operand, rows: Rows) -> Truth:
    one, one_known = _operand(left, rows)
    other, other_known = _operand(right, rows)
    known = one_known & other_known
    with np.errstate(invalid="ignore"):
        result = np.asarray(_COMPARE[symbol](one, other), dtype=bool)
    return known & result, known & ~result


def _member(operand: g.Operand, choices: tuple[g.Constant, ...], rows: Rows) -> Truth:
    values, known = _operand(operand, rows)
    result = np.isin(values, np.array([choice.value for choice in choices], dtype=values.dtype))
    return known & result, known & ~result


def _operand(operand: g.Operand, rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    """The values of `operand` and where they are known."""
    match operand:
        case g.Constant(value=value):
            dtype = object if operand.kind == "text" else float
            return np.full(len(rows), value, dtype=dtype), np.ones(len(rows), dtype=bool)
        case g.Length(name=name):
            return rows.lengths(name), np.ones(len(rows), dtype=bool)
        case g.Name():
            values = rows.values(operand)
            return values, (values != "") if operand.kind == "text" else ~np.isnan(values)
        case g.Arithmetic(operator=symbol, left=left, right=right):
            one, one_known = _operand(left, rows)
            other, other_known = _operand(right, rows)
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                values = np.asarray(_ARITHMETIC[symbol](one, other), dtype=float)
            return values, one_known & other_known & np.isfinite(values)
