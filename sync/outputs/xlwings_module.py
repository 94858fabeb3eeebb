"""The VBA of xlwings that the macros need: an excerpt of its custom add-in module, with what is unsafe here left out.

RunPython was made for workbooks of one's own. The officer presses the buttons in workbooks that schools sent, and as
it comes, RunPython takes its settings, the interpreter among them, from a sheet of the open workbook and from a file
beside it, imports Python from the workbook's folder, and puts the workbook's path into a command line. So here it reads
only the settings that `baocao excel install` wrote into the add-in's own sheet, imports nothing from where the workbook
lies, and is given no path; macros/excel/BaoCao.bas looks at the name. UDFs are left out with all that they need.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

KEPT = (
    "RunPython ExecuteMac ExecuteWindows CleanUp GetConfig WScript FileExists FileExistsOnWindows "
    "FileOrFolderExistsOnMac ParentFolder KillFileOnMac ToMacPath GetMacDir ToPosixPath ShowError "
    "ExpandEnvironmentStrings ReadFile SheetExists CreateGUID CheckConda"
).split()
"""The procedures of xlwings that are taken over."""

_NOTE = (
    "'An excerpt of xlwings' module for custom add-ins, changed: no settings and no code are taken from the open\n"
    "'workbook or its folder. sync/outputs/xlwings_module.py makes it and says why.\n"
)
_EDITS = (
    # Neither the workbook's folder nor a path of it is told to Python: all but "false" are paths.
    (r"    ' Check for embedded Python code\n.*?(?=    OPTIMIZED_CONNECTION = )", '    PYTHONPATH = "false;;;;;"\n\n'),
    (r"    OPTIMIZED_CONNECTION = .*?(?=    ' Call Python platform-dependent\n)", ""),
    (r"        If OPTIMIZED_CONNECTION = .*?    (        RunPython = ExecuteWindows\([^\n]*\n)        End If\n", r"\1"),
    # No interpreter that happens to lie on the path or in the current folder.
    (r'GetConfig\("INTERPRETER", "python"\)', 'GetConfig("INTERPRETER", "")'),
    # Python does not look for modules in the folder that it is started in.
    (r'" -B -c ""', '" -P -B -c ""'),
    # Settings come from the add-in's own sheet, and from nowhere else.
    (
        r"(Function GetConfig\([^\n]*\n).*?(?=End Function\n)",
        "\\1    GetConfig = TextOf(configKey)\n"
        '    If GetConfig = "" Then GetConfig = ExpandEnvironmentStrings(default)\n',
    ),
    # Who is told this knows no English.
    (r'MsgBox "To enable RunPython[^\n]*"(?=, vbCritical)', 'MsgBox TextOf("not-installed")'),
    (r'MsgBox "Could not find Interpreter!"', 'MsgBox TextOf("not-installed")'),
    (r'StatusBar = "Running..."', 'StatusBar = TextOf("working")'),
    # What VBA itself knows of files and variables is lost where a folder has letters outside of the code page.
    (r'Environ\("Temp"\)', '"%TEMP%"'),
    (
        r"(Function FileExistsOnWindows\([^\n]*\n).*?(?=End Function\n)",
        '\\1    FileExistsOnWindows = CreateObject("Scripting.FileSystemObject").FileExists(FileSpec)\n',
    ),
)


class XlwingsChanged(Exception):
    """The installed xlwings is not the one that these edits were written for: read its module again."""


def folder() -> Path:
    """Where xlwings is installed."""
    import xlwings

    return Path(str(xlwings.__file__)).parent


def version() -> str:
    """The version of xlwings that is installed."""
    from importlib.metadata import version as installed

    return installed("xlwings")


def module() -> str:
    """The text of `macros/excel/xlwings.bas`, from the installed xlwings. Raises XlwingsChanged."""
    original = (folder() / "xlwings_custom_addin.bas").read_text(encoding="ascii")
    head = original[: original.index("'Attribute VB_Name")]
    first, rest = head.split("\n", 1)
    [constant] = re.findall(r"^Public Const XLWINGS_VERSION .*\n", original, re.MULTILINE)
    text = _edited("\n".join((f"{first}\n{_NOTE}{rest}{constant}", *_procedures(original))))
    _nothing_is_missing(original, text)
    return text


def _procedures(original: str) -> Iterator[str]:
    for name in KEPT:
        found = re.search(
            rf"^(?:#If App[^\n]*\n)?(?:Public |Private )?(Function|Sub) {name}\b.*?^End \1\n(?:#End If\n)?",
            original,
            re.MULTILINE | re.DOTALL,
        )
        if found is None:
            raise XlwingsChanged(f"{name} is gone")
        yield _balanced(found[0])


def _balanced(procedure: str) -> str:
    """Without an `#End If` after the procedure that closes nothing in it."""
    opened, closed = (len(re.findall(rf"^\s*#{word}\b", procedure, re.MULTILINE)) for word in ("If", "End If"))
    return procedure if opened == closed else procedure.removesuffix("#End If\n")


def _edited(text: str) -> str:
    for pattern, replacement in _EDITS:
        text, count = re.subn(pattern, replacement, text, flags=re.DOTALL)
        if count != 1:
            raise XlwingsChanged(f"{count} places instead of one: {pattern}")
    return text


def _nothing_is_missing(original: str, text: str) -> None:
    """What was left out must not be called any more: VBA finds that out only at the officer's."""
    code = re.sub(r"'[^\n]*", "", text)
    declared = r"^(?:Public |Private )?(?:Declare PtrSafe |Declare )?(?:Function|Sub) (\w+)"
    left_out = set(re.findall(declared, original.replace("    ", ""), re.MULTILINE)) - set(KEPT)
    called = sorted(name for name in left_out if re.search(rf"\b{name}\b", code))
    if called:
        raise XlwingsChanged(f"left out, but called: {', '.join(called)}")
