"""Headers with Vietnamese letters, folded so that every mail program reads back what was written."""

from __future__ import annotations

from email.header import Header
from email.headerregistry import Address
from email.policy import EmailPolicy
from typing import Any

_LINE = 76


class LetterPolicy(EmailPolicy):
    """The policy of our letters.

    The standard one of Python 3.11 loses the space between two words where it folds a line of encoded words.
    """

    def fold(self, name: str, value: Any) -> str:
        """The header as lines."""
        return _folded(name, value, self.linesep) or super().fold(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        """The header as lines, in bytes."""
        folded = _folded(name, value, self.linesep)
        return folded.encode("ascii") if folded else super().fold_binary(name, value)


POLICY = LetterPolicy(linesep="\r\n", cte_type="7bit")


def _folded(name: str, value: Any, linesep: str) -> str | None:
    """The header where it is ours to fold; None where it is not."""
    if str(value).isascii():
        return None
    if name.lower() == "subject":
        return f"{name}: {_encoded(str(value), len(name) + 2, linesep)}{linesep}"
    addresses: tuple[Address, ...] = getattr(value, "addresses", ())
    if not addresses:
        return None
    return f"{name}: " + f",{linesep} ".join(_address(each, linesep) for each in addresses) + linesep


def _address(address: Address, linesep: str) -> str:
    if address.display_name.isascii():
        return str(address)
    return f"{_encoded(address.display_name, 0, linesep)}{linesep} <{address.addr_spec}>"


def _encoded(text: str, used: int, linesep: str) -> str:
    return Header(text, "utf-8", maxlinelen=_LINE, header_name="x" * max(used - 2, 1)).encode(linesep=linesep)
