"""The ways in which the server says no: a status of HTTP and one sentence for the person who clicked."""

from __future__ import annotations

from collections.abc import Mapping

from sync.i18n import gettext as _
from sync.i18n import mark

WORDS: Mapping[int, str] = {
    400: mark("What was sent is no workbook. Close the workbook, open it again and try once more."),
    401: mark("A key is needed. Enter the key that the office gave to the school."),
    403: mark("Calls from another web page are not answered."),
    404: mark("There is nothing at this address."),
    405: mark("This address does not take such calls."),
    408: mark("The workbook took too long to arrive. Try again when the network is better."),
    413: mark("The workbook is larger than {megabytes} MB. Remove pictures and superfluous rows, and try again."),
    415: mark("What was sent is no workbook. Close the workbook, open it again and try once more."),
    429: mark("Too many calls just now. Wait a minute and try again."),
    500: mark("The server made a mistake. Try again; if it stays, tell the office."),
    503: mark("The office's server is not ready. Try again later, or send the workbook as before."),
}
"""English source strings by status."""


class Refusal(Exception):
    """One call is not answered. `message` is the sentence for the caller; `status` goes with it."""

    def __init__(self, status: int, message: str | None = None, **parts: object) -> None:
        self.status = status
        self.message = message if message is not None else words(status).format(**parts)
        super().__init__(self.message)


def words(status: int) -> str:
    """The sentence for `status`, in the language in use; that of the next rounder status where it has none."""
    known = status if status in WORDS else 400 if 400 <= status < 500 else 500
    return _(WORDS[known])
