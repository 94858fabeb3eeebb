"""What all tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from sync import i18n
from tests.fakes.libreoffice import libreoffice

# How long an example takes says more of the machine than of the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

__all__ = ["english", "libreoffice", "no_language_is_left_behind"]


@pytest.fixture(autouse=True)
def no_language_is_left_behind() -> Iterator[None]:
    """A command sets the language of its process; the next test begins in the default one again."""
    with i18n.using("vi"):
        yield


@pytest.fixture
def english() -> Iterator[None]:
    """Messages are in English, for tests that look at their words."""
    with i18n.using("en"):
        yield


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests go first, so that no worker is left alone with one of them at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)
