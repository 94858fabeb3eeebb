"""A pass over hostile files: each gets its finding, the sound ones are taken in, the service stays small."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from sync import office
from sync.ledger import Ledger
from tests.fakes.offices import office_of_cast, send
from tests.intake import hostile

_PASS = """
import json, sys
from datetime import datetime
from pathlib import Path
from sync import building, office, passes, taking
from sync.intake import pool
from sync.outputs import office_workbook, returned, school_workbook

def resident(key):
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(key)).split()[1]) // 1024

opened = office.open_office(Path(sys.argv[1]), datetime(2025, 1, 20, 8))
start = resident("VmRSS")
result = passes.run(opened)
print(json.dumps([result.accepted, result.refused, result.to_mend, resident("VmHWM") - start]))
"""


def hostile_files(sound: bytes) -> Mapping[str, tuple[bytes, set[str]]]:
    """Name → content, and the findings that it may get."""
    stopped = {"reading-stopped", "damaged"}
    return {
        "bomb.xlsx": (hostile.zip_bomb(900), {"reading-stopped"}),
        "lying-bomb.xlsx": (hostile.lying_zip_bomb(900), stopped),
        "far-corner.xlsx": (_reaching(sound, b"XFD1048576"), {"too-many-cells", "reading-stopped"}),
        "wide.xlsx": (_reaching(sound, b"AZ100000"), {"too-many-cells", "reading-stopped"}),
        "repeats.ods": (hostile.repeating_ods(1_048_576, 16_384), {"too-many-cells", "reading-stopped"}),
        "loop.xls": (hostile.looping_xls(), stopped),
        "locked.xlsx": (hostile.encrypted(), {"encrypted"}),
        "cut.xlsx": (sound[: len(sound) // 2], {"damaged"}),
        "nothing.xlsx": (b"", {"empty-file"}),
        "page.xls": (b"<html><body><table></table></body></html>", {"not-a-workbook"}),
        "list.xls": (b"Ma;Ten\n1;2\n", {"not-a-workbook"}),
        "xml.xls": (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>', {"not-a-workbook"}),
        "paper.xlsx": (b"%PDF-1.7\n%%EOF\n", {"not-a-workbook"}),
        "large.xlsx": (sound + b"\0" * (26 << 20), {"too-large"}),
        "noise.xlsx": (bytes(range(256)) * 40, {"not-a-workbook"}),
    }


def _reaching(sound: bytes, corner: bytes) -> bytes:
    """A report of ours with a cell of its first table moved to `corner`."""
    return hostile.repacked(sound, {"xl/worksheets/sheet3.xml": (rb'r="[A-Z]+30"', b'r="' + corner + b'"')})


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the memory of a process is read from /proc")
def test_hostile_files_get_their_findings_and_the_pass_goes_on(tmp_path: Path) -> None:
    made = office_of_cast(tmp_path / "office")
    sound = send(made.path, "TH01").read_bytes()
    send(made.path, "CS01", {("statistics", "A.2", "total"): 512})
    files = hostile_files(sound)
    for name, (content, _codes) in files.items():
        (made.inbox / name).write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-c", _PASS, str(made.path)], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    accepted, refused, to_mend, grown = json.loads(done.stdout.splitlines()[-1])
    assert (accepted, refused, to_mend) == (2, len(files), 0)
    assert grown <= 100, f"the service grew by {grown} MB"
    found = _findings(made.path)
    for name, (_content, codes) in files.items():
        assert found[name] <= codes, (name, found[name])
        assert found[name], name


def _findings(folder: Path) -> dict[str, set[str]]:
    with Ledger.open(office.open_office(folder).ledger_url) as ledger:
        paths = ledger.receipts().set_index("receipt_id")["path"]
        findings = ledger.findings(list(paths.index))
    return {str(path): set(findings[findings["receipt_id"] == receipt]["code"]) for receipt, path in paths.items()}
