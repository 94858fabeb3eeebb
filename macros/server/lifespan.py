"""Keeps the application from being started without its guard, as by `xlwings-server run`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from sync.serving.starting import NotSafe


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Raises NotSafe where `main` did not put the guard around `app`."""
    if not getattr(app.state, "is_guarded", False):
        raise NotSafe(["baocao addin serve"])
    yield
