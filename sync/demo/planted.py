"""What a demo workspace contains and what must be found in it: the demo knows what it planted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple

Kind = Literal["sound", "faulty", "refused"]
Status = Literal["accepted", "to_mend", "refused"]
STATUS_KIND: Mapping[Status, Kind] = {"accepted": "sound", "to_mend": "faulty", "refused": "refused"}


class Spot(NamedTuple):
    """A finding that must be made: its code and where; a finding about the whole file has no sheet and no cell."""

    code: str
    sheet: str | None = None
    cell: str | None = None


@dataclass(frozen=True, slots=True)
class PlantedFile:
    """One file of the inbox."""

    path: str
    """Relative to the inbox, with '/' between folders."""
    school: str | None
    """Code of the school that the file counts for; None where it is nobody's report."""
    status: Status
    mtime: datetime
    findings: frozenset[Spot]
    """All findings that the file gives, warnings included, and no others."""
    faults: tuple[str, ...] = ()
    """Names of what was planted in it, for people."""

    @property
    def kind(self) -> Kind:
        """'sound' reports are accepted as they are (perhaps with warnings), 'faulty' ones go back to the school."""
        return STATUS_KIND[self.status]


@dataclass(frozen=True, slots=True)
class Planted:
    """A whole demo: what is in the inbox, and what a pass at `as_of` must make of it."""

    as_of: datetime
    period: str
    files: tuple[PlantedFile, ...]
    """In order of their paths."""
    standings: Mapping[str, str] = field(default_factory=dict)
    """'on_time', 'late', 'to_mend' or 'missing' by the code of each school that reports in the period."""
    duplicates: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Paths of the files by code of school, oldest first, where a school sent more than one."""
    ignored: tuple[str, ...] = ()
    """Files in the inbox that are nobody's: what Excel and LibreOffice leave beside an open workbook."""

    def of(self, path: str) -> PlantedFile:
        """The file at `path`. Raises KeyError where there is none."""
        found = next((file for file in self.files if file.path == path), None)
        if found is None:
            raise KeyError(path)
        return found

    def dumps(self) -> str:
        """This as JSON text; `loads` reads it back."""
        return json.dumps(_as_json(self), ensure_ascii=False, indent=1)


def loads(text: str) -> Planted:
    """What `Planted.dumps` wrote."""
    raw = json.loads(text)
    return Planted(
        as_of=datetime.fromisoformat(raw["as_of"]),
        period=raw["period"],
        files=tuple(_file(item) for item in raw["files"]),
        standings=raw["standings"],
        duplicates={code: tuple(paths) for code, paths in raw["duplicates"].items()},
        ignored=tuple(raw["ignored"]),
    )


def _as_json(planted: Planted) -> dict[str, Any]:
    return {
        "as_of": planted.as_of.isoformat(),
        "period": planted.period,
        "files": [
            {
                "path": file.path,
                "school": file.school,
                "status": file.status,
                "mtime": file.mtime.isoformat(),
                "findings": sorted(map(list, file.findings), key=lambda spot: [part or "" for part in spot]),
                "faults": list(file.faults),
            }
            for file in planted.files
        ],
        "standings": dict(planted.standings),
        "duplicates": {code: list(paths) for code, paths in planted.duplicates.items()},
        "ignored": list(planted.ignored),
    }


def _file(raw: dict[str, Any]) -> PlantedFile:
    return PlantedFile(
        path=raw["path"],
        school=raw["school"],
        status=raw["status"],
        mtime=datetime.fromisoformat(raw["mtime"]),
        findings=frozenset(Spot(*spot) for spot in raw["findings"]),
        faults=tuple(raw["faults"]),
    )
