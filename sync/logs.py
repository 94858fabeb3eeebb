"""The service's log: a line of JSON for each event, in `.baocao/log/baocao.log`, rotated, without personal data.

A line holds its time, its level, the event's name and fields of FIELDS, and nothing else: no addresses, names of people
or files, values of cells or messages of errors, which may hold any of those. Of an error it has the type and the places
in our own code. So the log can be sent to those who mend the program as it is.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sync.errors import MendableError
from sync.i18n import gettext as _
from sync.workspace import Workspace

if TYPE_CHECKING:
    from logging.handlers import RotatingFileHandler

    from sync.config import Settings

FOLDER = "log"
FILE = "baocao.log"
ADDIN_FILE = "addin.log"
WITHHELD = "withheld"
"""Stands where a text is not of its field's form: whatever it was, it does not belong into a log."""

_WORD = re.compile(r"[a-z][a-z0-9_]{0,39}")
_PLACE = re.compile(r"sync(\.\w+)*:\d+ [\w<>]+")
FIELDS: dict[str, re.Pattern[str] | type] = {
    "job": _WORD,
    "kind": _WORD,
    "status": _WORD,
    "period": re.compile(r"[A-Z0-9][A-Z0-9/-]{0,19}"),
    "school": re.compile(r"\w([\w.-]{0,28}\w)?"),
    "version": re.compile(r"[0-9][0-9a-z.+-]{0,39}"),
    "error": re.compile(r"[A-Za-z_]\w{0,79}"),
    "cause": re.compile(r"[A-Za-z_]\w{0,79}"),
    "frames": _PLACE,
    "code": int,
    "pid": int,
    "count": int,
    "new": int,
    "received": int,
    "sent": int,
    "failed": int,
    "waiting": int,
    "problems": int,
    "seconds": float,
}
"""Every field that a line may have, with the form of its texts (`frames` is a list of them) or its type."""

_logger = logging.getLogger("baocao")
_logger.addHandler(logging.NullHandler())
_logger.setLevel(logging.INFO)
# What other libraries log is not ours to keep clean, so nothing goes up to handlers that are not ours either.
_logger.propagate = False


class LogError(MendableError):
    """The log cannot be written."""


@contextmanager
def open_log(workspace: Workspace, settings: Settings, file: str = FILE) -> Iterator[None]:
    """Events inside the block are written into the workspace's log `file`. Raises LogError where it cannot be opened.

    Each process that runs for long has a file of its own: two that rotate one file lose lines.
    """
    handler = _handler(workspace, settings, file)
    _logger.addHandler(handler)
    try:
        yield
    finally:
        _logger.removeHandler(handler)
        handler.close()


def event(name: str, level: int = logging.INFO, **fields: Any) -> None:
    """Logs the event `name` with `fields`, which are known ones. Raises ValueError for any other name or field."""
    unknown = sorted(set(fields) - set(FIELDS))
    if unknown or not _WORD.fullmatch(name):
        raise ValueError(f"not for the log: {', '.join(unknown) or name}")
    _logger.log(level, name, extra={"fields": fields})


def failure(name: str, error: BaseException, **fields: Any) -> None:
    """Logs as an error that `name` happened because of `error`: its type, its cause's, and where in our code."""
    cause = error.__cause__ or error.__context__
    told = {"cause": type(cause).__name__} if cause else {}
    event(name, logging.ERROR, error=type(error).__name__, frames=frames_of(error), **told, **fields)


def frames_of(error: BaseException) -> list[str]:
    """Where in our own code `error` came from, the innermost last: "sync.passes:57 run"."""
    return [place for place in _places(error.__traceback__) if _PLACE.fullmatch(place)]


def _places(trace: TracebackType | None) -> Iterator[str]:
    while trace is not None:
        frame = trace.tb_frame
        yield f"{frame.f_globals.get('__name__', '')}:{trace.tb_lineno} {frame.f_code.co_name}"
        trace = trace.tb_next


def _handler(workspace: Workspace, settings: Settings, file: str) -> RotatingFileHandler:
    from logging.handlers import RotatingFileHandler

    folder = workspace.state / FOLDER
    size, files = settings.service.log_megabytes << 20, settings.service.log_files
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(folder / file, maxBytes=size, backupCount=files, encoding="utf-8")
    except OSError as error:
        message = _("The log {file} cannot be written: {reason}")
        raise LogError(message.format(file=folder / file, reason=error.strerror or error)) from error
    handler.setFormatter(_formatter(settings.zone))
    return handler


def _formatter(zone: ZoneInfo) -> logging.Formatter:
    from pythonjsonlogger.json import JsonFormatter

    class Formatter(JsonFormatter):
        """Builds each line anew from what may be in it, whoever logged and whatever came with it."""

        def add_fields(
            self,
            log_data: dict[str, Any],
            record: logging.LogRecord,
            message_dict: dict[str, Any],  # noqa: ARG002 - the library's; it holds messages of errors
        ) -> None:
            at = datetime.fromtimestamp(record.created, zone).isoformat(timespec="milliseconds")
            log_data |= {"time": at, "level": record.levelname.lower(), "event": _fitting(_WORD, record.msg)}
            fields = getattr(record, "fields", {})
            log_data |= {name: _clean(name, value) for name, value in fields.items() if name in FIELDS}

    return Formatter(json_ensure_ascii=False)


def _clean(name: str, value: object) -> object:
    form = FIELDS[name]
    if isinstance(form, re.Pattern):
        return [_fitting(form, each) for each in value] if isinstance(value, list) else _fitting(form, value)
    if isinstance(value, (int, float)):
        return round(value, 3) if form is float else int(value)
    return WITHHELD


def _fitting(form: re.Pattern[str], value: object) -> str:
    return value if isinstance(value, str) and form.fullmatch(value) else WITHHELD
