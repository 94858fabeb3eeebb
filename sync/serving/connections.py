"""Connections that bring nothing, or take nothing, are closed. Needs uvicorn, which is in the extra [addin]."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

SILENT_SECONDS = 15
"""A connection that is to bring a call and does not, or not all of its headers, is closed after so long."""


class PatientH11(H11Protocol):
    """Closes connections that were opened, or kept, and bring no whole call, or do not take their answer.

    Uvicorn itself waits for ever. A slow network is no silence: what is still under way goes on.
    """

    silent_seconds: float = SILENT_SECONDS
    _watch: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._look_again()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._watch is not None:
            self._watch.cancel()

    def _look_again(self) -> None:
        self._seen = self._state()
        self._watch = self.loop.call_later(self.silent_seconds, self._close_if_silent)

    def _state(self) -> tuple[object, int]:
        """The call, and how many bytes of answers wait here because the caller has not taken those before them."""
        return self.cycle, self.transport.get_write_buffer_size()

    def _close_if_silent(self) -> None:
        is_waiting = self.cycle is None or self.cycle.response_complete or self._state()[1] > 0
        if is_waiting and self._state() == self._seen:
            self.transport.abort()
        else:
            self._look_again()
