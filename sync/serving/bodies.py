"""The body of a call: read in bounded memory and time, and looked at before anything is made of it."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, NoReturn

from sync.i18n import gettext as _
from sync.i18n import mark
from sync.serving.refusals import Refusal

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

MOST_LISTS = 50_000
MOST_VALUES = 500_000
"""What a workbook's JSON may have of lists and objects, and of values: ten times more than the largest real one. Eight
megabytes of `[]` would be 200 MB of objects."""
TOO_MANY = mark(
    "The workbook has too many rows and columns. Delete the blank ones below and beside the tables, and try again."
)
MOST_SHEETS = 200
DRAINED = 64 << 20
DRAIN_SECONDS = 2.0


class Gone(Exception):
    """The caller hung up; there is nobody to answer."""


async def read(receive: Receive, megabytes: int, seconds: float, announced: int | None) -> bytes:
    """The whole body, counted while it comes in; `announced` is what the caller said of its length.

    Raises Refusal (413, 408) and Gone. What is too large is read on for a while and dropped, because callers look at
    the answer only when they are done.
    """
    limit = megabytes << 20
    try:
        if announced is not None and announced > limit:
            return await _too_large(receive, megabytes)
        async with asyncio.timeout(seconds):
            body = await _up_to(receive, limit)
    except TimeoutError:
        raise Refusal(408) from None
    return body if body is not None else await _too_large(receive, megabytes)


async def _up_to(receive: Receive, limit: int) -> bytes | None:
    """The body, None where it goes beyond `limit` bytes."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Gone
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            return None
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


async def _too_large(receive: Receive, megabytes: int) -> NoReturn:
    dropped = 0
    try:
        async with asyncio.timeout(DRAIN_SECONDS):
            more = True
            while more and dropped < DRAINED:
                message = await receive()
                more = message["type"] == "http.request" and message.get("more_body", False)
                dropped += len(message.get("body", b""))
    except TimeoutError:
        pass
    raise Refusal(413, megabytes=megabytes)


def look_at(body: bytes) -> None:
    """Makes sure that `body` is the JSON of a workbook as xlwings' clients send it, and of bounded size as objects.

    Raises Refusal: 400 where it is no JSON, not UTF-8, too deep, has a number that JSON does not have, or another
    shape; 413 where it has too much.
    """
    if body.count(b"[") + body.count(b"{") > MOST_LISTS or body.count(b",") > MOST_VALUES:
        raise Refusal(413, _(TOO_MANY))
    try:
        document = json.loads(body.decode("utf-8"), parse_constant=_no_number, parse_float=_finite)
    except (ValueError, RecursionError):
        raise Refusal(400) from None
    if not _is_book(document):
        raise Refusal(400)


def _no_number(_name: str) -> NoReturn:
    raise ValueError


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError
    return value


def _is_book(document: Any) -> bool:
    if not isinstance(document, dict) or not {"client", "version", "book", "sheets"} <= set(document):
        return False
    book, sheets = document["book"], document["sheets"]
    named = isinstance(book, dict) and isinstance(book.get("name"), str)
    listed = isinstance(sheets, list) and 0 < len(sheets) <= MOST_SHEETS and all(map(_is_sheet, sheets))
    # Arguments for a script would come in this place, and ours take none.
    return named and listed and not document.get("args") and isinstance(document.get("names", []), list)


def _is_sheet(sheet: Any) -> bool:
    if not isinstance(sheet, dict) or not isinstance(sheet.get("name"), str):
        return False
    rows = sheet.get("values", [])
    return isinstance(rows, list) and all(isinstance(row, list) and all(map(_is_value, row)) for row in rows)


def _is_value(value: Any) -> bool:
    return value is None or isinstance(value, (str, int, float, bool))
