"""Writes the generic workbook of each shipped plan beside its plan file, or with --check says whether it is stale."""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

from sync.outputs.school_workbook import build_blank
from sync.plan import load, shipped_plans, templates_folder

TEMPLATE_NAME = "mau-truong.xlsx"


def template_of(plan_code: str) -> Path:
    """Where the built template of a shipped plan stands."""
    return Path(str(templates_folder())) / plan_code / TEMPLATE_NAME


def stale() -> list[Path]:
    """Committed templates that are missing or are not what would be built now."""
    return [path for code in sorted(shipped_plans()) if not _is_fresh(path := template_of(code), code)]


def _is_fresh(path: Path, plan_code: str) -> bool:
    return path.is_file() and _parts(path.read_bytes()) == _parts(build_blank(load(plan_code)))


def _parts(workbook: bytes) -> dict[str, bytes]:
    """What is packed in a workbook: builds of zlib pack the same parts differently. Empty where it is no workbook."""
    try:
        with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    except zipfile.BadZipFile:
        return {}


def main(arguments: Sequence[str]) -> int:
    """Exit status: 0 all templates are fresh (now), 1 `--check` found stale ones."""
    old = stale()
    if "--check" in arguments:
        sys.stderr.writelines(f"{path}: stale, run python -m sync.outputs.build_templates\n" for path in old)
        return 1 if old else 0
    for path in old:
        path.write_bytes(build_blank(load(path.parent.name)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
