"""A stand-in for Google's Sheets and Drive APIs, spoken to over real HTTP.

`with GoogleServer() as google:` has `google.url`; clients put it in place of https://sheets.googleapis.com and
https://www.googleapis.com, and sign in with `google.key_file(folder)`, whose token_uri is the server's. What is not
modelled is answered with 501, and everything that is said is held against Google's discovery documents; either fails
the context at its end.
"""

from tests.fakes.google.faults import (
    API_OFF,
    BAD_GATEWAY,
    BAD_REQUEST,
    CUT,
    NO_STORAGE,
    NOT_FOUND,
    NOT_SHARED,
    RATE,
    RESET,
    SCOPE_MISSING,
    SERVER_ERROR,
    SHORTENED,
    STALL,
    UNAUTHENTICATED,
    UNAVAILABLE,
    USER_RATE,
    Fault,
    Request,
    after,
    said,
    too_many,
    unavailable,
)
from tests.fakes.google.server import ACCOUNT, GoogleServer
from tests.fakes.google.service import Logged
from tests.fakes.google.state import OWNER, File, Formula

__all__ = [
    "ACCOUNT",
    "API_OFF",
    "BAD_GATEWAY",
    "BAD_REQUEST",
    "CUT",
    "NOT_FOUND",
    "NOT_SHARED",
    "NO_STORAGE",
    "OWNER",
    "RATE",
    "RESET",
    "SCOPE_MISSING",
    "SERVER_ERROR",
    "SHORTENED",
    "STALL",
    "UNAUTHENTICATED",
    "UNAVAILABLE",
    "USER_RATE",
    "Fault",
    "File",
    "Formula",
    "GoogleServer",
    "Logged",
    "Request",
    "after",
    "said",
    "too_many",
    "unavailable",
]
