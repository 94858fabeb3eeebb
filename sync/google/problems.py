"""What goes wrong between us and Google, as data, and in the officer's words.

Google's answers are described at developers.google.com/workspace/drive/api/guides/handle-errors (Drive) and
cloud.google.com/apis/design/errors (Sheets). A token, a key or a header is never part of a message.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sync.errors import MendableError
from sync.i18n import gettext as _
from sync.i18n import mark
from sync.text import collapse

Kind = Literal[
    "not_shared",  # it is there, and this account may not do that with it
    "not_found",  # it is not there, or not shared: Drive says the same of both
    "not_a_sheet",  # an Excel file that lies in Drive
    "no_range",  # a tab of that name is not there
    "address",  # Google shares with no such address
    "protected",  # the cells are protected from this account
    "api_off",  # Sheets or Drive is turned off in the Google project
    "scope",  # the credentials are good, but not for this
    "storage_quota",  # a service account has no Drive of its own, or a Drive is full
    "sharing_limit",  # no more may be shared today
    "rate",  # too fast; Retry-After may say until when
    "temporary",  # Google is busy or broken
    "network",  # Google was not reached, or the connection broke
    "bad_request",  # Google does not understand us, or refuses for a reason that is none of these
    "key",  # the credentials are broken, withdrawn or missing
    "clock",  # this machine's clock is wrong, so that Google refuses what it signs
    "unknown_outcome",  # a write was sent, and nobody knows whether it was done
    "stopped",  # the waiting was broken off
]
"""What went wrong, for programs; added to, never renamed."""
LONGEST = 200
"""Characters of Google's words that are repeated."""


