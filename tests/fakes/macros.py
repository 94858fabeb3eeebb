"""The add-in for Excel as LibreOffice can run it: a workbook with the same macros, and what is Excel's own recorded.

LibreOffice opens no add-ins, knows no conditional compilation (so Windows' branches are chosen here) and takes
FileExists for its own. It has no Application.Hwnd and no Application.Path, no WScript on Linux, converts no "False" to
a Boolean, and does not see the default of an argument that was left out. Everything else of the sources runs as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from sync.outputs import build_macros, excel_addin

STARTED, SHOWN = "E1", "E2"
"""Cells of the only sheet: the command line that would have been run, the message that would have been shown."""
_EXCELS_OWN = {
    "WScript.Run(": "RecordedRun(",
    "WScript.Popup": "RecordedPopup",
    "WScript.ExpandEnvironmentStrings(s)": "s",
    'CreateObject("Scripting.FileSystemObject").FileExists(FileSpec)': "True",
    "Application.Hwnd": "7",
    'Application.Path & "\\" & Application.Name': '"Excel"',
    "CreateGUID() &": '"guid" &',
    'GetConfig("SHOW CONSOLE", False) = True': "False",
    'GetConfig("CONDA PATH")': '""',
    'GetConfig("CONDA ENV")': '""',
}
_RECORDERS = f"""
Function RecordedRun(ByVal command As String, ByVal style As Integer, ByVal wait As Boolean) As Long
    ThisWorkbook.Worksheets(1).Range("{STARTED}").Value = command
End Function
Sub RecordedPopup(ByVal message As String, ByVal seconds As Integer, ByVal title As String, ByVal style As Integer)
    ThisWorkbook.Worksheets(1).Range("{SHOWN}").Value = message
End Sub
"""


def sources() -> dict[str, bytes]:
    """The files of `macros/excel/`, by name."""
    return {file.name: file.read_bytes() for file in build_macros.folder().iterdir() if file.is_file()}


def workbook_at(path: Path, settings: Mapping[str, str]) -> Path:
    """Writes the workbook; `settings` are those of an installed add-in."""
    texts = sources()
    for name in ("BaoCao.bas", "xlwings.bas"):
        texts[name] = for_libreoffice(texts[name].decode()).encode()
    texts["xlwings.bas"] += _RECORDERS.encode()
    parts = excel_addin.parts_of(excel_addin.with_rows(build_macros.addin(texts), settings))
    kinds = parts["[Content_Types].xml"].replace(b"ms-excel.addin.macro", b"ms-excel.sheet.macro")
    path.write_bytes(excel_addin.packed({**parts, "[Content_Types].xml": kinds}))
    return path


def for_libreoffice(source: str) -> str:
    """The source with Windows' branches and with what LibreOffice lacks recorded."""
    for excels, ours in _EXCELS_OWN.items():
        source = source.replace(excels, ours)
    return re.sub(r"\bFileExists\b", "IsThere", _on_windows(source))


def _on_windows(source: str) -> str:
    lines, taken = [], [True]
    for line in source.splitlines(keepends=True):
        match line.split():
            case ["#If", name, *_]:
                taken.append("Mac" not in name and "MAC" not in name)
            case ["#Else"]:
                taken[-1] = not taken[-1]
            case ["#End", "If"]:
                taken.pop()
            case _ if all(taken):
                lines.append(line)
    return "".join(lines)
