"""What commands print: JSON for programs, tables for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sync.i18n import gettext as _
from sync.progress import Progress, silent

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from sync.notices import Notice
    from sync.notices.due import Upcoming
    from sync.passes import PassResult
    from sync.periods import Period

WIDTH = 110


def as_json(document: Any) -> None:
    """One JSON document on stdout."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if hasattr(value, "item"):
        return value.item()
    raise TypeError(f"not for JSON: {value!r}")


@contextmanager
def progress_bar(quiet: bool) -> Iterator[Progress]:
    """A progress bar on stderr while somebody looks at it."""
    if quiet or not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, Any] = {}

        def tell(what: str, done: int, of: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=of)
            bar.update(tasks[what], completed=done, total=of)

        yield tell


def console() -> Console:
    """The screen; a fixed width where it is no terminal, so that what is printed does not depend on the machine."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False, emoji=False, markup=False)


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], title: str | None = None) -> None:
    """A table on stdout."""
    from rich import box
    from rich.table import Table

    shown = Table(*headings, title=title, box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
    for row in rows:
        shown.add_row(*row)
    console().print(shown)


def verdicts(files: Sequence[Mapping[str, Any]]) -> None:
    """The verdicts of `check`."""
    for file in files:
        state = _("accepted") if file["accepted"] else _("to be mended")
        click.echo(f"{file['file']}: {state}")
        for finding in file["findings"]:
            place = " ".join(filter(None, (finding["sheet"], finding["cell"]))) or _("File")
            severity = _("Error") if finding["severity"] == "error" else _("Warning")
            click.echo(f"  {severity} · {place}: {finding['message']}")
            click.echo(f"      → {finding['fix']}")
        rows = file["rows"]
        click.echo("  " + _("{read} rows: {accepted} accepted, {rejected} rejected, {blank} blank").format(**rows))


def pass_result(result: PassResult) -> None:
    """What a pass found."""
    click.echo(
        _("{received} files: {new} new, {unchanged} unchanged.").format(
            received=result.received, new=result.new, unchanged=result.unchanged
        )
    )
    click.echo(
        _("{accepted} accepted, {to_mend} to be mended, {refused} cannot be used.").format(
            accepted=result.accepted, to_mend=result.to_mend, refused=result.refused
        )
    )
    for period in result.periods:
        for double in period["doubles"]:
            click.echo(
                _("{school} sent {count} workbooks for {period}; counted is: {file}.").format(
                    school=double["school"],
                    count=len(double["files"]),
                    period=period["period"],
                    file=double["counted"] or _("none of them yet"),
                )
            )
    for message in (*result.notes, *result.problems):
        click.echo(message, err=True)
    for period in result.periods:
        if period["returned"]:
            count = len(period["returned"])
            click.echo(_("{period}: {count} returned copies in tra-lai").format(period=period["period"], count=count))
        made = _("sealed") if period["sealed"] else _("written") if period["rebuilt"] else _("unchanged")
        click.echo(f"{period['period']}: {period['workbook']} ({made})")
        if period["after_seal"]:
            message = _(
                "{count} reports came after {period} was sealed; `baocao seal --period {period}` adds them: {files}"
            )
            files = ", ".join(period["after_seal"])
            told = message.format(count=len(period["after_seal"]), period=period["period"], files=files)
            click.echo(told, err=True)
    for review in result.reviews:
        made = _("written") if review["rebuilt"] else _("unchanged")
        click.echo(f"{review['period']}: {review['workbook']} ({made})")


def pass_document(result: PassResult) -> dict[str, Any]:
    """The result of a pass in the shape of `sync --json`."""
    return asdict(result)


def standings(period: Period, frame: pd.DataFrame, now: datetime, sealed_at: datetime | None = None) -> None:
    """Where the schools stand, as a table, and what the officer decided; `frame` as facts.status_of gives it.

    `sealed_at`: when the period was sealed last, if it was.
    """
    from sync.standing import LABELS, counts

    due = period.schools_due
    click.echo(_("{title}: due {due}; as of {now}.").format(title=period.title, due=moment(due), now=moment(now)))
    if sealed_at is not None:
        words = _(
            "{period} was sealed on {at}; nobody is reminded of it, and what came since counts after an addendum."
        )
        click.echo(words.format(period=period.key, at=moment(sealed_at)))
    total = counts(frame)
    click.echo(", ".join(f"{_(LABELS[name])}: {number}" for name, number in total.items() if number))
    headings = [_("Code"), _("School"), _("Standing"), _("Received"), _("Accepted"), _("Days late"), _("Errors")]
    rows = [
        [
            row["code"],
            row["name"],
            _(LABELS[row["standing"]]),
            moment(row["received_at"]),
            moment(row["accepted_at"]),
            str(row["days_late"] or ""),
            str(row["errors"] or ""),
        ]
        for row in frame.to_dict("records")
    ]
    table(headings, rows)
    decided(frame)


def decided(frame: pd.DataFrame) -> None:
    """What the officer decided for schools, a line each; nothing where nothing was decided."""
    lines = [line for row in frame.to_dict("records") for line in _decided(row)]
    if lines:
        click.echo(_("The office decided in the consolidated workbook:"))
    for line in lines:
        click.echo(f"  {line}")


def _decided(row: Mapping[Any, Any]) -> Iterator[str]:
    code = row["code"]
    if not _missing(row["extended_to"]):
        yield _("{school}: more time, until {moment}.").format(school=code, moment=moment(row["extended_to"]))
    if row["returned"] is not None:
        yield _("{school}: report given back: {reason}").format(school=code, reason=row["returned"])
    if row["excused"] is not None:
        yield _("{school}: excused: {reason}").format(school=code, reason=row["excused"])
    if row["note"] is not None:
        yield _("{school}: note: {reason}").format(school=code, reason=row["note"])


def findings(frame: pd.DataFrame) -> None:
    """What was found, by kind: how often, and the words of the first."""
    click.echo(_("What was found, by kind:"))
    kinds = frame.groupby("code", sort=False).agg(
        count=("code", "size"), severity=("severity", "first"), message=("message", "first")
    )
    kinds = kinds.reset_index().sort_values(["severity", "count", "code"], ascending=[True, False, True])
    severities = {"error": _("Error"), "warning": _("Warning")}
    rows = [
        [kind["code"], severities[kind["severity"]], str(kind["count"]), kind["message"]]
        for kind in kinds.to_dict("records")
    ]
    table([_("Code"), _("Severity"), _("Times"), _("For example")], rows)


def late(frame: pd.DataFrame) -> None:
    """Schools that are late or still owe a report."""
    from sync.standing import LABELS

    click.echo(_("Who is late:"))
    owed = frame[frame["days_late"] > 0].sort_values(["days_late", "code"], ascending=[False, True])
    rows = [
        [row["code"], row["name"], _(LABELS[row["standing"]]), str(row["days_late"])] for row in owed.to_dict("records")
    ]
    table([_("Code"), _("School"), _("Standing"), _("Days late")], rows)


def pulse(last_pass: datetime | None, coming: Sequence[Upcoming]) -> None:
    """When the last pass was and what is told next: what stands still must be seen to stand still."""
    click.echo(_("Last pass: {moment}.").format(moment=moment(last_pass) or _("none yet")))
    for each in coming[:3]:
        told = _("Next notices: {moment}, {period}, to {count}.")
        click.echo(told.format(moment=moment(each.at), period=each.period, count=each.notices))


def standings_document(
    period: Period,
    frame: pd.DataFrame,
    now: datetime,
    last_pass: datetime | None,
    coming: Sequence[Upcoming],
    sealed_at: datetime | None = None,
) -> dict[str, Any]:
    """The standings in the shape of `status --json`; `sealed_at`: when the period was sealed last, if it was."""
    columns = ["code", "name", "standing", "received_at", "accepted_at", "days_late", "errors", "warnings", "due"]
    columns += ["extended_to", "returned", "excused", "note"]
    schools = [
        {name: None if _missing(row[name]) else row[name] for name in columns}
        for row in frame[columns].to_dict("records")
    ]
    return {
        "period": period.key,
        "as_of": now,
        "due": period.schools_due,
        "last_pass": last_pass,
        "sealed": sealed_at,
        "next_notices": [asdict(each) for each in coming],
        "schools": schools,
    }


def notice(notice: Notice, subject: str) -> dict[str, Any]:
    """A notice in the shape of `remind --json` and `rehearse --json`."""
    return {
        "key": notice.key,
        "kind": notice.kind,
        "stage": notice.stage,
        "at": notice.at,
        "school": notice.school or None,
        "period": notice.period or None,
        "due": notice.due,
        "to": list(notice.to),
        "cc": list(notice.cc),
        "subject": subject,
    }


def notices(named: Sequence[tuple[Notice, str]]) -> None:
    """Notices and their subjects as a table."""
    rows = [
        [moment(each.at), ", ".join((*each.to, *(f"cc {address}" for address in each.cc))), subject]
        for each, subject in named
    ]
    table([_("When"), _("To"), _("Subject")], rows)


def place(path: Path) -> str:
    """`path` as seen from the current folder, where it lies in it."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def moment(value: Any) -> str:
    """Day and hour as people here write them; nothing for what is missing."""
    return "" if value is None or _missing(value) else f"{value:%d/%m/%Y %H:%M}"


def _missing(value: Any) -> bool:
    return value is None or bool(value != value)  # noqa: PLR0124 - NaT and NaN alone differ from themselves
