"""The returned copy: the workbook that a school sent, with the office's verdict in its own sheet `Kiểm tra`."""

from sync.outputs.returned.copying import patched, suffix
from sync.outputs.returned.rezip import NotPatchable
from sync.outputs.returned.words import ReceiptNote, ReturnedFinding

__all__ = ["NotPatchable", "ReceiptNote", "ReturnedFinding", "patched", "suffix"]
