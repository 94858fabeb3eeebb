"""What the tests of letters share: the invented office writes, and what arrives is read back."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage
from pathlib import Path

from sync import config
from sync.letters import samples
from sync.letters.composing import Composed, compose
from sync.letters.content import Letter
from sync.letters.samples import Sample

SAMPLES = {sample.name: sample for sample in samples.samples()}


def composed(
    letter: Letter, *, overrides: Path | None = None, office: config.Office = samples.OFFICE, how_to_send: str = ""
) -> Composed:
    return compose(letter, samples.SENDER, "", office, how_to_send, overrides, samples.NOW)


def arrived(composed: Composed) -> EmailMessage:
    """The message as a mail program reads it."""
    return email.message_from_bytes(composed.message.as_bytes(), policy=email.policy.default)


def text_of(message: EmailMessage, kind: str = "plain") -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def told(letter: Letter, kind: str = "plain") -> str:
    return text_of(arrived(composed(letter)), kind)


def as_golden(sample: Sample) -> str:
    message = arrived(composed(sample.letter))
    return f"Chủ đề: {message['Subject']}\n\n{text_of(message)}"
