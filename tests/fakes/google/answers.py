"""What Google answers when it refuses, word for word as far as known, and what this stand-in answers for itself.

The shapes are those of https://developers.google.com/workspace/sheets/api/troubleshoot-api-errors and
https://developers.google.com/workspace/drive/api/guides/handle-errors: Drive repeats its reason under `errors`, Sheets
does not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

PROJECT = "123456789012"
HOSTS = {"sheets": "sheets.googleapis.com", "drive": "drive.googleapis.com"}
NAMES = {"sheets": "Google Sheets API", "drive": "Google Drive API"}
JSON = "application/json; charset=UTF-8"


class NotModelled(Exception):
    """Google may well do this; the stand-in does not, and says what it is."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it goes over the wire."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = JSON


class Refusal(Exception):
    """Google says no. `reason` and `domain` are Drive's, `code` is Google's name of the status, `details` its own."""

    def __init__(
        self,
        status: int,
        message: str,
        code: str,
        *,
        reason: str = "",
        domain: str = "global",
        location: str = "",
        details: tuple[Mapping[str, Any], ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.code = status, message, code
        self.reason, self.domain, self.location = reason, domain, location
        self.details, self.headers = details, headers or {}

    def reply(self, api: str) -> Reply:
        """The refusal in the words of an API, "sheets" or "drive"."""
        error: dict[str, Any] = {"code": self.status, "message": self.message}
        if api == "drive":
            each = {"message": self.message, "domain": self.domain, "reason": self.reason or "badRequest"}
            if self.location:
                each |= {"location": self.location, "locationType": "parameter"}
            error["errors"] = [each]
        if api != "drive" or self.details:
            error["status"] = self.code
        if self.details:
            error["details"] = list(self.details)
        return Reply(self.status, dump({"error": error}), self.headers)


def dump(body: Any) -> bytes:
    """JSON as Google sends it."""
    return json.dumps(body, ensure_ascii=False, indent=2).encode() + b"\n"


def invalid(message: str, location: str = "") -> Refusal:
    """400: the request cannot be right."""
    return Refusal(400, message, "INVALID_ARGUMENT", reason="invalid" if location else "badRequest", location=location)


def file_not_found(file_id: str) -> Refusal:
    """Drive's 404, which is also its word for what the account may not see."""
    message = f"File not found: {file_id}."
    return Refusal(404, message, "NOT_FOUND", reason="notFound", location="fileId")


def entity_not_found() -> Refusal:
    """Sheets' 404."""
    return Refusal(404, "Requested entity was not found.", "NOT_FOUND", reason="notFound")


def not_shared() -> Refusal:
    """Sheets' 403 for a spreadsheet that the account may not read or write."""
    return Refusal(403, "The caller does not have permission", "PERMISSION_DENIED", reason="forbidden")


def not_allowed() -> Refusal:
    """Drive's 403 for a file that the account sees and may not change."""
    message = "The user does not have sufficient permissions for this file."
    return Refusal(403, message, "PERMISSION_DENIED", reason="insufficientFilePermissions")


def no_storage() -> Refusal:
    """Drive's 403 for a service account that would own a file."""
    message = (
        "Service Accounts do not have storage quota. Leverage shared drives "
        "(https://developers.google.com/workspace/drive/api/guides/about-shareddrives), "
        "or use OAuth delegation (http://support.google.com/a/answer/7281227) instead."
    )
    return Refusal(403, message, "PERMISSION_DENIED", reason="storageQuotaExceeded", domain="usageLimits")


def unauthenticated() -> Refusal:
    """401: no token, one that is not ours, or one that has expired."""
    message = (
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
        "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
    )
    challenge = {"WWW-Authenticate": 'Bearer realm="https://accounts.google.com/", error="invalid_token"'}
    return Refusal(401, message, "UNAUTHENTICATED", reason="authError", headers=challenge)


def scope_missing(api: str, method: str) -> Refusal:
    """403: the token's scopes do not allow the method."""
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        "domain": "googleapis.com",
        "metadata": {"method": method, "service": HOSTS[api]},
    }
    return Refusal(
        403,
        "Request had insufficient authentication scopes.",
        "PERMISSION_DENIED",
        reason="insufficientPermissions",
        details=(info,),
        headers={"WWW-Authenticate": 'Bearer realm="https://accounts.google.com/", error="insufficient_scope"'},
    )


def api_off(api: str) -> Refusal:
    """403: the API is not turned on in the account's project."""
    link = f"https://console.developers.google.com/apis/api/{HOSTS[api]}/overview?project={PROJECT}"
    message = (
        f"{NAMES[api]} has not been used in project {PROJECT} before or it is disabled. Enable it by visiting {link} "
        "then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems "
        "and retry."
    )
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "SERVICE_DISABLED",
        "domain": "googleapis.com",
        "metadata": {"service": HOSTS[api], "consumer": f"projects/{PROJECT}", "activationUrl": link},
    }
    return Refusal(
        403, message, "PERMISSION_DENIED", reason="accessNotConfigured", domain="usageLimits", details=(info,)
    )


def too_many(api: str, kind: str = "Read", retry_after: str = "") -> Refusal:
    """429. `kind`: Read or Write. `retry_after`: the header, seconds or an HTTP date; Google mostly leaves it out."""
    message = (
        f"Quota exceeded for quota metric '{kind} requests' and limit '{kind} requests per minute per user' "
        f"of service '{HOSTS[api]}' for consumer 'project_number:{PROJECT}'."
    )
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "RATE_LIMIT_EXCEEDED",
        "domain": "googleapis.com",
        "metadata": {"service": HOSTS[api], "consumer": f"projects/{PROJECT}", "quota_limit_value": "60"},
    }
    return Refusal(
        429,
        message,
        "RESOURCE_EXHAUSTED",
        reason="rateLimitExceeded",
        domain="usageLimits",
        details=(info,),
        headers={"Retry-After": retry_after} if retry_after else None,
    )


def rate(reason: str) -> Refusal:
    """Drive's 403 for too many requests: rateLimitExceeded or userRateLimitExceeded."""
    message = "Rate Limit Exceeded" if reason == "rateLimitExceeded" else "User Rate Limit Exceeded"
    return Refusal(403, message, "PERMISSION_DENIED", reason=reason, domain="usageLimits")


def broken(status: int) -> Refusal:
    """500 and 503 with a body of Google's."""
    if status == 503:
        return Refusal(503, "The service is currently unavailable.", "UNAVAILABLE", reason="backendError")
    return Refusal(status, "Internal error encountered.", "INTERNAL", reason="backendError")


def html_page(status: int = 502) -> Reply:
    """What a front end says when nothing behind it answers: a page, not JSON."""
    page = (
        f"<!DOCTYPE html>\n<html lang=en>\n<title>Error {status} (Server Error)!!1</title>\n<p><b>{status}.</b> "
        "<ins>That’s an error.</ins>\n<p>The server encountered a temporary error and could not complete your request."
        "<p>Please try again in 30 seconds.  <ins>That’s all we know.</ins>\n"
    )
    return Reply(status, page.encode(), {}, "text/html; charset=UTF-8")
