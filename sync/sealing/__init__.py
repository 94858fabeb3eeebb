"""Sealing: what was reported of a period is frozen in one file, and can be proven and rebuilt from it anywhere.

Not to be confused with `sync.seal`, which marks the workbooks that the office sends out.
"""

from __future__ import annotations

from sync.sealing.manifest import SealError
from sync.sealing.step import Sealed, seal
from sync.sealing.verifying import Proof, verify, verify_file

__all__ = ["Proof", "SealError", "Sealed", "seal", "verify", "verify_file"]
