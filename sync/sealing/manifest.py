"""What a seal says of itself, and how its members are called."""

from __future__ import annotations

import json
import platform
import re
import zlib
from collections.abc import Mapping
from importlib import metadata
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from sync import __version__
from sync.errors import MendableError

FORMAT = 1
MANIFEST = "manifest.json"
PLAN = "plan.toml"
CONTROL = "dieu-hanh.json"
SETTINGS = "cai-dat.json"
SEALS = "dau-niem-phong.json"
STATE = "so-lieu.json"
DIFFERENCE = "khac-biet.json"
DIFFERENCE_WORKBOOK = "khac-biet.xlsx"
ROWS = "so-cai"
RECEIPTS = "nhan"
TEMPLATES = "mau-bao-cao"
EDITED = "ban-da-sua"

_RECEIPT = re.compile(rf"{RECEIPTS}/([0-9a-f]{{64}})(\.[a-z0-9]{{1,8}})?")
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?")
_LIBRARIES = ("xlsxwriter", "pandas", "docxtpl", "python-docx", "python-calamine")


class SealError(MendableError):
    """A period cannot be sealed, or a seal cannot be looked at; nothing was changed."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Name = Annotated[str, Field(pattern=rf"^{_SAFE.pattern}$", max_length=200)]


class Member(_Model):
    """One file of a seal: bytes and SHA-256."""

    size: int = Field(ge=0)
    sha256: Sha256


class Manifest(_Model):
    """manifest.json of a seal (`number` 0) or an addendum (from 1 on).

    period: its key, with its `title`; `office` is the office's name. version: the program's; made_with: versions of
    what packs and draws. plan, plan_version, plan_digest: code, version, SHA-256 of the rules. workbook, report: names
    of members that were made from the others; edited_report: the report as somebody had finished it, "" where nobody
    had. previous: SHA-256 of the manifest that this one adds to, "" for a
    seal. earlier: contents of receipts that stand in what it adds to. missing: contents that the archive did not have,
    because they were too large or lost. last_receipt, last_decision: the newest ones (ids) of the office's ledger then.
    """

    kind: Literal["baocao-seal"] = "baocao-seal"
    format: Literal[1] = 1
    period: str
    title: str
    office: str
    number: int = Field(ge=0)
    sealed_at: AwareDatetime
    version: str
    made_with: dict[str, str]
    plan: str
    plan_version: str
    plan_digest: Sha256
    workbook: Name
    report: Name
    edited_report: Name | Literal[""] = ""
    previous: Sha256 | Literal[""] = ""
    earlier: tuple[Sha256, ...] = ()
    missing: tuple[Sha256, ...] = ()
    last_receipt: int = Field(ge=0)
    last_decision: int = Field(ge=0)
    members: dict[Name, Member]

    @property
    def receipts(self) -> dict[str, str]:
        """The members that are contents of receipts, by SHA-256."""
        found = ((_RECEIPT.fullmatch(name), name) for name in self.members)
        return {matched[1]: name for matched, name in found if matched}


def is_name(name: str) -> bool:
    """Whether a member of a seal may be called so."""
    return _SAFE.fullmatch(name) is not None


def json_bytes(document: object) -> bytes:
    """`document` as JSON in one form, whatever the order in which it was made."""
    text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False)
    return f"{text}\n".encode()


def made_with() -> Mapping[str, str]:
    """The versions of what packs and draws here."""
    found = {name: metadata.version(name) for name in _LIBRARIES}
    return {"baocao": __version__, "python": platform.python_version(), "zlib": zlib.ZLIB_RUNTIME_VERSION, **found}


def file_key(period: str) -> str:
    """A period's key as names of files have it."""
    return re.sub(r"[^A-Za-z0-9._-]", "-", period)


def file_name(period: str, number: int) -> str:
    """How the seal of a period is called; an addendum from `number` 1 on."""
    addendum = f"-bo-sung-{number:02}" if number else ""
    return f"niem-phong-{file_key(period)}{addendum}.zip"
