"""What can be asked of the server: everything that is not here does not exist."""

from __future__ import annotations

from typing import Literal

SCRIPTS = ("check", "submit")
CALLS = "/xlwings/custom-scripts-call/"
STANDING = "/baocao/standing"
LONGEST_QUERY = 2048

Kind = Literal["page", "question", "script"]
"""page: for everybody. question: needs a key. script: needs a key, and a workbook comes with it."""

_PAGES = frozenset(
    (
        *("/", "/favicon.ico", "/taskpane", "/taskpane.html", "/manifest", "/manifest.xml", "/manifest/download"),
        *("/xlwings/custom-scripts-meta", "/xlwings/custom-scripts-meta.json"),
        *("/xlwings/custom-functions-meta", "/xlwings/custom-functions-meta.json"),
        *("/xlwings/custom-functions-code", "/xlwings/custom-functions-code.js"),
    )
)
_KINDS: dict[str, Kind] = {STANDING: "question", **{CALLS + name: "script" for name in SCRIPTS}}
_METHODS: dict[Kind, tuple[str, ...]] = {"page": ("GET", "HEAD"), "question": ("GET",), "script": ("POST",)}


def kind_of(path: str) -> Kind | None:
    """What lies at `path` (decoded); None for nothing, a path that climbs out of its folder included."""
    if path.startswith("/static/"):
        return "page" if _stays_inside(path) else None
    return _KINDS.get(path) or ("page" if path in _PAGES else None)


def methods_of(kind: Kind) -> tuple[str, ...]:
    """The methods of HTTP that it takes."""
    return _METHODS[kind]


def _stays_inside(path: str) -> bool:
    return not {"\\", ":", "\x00"} & set(path) and not {"..", "."} & set(path.split("/"))
