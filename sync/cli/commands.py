"""The commands: parse, call, print. What they do stands elsewhere."""

from __future__ import annotations

import functools
import sys
from datetime import datetime
from pathlib import Path

import click

from sync import __version__
from sync.cli import addin, excel, google, keys, reminders, report, seal, show, upkeep
from sync.cli import plan as plans
from sync.cli.options import (
    DONE,
    FOUND_ERRORS,
    PARTLY,
    WRONG_USE,
    as_of_option,
    fails_clearly,
    json_option,
    lang_option,
    office_options,
    open_office,
    stop,
    workspace_option,
)
from sync.i18n import gettext as _


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]}, help=_("Reports of schools: judged, consolidated.")
)
@click.version_option(__version__, prog_name="baocao")
def baocao() -> None:
    """The command line."""


@baocao.command(help=_("Makes a workspace in the folder DIR."))
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--plan", "plan_source", default="thu-thua-2020-2025", help=_("A plan that travels with baocao, or a file.")
)
@lang_option
@fails_clearly
def init(folder: Path, plan_source: str) -> None:
    from sync import setup

    made = setup.make_workspace(folder, plan_source)
    click.echo(_("The workspace is ready: {folder}").format(folder=made.path))
    click.echo(
        _("1. List the schools in {file}, sheet Trường; look through the sheet Lịch báo cáo.").format(
            file=made.control_file
        )
    )
    click.echo(_("2. Write the office's name and e-mail address into {file}.").format(file=made.config_file))
    click.echo(
        _("3. Run `baocao templates` and send each school its workbook from {folder}.").format(folder=made.templates)
    )
    click.echo(_("4. Put what comes back into {folder} and run `baocao sync`.").format(folder=made.inbox))
    click.echo(_("5. Look at `baocao remind --dry-run`; then `baocao run` does both by itself. `baocao doctor` helps."))


@baocao.command(
    help=_("Makes a workspace of invented schools in DIR, with reports of every kind, and runs one pass over it.")
)
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path), default=Path("demo"))
@click.option("--schools", type=click.IntRange(1, 100_000), default=42, show_default=True, help=_("How many schools."))
@click.option("--seed", type=int, default=2024, show_default=True, help=_("Another seed makes other reports."))
@json_option
@lang_option
@fails_clearly
def demo(folder: Path, schools: int, seed: int, as_json: bool) -> None:
    from sync import demo as demos
    from sync import facts, passes, period_findings, plan
    from sync.ledger import Ledger

    if folder.exists() and any(folder.iterdir()):
        stop(_("{folder} is not empty; name another folder.").format(folder=folder), WRONG_USE)
    with show.progress_bar(as_json) as progress:
        demos.make(folder, plan.load("thu-thua-2020-2025"), schools=schools, seed=seed)
        office = open_office(folder, None)
        result = passes.run(office, progress=progress)
    if as_json:
        show.as_json(show.pass_document(result))
        return
    show.pass_result(result)
    with Ledger.open(office.ledger_url) as ledger:
        office = office.informed(ledger)
        period, frame = facts.status_of(office, ledger, result.period)
        found = period_findings.findings_in_sight(office, ledger, period)
    show.findings(found)
    show.late(frame)
    if result.workbook:
        click.echo(
            _("The consolidated workbook: {file}").format(file=show.place(office.workspace.path / result.workbook))
        )


@baocao.command(help=_("Writes the workbooks to send to the schools, one per school and period."))
@click.option("--school", "schools", multiple=True, metavar="CODE", help=_("Only this school; may be given again."))
@office_options
@fails_clearly
def templates(
    folder: Path, as_of: datetime | None, period: str | None, as_json: bool, schools: tuple[str, ...]
) -> None:
    from sync import sending

    office = open_office(folder, as_of)
    with show.progress_bar(as_json) as progress:
        written = sending.write_templates(office, period, schools, progress)
    if as_json:
        show.as_json({"period": written.period, "written": written.written, "unchanged": written.unchanged})
        return
    click.echo(
        _("{period}: {written} workbooks written, {unchanged} unchanged, in {folder}").format(
            period=written.period,
            written=len(written.written),
            unchanged=len(written.unchanged),
            folder=office.workspace.templates,
        )
    )


@baocao.command(help=_("Judges workbooks and writes nothing. Works without a workspace too."))
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@workspace_option
@as_of_option
@json_option
@lang_option
@fails_clearly
def check(files: tuple[Path, ...], folder: Path, as_of: datetime | None, as_json: bool) -> None:
    from sync import beside, checking, workspace

    # `check` works anywhere; only a workspace knows schools and seals.
    office = open_office(folder, as_of) if workspace.is_workspace(folder) else None
    contexts = {office.plan.code: office.context} if office else checking.shipped_contexts()
    limits = office.limits if office else None
    compare = functools.partial(beside.compared, office) if office else None
    with show.progress_bar(as_json) as progress:
        verdicts, failures = checking.check_files(files, contexts, limits, compare, progress)
    if as_json:
        show.as_json({"files": verdicts})
    else:
        show.verdicts(verdicts)
    for failure in failures:
        click.echo(str(failure), err=True)
    errors = any(finding["severity"] == "error" for file in verdicts for finding in file["findings"])
    sys.exit(FOUND_ERRORS if errors else PARTLY if failures else DONE)


@baocao.command(help=_("One pass: reads what is new, judges it, builds the consolidated workbooks."))
@click.option("--allow-empty", is_flag=True, help=_("Believes an inbox that was emptied."))
@office_options
@fails_clearly
def sync(folder: Path, as_of: datetime | None, period: str | None, as_json: bool, allow_empty: bool) -> None:
    from sync import passes

    office = open_office(folder, as_of)
    with show.progress_bar(as_json) as progress:
        result = passes.run(office, period=period, allow_empty=allow_empty, progress=progress)
    if as_json:
        show.as_json(show.pass_document(result))
    else:
        show.pass_result(result)
    sys.exit(PARTLY if result.problems else DONE)


@baocao.command(help=_("Where each school stands in a period."))
@office_options
@fails_clearly
def status(folder: Path, as_of: datetime | None, period: str | None, as_json: bool) -> None:
    from sync import facts, reminding
    from sync.ledger import Ledger

    office = open_office(folder, as_of)
    with Ledger.open(office.ledger_url) as ledger:
        office = office.informed(ledger)
        which, frame = facts.status_of(office, ledger, period)
        last, coming = ledger.last_run(), reminding.next_notices(office, ledger)
    passed = last.as_of.astimezone(office.zone) if last else None
    sealing = office.sealed.get(which.key)
    sealed_at = sealing.sealed_at.astimezone(office.zone) if sealing else None
    if as_json:
        show.as_json(show.standings_document(which, frame, office.now, passed, coming, sealed_at))
    else:
        show.standings(which, frame, office.now, sealed_at)
        show.pulse(passed, coming)


for command in (
    reminders.remind,
    reminders.rehearse,
    reminders.letters,
    report.report,
    upkeep.run,
    upkeep.doctor,
    upkeep.backup,
    upkeep.restore,
    google.google,
    excel.excel,
    keys.keys,
    addin.addin,
    plans.plan,
    seal.seal,
    seal.verify,
):
    baocao.add_command(command)
