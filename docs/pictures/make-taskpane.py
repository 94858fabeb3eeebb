"""Draws the pictures of the task pane (bang-ben-*.png) again, from the server over an office of the tests. Run it from
the top folder:

    .venv/bin/python docs/pictures/make-taskpane.py [FOLDER]

With FOLDER, everything is drawn there, narrow (320 × 700) and wide (450 × 900), to be looked at; else the few of the
docs. Needs the extras [addin] and [test], Chromium and a font with Vietnamese, such as fonts-dejavu.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.addin.panes import Pane, browser, open_book, opened
from tests.fakes import offices
from tests.fakes.addin_server import Served, serving

PICTURES = Path(__file__).parent
SHOWN = {
    "key": "bang-ben-nhap-ma",
    "findings": "bang-ben-loi",
    "findings-wide": "bang-ben-loi-rong",
    "confirm": "bang-ben-hoi",
    "submitted": "bang-ben-da-nop",
}
SIZES = {"": (320, 700), "-wide": (450, 900)}
FAULTS: dict[tuple[str, str, str], Any] = {
    **offices.FAULTY,
    ("activities", "I.2", "difficulties"): "Xin gọi số 0912 345 678 để biết thêm",
    ("activities", "I.3", "status"): "Xong rồi",
}


def main() -> None:
    folder = Path(sys.argv[1]).absolute() if len(sys.argv) > 1 else None
    with tempfile.TemporaryDirectory() as place, serving(Path(place)) as server, browser() as chromium:
        books = {name: book(server, Path(place), faults) for name, faults in (("faulty", FAULTS), ("sound", None))}
        for suffix, size in SIZES.items():
            for name, (which, act) in scenes(server).items():
                file = where(name + suffix, folder)
                if file is not None:
                    with opened(chromium, server.url, books[which], size=size) as pane:
                        act(pane)
                        pane.page.screenshot(path=file)


def where(name: str, folder: Path | None) -> Path | None:
    """The file of a picture, None where it is not drawn."""
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{name}.png"
    return PICTURES / f"{SHOWN[name]}.png" if name in SHOWN else None


def book(server: Served, place: Path, faults: dict[tuple[str, str, str], Any] | None) -> dict[str, Any]:
    """The open workbook of the school."""
    file = place / "bao-cao.xlsx"
    file.write_bytes(server.workbook(changes=faults))
    return open_book(file)


def scenes(server: Served) -> dict[str, tuple[str, Callable[[Pane], None]]]:
    """What is drawn: the workbook that is open, and what is done in the pane before."""

    def check(pane: Pane) -> None:
        pane.enter_key(server.key)
        pane.click("#check")

    def confirm(pane: Pane) -> None:
        pane.enter_key(server.key)
        pane.page.click("#submit")

    def submit(pane: Pane) -> None:
        pane.enter_key(server.key)
        pane.submit()

    def offline(pane: Pane) -> None:
        pane.enter_key(server.key)
        pane.answer("**/custom-scripts-call/*", 0, None)
        pane.submit()

    return {
        "key": ("sound", lambda _pane: None),
        "wrong-key": ("sound", lambda pane: pane.enter_key("bc-ngan")),
        "findings": ("faulty", check),
        "confirm": ("sound", confirm),
        "refused": ("faulty", submit),
        "submitted": ("sound", submit),
        "offline": ("sound", offline),
    }


if __name__ == "__main__":
    main()
