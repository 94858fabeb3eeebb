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
