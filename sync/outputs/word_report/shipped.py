"""Where templates of reports are: the shipped ones, and the copies that an office edits in Word."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources.abc import Traversable
from pathlib import Path

from sync.plan import templates_folder
from sync.reporting import Kind
from sync.workspace import write_atomically

FILES: Mapping[Kind, str] = {"semester": "hoc-ky.docx", "yearly": "nam.docx", "review": "so-ket-tong-ket.docx"}
"""The file's name of the template of each kind of report."""


def shipped(kind: Kind) -> Traversable:
    """The template that travels with the package."""
    return templates_folder() / "word" / FILES[kind]


def own_template(folder: Path, kind: Kind) -> Path | None:
    """The office's own template in `folder`; None where it has none."""
    file = folder / FILES[kind]
    return file if file.is_file() else None


def copy_templates(folder: Path) -> tuple[list[Path], list[Path]]:
    """Puts the shipped templates into `folder` to be edited: those that were put there, and those that were there.

    What is there already stays as it is.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made, kept = [], []
    for kind, name in FILES.items():
        file = folder / name
        if file.exists():
            kept.append(file)
        else:
            made.append(write_atomically(file, shipped(kind).read_bytes()))
    return made, kept
