"""What a backup says of itself, and which members it may have."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import PurePath
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from sync import config
from sync.errors import Busy, MendableError
from sync.i18n import gettext as _

FORMAT = 1
MANIFEST = "manifest.json"
LEDGER = "ledger.sqlite"
CONFIG = config.FILE
CONTROL = "dieu-hanh.xlsx"
LEDGER_URL = ".baocao/ledger-url"
SECRET = ".baocao/secret"  # noqa: S105  # the name of the file
TREES = ("mau-thu", "mau-bao-cao", "thu-di", "tong-hop/niem-phong")
"""Folders that are kept whole: the office's templates of letters and reports, letters that wait to be sent by hand, and
what was sealed."""
HANDED_IN = "handed-in"
"""Of what was handed in from open workbooks, what no pass has taken in."""

_ARCHIVED = re.compile(r"archive/([0-9a-f]{2})/(\1[0-9a-f]{62})(\.[a-z0-9]{1,8})?")
_PASSING = ("last-pass.json", "heartbeat.json", "troubles.json", "workbooks.json")
"""State that the next pass or the service writes anew."""
_SHOWN = 20
_ELSEWHERE = ("nhan", "archive", LEDGER, MANIFEST)


class BackupError(MendableError):
    """A backup cannot be written, is damaged, or cannot be restored as asked; nothing was put in place."""


class BackupBusy(BackupError, Busy):
    """Another backup of the same workspace is being made."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Member(_Model):
    """One file of a backup: bytes, SHA-256, and who may read it (permission bits of POSIX)."""

    size: int = Field(ge=0)
    sha256: Sha256
    mode: int = Field(ge=0, le=0o777)


class Manifest(_Model):
    """manifest.json. `ledger_at` is the ledger's migration, `rows` counts by table, `made_at` the office's moment.

    too_large: contents over the size limit, which are recognised and never archived. lost: contents that the archive
    lacked already when the backup was made. outside: files that the settings name and that lie outside the workspace.
    """

    kind: Literal["baocao-backup"] = "baocao-backup"
    format: Literal[1] = 1
    version: str
    ledger_at: str
    made_at: AwareDatetime
    rows: dict[str, int]
    members: dict[str, Member]
    too_large: frozenset[Sha256]
    lost: frozenset[Sha256]
    outside: tuple[str, ...]

    @property
    def archived(self) -> dict[str, str]:
        """The members that are archived contents, by SHA-256."""
        found = ((archived_sha256(name), name) for name in self.members)
        return {sha256: name for sha256, name in found if sha256 is not None}

    @property
    def files(self) -> list[str]:
        """The members that have their place in the workspace under their own name; the settings are the last."""
        own = [name for name in self.members if name != LEDGER and archived_sha256(name) is None]
        return sorted(own, key=lambda name: (name == CONFIG, name))

    @property
    def bytes_in_all(self) -> int:
        """Bytes of all members, unpacked."""
        return sum(member.size for member in self.members.values())


def archived_sha256(name: str) -> str | None:
    """The SHA-256 that an archived member `name` must have; None for other members."""
    matched = _ARCHIVED.fullmatch(name)
    return matched[2] if matched else None


def is_safe(path: str) -> bool:
    """Whether `path` (forward slashes) can only mean a file inside the folder that it is put into, on this system."""
    pure = PurePath(path)
    if not path or "\x00" in path or pure.anchor or ".." in pure.parts:
        return False
    return pure.as_posix() == path and (os.name == "posix" or ":" not in path)


def is_allowed(name: str) -> bool:
    """Whether a backup may have the member `name` and put it where the name says."""
    if name == LEDGER or archived_sha256(name):
        return True
    top, *rest = name.casefold().split("/")
    if not is_safe(name) or top in _ELSEWHERE:
        return False
    if top == ".baocao" and rest[:1] == [HANDED_IN]:
        return len(rest) == 2
    return top != ".baocao" or (len(rest) == 1 and is_state(rest[0]))


def is_state(name: str) -> bool:
    """Whether the file `name` of `.baocao` is worth keeping: no ledger, lock, log, note of a pass, unfinished file."""
    if name.startswith((".", "ledger.sqlite")) or name in _PASSING:
        return False
    return not name.endswith(("lock", ".tmp", ".log", ".part"))


def listed(heading: str, problems: Sequence[str]) -> str:
    """One message of `heading` and the first of `problems`."""
    more = [_("… and {count} more.").format(count=len(problems) - _SHOWN)] if len(problems) > _SHOWN else []
    return "\n".join([heading, *problems[:_SHOWN], *more])


def shown_moment(made_at: datetime) -> str:
    """A moment as messages show it."""
    return made_at.strftime("%d/%m/%Y %H:%M")
