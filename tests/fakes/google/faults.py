"""What can go wrong on the way to Google and back.

A fault comes in place of the answer. `after(fault)` lets the change be made first, so that only the answer is lost.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from tests.fakes.google import answers
from tests.fakes.google.answers import Refusal, Reply

Way = Literal["whole", "cut", "shortened", "reset", "stall"]


@dataclass(frozen=True, slots=True)
class Request:
    """A request as a test's predicate sees it. `method` is Google's name, such as "drive.files.list"; "oauth2.token"
    for the token endpoint. `account` is "" where the token is not known."""

    method: str
    verb: str
    path: str
    parameters: dict[str, list[str]]
    body: bytes
    account: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens in place of the answer.

    reply: the refusal or page that is sent, by API; None for the real answer. way: whole; cut (the connection ends
    before the promised length); shortened (half of it, and its length says so); reset; stall (nothing, until the
    client gives up). commits: the change is made.
    """

    name: str
    reply: Callable[[str], Reply] | None = None
    way: Way = "whole"
    commits: bool = False


RESET = Fault("reset", way="reset")
STALL = Fault("stall", way="stall")
CUT = Fault("cut", way="cut", commits=True)
SHORTENED = Fault("shortened", way="shortened", commits=True)
BAD_GATEWAY = Fault("502", lambda api: answers.html_page())
SERVER_ERROR = Fault("500", lambda api: answers.broken(500).reply(api))
UNAVAILABLE = Fault("503", lambda api: answers.broken(503).reply(api))
BAD_REQUEST = Fault("400", lambda api: answers.invalid("Request contains an invalid argument.").reply(api))
NOT_FOUND = Fault("404", lambda api: _not_found(api).reply(api))
NOT_SHARED = Fault("not shared", lambda api: (answers.not_shared() if api == "sheets" else _not_found(api)).reply(api))
API_OFF = Fault("API off", lambda api: answers.api_off(api).reply(api))
SCOPE_MISSING = Fault("scope", lambda api: answers.scope_missing(api, "a method").reply(api))
# These three are Drive's alone, and in its words whoever is asked.
NO_STORAGE = Fault("storageQuotaExceeded", lambda api: answers.no_storage().reply("drive"))
RATE = Fault("rateLimitExceeded", lambda api: answers.rate("rateLimitExceeded").reply("drive"))
USER_RATE = Fault("userRateLimitExceeded", lambda api: answers.rate("userRateLimitExceeded").reply("drive"))
UNAUTHENTICATED = Fault("401", lambda api: answers.unauthenticated().reply(api))


def too_many(retry_after: str | int = "") -> Fault:
    """429, with Retry-After where it is given: seconds or an HTTP date."""
    return Fault(f"429 {retry_after}", lambda api: answers.too_many(api, retry_after=str(retry_after)).reply(api))


def unavailable(retry_after: str | int) -> Fault:
    """503 with Retry-After."""
    return Fault("503", lambda api: replace(answers.broken(503).reply(api), headers={"Retry-After": str(retry_after)}))


def said(status: int, body: object) -> Fault:
    """Any answer. One of 200 is held against Google's discovery documents like all others."""
    return Fault(str(status), lambda api: Reply(status, answers.dump(body)))


def after(fault: Fault) -> Fault:
    """The same, when the change has been made: only the answer is lost."""
    return replace(fault, name=f"{fault.name}, after the change", commits=True)


def _not_found(api: str) -> Refusal:
    return answers.entity_not_found() if api == "sheets" else answers.file_not_found("")


Match = str | Callable[[Request], bool]


@dataclass(slots=True)
class _Planned:
    match: Match
    faults: Iterator[Fault]


class Faults:
    """The faults that are still to come."""

    def __init__(self) -> None:
        self._planned: list[_Planned] = []
        self._lock = threading.Lock()

    def plan(self, match: Match, what: tuple[Fault, ...], times: int | None) -> None:
        """Queues faults for requests that match: `what` in its order, all of it `times` times; None is for ever."""
        self._planned.append(_Planned(match, _repeated(what, times)))

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self._planned.clear()

    def take(self, request: Request) -> Fault | None:
        """What goes wrong with a request, of the first plan that matches and has something left."""
        with self._lock:
            for planned in self._planned:
                if _matches(planned.match, request):
                    fault = next(planned.faults, None)
                    if fault is not None:
                        return fault
            return None


def _repeated(what: tuple[Fault, ...], times: int | None) -> Iterator[Fault]:
    while times is None or times > 0:
        yield from what
        times = None if times is None else times - 1


def _matches(match: Match, request: Request) -> bool:
    if isinstance(match, str):
        return match in {"*", request.method}
    return match(request)
