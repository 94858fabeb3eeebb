"""gspread's client with a session of ours: time-outs, limits, and tries that end.

What reads is tried again after whatever may be over soon. What writes is tried again only where Google certainly did
nothing: it refused for the rate, or there was no connection. Everything else of a write is an OutcomeUnknown, and who
wrote reads back. (gspread's own BackOffHTTPClient has no time-out, never gives up, takes a full Drive for a rate, and
repeats an append that was done.)

Importing this module imports gspread, requests and google-auth, which is slow; `sync.google.connect` does it when used.
"""

from __future__ import annotations

import json as json_format
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit, urlunsplit

import requests
from google.auth.exceptions import GoogleAuthError
from gspread.http_client import FileType, HTTPClient
from tenacity import RetryCallState, Retrying, retry_if_exception, wait_exponential

from sync.google.access import Access
from sync.google.limits import Bucket
from sync.google.problems import Answer, GoogleError, OutcomeUnknown, Stopped, certainly_not_sent, explained
from sync.i18n import gettext as _

if TYPE_CHECKING:
    from sync.google import Settings

SHEETS, DRIVE = "sheets.googleapis.com", "www.googleapis.com"
"""The hosts that are spoken to; a token is shown to no other."""
TRIES = 7
"""The pauses between them are a minute together, after which a quota of Google's is fresh."""
LONGEST_PAUSE = 32.0
"""Seconds between two tries, but for what Retry-After asks (developers.google.com/workspace/sheets/api/limits)."""
DRIVE_READS, DRIVE_WRITES = 300, 150
"""A minute. Drive allows 12,000 requests a minute, and at most 3 writes a second for long."""


@dataclass(frozen=True, slots=True)
class _Call:
    method: str
    url: str
    host: str
    options: Mapping[str, Any]

    @property
    def writes(self) -> bool:
        return self.method != "GET"


