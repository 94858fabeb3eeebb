"""Rows of the ledger as frames. Texts are object columns with None where there is nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from sync.plan import Table

MOMENT = "datetime64[us, UTC]"

RECEIPTS: Mapping[str, str] = {
    "receipt_id": "int64",
    "sha256": "object",
    "size": "int64",
    "suffix": "object",
    "source": "object",
    "path": "object",
    "school": "object",
    "period": "object",
    "plan": "object",
    "template_version": "object",
    "received_at": MOMENT,
    "status": "object",
    "rows_read": "int64",
    "rows_accepted": "int64",
    "rows_rejected": "int64",
    "rows_blank": "int64",
    "plan_digest": "object",
    "run_id": "int64",
}

FINDINGS: Mapping[str, str] = {
    "receipt_id": "int64",
    "seq": "int64",
    "code": "object",
    "severity": "object",
    "table": "object",
    "sheet": "object",
    "cell": "object",
    "row": "object",
    "column": "object",
    "value": "object",
    "params": "object",
}

ENTRIES: Mapping[str, str] = {
    "receipt_id": "int64",
    "row": "object",
    "sheet": "object",
    "cell": "object",
    "excel_row": "int64",
    "letters": "object",
    "data": "object",
}


def frame(rows: Sequence[Sequence[Any]], dtypes: Mapping[str, str]) -> pd.DataFrame:
    """`rows` as a frame with the columns and types of `dtypes`, empty or not."""
    import pandas as pd

    columns: Sequence[Sequence[Any]] = list(zip(*rows, strict=True)) or [()] * len(dtypes)
    series = {
        name: pd.Series(values, dtype=dtype) for (name, dtype), values in zip(dtypes.items(), columns, strict=True)
    }
    return pd.DataFrame(series)


def with_parsed(found: pd.DataFrame, column: str) -> pd.DataFrame:
    """`found` with the JSON objects of `column` as dicts."""
    import pandas as pd

    parsed = json.loads(f"[{','.join(found[column])}]")
    return found.assign(**{column: pd.Series(parsed, dtype=object, index=found.index)})


def with_values(entries: pd.DataFrame, table: Table) -> pd.DataFrame:
    """`entries` (of Ledger.entries) with two columns per fill-in column of `table` in place of `data` and `letters`.

    As in sync.checks.frames: <column>, float64 for whole and number, datetime64[s] for date, object for choice and
    text, missing values NaN, NaT, None; <column>:letters, Excel's column letters, None where the column is missing.
    """
    import numpy as np
    import pandas as pd

    result = entries.drop(columns=["data", "letters"])
    letters = {text: [each or None for each in text.split(",")] for text in entries["letters"].unique()}
    for number, column in enumerate(table.columns):
        places = [letters[text][number] for text in entries["letters"]]
        result[f"{column.id}:letters"] = pd.Series(places, dtype=object, index=entries.index)
        values = [data.get(column.id) for data in entries["data"]]
        if column.is_number:
            result[column.id] = np.array(values, dtype=float)
        elif column.kind == "date":
            result[column.id] = np.array(values, dtype="datetime64[D]").astype("datetime64[s]")
        else:
            result[column.id] = pd.Series(values, dtype=object, index=entries.index)
    return result


def _iso(value: object) -> str:
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"not a value of a cell: {value!r}")


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_iso).encode


def json_text(values: Mapping[str, Any]) -> str:
    """`values` as JSON in their order, without blanks (None, NaN, NaT); dates are ISO text."""
    return _encode({name: value for name, value in values.items() if not _is_blank(value)})


def _is_blank(value: object) -> bool:
    return value is None or value != value  # noqa: PLR0124  # NaN and NaT differ from themselves
