"""The appendix table of a printed plan, in Word or Excel → a plan.toml to complete."""

from __future__ import annotations

import stat
from pathlib import Path

from sync.i18n import gettext as _
from sync.intake.guard import Limits
from sync.plan_import.appendix import Appendix, read_appendix
from sync.plan_import.drafting import draft
from sync.plan_import.problem import PlanImportError
from sync.plan_import.reading import LIMITS, not_readable, tables_in

__all__ = ["Appendix", "PlanImportError", "import_plan"]


def import_plan(source: Path, table: int | None = None, limits: Limits = LIMITS) -> tuple[str, Appendix]:
    """The text of a plan.toml to complete, and what of `source` (.docx or .xlsx) stands in it.

    `table`: the number of the table (in a workbook: of the sheet) where several have the headings of an appendix.
    Raises PlanImportError where nothing can be read, or where it is not clear what.
    """
    try:
        if not stat.S_ISREG(source.stat().st_mode):
            # Opening a FIFO would wait for its writer.
            raise not_readable(source.name, "special")
        if source.stat().st_size > limits.max_bytes:
            raise PlanImportError(
                source.name,
                _("The file has more than {count} MB.").format(count=limits.max_bytes >> 20),
                _("Copy the table alone into a new document."),
            )
        content = source.read_bytes()
    except OSError as error:
        message = _("The file cannot be opened: {reason}.").format(reason=error.strerror or error)
        raise PlanImportError(source.name, message, _("Close it in other programs, or correct its name.")) from error
    appendix = read_appendix(source.name, tables_in(source.name, content, limits), table)
    return draft(appendix), appendix
