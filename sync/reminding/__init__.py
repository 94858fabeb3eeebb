"""Reminding: what is owed at this moment is claimed, written and sent; what became of it is put down.

Nothing is sent that is not true when it leaves, and nothing twice: a notice is claimed in the ledger first, a letter
that waits is looked at again before it leaves, and one whose outcome is unknown is shown and not repeated.
"""

from sync.reminding.result import Reminded
from sync.reminding.step import next_notices, preview, remind

__all__ = ["Reminded", "next_notices", "preview", "remind"]
