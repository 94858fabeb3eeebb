"""What of a workbook's other parts is needed: where its sheets lie, and that it calculates when it is opened."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

from lxml import etree

from sync.outputs.returned.rezip import NotPatchable
from sync.text import fold

WORKBOOK = "xl/workbook.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
_CALC = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?calcPr\b[^<>]*>")
_FULL = re.compile(rb"""\sfullCalcOnLoad\s*=\s*(?:"[^"]*"|'[^']*')""")
_BEFORE = re.compile(rb"</?((?:[A-Za-z_][\w.-]*:)?)(?:sheets|functionGroups|externalReferences|definedNames)\b[^<>]*>")


def parse(data: bytes) -> etree._Element:
    """The root element of a part. Raises NotPatchable where it is no plain XML."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotPatchable(str(error)) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise NotPatchable("a part with a document type")
    return root


def namespace(element: etree._Element) -> str:
    """What stands before the local name in the tag of `element`."""
    name = etree.QName(element).namespace
    return f"{{{name}}}" if name else ""


def sheets(workbook: bytes, relations: bytes) -> Mapping[str, str]:
    """The part of each sheet by the sheet's name, in their order."""
    targets = {each.get("Id"): each.get("Target", "") for each in parse(relations).iter("{*}Relationship")}
    found = {}
    for sheet in parse(workbook).iterfind("{*}sheets/{*}sheet"):
        relation = next((value for name, value in sheet.items() if name.endswith("relationships}id")), None)
        target = targets.get(relation)
        if target:
            found[sheet.get("name", "")] = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
    return found


def named(parts: Mapping[str, str], name: str) -> str:
    """The part of the sheet `name`, known in spite of stray spaces and case too. Raises NotPatchable."""
    folded = (part for each, part in parts.items() if fold(each) == fold(name))
    part = parts.get(name) or next(folded, None)
    if part is None:
        raise NotPatchable(f"no sheet {name}")
    return part


def calculating(workbook: bytes) -> bytes:
    """`workbook`, calculated in full when it is opened; but for that, byte for byte. Raises NotPatchable."""
    found = _CALC.search(workbook)
    if found:
        start, end = found.span()
        changed = workbook[:start] + _with_full(found[0]) + workbook[end:]
    else:
        changed = _with_element(workbook)
    calc = parse(changed).find("{*}calcPr")
    if calc is None or calc.get("fullCalcOnLoad") != "1":
        raise NotPatchable("no place for calcPr")
    return changed


def _with_full(element: bytes) -> bytes:
    bare = _FULL.sub(b"", element)
    at = -2 if bare.endswith(b"/>") else -1
    return bare[:at].rstrip() + b' fullCalcOnLoad="1"' + bare[at:]


def _with_element(workbook: bytes) -> bytes:
    before = list(_BEFORE.finditer(workbook))
    if not before:
        raise NotPatchable("no sheets")
    end = before[-1].end()
    return workbook[:end] + b"<" + before[-1][1] + b'calcPr fullCalcOnLoad="1"/>' + workbook[end:]
