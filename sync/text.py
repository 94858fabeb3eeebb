"""Text as people type it, made comparable. Pure functions; no input is ever changed in place."""

from __future__ import annotations

import re
import unicodedata

_SPACES = re.compile(r" +")


def trim(value: str) -> str:
    """`value` in NFC with no-break spaces as spaces, then what Excel's TRIM leaves of it."""
    composed = unicodedata.normalize("NFC", value).replace("\u00a0", " ")
    return (_SPACES.sub(" ", composed) if "  " in composed else composed).strip(" ")


def collapse(value: str) -> str:
    """`value` in NFC on one line: every run of white space is one space."""
    return " ".join(unicodedata.normalize("NFC", value).split())


def fold(value: str) -> str:
    """The form in which two texts are compared: collapsed and in lower case."""
    return collapse(value).lower()


def column_letters(index: int) -> str:
    """Excel's letters of the zero-based column `index`: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, remainder = divmod(index - 1, 26)
        letters = chr(65 + remainder) + letters
    return letters


def address(row: int, column: int) -> str:
    """Excel's address of zero-based `row` and `column`: (6, 7) is H7."""
    return f"{column_letters(column)}{row + 1}"
