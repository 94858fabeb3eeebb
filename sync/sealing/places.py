"""Where seals lie, and the outputs that were sealed."""

from __future__ import annotations

from pathlib import Path

from sync.ledger import Sealing
from sync.sealing.manifest import file_key, file_name
from sync.workspace import Workspace

FOLDER = "niem-phong"


def folder_of(workspace: Workspace, period: str) -> Path:
    """Where the seal of a period and its addenda lie: beside what the officer hands in."""
    return workspace.outputs / FOLDER / file_key(period)


def file_of(workspace: Workspace, sealing: Sealing) -> Path:
    """The file of a seal that the ledger knows."""
    return workspace.path / sealing.folder / file_name(sealing.period, sealing.number)