class GoogleError(MendableError):
    """Something at Google did not go; the message says what is wrong and what to do, not of which spreadsheet.

    kind: what it was. again: nothing was done, and the same request may be sent again. retry_after: seconds that Google
    asks to wait before, where it says so. status: of the answer, 0 where there was none.
    """

    def __init__(
        self, kind: Kind, message: str, *, again: bool = False, retry_after: float | None = None, status: int = 0
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.again = again
        self.retry_after = retry_after
        self.status = status


class OutcomeUnknown(GoogleError):
    """A write was sent and its answer was lost: read back what was written before anything else is done about it."""

    def __init__(self, cause: GoogleError) -> None:
        message = _("It is not known whether Google kept what was written: {reason}").format(reason=cause)
        super().__init__("unknown_outcome", message, status=cause.status)


class Stopped(GoogleError):
    """The waiting for a next try, or for the limits, was broken off; nothing was sent."""

    def __init__(self) -> None:
        super().__init__("stopped", _("The work with Google was broken off."))


@dataclass(frozen=True, slots=True)
class Answer:
    """What of an answer that is no success tells what went wrong.

    body: the JSON of it, {} where it is none. retry_after: in seconds, None where it is not said.
    """

    status: int
    body: Mapping[str, Any]
    retry_after: float | None = None


def explained(failure: Answer | Exception, account: str = "") -> GoogleError:
    """The error for an answer, or for what requests or google-auth raised. `account`: the e-mail that is shared with.

    An exception of another kind is a mistake of ours, and is raised as it is.
    """
    if isinstance(failure, Answer):
        return _of_answer(failure, account)
    if isinstance(failure, GoogleError):
        return failure
    return _of_exception(failure)


def _of_answer(answer: Answer, account: str) -> GoogleError:
    words = _words_of(answer)
    kind = _kind(answer, words)
    message = _(_MESSAGES[kind]).format(
        account=account or _("the account of this program"),
        link=_link(words),
        reason=_shown(answer, words),
    )
    again = kind in {"rate", "temporary"}
    return GoogleError(kind, message, again=again, retry_after=answer.retry_after, status=answer.status)


@dataclass(frozen=True, slots=True)
class _Words:
    message: str
    status: str
    reasons: frozenset[str]
    links: tuple[str, ...]


def _words_of(answer: Answer) -> _Words:
    """Both shapes of an error: Drive's `errors` with reasons, and the newer `status` with `details`."""
    error = answer.body.get("error")
    if not isinstance(error, Mapping):
        return _Words("", "", frozenset(), ())
    parts = [*_objects(error.get("errors")), *_objects(error.get("details"))]
    reasons = frozenset(str(part["reason"]) for part in parts if "reason" in part)
    return _Words(
        str(error.get("message", "")), str(error.get("status", "")), reasons, tuple(_links_in([error, *parts]))
    )


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _links_in(parts: list[Mapping[str, Any]]) -> Iterator[str]:
    """Addresses of Google's console; no other is ever shown to anybody as what to open."""
    for part in parts:
        yield from _CONSOLE.findall(" ".join(str(value) for value in part.values()))


_CONSOLE = re.compile(r"https://console\.(?:developers|cloud)\.google\.com/[\w./?=&%-]*[\w=-]")

_BY_REASON: tuple[tuple[Kind, frozenset[str]], ...] = (
    # storageQuotaExceeded stands in the same domain, usageLimits, as the rates, and no waiting helps.
    ("storage_quota", frozenset({"storageQuotaExceeded", "teamDriveFileLimitExceeded", "quotaExceeded"})),
    ("rate", frozenset({"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"})),
    ("sharing_limit", frozenset({"sharingRateLimitExceeded", "dailyLimitExceeded"})),
    ("api_off", frozenset({"accessNotConfigured", "SERVICE_DISABLED"})),
    ("scope", frozenset({"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"})),
    ("address", frozenset({"invalidSharingRequest"})),
)


def _kind(answer: Answer, words: _Words) -> Kind:
    for kind, reasons in _BY_REASON:
        if reasons & words.reasons:
            return kind
    if answer.status == 400:
        return _kind_of_400(words)
    if answer.status in _BY_STATUS:
        return _BY_STATUS[answer.status]
    # Pages that send elsewhere come from a network that wants somebody to sign in first.
    return "temporary" if answer.status >= 500 or answer.status < 400 else "bad_request"


_BY_STATUS: Mapping[int, Kind] = {
    401: "key",
    403: "not_shared",
    404: "not_found",
    408: "temporary",
    410: "not_found",
    429: "rate",
}


def _kind_of_400(words: _Words) -> Kind:
    message = words.message.lower()
    if "unable to parse range" in message:
        return "no_range"
    if "protected cell" in message:
        return "protected"
    return "not_a_sheet" if "not supported for this document" in message else "bad_request"


def _link(words: _Words) -> str:
    if words.links:
        return words.links[0]
    service = "drive" if "Drive" in words.message else "sheets"
    return f"https://console.cloud.google.com/apis/library/{service}.googleapis.com"


def _shown(answer: Answer, words: _Words) -> str:
    text = collapse("".join(letter if letter.isprintable() else " " for letter in words.message))
    text = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
    return f"{answer.status} {text}".rstrip()


_MESSAGES: Mapping[Kind, str] = {
    "not_shared": mark("Google does not let {account} do this. Share the spreadsheet with this address as editor."),
    "not_found": mark(
        "Google has no such file, or it is not shared with {account}. "
        "Check the link, and share the file with this address as editor."
    ),
    "not_a_sheet": mark(
        "This is an Excel file in Google Drive and no Google Sheet. "
        "Open it, choose File, Save as Google Sheets, and give the link of the new spreadsheet."
    ),
    "no_range": mark("A tab that is needed is not in the spreadsheet: it was renamed or deleted. ({reason})"),
    "address": mark("Google does not share with this address: {reason}. Check it; it must be a Google account."),
    "protected": mark(
        "These cells are protected. Allow {account} to edit them: Data, Protect sheets and ranges, in the spreadsheet."
    ),
    "api_off": mark("Google Sheets or Google Drive is turned off in the Google project. Turn it on at {link}."),
    "scope": mark(
        "The credentials are not allowed to use Google Sheets and Drive. "
        "Give [google] key_file, the JSON key of a service account."
    ),
    "storage_quota": mark(
        "There is no room in Google Drive. A service account has none of its own: "
        "let a person make the spreadsheet and share it with {account}, or use a Shared Drive that has room."
    ),
    "sharing_limit": mark("Google allows no more of this today. Go on tomorrow."),
    "rate": mark("Too many requests to Google. It will be tried again later."),
    "temporary": mark("Google does not answer as it should now ({reason}). It will be tried again later."),
    "key": mark("Google does not accept the credentials of {account} any more. Make a new key of the service account."),
    "bad_request": mark("Google refused the request: {reason}."),
}


def _of_exception(error: Exception) -> GoogleError:
    from google.auth.exceptions import GoogleAuthError
    from requests import RequestException

    if isinstance(error, GoogleAuthError):
        return _of_signing_in(error)
    if isinstance(error, RequestException):
        return _of_network(error)
    raise error


def _of_network(error: Exception) -> GoogleError:
    from requests.exceptions import SSLError, Timeout

    if isinstance(error, SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(error):
        reason, again = _("the certificate cannot be verified; is the clock of this machine right?"), False
    else:
        reason, again = _("no answer in time") if isinstance(error, Timeout) else _("the connection was lost"), True
    return GoogleError("network", _("Google cannot be reached: {reason}.").format(reason=reason), again=again)


def _of_signing_in(error: Any) -> GoogleError:
    """google-auth's error; what it says may repeat what was sent, and only OAuth's own words are looked at."""
    from google.auth.exceptions import RefreshError

    cause = error.args[0] if error.args else None
    if not isinstance(error, RefreshError) or error.retryable:
        if isinstance(cause, Exception):
            return _of_network(cause)
        return GoogleError("temporary", _(_MESSAGES["temporary"]).format(reason=_("signing in")), again=True)
    answer = error.args[1] if len(error.args) > 1 and isinstance(error.args[1], Mapping) else {}
    if _ABOUT_TIME.search(str(answer.get("error_description", ""))):
        return GoogleError("clock", _("Google refuses the sign-in because the clock of this machine is wrong. Set it."))
    reason = str(answer.get("error", ""))
    message = _("Google does not accept the key ({reason}). Make a new key of the service account: [google] key_file.")
    return GoogleError("key", message.format(reason=reason if reason.isidentifier() else "?"))


_ABOUT_TIME = re.compile("reasonable timeframe|Token used too early")


def certainly_not_sent(error: Exception) -> bool:
    """Whether a request failed before a connection was there, so that nothing of it can have been done."""
    from requests.exceptions import ConnectionError as Broken
    from requests.exceptions import ConnectTimeout, SSLError
    from urllib3.exceptions import MaxRetryError, NewConnectionError

    if isinstance(error, (ConnectTimeout, SSLError)):
        return isinstance(error, ConnectTimeout) or "CERTIFICATE_VERIFY_FAILED" in str(error)
    cause = error.args[0] if isinstance(error, Broken) and error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)


def settled(write: Callable[[], object], is_done: Callable[[], bool]) -> None:
    """Writes something that does no harm when it is written twice, and knows at the end that it is there.

    Where the outcome is unknown, `is_done` reads back; what is not there is written once more. Raises OutcomeUnknown
    where that ends in the same way, or where nothing can be read back.
    """
    for last in (False, True):
        try:
            write()
        except OutcomeUnknown as unknown:
            if not read_back(is_done, unknown):
                if last:
                    raise
                continue
        return


def read_back(is_done: Callable[[], bool], unknown: OutcomeUnknown) -> bool:
    """What `is_done` says of a write; raises `unknown` where it cannot be asked."""
    try:
        return is_done()
    except GoogleError:
        raise unknown from None
