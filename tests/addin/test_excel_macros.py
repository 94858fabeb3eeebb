"""The add-in for Excel: built from its texts, read back, and run by LibreOffice as far as that goes."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.outputs import build_macros, excel_addin, xlwings_module
from tests.fakes.libreoffice import LibreOffice, Workbook
from tests.fakes.macros import SHOWN, STARTED, sources, workbook_at

BUTTONS = {"BaoCaoKiemTra": "check", "BaoCaoNop": "submit", "BaoCaoLamMoi": "refresh", "BaoCaoNhacHan": "remind"}
INTERPRETER = r"C:\Phòng GD\Scripts\python.exe"
RIBBON = "{http://schemas.microsoft.com/office/2009/07/customui}"


@pytest.fixture(scope="module")
def addin() -> bytes:
    return (build_macros.folder() / excel_addin.NAME).read_bytes()


def macros_of(content: bytes) -> dict[str, str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pyparsing, which it uses, renames its functions.
        from oletools.olevba import VBA_Parser  # type: ignore[import-untyped]  # It publishes no types.

        parser = VBA_Parser("addin", data=content)
        found = {name: code for _, _, name, code in parser.extract_macros()}
        parser.close()
    return found


def test_what_is_committed_is_what_the_texts_give() -> None:
    assert list(build_macros.stale()) == []


def test_the_same_texts_give_the_same_bytes(addin: bytes) -> None:
    assert build_macros.addin(sources()) == addin


def test_olevba_reads_back_the_text_of_every_macro(addin: bytes) -> None:
    found = macros_of(addin)
    for name in build_macros.MODULES:
        text = (build_macros.folder() / f"{name}.bas").read_text(encoding="ascii")
        assert found.pop(f"{name}.bas").splitlines() == text.splitlines()
    # What is left belongs to the workbook and its sheet, and holds no code.
    assert {name: code for name, code in found.items() if not code.startswith("Attribute") or "Sub" in code} == {}


def test_a_macro_with_vietnamese_letters_is_refused() -> None:
    with pytest.raises(UnicodeDecodeError):
        build_macros.addin({**sources(), "BaoCao.bas": "' Kiểm tra".encode()})


def test_every_button_of_the_ribbon_has_its_macro(addin: bytes) -> None:
    parts = excel_addin.parts_of(addin)
    buttons = ElementTree.fromstring(parts["customUI/customUI14.xml"]).findall(f".//{RIBBON}button")
    assert {button.get("onAction") for button in buttons} == {"BaoCaoRibbon.BaoCaoPressed"}
    cases = dict(re.findall(r'Case "(\w+)": (\w+)', macros_of(addin)["BaoCaoRibbon.bas"]))
    assert {str(button.get("id")): str(button.get("id")).replace("baocao", "BaoCao") for button in buttons} == cases
    assert set(cases.values()) == set(BUTTONS)
    assert b'Target="customUI/customUI14.xml"' in parts["_rels/.rels"]
    assert not any(b"Smith" in part for part in parts.values())


def test_every_text_that_the_macros_ask_for_is_there(addin: bytes) -> None:
    code = macros_of(addin)["BaoCao.bas"]
    asked = set(re.findall(r'TextOf\("([\w-]+)"\)|Obstacle\w+ = "([\w-]+)"', code))
    keys = {key for pair in asked for key in pair if key}
    sheet = excel_addin.parts_of(addin)[excel_addin.SHEET_PART].decode()
    assert keys == set(re.findall(r"<t>([\w-]+)</t>", sheet))


def test_runpython_takes_nothing_from_the_open_workbook_but_its_name() -> None:
    module = re.sub(r"^\s*'.*", "", xlwings_module.module(), flags=re.MULTILINE)
    before_errors = module[: module.index("Sub ShowError")]
    assert set(re.findall(r"(?:ActiveWorkbook|ThisWorkbook)\.(\w+)", before_errors)) == {"Name"}
    assert "INTERPRETER_WIN" in before_errors
    assert "embedded" not in before_errors.replace("uses_embedded_code As Boolean", "")


def test_another_xlwings_is_not_patched_blindly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = (xlwings_module.folder() / "xlwings_custom_addin.bas").read_text(encoding="ascii")
    monkeypatch.setattr(xlwings_module, "folder", lambda: tmp_path)
    changed = tmp_path / "xlwings_custom_addin.bas"
    changed.write_text(original.replace('" -B -c ""', '" -c ""'), encoding="ascii")
    with pytest.raises(xlwings_module.XlwingsChanged, match="0 places"):
        xlwings_module.module()
    changed.write_text(original.replace("Function ReadFile(", "Function ReadAll("), encoding="ascii")
    with pytest.raises(xlwings_module.XlwingsChanged, match="ReadFile is gone"):
        xlwings_module.module()
    changed.write_text(
        original.replace("    FileNum = FreeFile", "    GetFullName ActiveWorkbook", 1), encoding="ascii"
    )
    with pytest.raises(xlwings_module.XlwingsChanged, match="left out, but called: GetFullName"):
        xlwings_module.module()


@given(st.dictionaries(st.sampled_from(["INTERPRETER_WIN", "INTERPRETER_MAC"]), st.text("<>&\"'=]/\\ aế", max_size=12)))
def test_any_path_can_be_a_setting(rows: dict[str, str]) -> None:
    package = excel_addin.packed({excel_addin.SHEET_PART: excel_addin.sheet({"title": "Báo cáo"})})
    part = excel_addin.parts_of(excel_addin.with_rows(package, rows))[excel_addin.SHEET_PART]
    texts = [element.text or "" for element in ElementTree.fromstring(part).iter() if element.tag.endswith("}t")]
    assert texts == ["title", "Báo cáo", *(text for row in rows.items() for text in row)]


@pytest.fixture(scope="module")
def installed(libreoffice: LibreOffice, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbook]:
    file = workbook_at(tmp_path_factory.mktemp("macros") / "Báo cáo (2).xlsm", {"INTERPRETER_WIN": INTERPRETER})
    with libreoffice.open(file, macros=True) as book:
        yield book


@pytest.mark.parametrize(("macro", "function"), BUTTONS.items())
def test_libreoffice_runs_each_macro_up_to_the_command_line(macro: str, function: str, installed: Workbook) -> None:
    installed.run_macro(f"VBAProject.BaoCao.{macro}")
    assert installed.read_cell("Sheet1", STARTED) == (
        rf'cmd.exe /C C: & cd "C:\Phòng GD\Scripts" & "{INTERPRETER}" -P -B -c "import xlwings.utils;'
        rf'xlwings.utils.prepare_sys_path(\"false;;;;;\"); import sync.desktop; sync.desktop.{function}()" '
        r' --wb="Báo cáo (2).xlsm" --from_xl=1 --app="Excel" --hwnd="7" 2> "%TEMP%\xlwings-guid.log" '
    )
    assert installed.read_cell("Sheet1", SHOWN) == ""


@pytest.mark.parametrize(
    "name", ["a^&calc&.xlsx", "%COMSPEC%.xlsx", "$(id).xlsx", "`id`.xlsx", 'a" & calc & ".xlsx', "a=b.xlsx"]
)
def test_a_name_that_a_shell_would_take_for_a_command_is_not_passed_on(name: str, installed: Workbook) -> None:
    assert installed.run_macro("VBAProject.BaoCao.ObstacleOf", name, True) == "strange-name"
    assert installed.run_macro("VBAProject.BaoCao.ObstacleOf", "Trường Hoa Sen_TH-01 (nộp lại).xlsx", True) == ""


def test_libreoffice_shows_why_nothing_was_started(libreoffice: LibreOffice, tmp_path: Path) -> None:
    file = workbook_at(tmp_path / "a%b.xlsm", {"INTERPRETER_WIN": INTERPRETER})
    with libreoffice.open(file, macros=True) as book:
        book.run_macro("VBAProject.BaoCao.BaoCaoNop")
        assert book.read_cell("Sheet1", STARTED) == ""
        assert "Tên tệp có ký tự lạ" in str(book.read_cell("Sheet1", SHOWN))
    file = workbook_at(tmp_path / "ab.xlsm", {})
    with libreoffice.open(file, macros=True) as book:
        book.run_macro("VBAProject.BaoCao.BaoCaoNop")
        assert book.read_cell("Sheet1", STARTED) == ""
        assert "baocao excel install" in str(book.read_cell("Sheet1", SHOWN))
