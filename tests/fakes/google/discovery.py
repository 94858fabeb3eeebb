"""Google's discovery documents, as google-api-python-client ships them: which methods there are and what fits them.

Every exchange of the stand-in is held against them. Request and response schemas have no required fields, so that
what is found is unknown names and wrong types.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any
from urllib.parse import unquote

APIS = {"sheets": "sheets.v4", "drive": "drive.v3"}
_INTEGERS = {"int32": 31, "uint32": 32, "int64": 63, "uint64": 64}
_CONVERT: Mapping[str, Callable[[str], Any]] = {"boolean": lambda text: text.lower() == "true", "integer": int}
_GROUP = re.compile(r"\(\?P<[^)]*\)")


@functools.cache
def document(api: str) -> Mapping[str, Any]:
    """The discovery document of "sheets" or "drive"."""
    file = files("googleapiclient") / "discovery_cache" / "documents" / f"{APIS[api]}.json"
    loaded: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return loaded


@dataclass(frozen=True, slots=True)
class Method:
    """One method of an API. `upload`: it came to the path for content (https://…/upload/…)."""

    api: str
    id: str
    verb: str
    pattern: re.Pattern[str]
    described: Mapping[str, Any]
    upload: bool

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Of the method, and those that every method has."""
        return {**document(self.api)["parameters"], **self.described.get("parameters", {})}

    @property
    def scopes(self) -> frozenset[str]:
        """A token with any of these may call it."""
        return frozenset(self.described["scopes"])

    @property
    def response(self) -> str:
        """The name of the schema that it answers with."""
        return str(self.described.get("response", {}).get("$ref", ""))

    def wrong_parameters(self, given: Mapping[str, list[str]]) -> Iterator[str]:
        """What is wrong with parameters of the query."""
        known = self.parameters
        for name, texts in given.items():
            if name not in known or known[name].get("location") == "path":
                yield f"{self.id} has no parameter {name!r}"
                continue
            if len(texts) > 1 and not known[name].get("repeated"):
                yield f"{self.id}: the parameter {name!r} is given {len(texts)} times"
            for text in texts:
                yield from (f"{self.id}: {name} {what}" for what in _wrong_text(known[name], text))

    def typed(self, given: Mapping[str, list[str]]) -> dict[str, Any]:
        """Parameters with their types, defaults put in."""
        defaults = {name: each["default"] for name, each in self.parameters.items() if "default" in each}
        texts = {**{name: [default] for name, default in defaults.items()}, **given}
        return {name: self._typed(name, values) for name, values in texts.items()}

    def _typed(self, name: str, texts: list[str]) -> Any:
        described = self.parameters[name]
        convert = _CONVERT.get(described["type"], str)
        values = [convert(text) for text in texts]
        return values if described.get("repeated") else values[0]

    def wrong_request(self, body: Any) -> Iterator[str]:
        """What is wrong with a request's body; None is no body."""
        wanted = self.described.get("request")
        if wanted is None:
            if body is not None:
                yield f"{self.id} takes no body"
        elif body is not None:
            yield from wrong(self.api, wanted, body, f"{self.id} request")

    def wrong_response(self, body: Any) -> Iterator[str]:
        """What is wrong with a response's body."""
        wanted = self.described.get("response")
        if wanted is None:
            if body is not None:
                yield f"{self.id} answers nothing"
        else:
            yield from wrong(self.api, wanted, body, f"{self.id} response")


def find(verb: str, path: str) -> tuple[Method, dict[str, str]] | None:
    """The method for a path as it came, percent signs and all, and the path's parameters."""
    for method in _methods():
        match = method.pattern.fullmatch(path) if method.verb == verb else None
        if match:
            return method, {name: unquote(text) for name, text in match.groupdict().items()}
    return None


def wrong(api: str, schema: Mapping[str, Any], value: Any, where: str) -> Iterator[str]:
    """Where and how `value` does not fit `schema`."""
    if "$ref" in schema:
        schema = document(api)["schemas"][schema["$ref"]]
    kind = schema["type"]
    if kind == "object":
        yield from _wrong_object(api, schema, value, where)
    elif kind == "array":
        if not isinstance(value, list):
            yield f"{where} is no list: {value!r}"
            return
        for index, item in enumerate(value):
            yield from wrong(api, schema["items"], item, f"{where}[{index}]")
    elif kind != "any":
        yield from (f"{where} {what}" for what in _wrong_scalar(schema, value))


def _wrong_object(api: str, schema: Mapping[str, Any], value: Any, where: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where} is no object: {value!r}"
        return
    known, others = schema.get("properties", {}), schema.get("additionalProperties")
    for name, item in value.items():
        if name in known:
            yield from wrong(api, known[name], item, f"{where}.{name}")
        elif others:
            yield from wrong(api, others, item, f"{where}.{name}")
        else:
            yield f"{where} has no field {name!r}"


def _wrong_scalar(schema: Mapping[str, Any], value: Any) -> Iterator[str]:
    kind, format_ = schema["type"], schema.get("format", "")
    right = {
        "string": isinstance(value, str),
        "boolean": isinstance(value, bool),
        "integer": isinstance(value, int) and not isinstance(value, bool),
        "number": isinstance(value, int | float) and not isinstance(value, bool),
    }[kind]
    if not right:
        yield f"is no {kind}: {value!r}"
    elif kind == "string":
        yield from _wrong_text(schema, value)
    elif format_ in _INTEGERS and abs(value) >= 2 ** _INTEGERS[format_]:
        yield f"is too large for {format_}: {value!r}"


def _wrong_text(schema: Mapping[str, Any], text: str) -> Iterator[str]:
    """What is wrong with a text: a string of JSON, or a parameter of any type."""
    kind, format_ = schema["type"], schema.get("format", "")
    if "enum" in schema and text not in schema["enum"]:
        yield f"is none of {', '.join(schema['enum'])}: {text!r}"
    if kind == "boolean" and text.lower() not in {"true", "false"}:
        yield f"is no boolean: {text!r}"
    if (kind == "integer" or format_ in _INTEGERS) and not re.fullmatch(r"-?[0-9]+", text):
        yield f"is no integer: {text!r}"
    elif kind == "integer":
        low, high = int(schema.get("minimum", -(2**31))), int(schema.get("maximum", 2**31 - 1))
        if not low <= int(text) <= high:
            yield f"is not between {low} and {high}: {text!r}"
    if format_ == "date-time" and not _is_moment(text):
        yield f"is no date-time: {text!r}"


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


@functools.cache
def _methods() -> tuple[Method, ...]:
    """All methods; the more of a path is literal, the sooner, since {range} of one would swallow another's `:clear`."""
    found = [method for api in APIS for method in _of_resources(api, document(api))]
    return tuple(sorted(found, key=lambda method: -len(_GROUP.sub("", method.pattern.pattern))))


def _of_resources(api: str, resource: Mapping[str, Any]) -> Iterator[Method]:
    base = "/" + document(api)["servicePath"]
    for described in resource.get("methods", {}).values():
        yield _method(api, described, base + described["path"], upload=False)
        for protocol in described.get("mediaUpload", {}).get("protocols", {}).values():
            yield _method(api, described, protocol["path"], upload=True)
    for inner in resource.get("resources", {}).values():
        yield from _of_resources(api, inner)


def _method(api: str, described: Mapping[str, Any], path: str, *, upload: bool) -> Method:
    pieces = re.split(r"\{\+?(\w+)\}", path)
    regex = "".join(
        # An id has no colon; a range has.
        re.escape(piece) if index % 2 == 0 else f"(?P<{piece}>{'[^/]+' if piece == 'range' else '[^/:]+'})"
        for index, piece in enumerate(pieces)
    )
    return Method(api, described["id"], described["httpMethod"], re.compile(regex), described, upload)
