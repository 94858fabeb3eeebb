"""The consolidated figures of a period → what the office's report says of them. Pure: no Word, no files, no clock."""

from sync.reporting.masking import Masking
from sync.reporting.report import names
from sync.reporting.subject import KINDS, Kind, Subject, before, report_kind, spans_of
from sync.reporting.wording import GAP_CLOSES, GAP_OPENS, gap

__all__ = [
    "GAP_CLOSES",
    "GAP_OPENS",
    "KINDS",
    "Kind",
    "Masking",
    "Subject",
    "before",
    "gap",
    "names",
    "report_kind",
    "spans_of",
]
