"""What runs: the service and its jobs, the way in which letters leave, the time zone, the program itself."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from datetime import timedelta

from sync import __version__, heartbeat, troubles
from sync.doctor.case import Case
from sync.doctor.catalogue import Symptom, symptom
from sync.logs import FOLDER


def service(case: Case) -> Iterator[Symptom]:
    """Whether a service is running, by its heartbeat and this machine's clock, whatever moment was asked for."""
    beat = heartbeat.read(case.begun.state)
    if beat is None:
        yield symptom("service-none")
    elif not beat.is_alive(case.clock):
        at = f"{beat.at:%d/%m/%Y %H:%M}"
        yield symptom("service-silent", at=at, folder=case.workspace.state / FOLDER)
    elif beat.version != __version__:
        yield symptom("service-other-version", running=beat.version, installed=__version__)
    else:
        yield symptom("service-fine", pid=beat.pid, started=f"{beat.started:%d/%m/%Y %H:%M}")


def jobs(case: Case) -> Iterator[Symptom]:
    """Jobs of the service that failed and have not gone well since."""
    for trouble in troubles.current(case.workspace):
        at = f"{trouble.at:%d/%m/%Y %H:%M}"
        yield symptom("job-failed", job=troubles.name_of(trouble.job), at=at, problem=trouble.message)


def mail(case: Case) -> Iterator[Symptom]:
    """Whether the mail server accepts the login; nothing is sent. Without a server, where letters go."""
    from sync.mail import PostUnavailable, kind_of, smtp

    file = case.workspace.config_file
    if kind_of(case.office) != "smtp":
        yield symptom("mail-none", folder=case.workspace.outbox, file=file)
        return
    try:
        smtp.make(case.office).probe()
    except PostUnavailable as error:
        yield symptom("mail-refused", problem=error, file=file)
    else:
        yield symptom("mail-fine", host=case.settings.mail.host)


def addin(case: Case) -> Iterator[Symptom]:
    """Whether the server of the add-in could start; nothing where the office has none."""
    from sync.serving import starting

    settings = case.settings.addin
    if not settings.is_used:
        return
    problems = starting.problems_of(case.office)
    if not starting.is_installed():
        yield symptom("addin-not-installed", command=starting.INSTALL)
    elif problems:
        yield symptom("addin-wrong", problem="; ".join(problems), file=case.workspace.config_file)
    else:
        yield symptom("addin-fine", hostname=settings.hostname)


def zone(case: Case) -> Iterator[Symptom]:
    """Whether this machine's clock shows the office's hours."""
    system, office = case.clock.astimezone().utcoffset(), case.clock.astimezone(case.settings.zone).utcoffset()
    if system == office:
        yield symptom("zone-fine")
        return
    names = {"system": _offset(system), "office": _offset(office), "zone": case.settings.timezone}
    yield symptom("zone-apart", **names, file=case.workspace.config_file)


def version(_case: Case) -> Iterator[Symptom]:
    """Which versions these are."""
    yield symptom("version", version=__version__, python=platform.python_version(), system=platform.system())


def _offset(offset: timedelta | None) -> str:
    """UTC+07:00"""
    sign = "-" if offset and offset < timedelta() else "+"
    hours, minutes = divmod(abs(int((offset or timedelta()).total_seconds())) // 60, 60)
    return f"UTC{sign}{hours:02}:{minutes:02}"
