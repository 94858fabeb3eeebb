"""What the tests of commands share."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sync import cli


@dataclass
class Result:
    """How a command ended and what it said."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs a command: `run("status", "-w", folder)` gives its Result."""
    monkeypatch.delenv("BAOCAO_WORKSPACE", raising=False)
    monkeypatch.delenv("BAOCAO_LANG", raising=False)

    def run_(*arguments: str | Path) -> Result:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        status = ended.value.code
        return Result(status if isinstance(status, int) else 0 if status is None else 1, said.out, said.err)

    return run_
