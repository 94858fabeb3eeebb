"""What people fill in: settings, the plan, the control workbook, addresses, reminder dates, templates of letters."""

from __future__ import annotations

from collections.abc import Iterator

from sync import config
from sync.config import ConfigError
from sync.control import ControlError
from sync.doctor.case import Case
from sync.doctor.catalogue import Symptom, symptom
from sync.plan import PlanError

CODES_SHOWN = 5


def settings(case: Case) -> Iterator[Symptom]:
    """Whether there are settings, every problem of them, and whether they hold the time still."""
    file = case.workspace.config_file
    if not file.exists():
        yield symptom("no-workspace", folder=case.workspace.path, file=config.FILE)
        return
    try:
        loaded = config.load(case.workspace.path)
    except ConfigError as error:
        yield from (symptom("settings-wrong", problem=problem, file=file) for problem in error.problems)
        return
    yield symptom("settings-fine")
    if loaded.as_of:
        yield symptom("time-stands-still", moment=case.shown(loaded.as_of), file=file)


def plan(case: Case) -> Iterator[Symptom]:
    """Every problem of the plan."""
    try:
        loaded = case.office.plan
    except PlanError as error:
        yield from (symptom("plan-wrong", problem=problem, source=error.source) for problem in error.problems)
    else:
        yield symptom("plan-fine", plan=loaded.code, version=loaded.version)


def control(case: Case) -> Iterator[Symptom]:
    """Every problem of the control workbook; and whether it lists anybody."""
    file = case.workspace.control_file.name
    try:
        read = case.office.control
    except PlanError:
        return  # the check of the plan says so
    except ControlError as error:
        yield from (symptom("control-wrong", problem=problem, file=file) for problem in error.problems)
        return
    yield symptom("control-fine", file=file, schools=len(read.schools), periods=len(read.periods))
    if not len(read.schools):
        yield symptom("no-schools", file=file)


def addresses(case: Case) -> Iterator[Symptom]:
    """Who cannot be written to: schools that are open, and the officer."""
    today = case.office.now.date()
    schools = [each for each in case.control.schools if each.closed_on is None or each.closed_on >= today]
    codes = [each.code for each in schools if not each.emails]
    if codes:
        shown = ", ".join(codes[:CODES_SHOWN]) + (" …" if len(codes) > CODES_SHOWN else "")
        file = case.workspace.control_file.name
        yield symptom("schools-without-email", count=len(codes), codes=shown, file=file)
    if not (case.settings.notices.officer_emails or case.settings.office.email):
        yield symptom("officer-without-email", file=case.workspace.config_file)


def letters(case: Case) -> Iterator[Symptom]:
    """Templates of letters that the office wrote and that cannot be used; each letter is drawn once."""
    from sync.letters import shipped

    folder = case.begun.letter_templates
    problems = shipped.check_templates(folder)
    yield from (symptom("letters-wrong", problem=problem, folder=folder) for problem in problems)
    if not problems:
        yield symptom("letters-fine")


def reminders(case: Case) -> Iterator[Symptom]:
    """Reminder dates that belong to no due date that is still to come."""
    from sync import planning

    now = case.office.now
    for period in case.control.periods:
        due = period.schools_due or period.office_due
        problem = planning.misfit(period, case.office.working_days) if due and due >= now else None
        if problem:
            yield symptom("reminders-do-not-fit", problem=problem, file=case.workspace.control_file.name)
