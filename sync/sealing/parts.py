"""What a seal is made of: everything that the workbook of a period rests on, as data.

Nothing of it is secret. Instead of the workspace's secret there is, for each seal of a workbook that was read, whether
it was good. Addresses of schools are left out: no output shows them.
"""

from __future__ import annotations

import gzip
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from sync import plan
from sync.archive import Archive
from sync.config import Settings
from sync.control import Control
from sync.i18n import gettext as _
from sync.office import OpenOffice
from sync.periods import Period, Periods
from sync.schools import School, Schools
from sync.sealing import manifest
from sync.sealing.manifest import SealError, json_bytes

if TYPE_CHECKING:
    from sync.ledger import Ledger

_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")
_MOST_ROWS = 2 << 30
"""Bytes of a table of the ledger, unpacked."""
_SHOWN = {"timezone", "office", "intake", "deadlines", "notices"}
"""Tables of the settings that reading and outputs depend on; nothing in them is secret."""
_ADDRESSES = {"notices": {"officer_emails", "chief_emails"}}


@dataclass(frozen=True)
class Parts:
    """What the outputs of a period are rebuilt from.

    now: the moment of sealing, in the office's time zone. period: its key. plan: the text of plan.toml. settings: as
    JSON. control: schools, periods with all extensions, days off. rows: of the ledger, see sync.ledger.snapshots.
    receipts: contents by SHA-256, of those that are read again.  seals: whether each seal that was read
    is the office's, see sync.sealing.restoring. templates: the office's own templates of the report, by name of file.
    """

    now: datetime
    period: str
    plan: str
    settings: Mapping[str, Any]
    control: Control
    rows: Mapping[str, Sequence[Mapping[str, Any]]]
    receipts: Mapping[str, bytes]
    seals: Mapping[str, bool] = field(default_factory=dict)
    templates: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def missing(self) -> list[str]:
        """The contents of the period's receipts that are not there to be read again."""
        return sorted({row["sha256"] for row in self.rows["receipt"] if self._is_own(row)} - self.receipts.keys())

    def _is_own(self, row: Mapping[str, Any]) -> bool:
        return bool(row["period"] == self.period)


class _Control(BaseModel):
    """The control workbook as it was used."""

    model_config = ConfigDict(extra="forbid")

    schools: tuple[School, ...]
    periods: tuple[Period, ...]
    holidays: dict[date, str]


def gather(office: OpenOffice, ledger: Ledger, period: Period) -> Parts:
    """The parts of `period` as `office` and `ledger` have them now, without the verdicts on seals.

    Reports of the period are to be read again. Those of earlier periods, which they are compared with, are sealed as
    the rows that they gave, and so are those whose bytes are not there.
    """
    import pandas as pd

    from sync import facts, looking
    from sync.period_findings import earlier_periods

    everything = facts.all_receipts(ledger, looking.in_sight(ledger), office.decisions)
    receipts = facts.receipts_of(office, ledger, period, everything)
    own = pd.concat([receipts.receipts, receipts.lost])
    contents = _contents(office, own["sha256"])
    unread = own.loc[~own["sha256"].isin(list(contents)), "id"]
    earlier = [each.key for each in earlier_periods(office, period)]
    before = everything.loc[everything["period"].isin(earlier), "id"]
    rows = ledger.rows({*before, *unread})
    # Of other periods that are sealed only what was sealed is shown; this one is as if it never had been.
    others = [row for row in rows["sealing"] if row["period"] != period.key]
    return Parts(
        now=office.now,
        period=period.key,
        plan=_plan_text(office.settings),
        settings=_settings(office.settings),
        control=_without_addresses(office.control),
        rows={**rows, "sealing": others},
        receipts=contents,
        templates=_templates(office),
    )


def _contents(office: OpenOffice, own: Iterable[str]) -> dict[str, bytes]:
    archive = Archive(office.workspace.archive)
    files = {sha256: archive.find(sha256) for sha256 in sorted(own)}
    return {sha256: file.read_bytes() for sha256, file in files.items() if file is not None}


def _plan_text(source: Settings) -> str:
    shipped = plan.shipped_plans()
    file = shipped[source.plan] if source.plan in shipped else Path(source.plan)
    return file.read_text(encoding="utf-8")


def _settings(settings: Settings) -> dict[str, Any]:
    shown: dict[str, Any] = settings.model_dump(mode="json", include=_SHOWN, exclude=_ADDRESSES)
    return shown


