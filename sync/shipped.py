"""What travels with the package beside its modules: templates, macros, the example of the settings."""

from __future__ import annotations

from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path


def shipped(name: str) -> Traversable:
    """The file or folder `name`: inside an installed package, or beside it in a checkout."""
    inside = resources.files("sync") / name
    return inside if inside.is_dir() or inside.is_file() else Path(__file__).parent.parent / name
