"""What a person is to do where the service's account may make no spreadsheet: `mau/huong-dan-google.txt`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sync import i18n
from sync.i18n import gettext as _
from sync.office import OpenOffice
from sync.periods import Period
from sync.workspace import write_atomically

FILE = "huong-dan-google.txt"


def write(office: OpenOffice, period: Period, names: Sequence[str], account: str) -> Path:
    """Writes the instructions, in Vietnamese, and says where. `names`: a line for each workbook and its spreadsheet.

    `account` is the address to share with, "" where it is not known.
    """
    file = office.workspace.templates / FILE
    with i18n.using("vi"):
        text = "\n".join([*steps(office, period, account), "", *names, ""])
    return write_atomically(file, text.encode("utf-8-sig"))


def steps(office: OpenOffice, period: Period, account: str) -> list[str]:
    """The instructions line by line, in the language in use."""
    folder = office.workspace.templates / period.key.replace("/", "-")
    return [
        _("Make the schools' spreadsheets by hand, period {period}:").format(period=period.key),
        _("1. Open drive.google.com with the office's account and upload the workbooks from {folder}.").format(
            folder=folder
        ),
        _("2. Open each with Google Sheets; choose File, Save as Google Sheets."),
        _("3. Give the new spreadsheet the name in the list below; delete the Excel file from Drive."),
        _("4. Share each spreadsheet with {account} as editor, and with its school as editor.").format(
            account=account or _("the account of this program")
        ),
        _("5. Run `baocao google link`: it finds the spreadsheets and binds them to the schools."),
    ]
