"""Writes a demo workspace."""

from __future__ import annotations

import hashlib
import os
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sync import config, control, periods
from sync.demo import cast, inbox, reports
from sync.demo.book import Sealer
from sync.demo.planted import Planted, PlantedFile
from sync.demo.post import Parcel, Post
from sync.demo.report import Report
from sync.demo.typing_in import Typist
from sync.periods import Period
from sync.plan import Plan
from sync.schools import School, Schools
from sync.setup import proposed_control
from sync.workspace import Workspace

DAYS_AFTER_DUE = 2
_HOUR = time(15, 0)
_OWNER_FILE = b"\x05" + b" " * 164
"""What Excel keeps beside an open workbook, without anybody's name."""


def make(
    workspace_dir: Path, plan: Plan, *, schools: int = 42, seed: int = 2024, plan_source: str | None = None
) -> Planted:
    """Makes a workspace of an invented office with so many schools, some days after a due date, and fills its inbox.

    `plan_source` is what config.toml names as the plan, a file as its absolute path; the plan's code where it is left
    out. No pass is run. Raises WorkspaceError where the folder is a workspace already, ValueError where the plan asks
    schools for no report.
    """
    settings = _settings(plan, plan_source or plan.code)
    typist = Typist(config.Office(**settings["office"]))
    zone = ZoneInfo(config.Settings.model_fields["timezone"].default)
    period = _period(plan, zone)
    due = period.schools_due
    if due is None:
        raise ValueError(f"the plan {plan.code} asks schools for no report")
    as_of = _working_day(due + timedelta(days=DAYS_AFTER_DUE))
    workspace = _workspace(workspace_dir, seed, {**settings, "as_of": as_of.replace(tzinfo=None)})
    rng = random.Random(f"{seed}/{schools}")  # noqa: S311
    people = cast.invent(plan, schools, rng)
    closed = cast.closed(plan, period, schools)
    _write_control(workspace, plan, [*people, closed])
    sealer = Sealer(workspace.secret(), plan)
    post = Post(plan, rng, due, as_of, sealer, typist, config.Intake())
    drafted = reports.sound(plan, people, period, seed)
    closed_report = reports.sound(plan, {closed: cast.Size(8, 240, 19)}, period, seed)[0]
    sent = [_deliver(workspace.inbox, parcel) for parcel in inbox.parcels(post, drafted, closed_report)]
    return _planted(sorted(sent, key=lambda file: file.path), drafted, post, period, _litter(workspace.inbox))


def _settings(plan: Plan, source: str) -> dict[str, Any]:
    issuer = plan.document.issuer or config.Office().name
    office = {
        "name": f"{issuer} SÔNG XANH",
        "parent": "ỦY BAN NHÂN DÂN SÔNG XANH",
        "place": "Sông Xanh",
        "contact": "Bộ phận tổng hợp báo cáo",
        "email": "tong-hop@example.org",
        "phone": "0200 000 000",
    }
    return {"plan": source, "office": office}


def _period(plan: Plan, zone: ZoneInfo) -> Period:
    """The last semester that schools report, else the last period that they do."""
    reported = periods.proposed(plan, zone).of_schools()
    semesters = {f"/{entry.code}" for entry in plan.calendar if entry.covers == "semester_1"}
    chosen = [period for period in reported if any(period.key.endswith(code) for code in semesters)] or reported
    if not chosen:
        raise ValueError(f"the plan {plan.code} asks schools for no report")
    return chosen[-1]


def _working_day(moment: datetime) -> datetime:
    while moment.weekday() >= 5:
        moment += timedelta(days=1)
    return datetime.combine(moment.date(), _HOUR, moment.tzinfo)


def _workspace(folder: Path, seed: int, settings: dict[str, Any]) -> Workspace:
    """A workspace whose secret follows from the seed: the seals in the demo's files must not differ from run to run."""
    secret = Workspace(folder.absolute()).state / "secret"
    if not (folder / config.FILE).exists():
        secret.parent.mkdir(parents=True, exist_ok=True)
        secret.write_bytes(hashlib.sha256(f"baocao demo {seed}".encode()).digest())
        secret.chmod(0o600)
    return Workspace.create(folder, config.rendered(settings))


def _write_control(workspace: Workspace, plan: Plan, schools: Sequence[School]) -> None:
    proposed = proposed_control(plan, config.load(workspace.path))
    control.write(workspace.control_file, replace(proposed, schools=Schools(tuple(schools))), plan)


# ---------------------------------------------------------------- files


def _deliver(folder: Path, parcel: Parcel) -> PlantedFile:
    path = folder / parcel.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(parcel.content)
    _set_time(path, parcel.moment)
    if parcel.litter:
        beside = path.with_name(f"{parcel.litter}{path.name}")
        beside.write_bytes(_OWNER_FILE)
        _set_time(beside, parcel.moment)
    return PlantedFile(parcel.path, parcel.school, parcel.status, parcel.moment, parcel.findings, parcel.faults)


def _set_time(path: Path, moment: datetime) -> None:
    nanoseconds = int(moment.timestamp()) * 10**9
    os.utime(path, ns=(nanoseconds, nanoseconds))


def _litter(folder: Path) -> tuple[str, ...]:
    return tuple(sorted(path.relative_to(folder).as_posix() for path in folder.rglob("~$*")))


# ---------------------------------------------------------------- what must come of it


def _planted(
    files: Sequence[PlantedFile], sound: Iterable[Report], post: Post, period: Period, ignored: tuple[str, ...]
) -> Planted:
    of_school: defaultdict[str, list[PlantedFile]] = defaultdict(list)
    for file in sorted(files, key=lambda file: file.mtime):
        if file.school is not None:
            of_school[file.school].append(file)
    return Planted(
        as_of=post.as_of,
        period=period.key,
        files=tuple(files),
        standings={report.school.code: _standing(of_school[report.school.code], post.due) for report in sound},
        duplicates={
            code: tuple(file.path for file in sent) for code, sent in sorted(of_school.items()) if len(sent) > 1
        },
        ignored=ignored,
    )


def _standing(sent: Sequence[PlantedFile], due: datetime) -> str:
    """Where a school stands that sent these files, oldest first."""
    accepted = [file.mtime for file in sent if file.status == "accepted"]
    if not sent:
        return "missing"
    if not accepted:
        return "to_mend"
    grace = timedelta(days=config.Deadlines().grace_days)
    return "on_time" if sent[0].mtime <= due and accepted[0] <= due + grace else "late"
