"""Which notices are owed: a pure function of facts, of what the ledger remembers as told, and of one `now`."""

from sync.notices.model import KINDS, Kind, Notice, State

__all__ = ["KINDS", "Kind", "Notice", "State"]
