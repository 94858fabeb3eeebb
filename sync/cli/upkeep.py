"""Commands for whoever runs it: the service, the doctor, backups."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from sync.cli import show
from sync.cli.options import (
    DONE,
    PARTLY,
    WRONG_USE,
    as_of_option,
    fails_clearly,
    json_option,
    lang_option,
    open_office,
    stop,
    workspace_option,
)
from sync.i18n import gettext as _


@click.command(help=_("The service: looks for reports and sends notices until it is ended."))
@workspace_option
@as_of_option
@lang_option
@fails_clearly
def run(folder: Path, as_of: datetime | None) -> None:
    from sync import service

    office = open_office(folder, as_of)
    click.echo(
        _("Working in {folder}. Ctrl-C ends it; the log lies in {log}.").format(
            folder=office.workspace.path, log=office.workspace.state / "log"
        )
    )
    with service.asked_by_signals() as asked:
        service.run(folder, as_of, stop=asked)
    click.echo(_("Ended."))


@click.command(
    help=_("Examines settings, folders, the control workbook, the clock, the mail server and the last pass.")
)
@workspace_option
@as_of_option
@json_option
@lang_option
@fails_clearly
def doctor(folder: Path, as_of: datetime | None, as_json: bool) -> None:
    from sync import doctor as doctors

    symptoms = doctors.examine(folder, as_of)
    if as_json:
        show.as_json(doctors.document(symptoms))
    else:
        signs = {"ok": "✓", "warning": "!", "error": "✗"}
        for symptom in symptoms:
            click.echo(f"{signs[symptom.severity]} {symptom.message}  [{symptom.id}]")
            if symptom.hint:
                click.echo(f"    → {symptom.hint}")
    sys.exit(PARTLY if any(symptom.severity == "error" for symptom in symptoms) else DONE)


@click.command(help=_("Writes a verified copy of the ledger, the archive and the control workbook into FILE."))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--overwrite", is_flag=True, help=_("Replaces FILE, whatever it is."))
@workspace_option
@json_option
@lang_option
@fails_clearly
def backup(file: Path, folder: Path, overwrite: bool, as_json: bool) -> None:
    from sync import backup as backups

    office = open_office(folder, None)
    with show.progress_bar(as_json) as progress:
        made = backups.backup(office, file, progress, overwrite=overwrite)
    if as_json:
        show.as_json({**vars(made), "file": str(made.file), "rows": dict(made.rows)})
    else:
        words = _("{file}: {archived} received files, {size} bytes; read back and found whole.")
        click.echo(words.format(file=show.place(made.file), archived=made.archived, size=made.size))
        for line in (*made.problems, *made.notes):
            click.echo(line, err=True)
    sys.exit(PARTLY if made.problems else DONE)


@click.command(help=_("Makes the workspace DIR again from a backup."))
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path), required=False)
@click.option("--check", is_flag=True, help=_("Only looks whether the backup is whole."))
@click.option("--ledger-url", help=_("Puts the ledger into this database instead of the settings' own."))
@json_option
@lang_option
@fails_clearly
def restore(file: Path, folder: Path | None, check: bool, ledger_url: str | None, as_json: bool) -> None:
    from sync import backup as backups

    if check:
        problems = backups.verify(file)
        for problem in problems:
            click.echo(problem, err=True)
        if as_json:
            show.as_json({"problems": problems})
        elif not problems:
            click.echo(_("{file} is whole.").format(file=file))
        sys.exit(WRONG_USE if problems else DONE)
    if folder is None:
        stop(_("Name the folder DIR to restore into."), WRONG_USE)
    with show.progress_bar(as_json) as progress:
        made = backups.restore(file, folder, ledger_url=ledger_url, progress=progress)
    if as_json:
        show.as_json({**vars(made), "folder": str(made.folder)})
    else:
        words = _("{folder}: {archived} received files, {inbox} files in the inbox, as of {moment}.")
        at = show.moment(made.made_at)
        click.echo(words.format(folder=made.folder, archived=made.archived, inbox=made.inbox, moment=at))
        for line in (*made.problems, *made.notes):
            click.echo(line, err=True)
    sys.exit(PARTLY if made.problems else DONE)
