"""What the buttons in Excel on the officer's machine call, and what sets them up there.

The macros in `macros/excel/` run `sync.desktop.check()` and the like through xlwings' RunPython, in a process of their
own beside Excel. `installing` puts the add-in into Excel's start folder and remembers which workspace the buttons work
in.
"""

from __future__ import annotations

__all__ = ["check", "refresh", "remind", "submit"]


def check() -> None:
    """Judges the school's report that is open in Excel, and shows the sheet `Kiểm tra`."""
    _pressed("check")


def submit() -> None:
    """Judges the school's report that is open in Excel and, where it has no error, takes it in as handed in."""
    _pressed("submit")


def refresh() -> None:
    """Brings the consolidated workbook that is open in Excel up to date."""
    _pressed("refresh")


def remind() -> None:
    """Shows the notices that are due, and sends them once the officer says yes."""
    _pressed("remind")


def _pressed(button: str) -> None:
    from sync.desktop import buttons

    buttons.pressed(button)
