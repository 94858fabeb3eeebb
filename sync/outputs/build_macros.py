"""Builds the add-in for Excel from its texts in `macros/excel/`, or says with --check what is stale.

`bao-cao.xlam` is compiled by pyOpenVBA, on any system. `xlwings.bas`, the AppleScript and the licence beside it come
from the installed xlwings.
"""

from __future__ import annotations

import sys
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from importlib.metadata import files
from pathlib import Path

from sync.outputs import excel_addin, xlwings_module
from sync.shipped import shipped

MODULES = ("BaoCao", "BaoCaoRibbon", "xlwings")
"""The standard modules of the add-in; each is a file `.bas`."""
RIBBON = "customUI14.xml"
TEXTS = "texts.toml"
LICENCE = "LICENSE-xlwings.txt"
_RIBBON_PART = f"customUI/{RIBBON}"
_RELATION = (
    '<Relationship Id="rId4" Type="http://schemas.microsoft.com/office/2007/relationships/ui/extensibility" '
    f'Target="{_RIBBON_PART}"/></Relationships>'
)
_CORE = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<cp:coreProperties '
    'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Báo cáo</dc:title><dc:creator>baocao</dc:creator>'
    "</cp:coreProperties>"
)


def folder() -> Path:
    """`macros/excel/` of a checkout: what is built is written there."""
    return Path(str(shipped("macros"))) / "excel"


def from_xlwings() -> dict[str, bytes]:
    """The files that come from the installed xlwings, by name. Raises XlwingsChanged."""
    script = f"xlwings-{xlwings_module.version()}.applescript"
    [licence] = [path for path in files("xlwings") or () if path.name == "LICENSE.txt"]
    return {
        "xlwings.bas": xlwings_module.module().encode("ascii"),
        script: (xlwings_module.folder() / script).read_bytes(),
        LICENCE: licence.read_binary(),
    }


def addin(texts: Mapping[str, bytes]) -> bytes:
    """The add-in that is made of `texts`: files of `macros/excel/` by name.

    Raises UnicodeDecodeError where the text of a macro is not ASCII: VBA would lose other letters.
    """
    sources = {name: texts[f"{name}.bas"].decode("ascii") for name in MODULES}
    parts = excel_addin.parts_of(_compiled(sources))
    rows = tomllib.loads(texts[TEXTS].decode())
    parts[excel_addin.SHEET_PART] = excel_addin.sheet(rows)
    parts["docProps/core.xml"] = _CORE.encode()
    parts["_rels/.rels"] = parts["_rels/.rels"].replace(b"</Relationships>", _RELATION.encode())
    parts[_RIBBON_PART] = texts[RIBBON]
    return excel_addin.packed(parts)


def _compiled(sources: Mapping[str, str]) -> bytes:
    """An add-in with nothing but those modules, as pyOpenVBA makes it."""
    from pyopenvba import ExcelFile  # type: ignore[import-untyped]  # It has no marker for its types.

    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / excel_addin.NAME
        with ExcelFile.create_new(file) as workbook:
            project = workbook.vba_project()
            project.delete_module("Module1")
            for name, source in sources.items():
                project.add_module(name, source.replace("\n", "\r\n"))
            workbook.save()
            wrong = workbook.validate()
        if wrong:
            raise ValueError(f"the project does not fit itself: {', '.join(wrong)}")
        return file.read_bytes()


def built() -> dict[str, bytes]:
    """Everything in `macros/excel/` that is made and not written by hand, by name."""
    taken = from_xlwings()
    by_hand = {name: (folder() / name).read_bytes() for name in ("BaoCao.bas", "BaoCaoRibbon.bas", RIBBON, TEXTS)}
    return {**taken, excel_addin.NAME: addin({**by_hand, **taken})}


def stale() -> dict[Path, bytes]:
    """Committed files that are missing or are not what would be built now, with what that is."""
    wanted = {folder() / name: content for name, content in built().items()}
    return {path: content for path, content in wanted.items() if not path.is_file() or path.read_bytes() != content}


def main(arguments: Sequence[str]) -> int:
    """Exit status: 0 everything is fresh (now), 1 `--check` found something stale."""
    old = stale()
    if "--check" in arguments:
        sys.stderr.writelines(f"{path}: stale, run python -m sync.outputs.build_macros\n" for path in old)
        return 1 if old else 0
    for path, content in old.items():
        path.write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
