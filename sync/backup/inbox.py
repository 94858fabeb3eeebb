"""The inbox, built again from what the last pass saw there: paths, times and archived contents."""

from __future__ import annotations

import os
from pathlib import Path

from sync.archive import Archive, NotArchivedError
from sync.backup.manifest import is_safe
from sync.i18n import gettext as _
from sync.progress import Progress
from sync.sources import Sightings


def rebuild(inbox: Path, sightings: Sightings, archive: Archive, progress: Progress) -> list[str]:
    """Puts every file that was in sight back, with its old time, so that the next pass finds nothing new.

    A file that is there already is written over. Gives the paths that could not be put back: contents that were never
    archived (over the size limit) or lost, and names that this system does not take.
    """
    left: list[str] = []
    for number, (path, (_size, mtime_ns, sha256)) in enumerate(sorted(sightings.items()), 1):
        if not _put(inbox, path, mtime_ns, sha256, archive):
            left.append(path)
        progress(_("Putting files back"), number, len(sightings))
    return left


def _put(inbox: Path, path: str, mtime_ns: int, sha256: str, archive: Archive) -> bool:
    if not is_safe(path):
        return False
    try:
        content = archive.path(sha256).read_bytes()
    except NotArchivedError:
        return False
    try:
        file = inbox / path
        file.parent.mkdir(parents=True, exist_ok=True)
        # A temporary file by its ending: a pass would pass it over.
        unfinished = file.with_name(f".{sha256[:16]}.part")
        unfinished.write_bytes(content)
        os.utime(unfinished, ns=(mtime_ns, mtime_ns))
        unfinished.replace(file)
    except (OSError, OverflowError, ValueError):
        return False
    return True
