"""A document of somebody's → its tables, read in a child process with limits; what cannot be read is said plainly."""

from __future__ import annotations

from dataclasses import replace

from sync.i18n import gettext as _
from sync.intake import apart
from sync.intake.guard import Limits
from sync.intake.sniff import WORDS, sniff
from sync.plan_import.printed import PrintedTable
from sync.plan_import.problem import PlanImportError

LIMITS = replace(Limits(), max_unpacked_bytes=100 << 20, max_cells=500_000, wall_seconds=60, cpu_seconds=50)
"""A plan is one document: a larger one is no plan."""
_KINDS = frozenset({"docx", "xlsx"})
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"


def tables_in(name: str, content: bytes, limits: Limits = LIMITS) -> list[PrintedTable]:
    """The tables of the .docx or .xlsx `content`; `name` is the file's. Raises PlanImportError."""
    kind = _kind(name, content, limits)
    found = apart.call(_tables, (kind, content, limits), limits)
    if found is None:
        message = _("The file is damaged, or reading it takes too much time or memory.")
        fix = _("Open it in Word or Excel, copy the table alone into a new document and save that.")
        raise PlanImportError(name, message, fix)
    return found


def _kind(name: str, content: bytes, limits: Limits) -> str:
    """`docx` or `xlsx`. Raises PlanImportError for everything else."""
    sniffed = sniff(content)
    if sniffed.kind == "encrypted":
        raise PlanImportError(name, _("The file asks for a password."), _("Remove the password and save it again."))
    if content.startswith(_OLD_OFFICE):
        message = _("The file is of Word or Excel 97-2003 (.doc, .xls).")
        raise PlanImportError(name, message, _("Open it and save it as .docx or .xlsx."))
    if sniffed.kind in ("empty", "damaged"):
        raise PlanImportError(name, _("The file is empty or damaged."), _("Save it again as .docx or .xlsx."))
    if sniffed.kind not in _KINDS:
        raise not_readable(name, sniffed.kind)
    if sum(member.unpacked for member in sniffed.members) > limits.max_unpacked_bytes:
        fix = _("Copy the table alone into a new document.")
        raise PlanImportError(name, _("The file unpacks to far too much."), fix)
    return sniffed.kind


def not_readable(name: str, kind: str) -> PlanImportError:
    """The error of a file of another kind; `kind` is one of sync.intake.sniff."""
    what = _(WORDS[kind if kind in WORDS else "unknown"])
    message = _("The file is {what}, not a Word document (.docx) or a workbook (.xlsx).").format(what=what)
    return PlanImportError(name, message, _("Open it in Word or Excel and save it as .docx or .xlsx."))


def _tables(kind: str, content: bytes, limits: Limits) -> list[PrintedTable]:
    """Runs in a child process."""
    from sync.plan_import import documents

    if kind == "docx":
        return documents.of_word(content)
    return documents.of_excel(content, limits.max_sheets, limits.max_cells)