def _without_addresses(control: Control) -> Control:
    schools = (replace(school, emails=(), head_emails=()) for school in control.schools)
    return replace(control, schools=Schools(tuple(schools)))


def _templates(office: OpenOffice) -> dict[str, bytes]:
    folder = office.workspace.report_templates
    files = (file for file in sorted(folder.glob("*.docx")) if file.is_file() and manifest.is_name(file.name))
    return {file.name: file.read_bytes() for file in files}


# As members of a seal, and back


def members_of(parts: Parts, earlier: Sequence[str] = ()) -> dict[str, bytes]:
    """The parts as members of a seal; contents of receipts that are `earlier` (SHA-256) are left out."""
    suffixes = {row["sha256"]: _suffix(row["suffix"]) for row in parts.rows["receipt"]}
    members = {
        manifest.PLAN: parts.plan.encode(),
        manifest.SETTINGS: json_bytes(parts.settings),
        manifest.CONTROL: _control_bytes(parts.control),
        manifest.SEALS: json_bytes(parts.seals),
    }
    members |= {f"{manifest.ROWS}/{table}.jsonl.gz": _rows_bytes(rows) for table, rows in parts.rows.items()}
    new = sorted(parts.receipts.keys() - set(earlier))
    members |= {f"{manifest.RECEIPTS}/{sha256}{suffixes[sha256]}": parts.receipts[sha256] for sha256 in new}
    return members | {f"{manifest.TEMPLATES}/{name}": content for name, content in parts.templates.items()}


def parts_from(members: Mapping[str, bytes], now: datetime, period: str, receipts: Mapping[str, bytes]) -> Parts:
    """The parts out of the members of a seal; `receipts` are all contents by SHA-256, those of before too.

    Raises SealError where the members are none of ours, whatever the manifest says.
    """
    from sync.ledger.snapshots import TABLES

    try:
        settings = json.loads(members[manifest.SETTINGS])
        zone = ZoneInfo(settings["timezone"])
        rows = {table: _rows(members[f"{manifest.ROWS}/{table}.jsonl.gz"]) for table in TABLES}
        return Parts(
            now=now.astimezone(zone),
            period=period,
            plan=members[manifest.PLAN].decode(),
            settings=settings,
            control=_control(members[manifest.CONTROL], zone),
            rows=rows,
            receipts=receipts,
            seals=json.loads(members[manifest.SEALS]),
            templates=_named_templates(members),
        )
    except (KeyError, ValueError, TypeError, OSError, EOFError) as error:
        message = _("The seal is whole, and this version does not understand it: {reason}")
        raise SealError(message.format(reason=error)) from error


def _named_templates(members: Mapping[str, bytes]) -> dict[str, bytes]:
    prefix = f"{manifest.TEMPLATES}/"
    return {name.removeprefix(prefix): content for name, content in members.items() if name.startswith(prefix)}


def _suffix(suffix: str) -> str:
    return suffix.lower() if _SUFFIX.fullmatch(suffix.lower()) else ""


def _rows_bytes(rows: Sequence[Mapping[str, Any]]) -> bytes:
    text = "".join(f"{json.dumps(row, ensure_ascii=False, separators=(',', ':'))}\n" for row in rows)
    return gzip.compress(text.encode(), mtime=0)


def _rows(content: bytes) -> list[dict[str, Any]]:
    with gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
        text = stream.read(_MOST_ROWS + 1)
    if len(text) > _MOST_ROWS:
        raise ValueError("a table is too large")
    return [json.loads(line) for line in text.decode().split("\n") if line]


def _control_bytes(control: Control) -> bytes:
    whole = _Control(schools=control.schools.schools, periods=control.periods.periods, holidays=dict(control.holidays))
    return json_bytes(whole.model_dump(mode="json"))


def _control(content: bytes, zone: ZoneInfo) -> Control:
    read = _Control.model_validate_json(content)
    periods = Periods(tuple(_in_zone(period, zone) for period in read.periods))
    return Control(Schools(read.schools), periods, read.holidays)


def _in_zone(period: Period, zone: ZoneInfo) -> Period:
    """`period` with its moments in the office's time zone, as the control workbook gives them; JSON keeps an offset."""
    values = {each.name: getattr(period, each.name) for each in fields(period)}
    local: dict[str, Any] = {
        name: value.astimezone(zone) for name, value in values.items() if isinstance(value, datetime)
    }
    extensions = {code: due.astimezone(zone) for code, due in period.extensions.items()}
    return replace(period, **local, extensions=extensions)
