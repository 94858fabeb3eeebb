"""The subjects of notices, each as of a letter of its own: for lists of notices that are not written out."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sync import config
from sync.letters import arranging
from sync.letters.content import Digest, Item, Letter


def subjects(items: Iterable[Item], digest: Digest, settings: config.Settings, overrides: Path) -> list[str]:
    """The subject of each of `items`; of a digest, that of `digest`. `overrides` is the folder of the own templates."""
    return [_subject(item, digest, settings, overrides) for item in items]


def _subject(item: Item, digest: Digest, settings: config.Settings, overrides: Path) -> str:
    notice = item.notice
    shown = digest if notice.kind == "digest" else None
    letter = Letter("0" * 32, notice.to, notice.cc, (item,), shown)
    return arranging.drawn(letter, settings.office, settings.notices.how_to_send, "", overrides)[0].subject