class Client(HTTPClient):
    """See `sync.google.connect`. Whatever is asked raises GoogleError, or Stopped where a wait was broken off."""

    def __init__(
        self,
        settings: Settings,
        access: Access,
        wait: Callable[[float], bool],
        clock: Callable[[], float],
        jitter: Callable[[], float],
    ) -> None:
        super().__init__(None, session=requests.Session())  # type: ignore[arg-type]  # None is what its docs ask for
        self.set_timeout(settings.timeout_seconds)
        self.access = access
        self._endpoint = settings.endpoint
        self._give_up = settings.give_up_seconds
        self._wait, self._clock, self._jitter = wait, clock, jitter
        self._buckets = {
            (SHEETS, False): Bucket(settings.reads_per_minute, wait, clock),
            (SHEETS, True): Bucket(settings.writes_per_minute, wait, clock),
            (DRIVE, False): Bucket(DRIVE_READS, wait, clock),
            (DRIVE, True): Bucket(DRIVE_WRITES, wait, clock),
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of connections."""
        self.session.close()
        self.access.close()

    @property
    def account(self) -> str:
        """The e-mail address that spreadsheets are to be shared with; "" where it is not known."""
        return self.access.account

    def request(
        self,
        method: str,
        endpoint: str,
        params: Mapping[str, Any] | None = None,
        data: bytes | None = None,
        json: Mapping[str, Any] | None = None,
        files: FileType = None,
        headers: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Google's answer, which is a success and is JSON. `endpoint` is the address at Google.

        Ends after TRIES, or before a pause that would go beyond `give_up_seconds`: a wait for the limits (a minute at
        most) and the time-out of the last try come on top. Raises GoogleError.
        """
        if json is not None:
            # As UTF-8, because requests would write six bytes for most Vietnamese letters.
            data = json_format.dumps(json, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
            headers = {**(headers or {}), "Content-Type": "application/json; charset=UTF-8"}
        options = {"params": params, "data": data, "files": files, "headers": headers}
        url, host = _address(endpoint, self._endpoint)
        answer: requests.Response = self._retrying()(self._try, _Call(method.upper(), url, host, options))
        return answer

    def _retrying(self) -> Retrying:
        ends_at = self._clock() + self._give_up

        def is_enough(state: RetryCallState) -> bool:
            return state.attempt_number >= TRIES or self._clock() + state.upcoming_sleep >= ends_at

        return Retrying(
            retry=retry_if_exception(lambda error: isinstance(error, GoogleError) and error.again),
            wait=self._seconds,
            stop=is_enough,
            sleep=self._pause,
            reraise=True,
        )

    def _seconds(self, state: RetryCallState) -> float:
        """How long to wait before another try: longer each time, and as long as Google asks."""
        error = state.outcome.exception() if state.outcome else None
        asked = (error.retry_after or 0.0) if isinstance(error, GoogleError) else 0.0
        return max(wait_exponential(max=LONGEST_PAUSE)(state), asked) + self._jitter()

    def _pause(self, seconds: float) -> None:
        if self._wait(seconds):
            raise Stopped

    def _try(self, call: _Call) -> requests.Response:
        if not self._buckets[call.host, call.writes].take():
            raise Stopped
        response = self._send(call)
        if response.status_code == requests.codes.unauthorized:
            # The token was withdrawn before its time; nothing was done.
            self.access.forget()
            response = self._send(call)
        if not _is_success(response):
            raise _judged(call, explained(_answer(response), self.account))
        if response.content and not isinstance(_json(response), dict):
            raise _judged(call, _cut())
        return response

    def _send(self, call: _Call) -> requests.Response:
        try:
            token = self.access.token()
        except GoogleAuthError as error:
            raise explained(error, self.account) from None
        try:
            return self.session.request(
                call.method, call.url, auth=_Bearer(token), timeout=self.timeout, allow_redirects=False, **call.options
            )
        except requests.RequestException as error:
            known = explained(error)
            # The error itself carries the request, and with it the token.
            raise (known if certainly_not_sent(error) else _judged(call, known)) from None


class _Bearer(requests.auth.AuthBase):
    """Puts the token on a request. Being there, it also keeps requests from looking for a password in .netrc."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _judged(call: _Call, error: GoogleError) -> GoogleError:
    """What an error of a request that was sent means: of a write, only a refusal leaves no doubt."""
    if call.writes and error.kind in {"temporary", "network"}:
        return OutcomeUnknown(error)
    return error


def _address(url: str, endpoint: str) -> tuple[str, str]:
    """Where `url` of Google's is to be asked, and which of the hosts it is of. Raises ValueError for any other host."""
    parts = urlsplit(url)
    if parts.scheme != "https" or parts.netloc not in {SHEETS, DRIVE}:
        raise ValueError(f"not an address of Google's: {url}")
    if not endpoint:
        return url, parts.netloc
    return endpoint.rstrip("/") + urlunsplit(("", "", parts.path, parts.query, "")), parts.netloc


def _is_success(response: requests.Response) -> bool:
    return 200 <= response.status_code < 300


def _answer(response: requests.Response) -> Answer:
    body = _json(response)
    return Answer(response.status_code, body if isinstance(body, dict) else {}, _retry_after(response))


def _json(response: requests.Response) -> Any:
    """The JSON of an answer; None where it is none: a page of HTML, or half of what was meant."""
    try:
        return json_format.loads(response.content)
    except ValueError:
        return None


def _cut() -> GoogleError:
    return GoogleError("network", _("Google's answer is incomplete, or a page of another program."), again=True)


def _retry_after(response: requests.Response) -> float | None:
    """Seconds (RFC 9110, 10.2.3). A date is compared with the answer's own, whatever the clock of this machine says."""
    words = response.headers.get("Retry-After", "").strip()
    if words.isascii() and words.isdigit():
        return float(words)
    try:
        until, now = parsedate_to_datetime(words), parsedate_to_datetime(response.headers.get("Date", ""))
        return max((until - now).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return None
