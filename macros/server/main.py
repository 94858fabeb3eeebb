"""The server of the add-in: xlwings Server behind the guard. `baocao addin serve` starts it, and nothing else does."""

from __future__ import annotations

from collections.abc import Callable

import auth.custom
import uvicorn
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from xlwings import XlwingsError
from xlwings_server.config import settings as xlwings_settings
from xlwings_server.main import app, main_app

from sync.office import OpenOffice
from sync.serving import starting
from sync.serving.connections import SILENT_SECONDS, PatientH11
from sync.serving.desk import of_environment
from sync.serving.guard import Guard
from sync.serving.refusals import words

HEADER_BYTES = 16 << 10
CONNECTIONS = 512
LAST_SECONDS = 10


def run(office: OpenOffice, said: Callable[[str], None]) -> None:
    """Serves until the process is told to end; `said` gets the address once it listens.

    Raises NotSafe, NotListening.
    """
    starting.refuse_unsafe(xlwings_settings.model_dump(), auth.custom, office)
    settings = office.settings.addin
    config = uvicorn.Config(
        guarded(office),
        http=PatientH11,
        ws="none",
        access_log=False,
        log_config=None,
        log_level="critical",
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=["127.0.0.1", "::1", *settings.proxies],
        h11_max_incomplete_event_size=HEADER_BYTES,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=SILENT_SECONDS,
        timeout_graceful_shutdown=LAST_SECONDS,
        ssl_certfile=settings.certificate or None,
        ssl_keyfile=settings.certificate_key or None,
    )
    with starting.listening(settings.host, settings.port, CONNECTIONS) as listener:
        scheme = "https" if settings.certificate else "http"
        said(f"{scheme}://{settings.host}:{listener.getsockname()[1]}")
        uvicorn.Server(config).run(sockets=[listener])


def guarded(office: OpenOffice) -> Guard:
    """The whole application: xlwings Server's own, its errors in our words, inside the guard."""
    app.add_exception_handler(Exception, _left_to_the_guard)
    app.add_exception_handler(XlwingsError, _no_workbook)
    app.add_exception_handler(RequestValidationError, _no_workbook)
    app.add_exception_handler(HTTPException, _in_our_words)
    app.state.is_guarded = True
    return Guard(main_app, of_environment(), office.settings.addin)


async def _left_to_the_guard(_request: Request, error: Exception) -> Response:
    """Which answers in our words and logs where it happened, and not what was in it."""
    raise error


async def _no_workbook(_request: Request, _error: Exception) -> Response:
    """What xlwings could not make a workbook of; its own message may repeat what was sent."""
    return JSONResponse({"detail": words(400)}, 400)


async def _in_our_words(_request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 500)
    return JSONResponse({"detail": words(status)}, status)
