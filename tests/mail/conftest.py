"""What the tests of sending share."""

from __future__ import annotations

import pytest
import trustme

from tests.fakes.smtp import smtp_server

__all__ = ["authority", "smtp_server"]


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """An authority for certificates; nothing trusts it by itself."""
    return trustme.CA()
