"""A letter's subject, text and HTML: its notices one after the other, the most urgent first, inside one frame."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

from sync import config
from sync.letters import drawing, words
from sync.letters.content import Item, Letter
from sync.letters.digest_view import digest_view
from sync.letters.drawing import FRAME, MANY, Templates
from sync.letters.views import ItemView, ManyView, item_view, many_view, names, office_view
from sync.notices import Kind

TABLE_FROM = 4
"""So many notices of one kind to several schools are one table."""
_URGENCY: tuple[Kind, ...] = (
    "office_overdue",
    "overdue",
    "office_due_soon",
    "due_soon",
    "returned",
    "to_mend",
    "due_changed",
    "announced",
    "accepted",
    "digest",
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a letter says."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a letter, as the frame sees it."""

    text: str
    html: Any
    """Markup: it is escaped already."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A template, what it is drawn with, and how many notices it tells."""

    template: str
    values: dict[str, Any]
    count: int


def drawn(
    letter: Letter, office: config.Office, how_to_send: str, calendar: str, overrides: Path | None
) -> tuple[Drawn, list[str]]:
    """What `letter` says, and a line for each template of the office (in `overrides`) that is broken.

    `calendar` is the name of its calendar file, empty for none. Raises ValueError where the letter has no content.
    """
    pieces = _pieces(letter, office)
    if not pieces:
        raise ValueError(f"letter {letter.id} says nothing")
    usual = names(office_view(letter, office, how_to_send, calendar))
    return drawing.with_own(overrides, partial(_draw, pieces, _table_of_all(letter, office), usual))


def _draw(pieces: Sequence[_Piece], all_in_one: _Piece | None, usual: dict[str, Any], templates: Templates) -> Drawn:
    from markupsafe import Markup

    def draw(piece: _Piece, block: str) -> str:
        return templates.draw(piece.template, block, usual | piece.values)

    # Escaped by the very templates that drew it.
    parts = [Part(draw(piece, "text").strip(), Markup(draw(piece, "html").strip())) for piece in pieces]  # noqa: S704
    first = words.line(draw(all_in_one or pieces[0], "subject"))
    others = 0 if all_in_one else sum(piece.count for piece in pieces[1:])
    frame = _Piece(FRAME, {"letter_parts": parts, "first_subject": first, "others": others}, 0)
    subject = words.shortened(words.line(draw(frame, "subject")), words.SUBJECT_LENGTH)
    framed = _Piece(FRAME, frame.values | {"subject": subject}, 0)
    return Drawn(subject, _tidy(draw(framed, "text")), _tidy(draw(framed, "html")))


def _pieces(letter: Letter, office: config.Office) -> list[_Piece]:
    """In order of urgency; the digest comes last."""
    items = [item for item in _without_echoes(letter.items) if item.notice.kind != "digest"]
    ordered = sorted(items, key=lambda item: (_urgency(item), item.days))
    pieces = []
    for _rank, group in groupby(ordered, key=_urgency):
        pieces += _of_kind(list(group), office)
    if letter.digest:
        pieces.append(_Piece("digest", names(digest_view(letter.digest)), 1))
    return pieces


def _without_echoes(items: Sequence[Item]) -> list[Item]:
    """`items` without reminders of a due date that the same letter announces or changes: they would say it again."""
    news = {(i.notice.school, i.notice.period) for i in items if i.notice.kind in ("announced", "due_changed")}
    return [i for i in items if i.notice.kind != "due_soon" or (i.notice.school, i.notice.period) not in news]


def _of_kind(items: list[Item], office: config.Office) -> list[_Piece]:
    """The notices of one kind: each for itself, or as one table a period where they are many."""
    are_many, by_period, alone = _are_many(items), dict[str, list[ItemView]](), []
    for item in items:
        view = item_view(item, office)
        if are_many and _fits_in_a_row(item):
            by_period.setdefault(item.notice.period, []).append(view)
        else:
            alone.append(_Piece(view.kind, names(view), 1))
    return [_Piece(MANY, names(many_view(views)), len(views)) for views in by_period.values()] + alone


def _are_many(items: Sequence[Item]) -> bool:
    return len(items) >= TABLE_FROM and len({item.notice.school for item in items}) > 1


def _fits_in_a_row(item: Item) -> bool:
    """Findings that lie in no attached file must be told in the letter itself, and so must why a report goes back."""
    if item.notice.kind == "returned":
        return False
    return item.notice.kind not in ("to_mend", "accepted") or not item.findings or bool(item.attachments)


def _table_of_all(letter: Letter, office: config.Office) -> _Piece | None:
    """What names a letter on several schools and one matter, by its number of schools; None for any other letter."""
    kinds = {item.notice.kind for item in letter.items}
    schools = {item.notice.school for item in letter.items}
    if letter.digest or len(kinds) != 1 or len(schools) < 2:
        return None
    view: ManyView = many_view([item_view(item, office) for item in letter.items])
    return _Piece(MANY, names(view), len(letter.items))


def _urgency(item: Item) -> int:
    return _URGENCY.index(item.notice.kind)


def _tidy(text: str) -> str:
    """Without the empty lines that templates leave behind."""
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"
