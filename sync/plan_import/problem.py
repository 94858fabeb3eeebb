"""Why nothing was imported."""

from __future__ import annotations

from sync.errors import MendableError


class PlanImportError(MendableError):
    """A document that cannot be imported: the place, what is wrong, what to do."""

    def __init__(self, place: str, message: str, fix: str) -> None:
        super().__init__(f"{place}: {message} {fix}")
        self.place, self.problem, self.fix = place, message, fix
