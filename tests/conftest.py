"""What all tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sync import i18n
from tests.fakes.libreoffice import libreoffice

__all__ = ["english", "libreoffice"]


@pytest.fixture
def english() -> Iterator[None]:
    """Messages are in English, for tests that look at their words."""
    with i18n.using("en"):
        yield
