"""The sealed workbook in the folder of outputs: put there after sealing, and by a pass where it is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.comparing import workbook_name
from sync.i18n import gettext as _
from sync.ledger import Output
from sync.office import OpenOffice
from sync.sealing import chain, places
from sync.sealing.manifest import SealError

if TYPE_CHECKING:
    from sync.answers.listening import Answers
    from sync.ledger import Ledger


def place(office: OpenOffice, ledger: Ledger, key: str, answers: Answers) -> list[str]:
    """Puts the workbook of the newest seal of `key` where another one is, or none; gives sentences for the officer.

    What somebody typed into the other one is not lost: `answers` sees to that.
    """
    sealing, name = office.sealed[key], workbook_name(office.period(key))
    path, inside = office.workspace.outputs / name, f"{office.workspace.outputs.name}/{name}"
    output, fingerprint = ledger.output(inside), f"sealed:{sealing.manifest_sha256}"
    held = output is not None and output.fingerprint == fingerprint
    if held and path.is_file() and not answers.is_edited(path):
        return []
    try:
        sealed = chain.link(places.file_of(office.workspace, sealing))
    except SealError as error:
        return [str(error)]
    last = ledger.last_run()
    written = answers.place(path, sealed.members[sealed.manifest.workbook], last.id if last else None)
    if written != path:
        # It is not remembered as written, so that the next pass tries again.
        message = _("{old} is open in another program; the new workbook is {new}.")
        return [message.format(old=inside, new=written.relative_to(office.workspace.path).as_posix())]
    ledger.record_output(Output(inside, fingerprint, office.now))
    return []
