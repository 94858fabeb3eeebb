"""Problems of files that people write, and pydantic's errors in plain words."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from sync.i18n import gettext as _
from sync.i18n import mark


@dataclass(frozen=True, order=True)
class Problem:
    """Something wrong in a file: its place (a dotted path) and a sentence."""

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


def unknown_key(_path: tuple[int | str, ...]) -> str:
    """What is said of a key that a file may not have."""
    return _("there is no such key")


def of_validation(
    error: ValidationError, unknown: Callable[[tuple[int | str, ...]], str] = unknown_key
) -> list[Problem]:
    """Every problem of `error`; `unknown` has the words for keys that there are none of."""
    return [Problem(_place(item["loc"]), _sentence(dict(item), unknown)) for item in error.errors()]


def _place(parts: tuple[int | str, ...]) -> str:
    """`a.b[0].c`"""
    return re.sub(r"\.(?=\[)", "", ".".join(f"[{part}]" if isinstance(part, int) else part for part in parts))


def _sentence(error: dict[str, Any], unknown: Callable[[tuple[int | str, ...]], str]) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if kind == "extra_forbidden":
        return unknown(error["loc"])
    if kind in _BOUNDS:
        return _(_BOUNDS[kind]).format(bound=next(iter(context.values())))
    if kind == "literal_error":
        return _("must be one of: {expected}").format(expected=context["expected"].replace(" or ", ", "))
    return _(_WORDS[kind]) if kind in _WORDS else str(error["msg"])


_BOUNDS = {
    "greater_than": mark("must be more than {bound}"),
    "greater_than_equal": mark("must be at least {bound}"),
    "less_than_equal": mark("must be at most {bound}"),
    "string_pattern_mismatch": mark("must have the form {bound}"),
    "too_short": mark("at least one is needed"),
}
_WORDS = {
    "missing": mark("the key is missing"),
    "string_type": mark("must be a text in quotes"),
    "string_too_short": mark("must not be empty"),
    "int_type": mark("must be a whole number without quotes"),
    "bool_type": mark("must be true or false"),
    "bool_parsing": mark("must be true or false"),
    "date_type": mark("must be a date without quotes, like 2025-01-20"),
    "date_parsing": mark("must be a date without quotes, like 2025-01-20"),
    "date_from_datetime_parsing": mark("must be a date without quotes, like 2025-01-20"),
    "datetime_type": mark("must be a date and time without quotes, like 2025-01-20T08:00:00"),
    "model_type": mark("must be a table, like [office]"),
    "tuple_type": mark("must be a list"),
}
