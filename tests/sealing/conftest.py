"""One sealed period, and the file of it, made once: sealing takes some seconds."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.sealing.offices import file_of, make_office, sealed


@pytest.fixture(scope="session")
def sealed_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose period was sealed; only to be read."""
    workspace = make_office(tmp_path_factory.mktemp("sealed") / "office")
    sealed(workspace)
    return workspace


@pytest.fixture
def workspace(sealed_once: Path, tmp_path: Path) -> Path:
    """A workspace of its own, whose period was sealed."""
    return Path(shutil.copytree(sealed_once, tmp_path / "office"))


@pytest.fixture(scope="session")
def content(sealed_once: Path) -> bytes:
    """The bytes of a seal."""
    return file_of(sealed_once).read_bytes()
