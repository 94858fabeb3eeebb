"""What all tests share."""

from __future__ import annotations

from tests.fakes.libreoffice import libreoffice

__all__ = ["libreoffice"]
