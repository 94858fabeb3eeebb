"""Where the school of a key stands now."""

from __future__ import annotations

from typing import Any

import xlwings
from anyio import to_thread
from fastapi import APIRouter
from xlwings_server import dependencies

from sync.serving import desk

router = APIRouter()


@router.get("/baocao/standing")
async def standing(user: dependencies.User) -> dict[str, Any]:
    """See Desk.standing; `xlwings` is the version that clients other than Office.js must send with a workbook."""
    told = await to_thread.run_sync(desk.of_environment().standing, user.id)
    return {**told, "xlwings": xlwings.__version__}
