"""Writes the generic workbook of each shipped plan and the templates of reports, or says with --check what is stale."""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from sync.outputs.school_workbook import build_blank
from sync.outputs.word_report import shipped
from sync.outputs.word_report.templates import template
from sync.plan import load, shipped_plans, templates_folder
from sync.reporting import KINDS

TEMPLATE_NAME = "mau-truong.xlsx"


def template_of(plan_code: str) -> Path:
    """Where the built template of a shipped plan stands."""
    return Path(str(templates_folder())) / plan_code / TEMPLATE_NAME


def stale() -> list[Path]:
    """Committed templates that are missing or are not what would be built now."""
    return [path for path, build in _templates().items() if not _is_fresh(path, build)]


def _templates() -> Mapping[Path, Callable[[], bytes]]:
    """All templates, and what builds each."""
    workbooks = {template_of(code): partial(_workbook, code) for code in sorted(shipped_plans())}
    reports = {Path(str(shipped(kind))): partial(template, kind) for kind in sorted(set(KINDS.values()))}
    return {**workbooks, **reports}


def _workbook(plan_code: str) -> bytes:
    return build_blank(load(plan_code))


def _is_fresh(path: Path, build: Callable[[], bytes]) -> bool:
    return path.is_file() and _parts(path.read_bytes()) == _parts(build())


def _parts(content: bytes) -> dict[str, bytes]:
    """What is packed in a file: builds of zlib pack the same parts differently. Empty where it is no zip file."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
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
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(_templates()[path]())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
