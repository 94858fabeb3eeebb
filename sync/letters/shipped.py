"""The shipped templates, for an office that wants its own: a copy to edit, and whether its own can be used."""

from __future__ import annotations

import difflib
from pathlib import Path

from sync.errors import MendableError
from sync.i18n import gettext as _
from sync.letters import drawing

HOW_TO_SEND = "gửi tệp Excel vào hộp thư bao-cao@example.org."


class TemplateError(MendableError):
    """A template cannot be copied."""


def copy_template(kind: str, folder: Path) -> Path:
    """Puts the shipped template `kind` (a notice's kind, `letter`, `many` or `parts`) into `folder` to be edited.

    Gives where it is. Raises TemplateError where there is no such template or the office has one already: that one
    stays as it is.
    """
    if kind not in drawing.NAMES:
        known = ", ".join(drawing.NAMES)
        raise TemplateError(_("There is no template {name}; there are: {known}.").format(name=kind, known=known))
    file = folder / f"{kind}{drawing.ENDING}"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with file.open("x", encoding="utf-8", newline="\n") as opened:
            opened.write(drawing.shipped(kind))
    except FileExistsError:
        message = _("{file} is there already; move it away first if you want the shipped one.")
        raise TemplateError(message.format(file=file)) from None
    return file


def check_templates(folder: Path) -> list[str]:
    """One line for each thing that is wrong with the office's templates in `folder`; none where there are none.

    Every letter is drawn once, of invented schools.
    """
    if not folder.is_dir():
        return []
    return [*_unknown(folder), *_broken(folder)]


def _unknown(folder: Path) -> list[str]:
    """Files that are never looked at."""
    known = {f"{name}{drawing.ENDING}" for name in drawing.NAMES}
    names = sorted(file.name for file in folder.iterdir() if not file.name.startswith("."))
    return [_of_unknown(f"{folder.name}/{name}", name, known) for name in names if name not in known]


def _of_unknown(place: str, name: str, known: set[str]) -> str:
    close = difflib.get_close_matches(name, sorted(known), n=1)
    if close:
        return _("{file}: no letter has this name, so it is not used; is {close} meant?").format(
            file=place, close=close[0]
        )
    return _("{file}: no letter has this name, so it is not used. Names are: {known}.").format(
        file=place, known=", ".join(sorted(known))
    )


def _broken(folder: Path) -> list[str]:
    from sync.letters import samples
    from sync.letters.composing import compose

    remarks: dict[str, None] = {}
    for sample in samples.samples():
        for how_to_send in ("", HOW_TO_SEND):
            composed = compose(sample.letter, samples.SENDER, "", samples.OFFICE, how_to_send, folder, samples.NOW)
            remarks |= dict.fromkeys(composed.remarks)
    return list(remarks)
