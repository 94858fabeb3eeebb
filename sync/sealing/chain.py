"""A seal with everything that it adds to: an addendum stands on the seal and the addenda before it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sync.i18n import gettext as _
from sync.sealing import package
from sync.sealing.manifest import RECEIPTS, STATE, Manifest, SealError, file_name
from sync.sealing.parts import Parts, parts_from
from sync.sealing.state import State, from_bytes


@dataclass(frozen=True)
class Link:
    """One file of a chain, found whole: its manifest, the SHA-256 of that, and the bytes of its members."""

    file: Path
    manifest: Manifest
    digest: str
    members: Mapping[str, bytes]

    @property
    def state(self) -> State:
        """The figures that were sealed. Raises SealError."""
        try:
            return from_bytes(self.members[STATE])
        except (KeyError, ValueError, TypeError) as error:
            message = _("The seal is whole, and this version does not understand it: {reason}")
            raise SealError(message.format(reason=error)) from error


def link(file: Path) -> Link:
    """One file of a chain. Raises SealError where it is not as it was sealed."""
    with package.opened(file) as opened:
        members = {name: opened.read(name) for name in opened.manifest.members}
        return Link(file, opened.manifest, opened.digest, members)


def chain(file: Path) -> list[Link]:
    """`file` and all that it adds to, which lie beside it, the seal first. Raises SealError where one is not as it was
    sealed, or is not the one that the next adds to."""
    links = [link(file)]
    while links[0].manifest.number:
        after = links[0]
        before = link(file.with_name(file_name(after.manifest.period, after.manifest.number - 1)))
        same = (before.manifest.period, before.manifest.number) == (after.manifest.period, after.manifest.number - 1)
        if before.digest != after.manifest.previous or not same:
            message = _("{file} is not the one that {addendum} adds to.")
            raise SealError(message.format(file=before.file.name, addendum=after.file.name))
        links.insert(0, before)
    return links


def parts_of(links: Sequence[Link]) -> Parts:
    """What the last of a chain is rebuilt from. Raises SealError."""
    last = links[-1].manifest
    contents = {sha256: each.members[name] for each in links for sha256, name in each.manifest.receipts.items()}
    known = [*last.receipts, *last.earlier]
    lacking = [sha256 for sha256 in known if sha256 not in contents]
    if lacking:
        raise SealError(_("{name} is missing in {file}.").format(name=lacking[0], file=links[-1].file.name))
    receipts = {sha256: contents[sha256] for sha256 in known}
    for sha256, content in receipts.items():
        if hashlib.sha256(content).hexdigest() != sha256:
            raise SealError(_("{name} was changed.").format(name=f"{RECEIPTS}/{sha256}"))
    return parts_from(links[-1].members, last.sealed_at, last.period, receipts)
