"""Returning into Google Sheets: the verdict goes to the tab `Kiểm tra` of a school's spreadsheet, and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sync.facts import PeriodReceipts
from sync.i18n import gettext as _
from sync.ledger import Output
from sync.office import OpenOffice
from sync.returning import Copy, due_verdicts
from sync.sources import GOOGLE

if TYPE_CHECKING:
    import pandas as pd

    from sync.google.http import Client
    from sync.ledger import Ledger
    from sync.sources.google import Patience


def return_verdicts(
    office: OpenOffice, ledger: Ledger, client: Client, receipts: PeriodReceipts, findings: pd.DataFrame
) -> list[str]:
    """Writes the verdicts of a period that changed, one request each; gives what failed, a line for each school.

    `findings` are those of period_findings, in Vietnamese. What failed is tried again by the next pass.
    """
    from sync.sources.google import Patience

    known, problems, written, patience = ledger.outputs(), list[str](), list[Output](), Patience()
    for copy in due_verdicts(office, receipts, findings):
        path = f"{GOOGLE}:{copy.school.spreadsheet}/{receipts.period.key}"
        if copy.source != GOOGLE or not copy.school.spreadsheet or _is_untouched(copy):
            continue
        if path in known and known[path].fingerprint == copy.fingerprint:
            continue
        problem = _write(client, copy, patience)
        if problem:
            problems.append(problem)
        else:
            written.append(Output(path, copy.fingerprint, office.now))
    if written:
        ledger.record_outputs(written)
    return problems


def _is_untouched(copy: Copy) -> bool:
    """Whether nobody has typed anything yet: a fresh spreadsheet is not told that it cannot be used."""
    return copy.kind == "refused" and {finding.code for finding in copy.findings} == {"empty-report"}


def _write(client: Client, copy: Copy, patience: Patience) -> str | None:
    from sync.google import sheets
    from sync.google.problems import GoogleError

    try:
        patience.check()
        sheets.write(client, copy.school.spreadsheet, _cells(copy))
    except GoogleError as error:
        patience.note(error)
        message = _("{school}: the verdict could not be written into the spreadsheet: {reason}")
        return message.format(school=copy.school.code, reason=error)
    patience.note(None)
    return None


def _cells(copy: Copy) -> dict[str, Sequence[Sequence[str]]]:
    """The rows of findings and the lines above them, by their ranges; empty texts clear what stood there before."""
    from sync.google.sheets import in_tab
    from sync.outputs import layout as at
    from sync.outputs.returned import words
    from sync.text import address

    rows = words.rows(copy.findings)
    receipt = [[text] for text in words.receipt_lines(copy.note, copy.findings)]
    receipt += [[""]] * (at.RECEIPT_ROWS - len(receipt))
    first = address(at.FINDINGS_FIRST_ROW, at.FINDINGS_KEY_COLUMN)
    last = address(at.FINDINGS_FIRST_ROW + at.FINDINGS_ROWS - 1, at.FINDINGS_FIX_COLUMN)
    top = address(at.RECEIPT_FIRST_ROW, at.FINDINGS_SEVERITY_COLUMN)
    end = address(at.RECEIPT_FIRST_ROW + len(receipt) - 1, at.FINDINGS_SEVERITY_COLUMN)
    return {
        in_tab(at.FINDINGS_SHEET, f"{top}:{end}"): receipt,
        in_tab(at.FINDINGS_SHEET, f"{first}:{last}"): rows,
    }
