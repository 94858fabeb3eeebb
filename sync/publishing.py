"""Publishing: the sheets of the consolidated workbook are also kept in a spreadsheet of the office, values only.

What somebody typed there is heard before it is replaced; see sync.answers.published.
"""

from __future__ import annotations

import hashlib
from pathlib import PurePath
from typing import TYPE_CHECKING

from sync.answers import published
from sync.google.drive import id_in
from sync.i18n import gettext as _
from sync.ledger import Output
from sync.sources import GOOGLE

if TYPE_CHECKING:
    from sync.answers.listening import Answers
    from sync.google.http import Client


def listen(answers: Answers, client: Client | None) -> list[str]:
    """Hears what was typed into the published spreadsheet since it was filled; gives what failed.

    One request for each pass, so that an answer there is heard like one in the workbook.
    """
    from sync.google import GoogleError

    target = id_in(answers.office.settings.google.publish_to)
    if client is None or not target:
        return []
    try:
        published.listen(answers, client, target)
    except GoogleError as error:
        return [_("What was typed into the published spreadsheet could not be read: {reason}").format(reason=error)]
    return []


def publish(answers: Answers, client: Client | None, period: str, workbook: str, fingerprint: str) -> str | None:
    """Keeps the workbook (its path in the workspace) in the office's spreadsheet; gives what failed, None else.

    Only that of the current period, and only where `fingerprint`, of all that it shows, is another than last time. What
    failed is tried again by the next pass. Where `client` is None nothing is done: why Google is not there is said
    elsewhere.
    """
    office, ledger = answers.office, answers.ledger
    current = office.control.periods.current(office.now)
    if client is None or not office.settings.google.publish_to or current is None or current.key != period:
        return None
    target = id_in(office.settings.google.publish_to)
    if not target:
        return no_link()
    path, state = f"{GOOGLE}:{target}", hashlib.sha256(f"{period} {fingerprint}".encode()).hexdigest()
    last = ledger.output(path)
    if last is not None and last.fingerprint == state:
        return None
    problem = _replace(answers, client, target, workbook)
    if problem is None:
        ledger.record_output(Output(path, state, office.now))
    return problem


def no_link() -> str:
    """What is said where publish_to is no spreadsheet."""
    return _("publish_to in [google] is no link to a Google Sheet.")


def _replace(answers: Answers, client: Client, target: str, workbook: str) -> str | None:
    from sync.google import GoogleError, sheets

    workspace = answers.office.workspace
    # As it was built: what stands in its place may have been saved by somebody meanwhile.
    content = answers.memory.newest_build(PurePath(workbook).name) or (workspace.path / workbook).read_bytes()
    try:
        published.prepare(answers, client, target, content)
        sheets.replace_tabs(client, target, published.values_of(content))
    except GoogleError as error:
        return _("The consolidated workbook could not be published: {reason}").format(reason=error)
    published.done(workspace, target)
    return None
