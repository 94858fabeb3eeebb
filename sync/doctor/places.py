"""Folders, the inbox, the secret, the disk and its clock."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from sync.doctor.case import Case
from sync.doctor.catalogue import Symptom, symptom
from sync.workspace import SECRET_BYTES

LOW_MB = 1024
FULL_MB = 200
APART_SECONDS = 120
"""A disk's clock may be off by so much: times of files are only compared with times of passes."""


def folders(case: Case) -> Iterator[Symptom]:
    """Whether every folder is there, and takes a file. The file is removed at once."""
    place = case.begun
    written = [place.templates, place.outputs, place.returned, place.outbox, place.state]
    found = [each for folder in (*written, place.inbox) for each in _folder(folder, folder is not place.inbox)]
    yield from found or [symptom("folders-fine")]


def _folder(folder: Path, is_written: bool) -> Iterator[Symptom]:
    if not folder.exists():
        yield symptom("folder-missing", folder=folder)
        return
    try:
        if is_written:
            tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        yield symptom("folder-read-only", folder=folder, reason=error.strerror or error)


def inbox(case: Case) -> Iterator[Symptom]:
    """Whether the inbox can be looked through."""
    from sync.sources import folder

    place = case.begun.inbox
    if not place.exists():
        return
    scan = folder.scan(place)
    for problem in scan.problems:
        yield symptom("inbox-unreadable", problem=problem.message)
    if not scan.problems:
        yield symptom("inbox-fine", count=len(scan.files))


def secret(case: Case) -> Iterator[Symptom]:
    """Whether the workspace's secret is there, whole and private."""
    file = case.begun.state / "secret"
    try:
        status = file.stat()
    except OSError:
        yield symptom("secret-missing", file=file)
        return
    if status.st_size != SECRET_BYTES:
        yield symptom("secret-damaged", file=file)
    elif os.name == "posix" and status.st_mode & 0o077:
        yield symptom("secret-open", file=file)
    else:
        yield symptom("secret-fine")


def disk(case: Case) -> Iterator[Symptom]:
    """Whether there is room."""
    free = shutil.disk_usage(_existing(case.workspace.path)).free >> 20
    yield symptom("disk-full" if free < FULL_MB else "disk-low" if free < LOW_MB else "disk-fine", free=free)


def disk_clock(case: Case) -> Iterator[Symptom]:
    """Whether the disk, which may be another machine's, gives files the time that this machine has."""
    try:
        with tempfile.TemporaryFile(dir=case.workspace.state) as file:
            file.write(b"x")
            file.flush()
            apart = abs(os.fstat(file.fileno()).st_mtime - time.time())
    except OSError:
        return  # the check of the folders says so
    if apart > APART_SECONDS:
        yield symptom("clock-apart", seconds=round(apart))


def _existing(path: Path) -> Path:
    return next(each for each in (path, *path.parents) if each.exists())
