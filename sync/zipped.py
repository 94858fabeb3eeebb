"""What zipfile raises where bytes are not those of a sound ZIP: its own errors do not cover half of it."""

from __future__ import annotations

import struct
import zipfile
import zlib

UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
    struct.error,
)
