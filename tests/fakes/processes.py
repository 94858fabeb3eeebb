"""Processes that have their imports already: a kill falls into their work, not into Python's start."""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from multiprocessing.context import BaseContext


def ready(modules: Sequence[str]) -> BaseContext:
    """What makes processes that have imported `modules`, where the system can do that."""
    methods = multiprocessing.get_all_start_methods()
    made = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
    made.set_forkserver_preload(list(modules))
    return made
