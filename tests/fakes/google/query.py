"""Drive's search: the parameter `q` of files.list.

https://developers.google.com/workspace/drive/api/guides/ref-search-terms
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tests.fakes.google.answers import NotModelled, file_not_found, invalid
from tests.fakes.google.state import File, State

Test = Callable[[File], bool]
_TOKEN = re.compile(r"\s*('(?:[^'\\]|\\.)*'|[()]|!=|<=|>=|[=<>]|[A-Za-z]+)")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def parse(text: str, state: State, account: str) -> Test:
    """The test that `q` is. Raises Refusal where Google cannot read it, NotModelled for terms that are not modelled."""
    if not text.strip():
        return lambda file: True
    search = _Search(_tokens(text), state, account)
    test = search.either()
    if search.tokens:
        raise _unreadable()
    return test


def _unreadable() -> Exception:
    return invalid("Invalid Value", "q")


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if match is None:
            raise _unreadable()
        tokens.append(match[1])
        at = match.end()
    return tokens


class _Search:
    """Reads tokens from the left."""

    def __init__(self, tokens: list[str], state: State, account: str) -> None:
        self.tokens, self._state, self._account = tokens, state, account

    def either(self) -> Test:
        """`a or b`; Drive lets `and` bind no closer than `or`, but a mixture without parentheses is nobody's intent."""
        tests, words = [self._one()], set()
        while self.tokens[:1] in (["and"], ["or"]):
            words.add(self._next())
            tests.append(self._one())
        if len(words) > 1:
            raise NotModelled("q that mixes `and` and `or` without parentheses")
        every = all if "and" in words else any
        return lambda file: every(test(file) for test in tests)

    def _one(self) -> Test:
        if self.tokens[:1] == ["not"]:
            self._next()
            inner = self._one()
            return lambda file: not inner(file)
        if self.tokens[:1] == ["("]:
            self._next()
            inner = self.either()
            if self._next() != ")":
                raise _unreadable()
            return inner
        return self._term(self._next(), self._next(), self._next())

    def _next(self) -> str:
        if not self.tokens:
            raise _unreadable()
        return self.tokens.pop(0)

    def _term(self, left: str, sign: str, right: str) -> Test:
        if left.startswith("'") and sign == "in":
            return self._member(_text(left), right)
        if sign not in _COMPARE:
            raise NotModelled(f"q with {left} {sign}")
        compare = _COMPARE[sign]
        if left in {"trashed", "sharedWithMe"} and sign in {"=", "!="} and right in {"true", "false"}:
            wanted = right == "true"
            test = self._state.is_trashed if left == "trashed" else self._is_shared
            return lambda file: compare(test(file), wanted)
        if left in {"name", "mimeType"} and sign in {"=", "!="}:
            text, name = _text(right), {"name": "name", "mimeType": "mime"}[left]
            return lambda file: compare(getattr(file, name), text)
        if left in {"modifiedTime", "createdTime"}:
            moment, time = _moment(_text(right)), {"modifiedTime": "modified", "createdTime": "created"}[left]
            return lambda file: compare(getattr(file, time), moment)
        raise NotModelled(f"q with {left} {sign} {right}")

    def _member(self, name: str, collection: str) -> Test:
        if collection != "parents":
            raise NotModelled(f"q with in {collection}")
        if name == "root":
            raise NotModelled("q with 'root' in parents")
        folder, drive = self._state.files.get(name), self._state.drives.get(name)
        seen = (folder and self._state.role(self._account, folder)) or (drive and drive.members.get(self._account))
        if not seen:
            raise file_not_found("")
        return lambda file: name in file.parents

    def _is_shared(self, file: File) -> bool:
        return not file.drive and file.owner != self._account and self._account in file.permissions


def _text(token: str) -> str:
    if not token.startswith("'"):
        raise _unreadable()
    return re.sub(r"\\(.)", r"\1", token[1:-1])


def _moment(text: str) -> datetime:
    """RFC 3339; UTC where no offset is given."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _unreadable() from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
