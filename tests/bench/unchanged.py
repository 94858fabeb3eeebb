"""A pass in which nothing changed, against looking at the same files with os.scandir and stat."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from sync import office, passes
from sync.setup import make_workspace
from tests.bench.measure import Ratio, against


def workspace(folder: Path, files: int) -> Path:
    """A workspace whose inbox has many small files that nobody can use, each of its own content, after one pass."""
    made = make_workspace(folder / "office", "thu-thua-2020-2025")
    for number in range(files):
        place = made.inbox / f"xa-{number % 20:02}"
        place.mkdir(exist_ok=True)
        (place / f"bao-cao-{number:05}.xlsx").write_text(f"{number}\n")
    passes.run(office.open_office(made.path))
    return made.path


def one_pass(folder: Path) -> None:
    """A whole pass, everything opened anew."""
    result = passes.run(office.open_office(folder))
    assert result.new == 0, result


def look(folder: Path) -> int:
    """The size and time of every file."""
    seen, pending = 0, [str(folder / "nhan")]
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)
                else:
                    seen += entry.stat(follow_symlinks=False).st_size
    return seen


def main(files: int = 10_000, runs: int = 9) -> Iterator[Ratio]:
    """The ratio for `files` files."""
    with TemporaryDirectory() as folder:
        path = workspace(Path(folder), files)
        yield against(
            f"nothing changed in {files} files / scandir+stat", lambda: one_pass(path), lambda: look(path), runs
        )


if __name__ == "__main__":
    for ratio in main(*map(int, sys.argv[1:])):
        print(ratio)
