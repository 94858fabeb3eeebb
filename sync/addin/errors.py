"""Why nothing was done in an open workbook, and nothing written into it; `status` is what a server answers with."""

from __future__ import annotations

from sync.errors import MendableError


class AddinError(MendableError):
    """The call was refused; the message is for the person who clicked."""

    status = 400


class OtherSchool(AddinError):
    """The key is of one school and the workbook of another."""

    status = 403


class NotAReport(AddinError):
    """The workbook is none of ours, breaks a limit, or has no sheet for the answer."""

    status = 422


class NotTaken(AddinError):
    """A report that is not taken: its period is sealed, a newer one took its place, or it is one too many in a day."""

    status = 409


class NotKept(MendableError):
    """A report that the office's machine cannot keep now, because its disk is full or away; nothing was handed in."""


_REFUSALS = ("com_error", "CommandError")
"""What pywin32 and appscript raise, which are not on every machine."""


def is_refusal(error: Exception) -> bool:
    """Whether the engine says with it that Excel refuses something, such as writing into a protected sheet."""
    return type(error).__name__ in _REFUSALS
