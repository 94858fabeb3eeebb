"""Rules over rows: blank and unreadable cells are unknown, and unknown never fires."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.expression import parse
from sync.expression.grammar import Kind
from sync.expression.mask import Rows, violation_mask

NAMES: dict[str, Kind] = {
    "status": "text",
    "started_on": "date",
    "finished_on": "date",
    "children": "number",
    "of": "number",
}


def rows(*records: dict[str, Any]) -> Rows:
    complete = [
        {"status": None, "started_on": None, "finished_on": None, "children": None, "of": None} | r for r in records
    ]
    frame = pd.DataFrame(complete)
    for name in ("started_on", "finished_on"):
        frame[name] = np.array(list(frame[name]), dtype="datetime64[D]").astype("datetime64[s]")
    for name in ("children", "of"):
        frame[name] = np.array(list(frame[name]), dtype=float)
    frame["status"] = frame["status"].astype(object)
    return Rows(frame)


def fires(require: str, record: dict[str, Any], when: str | None = None) -> bool:
    condition = parse(when, NAMES) if when else None
    return bool(violation_mask(condition, parse(require, NAMES), rows(record))[0])


@pytest.mark.parametrize(
    ("require", "record", "expected"),
    [
        ("children <= of", {"children": 5, "of": 4}, True),
        ("children <= of", {"children": 4, "of": 4}, False),
        ("children <= of", {"children": 5}, False),
        ("not children <= of", {"children": 5}, False),
        ("children / of <= 1", {"children": 5, "of": 0}, False),
        ("children <= of", {"children": np.inf, "of": 4}, False),
        ("status == 'Hoàn thành'", {"status": "  hoàn  THÀNH "}, False),
        ("status == 'Hoàn thành'", {"status": "Đang thực hiện"}, True),
        ("status == 'Hoàn thành'", {"status": "   "}, False),
        ("status != 'a'", {}, False),
        ("status not in ['a', 'b']", {"status": "B"}, True),
        ("children in [1, 2]", {"children": 3}, True),
        ("started_on <= finished_on", {"started_on": date(2024, 2, 2), "finished_on": date(2024, 2, 1)}, True),
        ("started_on <= finished_on", {"started_on": date(2024, 2, 2)}, False),
        ("finished_on - started_on < 2", {"started_on": date(2024, 2, 1), "finished_on": date(2024, 2, 3)}, True),
        ("started_on + 1 < finished_on", {"started_on": date(2024, 2, 1), "finished_on": date(2024, 2, 2)}, True),
        ("started_on >= '2024-01-01'", {"started_on": date(2023, 12, 31)}, True),
        ("started_on >= '2024-01-01'", {"started_on": date(1999, 12, 31)}, False),
        ("finished_on", {}, True),
        ("finished_on", {"finished_on": date(2024, 1, 1)}, False),
        ("blank(children)", {"children": 0}, True),
        ("length(status) >= 5", {}, True),
        ("length(status) >= 5", {"status": " ab  cd "}, False),
        ("blank(status) or children > 3", {"status": "x"}, False),
        ("status == 'y' and children > 3", {"status": "x"}, True),
    ],
)
def test_a_rule_fires_where_its_requirement_is_surely_false(
    require: str, record: dict[str, Any], expected: bool
) -> None:
    assert fires(require, record) is expected


def test_when_must_be_surely_true() -> None:
    assert fires("finished_on", {"status": "x"}, when="status == 'x'")
    assert not fires("finished_on", {"status": "z"}, when="status == 'x'")
    assert not fires("finished_on", {}, when="status == 'x'")


def test_a_cell_with_something_unreadable_is_not_blank_and_not_known() -> None:
    data = rows({"status": "x"})
    data.frame["finished_on:filled"] = True
    assert not violation_mask(None, parse("finished_on", NAMES), data)[0]
    assert not violation_mask(None, parse("finished_on > '2024-01-01'", NAMES), data)[0]


numbers = st.none() | st.integers(-5, 5)
words = st.sampled_from([None, "", "a", "b"])
conditions = st.recursive(
    st.sampled_from(
        ["children > 1", "of == 2", "status == 'a'", "blank(of)", "status in ['a', 'b']", "children + of < 3"]
    ),
    lambda inner: st.one_of(
        inner.map(lambda c: f"not ({c})"),
        st.tuples(inner, inner).map(lambda c: f"({c[0]}) and ({c[1]})"),
        st.tuples(inner, inner).map(lambda c: f"({c[0]}) or ({c[1]})"),
    ),
    max_leaves=8,
)


def closing_bracket(text: str) -> int:
    depths = itertools.accumulate({"(": 1, ")": -1}.get(sign, 0) for sign in text)
    return next(at for at, depth in enumerate(depths) if depth == 0)


def kleene(text: str, record: dict[str, Any]) -> bool | None:
    """An independent reading of the semantics, one row at a time: None is unknown."""
    children, of, status = record["children"], record["of"], record["status"] or None
    known = {
        "children > 1": None if children is None else children > 1,
        "of == 2": None if of is None else of == 2,
        "status == 'a'": None if status is None else status == "a",
        "blank(of)": of is None,
        "status in ['a', 'b']": None if status is None else status in ("a", "b"),
        "children + of < 3": None if children is None or of is None else children + of < 3,
    }
    if text in known:
        return known[text]
    if text.startswith("not "):
        inner = kleene(text[5:-1], record)
        return None if inner is None else not inner
    at = closing_bracket(text)
    left, rest = kleene(text[1:at], record), text[at + 1 :]
    word, right = rest.split()[0], kleene(rest[rest.index("(") + 1 : -1], record)
    decisive = word == "or"
    if decisive in (left, right):
        return decisive
    return None if None in (left, right) else not decisive


@given(conditions, numbers, numbers, words)
def test_logic_has_three_values(text: str, children: int | None, of: int | None, status: str | None) -> None:
    record = {"children": children, "of": of, "status": status}
    assert fires(text, record) is (kleene(text, record) is False)
