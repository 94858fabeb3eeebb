"""Demos are made once for all tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from sync import plan as plans
from tests.demo.inboxes import Demo, made

OTHER = Path(__file__).parent.parent / "fakes" / "other-plan.toml"


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return made(plans.load("thu-thua-2020-2025"), tmp_path_factory.mktemp("demo") / "office")


@pytest.fixture(scope="session")
def other_demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return made(plans.load(OTHER), tmp_path_factory.mktemp("other") / "office", source=OTHER)


@pytest.fixture(params=["shipped", "other"])
def each_demo(request: pytest.FixtureRequest) -> Demo:
    demo: Demo = request.getfixturevalue("demo" if request.param == "shipped" else "other_demo")
    return demo
