"""A consolidated workbook that is open in Excel while a pass goes over the office."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sync.answers import plain
from sync.answers.document import Document, Sheets


@dataclass(frozen=True)
class Opened:
    """What a pass must know of it. What is typed into it is heard as from a newer version of its file.

    place: what decisions say where they were typed; no two workbooks have the same. built_as: the file's name under
    which passes build the workbook of its period. path: where its own file lies, None where that is not where passes
    write; a pass leaves that file alone, because Excel holds it, and the officer saves.
    """

    place: str
    period: str
    built_as: str
    sheets: Sheets
    path: Path | None = None

    def as_file(self) -> bytes:
        """All its values as a workbook, for the case that somebody typed where nobody reads."""
        return plain.workbook_of({name: self.sheets.rows(name) for name in self.sheets.names})

    def digest(self, document: Document, now: datetime) -> str:
        """By what the ledger knows that it was read at `now` with what `document` says."""
        cells = sorted((*cell, *texts) for cell, texts in document.cells.items())
        said = json.dumps([self.place, now.isoformat(), cells])
        return hashlib.sha256(said.encode()).hexdigest()
