"""`baocao report`, with real workbooks and a real ledger."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sync import control
from tests.fakes.documents import read
from tests.fakes.libreoffice import find_soffice, skip_or_fail
from tests.fakes.offices import AFTER_DUE, CAST, DONE, PERIOD, PLAN, ZONE, send

REPORT = "tong-hop/bao-cao-2024-2025-HK1.docx"
UNMET = ("targets", "CT.1", "reason")


@pytest.fixture
def empty(run: Any, tmp_path: Path) -> Path:
    folder = tmp_path / "phong"
    assert run("init", folder).status == 0
    file = folder / "dieu-hanh.xlsx"
    control.write(file, replace(control.read(file, PLAN, ZONE), schools=CAST), PLAN)
    return folder


@pytest.fixture
def workspace(run: Any, empty: Path) -> Path:
    send(empty, "TH01", {**DONE, UNMET: "Liên hệ cô Lan, số 0912345678"})
    send(empty, "MN01", {UNMET: "Chưa có tài liệu"})
    assert run("sync", "-w", empty, "--as-of", AFTER_DUE).status == 0
    return empty


def drawn(run: Any, workspace: Path, *arguments: str, as_of: str = AFTER_DUE) -> Any:
    result = run("report", "-w", workspace, "--as-of", as_of, "--json", *arguments)
    assert result.status == 0, result.err
    return result.json


def test_the_report_of_the_current_period_is_written(run: Any, workspace: Path) -> None:
    told = drawn(run, workspace)
    seen = read((workspace / REPORT).read_bytes())
    assert told == {
        "period": PERIOD,
        "kind": "semester",
        "report": REPORT,
        "gaps": len(seen.gaps),
        "template": "",
        "for_others": False,
        "kept": "",
    }
    assert any("2/3 trường (66,7%)" in line for line in seen.paragraphs)
    assert [line for line in seen.paragraphs if line.startswith("- Trường chưa nộp")] == [
        "- Trường chưa nộp báo cáo: Trường THCS Hoa Cúc."
    ]
    assert "Số buổi: 4" in seen.text


def test_what_failed_the_privacy_checks_is_not_in_it(run: Any, workspace: Path) -> None:
    drawn(run, workspace)
    text = read((workspace / REPORT).read_bytes()).text
    assert "0912345678" not in text
    assert "Chưa có tài liệu (1 trường: Trường Mầm non Hoa Mai)" in text
    assert "Nội dung được giữ lại vì có thông tin cần bảo vệ: 1 trường" in text


@pytest.mark.parametrize(
    ("key", "kind", "file"),
    [
        ("2025/NAM", "yearly", "bao-cao-2025-NAM.docx"),
        ("TK-2025", "review", "bao-cao-TK-2025.docx"),
        ("SK-2023", "review", "bao-cao-SK-2023.docx"),
    ],
)
def test_periods_of_the_office_alone_have_reports(run: Any, workspace: Path, key: str, kind: str, file: str) -> None:
    told = drawn(run, workspace, "--period", key, as_of="2025-12-20T08:00")
    assert (told["kind"], told["report"]) == (kind, f"tong-hop/{file}")
    text = read((workspace / told["report"]).read_bytes()).text
    assert ("2/3 trường" in text) == (key != "SK-2023")


def test_an_office_without_any_report_gets_gaps(run: Any, empty: Path) -> None:
    told = drawn(run, empty)
    seen = read((empty / REPORT).read_bytes())
    assert told["gaps"] == len(seen.gaps) > 15
    assert "- Trường chưa nộp báo cáo:" in "\n".join(seen.paragraphs)


def test_a_copy_for_others_lies_beside_it(run: Any, workspace: Path) -> None:
    told = drawn(run, workspace, "--for-others")
    assert told["for_others"] is True
    assert told["report"] == "tong-hop/bao-cao-2024-2025-HK1 (bản gửi nơi khác).docx"
    assert not (workspace / REPORT).exists()


def test_the_same_moment_gives_the_same_bytes(run: Any, workspace: Path) -> None:
    drawn(run, workspace)
    first = (workspace / REPORT).read_bytes()
    drawn(run, workspace)
    assert (workspace / REPORT).read_bytes() == first


def test_a_report_that_nobody_touched_is_replaced(run: Any, workspace: Path) -> None:
    drawn(run, workspace)
    told = drawn(run, workspace, as_of="2025-01-28T08:00")
    assert (told["report"], told["kept"]) == (REPORT, "")
    assert "28/01/2025" in read((workspace / REPORT).read_bytes()).text
    assert [file.name for file in (workspace / "tong-hop").glob("*.docx")] == [Path(REPORT).name]


def test_a_report_that_the_officer_filled_in_is_never_replaced(run: Any, workspace: Path) -> None:
    drawn(run, workspace)
    (workspace / REPORT).write_bytes(b"filled in")
    told = drawn(run, workspace, as_of="2025-01-28T08:00")
    assert (workspace / REPORT).read_bytes() == b"filled in"
    beside = "tong-hop/bao-cao-2024-2025-HK1 (mới).docx"
    assert (told["report"], told["kept"]) == (beside, REPORT)
    assert drawn(run, workspace, as_of="2025-01-29T08:00")["report"] == beside
    (workspace / beside).write_bytes(b"filled in too")
    again = drawn(run, workspace, as_of="2025-01-30T08:00")
    assert again["report"] == "tong-hop/bao-cao-2024-2025-HK1 (mới 2).docx"
    assert (workspace / beside).read_bytes() == b"filled in too"


def test_a_period_that_nobody_knows_is_told(run: Any, workspace: Path) -> None:
    result = run("report", "-w", workspace, "--period", "2031/NAM", "--lang", "en")
    assert result.status == 2
    assert "2031/NAM" in result.err
    assert "TK-2025" in result.err


def test_templates_are_put_there_once_and_then_used(run: Any, workspace: Path) -> None:
    first = run("report", "--templates", "-w", workspace, "--json").json
    assert first == {"written": ["hoc-ky.docx", "nam.docx", "so-ket-tong-ket.docx"], "kept": []}
    assert run("report", "--templates", "-w", workspace, "--json").json["written"] == []
    assert drawn(run, workspace)["template"] == "mau-bao-cao/hoc-ky.docx"


def test_a_broken_template_stops_the_report_and_is_named(run: Any, workspace: Path) -> None:
    run("report", "--templates", "-w", workspace)
    (workspace / "mau-bao-cao" / "hoc-ky.docx").write_bytes(b"broken")
    result = run("report", "-w", workspace, "--as-of", AFTER_DUE)
    assert result.status == 2
    assert "mau-bao-cao/hoc-ky.docx" in result.err
    assert not (workspace / REPORT).exists()


def test_the_command_says_where_it_is(run: Any, workspace: Path) -> None:
    result = run("report", "-w", workspace, "--as-of", AFTER_DUE, "--lang", "en")
    assert result.status == 0
    assert Path(REPORT).name in result.out
    assert "marked yellow" in result.out


@pytest.mark.slow
@pytest.mark.parametrize("key", [PERIOD, "2025/NAM", "TK-2025"])
def test_a_word_processor_prints_it(run: Any, workspace: Path, key: str, tmp_path: Path) -> None:
    soffice, reader = find_soffice(), shutil.which("pdftotext")
    if soffice is None or reader is None:
        skip_or_fail("LibreOffice or pdftotext is not installed")
    report = workspace / drawn(run, workspace, "--period", key, as_of="2025-12-20T08:00")["report"]
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [str(soffice), profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(report)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    pdf = tmp_path / f"{report.stem}.pdf"
    printed = subprocess.run([reader, "-layout", str(pdf), "-"], check=True, capture_output=True, text=True, timeout=60)
    pages = printed.stdout.split("\f")
    assert "Độc lập - Tự do - Hạnh phúc" in pages[0]
    assert pages[1].strip().startswith("2")
    assert "Phụ lục" in printed.stdout
    assert "{" not in printed.stdout
