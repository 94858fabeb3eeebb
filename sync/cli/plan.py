"""Commands about plans: importing the appendix of a printed one, and what is missing in a plan file."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from sync.cli import show
from sync.cli.options import DONE, WRONG_USE, fails_clearly, json_option, lang_option, stop
from sync.i18n import gettext as _


@click.group(help=_("Plans: one is imported from a printed appendix, completed and checked."))
def plan() -> None:
    """The group of commands."""


@plan.command(
    name="import",
    help=_("Reads the appendix table of a plan from FILE (.docx or .xlsx) and writes a plan file to complete."),
)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path),
    default=Path("plan.toml"),
    show_default=True,
    help=_("The plan file to write; it must not be there yet."),
)
@click.option(
    "--table", type=click.IntRange(1), metavar="NUMBER", help=_("Which table or sheet, where there are several.")
)
@json_option
@lang_option
@fails_clearly
def import_(file: Path, target: Path, table: int | None, as_json: bool) -> None:
    from sync.plan_import import import_plan
    from sync.workspace import write_atomically

    if target.exists():
        stop(_("{file} is there already; name another file with --to.").format(file=target), WRONG_USE)
    text, appendix = import_plan(file, table)
    try:
        write_atomically(target, text.encode())
    except OSError as error:
        stop(f"{target}: {error.strerror or error}", WRONG_USE)
    counts = {"sections": len(appendix.sections), "activities": len(appendix.rows)}
    if as_json:
        found = {"joined": list(appendix.joined), "skipped": appendix.skipped()}
        show.as_json({"file": str(target), "place": appendix.place, **counts, **found})
        return
    read = _("{place}: {sections} sections and {activities} activities, written to {file}")
    click.echo(read.format(place=appendix.place, file=target, **counts))
    if appendix.joined:
        click.echo(
            _("Torn rows that were joined; compare them with the print: {codes}").format(codes=_few(appendix.joined))
        )
    _tell_skipped(appendix.skipped())
    click.echo(_("Complete what is empty in it; `baocao plan check {file}` says what is missing.").format(file=target))


@plan.command(help=_("Says everything that is missing or wrong in the plan file FILE, and what to do."))
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@json_option
@lang_option
@fails_clearly
def check(file: Path, as_json: bool) -> None:
    from sync.plan.advice import advise, skipped_numbers

    problems, found = advise(file)
    skipped = skipped_numbers(found) if found else []
    if as_json:
        told = [{"place": each.place, "message": each.message, "fix": each.fix} for each in problems]
        show.as_json({"file": str(file), "problems": told, "skipped": skipped})
        sys.exit(WRONG_USE if problems else DONE)
    for problem in problems:
        click.echo(f"  {problem}", err=True)
    if problems:
        stop(_("{file}: {count} things to do.").format(file=file, count=len(problems)), WRONG_USE)
    _tell_skipped(skipped)
    click.echo(_("{file} is sound. `baocao init DIR --plan {file}` makes a workspace with it.").format(file=file))


def _tell_skipped(codes: list[str]) -> None:
    if codes:
        click.echo(
            _("Numbers that the print leaves out; look whether they are read: {codes}").format(codes=_few(codes))
        )


def _few(codes: list[str] | tuple[str, ...]) -> str:
    shown = ", ".join(codes[:12])
    return f"{shown}, …" if len(codes) > 12 else shown
