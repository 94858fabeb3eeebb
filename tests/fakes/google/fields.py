"""Partial responses: the parameter `fields`.

https://developers.google.com/workspace/drive/api/guides/fields-parameter. A field that Google has and the stand-in does
not fill is refused, so that no client takes its absence for an answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.fakes.google.answers import NotModelled, invalid
from tests.fakes.google.discovery import document

Mask = dict[str, "Mask"]
"""Names and what is wanted below them; nothing below means all of it."""

MODELLED: Mapping[str, frozenset[str]] = {
    "Spreadsheet": frozenset("spreadsheetId spreadsheetUrl properties sheets".split()),
    "SpreadsheetProperties": frozenset("title locale timeZone autoRecalc".split()),
    "Sheet": frozenset("properties protectedRanges".split()),
    "SheetProperties": frozenset("sheetId title index sheetType gridProperties hidden".split()),
    "GridProperties": frozenset("rowCount columnCount frozenRowCount frozenColumnCount".split()),
    "File": frozenset(
        "kind id name mimeType parents trashed driveId createdTime modifiedTime version webViewLink owners ownedByMe "
        "lastModifyingUser capabilities".split()
    ),
    "About": frozenset("kind user storageQuota".split()),
}
"""What is filled of these schemas; of others all is."""
_NEVER_WHOLE = {"File", "Sheet", "About"}


def parse(text: str) -> Mask:
    """`a,b(c,d/e),f.g` as a mask. Raises Refusal for what cannot be parsed."""
    tokens = re.findall(r"[A-Za-z*][A-Za-z0-9]*|[(),/.]", text)
    if "".join(tokens) != text.replace(" ", "") or not tokens:
        raise invalid(f"Invalid field selection {text}", "fields")
    mask = _list(tokens)
    if tokens:
        raise invalid(f"Invalid field selection {text}", "fields")
    return mask


def check(api: str, schema: str, mask: Mask) -> None:
    """Raises Refusal for a field that is none of Google's, NotModelled for one that is not filled here."""
    _check(api, {"$ref": schema}, mask, "")


def applied(mask: Mask, value: Any) -> Any:
    """What the mask leaves of an answer."""
    if not mask or "*" in mask:
        return value
    if isinstance(value, list):
        return [applied(mask, item) for item in value]
    return {name: applied(mask[name], item) for name, item in value.items() if name in mask}


def paths(mask: Mask, above: str = "") -> Iterator[str]:
    """The mask's ends, with dots."""
    for name, below in mask.items():
        yield from paths(below, f"{above}{name}.") if below else [above + name]


def _list(tokens: list[str]) -> Mask:
    mask: Mask = {}
    while True:
        names, below = _path(tokens)
        here = mask
        for name in names[:-1]:
            here = here.setdefault(name, {})
        here[names[-1]] = {**here.get(names[-1], {}), **below}
        if not tokens or tokens[0] != ",":
            return mask
        tokens.pop(0)


def _path(tokens: list[str]) -> tuple[list[str], Mask]:
    names: list[str] = []
    while True:
        if not tokens or (not tokens[0][0].isalpha() and tokens[0] != "*"):
            raise invalid("Invalid field selection", "fields")
        names.append(tokens.pop(0))
        if tokens[:1] in (["/"], ["."]):
            tokens.pop(0)
            continue
        if tokens[:1] != ["("]:
            return names, {}
        tokens.pop(0)
        below = _list(tokens)
        if tokens[:1] != [")"]:
            raise invalid("Invalid field selection", "fields")
        tokens.pop(0)
        return names, below


def _check(api: str, schema: Mapping[str, Any], mask: Mask, where: str) -> None:
    while schema.get("type") == "array":
        schema = schema["items"]
    name = schema.get("$ref", "")
    if name:
        schema = document(api)["schemas"][name]
    if not mask or "*" in mask:
        if name in _NEVER_WHOLE:
            raise NotModelled(f"fields: all of {name} ({where or '*'}); name the fields")
        return
    for field, below in mask.items():
        if field not in schema.get("properties", {}):
            raise invalid(f"Invalid field selection {field}", "fields")
        if field not in MODELLED.get(name, schema["properties"]):
            raise NotModelled(f"the field {where}{field}")
        _check(api, schema["properties"][field], below, f"{where}{field}/")
