"""What a mail server answers: its words as one line that can be shown, and what they mean for an address."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from sync.mail.post import Outcome

LONGEST = 200
"""Characters of a server's words that are repeated."""
MASK = "***"

_DAILY_LIMIT = re.compile(r"\b5\.(?:4\.5|1\.90|7\.232|7\.233)\b")
"""The day's limit of an account is reached. Google says 550 5.4.5, Microsoft 550 5.1.90 (recipients), 5.7.232 and
5.7.233 (tenant). They are 5xx replies, but the same letter is taken on another day."""
_TOO_LARGE = re.compile(r"\b5\.(?:3\.4|2\.3)\b")
"""The letter is too large (RFC 3463)."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A server's code and its words, shortened to one line without secrets."""

    code: int
    text: str

    @property
    def is_good(self) -> bool:
        """Whether the server did what it was asked for."""
        return 200 <= self.code < 300

    @property
    def is_temporary(self) -> bool:
        """Whether the same may be asked again later."""
        return 400 <= self.code < 500 or bool(_DAILY_LIMIT.search(self.text))

    @property
    def is_about_size(self) -> bool:
        """Whether the letter is larger than the server takes."""
        return self.code == 552 or (self.code >= 500 and bool(_TOO_LARGE.search(self.text)))

    def __str__(self) -> str:
        return f"{self.code} {self.text}".rstrip()


def refusal(reply: Reply, *, of_address: bool = False) -> Outcome:
    """What a reply that is not good means.

    `of_address`: it answers RCPT, where 552 counts as 452 (RFC 5321, 4.5.3.1.10).
    """
    temporary = reply.is_temporary or (of_address and reply.code == 552)
    return Outcome("temporary" if temporary else "permanent", reply.code, reply.text)


def one_line(words: bytes | str, secrets: Iterable[str] = ()) -> str:
    """`words` of a server on one line of at most LONGEST characters, without control characters and `secrets`."""
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    known = sorted({secret for secret in secrets if secret}, key=len, reverse=True)
    # Once as it came and once as it is shown: a secret may have spaces in it, or be cut by control characters.
    shown = " ".join(_printable(_masked(text, known)).split())
    shown = _masked(shown, known)
    return shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…"


def _masked(text: str, secrets: list[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, MASK)
    return text


def _printable(text: str) -> str:
    return "".join(_shown(letter) for letter in text)


def _shown(letter: str) -> str:
    # Line ends become blanks; marks that only steer the display (right-to-left, zero width) go.
    if letter in "\r\n\t\v\f":
        return " "
    return "" if unicodedata.category(letter)[0] == "C" else letter
