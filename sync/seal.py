"""The seal of a workbook: proof that the office made it for this plan, template version, school and period."""

from __future__ import annotations

import hashlib
import hmac
import json

from sync import text

LENGTH = 32
"""Hexadecimal digits, half of the SHA-256: forging one takes 2^128 tries."""


def seal(secret: bytes, *, plan: str, template_version: str, school: str, period: str) -> str:
    """The seal of the workbook that is sent to `school` for `period`; `secret` is the workspace's."""
    # JSON keeps the parts apart whatever characters they hold.
    parts = [text.trim(part) for part in (plan, template_version, school, period)]
    message = json.dumps(parts, ensure_ascii=False).encode()
    return hmac.new(secret, message, hashlib.sha256).hexdigest()[:LENGTH]


def is_sealed(secret: bytes, value: str | None, *, plan: str, template_version: str, school: str, period: str) -> bool:
    """Whether `value`, as read from a workbook, is the seal of these four."""
    expected = seal(secret, plan=plan, template_version=template_version, school=school, period=period)
    return hmac.compare_digest(expected.encode(), text.fold(value or "").encode())
