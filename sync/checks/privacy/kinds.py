"""What the screening can find: English source strings, translated where they are shown."""

from __future__ import annotations

from sync.i18n import mark

CHILD = mark("a child's name")
RELATIVE = mark("the name of a child's relative")
TELEPHONE = mark("a telephone number")
IDENTITY = mark("the number of an identity paper")
BIRTH = mark("a birth date")
ADDRESS = mark("an address")
KINDS = (CHILD, RELATIVE, TELEPHONE, IDENTITY, BIRTH, ADDRESS)
