"""What became of the very content of an open workbook, where it was handed in or sent before."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sync.decisions.effects import on_one_line
from sync.sources import addin as handed_in

if TYPE_CHECKING:
    import pandas as pd

    from sync.addin.judging import Judged
    from sync.office import OpenOffice


class Earlier(NamedTuple):
    """handed_in_at: when it was (aware, UTC), None where it is not the newest submission. is_replaced: a newer report
    stands in its place. returned: why the office gave it back, on one line; None where it did not."""

    handed_in_at: datetime | None = None
    is_replaced: bool = False
    returned: str | None = None


def of(office: OpenOffice, judged: Judged, before: list[handed_in.Submission]) -> Earlier:
    """What became of it; `before` are the submissions of its school and period, oldest first. Raises LedgerError."""
    digest = handed_in.digest_of(judged.content)
    is_newest = bool(before) and before[-1].digest == digest
    is_replaced = not is_newest and any(each.digest == digest for each in before)
    found = Earlier(handed_in.moment_of(before[-1]) if is_newest else None, is_replaced)
    known = _known(office, judged)
    return _weighed(found, known, hashlib.sha256(judged.content).hexdigest()) if known is not None else found


def _weighed(found: Earlier, known: pd.DataFrame, sha256: str) -> Earlier:
    """`found` with what the ledger says; `known` are the reports of the school and period, oldest first."""
    mine = known.index[known["sha256"] == sha256][-1]
    returned: Any = known.at[mine, "returned"]
    if returned is not None:
        return found._replace(returned=on_one_line(returned.reason))
    counted = known.index[known["status"] == "accepted"]
    return found._replace(is_replaced=found.is_replaced or bool(len(counted) and counted[-1] > mine))


def _known(office: OpenOffice, judged: Judged) -> pd.DataFrame | None:
    """The reports of its school and period, where it is one of them."""
    from sync import facts, looking
    from sync.addin.checking import has_ledger
    from sync.ledger import Ledger

    sha256 = hashlib.sha256(judged.content).hexdigest()
    if not has_ledger(office):
        return None
    with Ledger.open(office.ledger_url) as ledger:
        if not ledger.known({sha256}):
            return None
        decisions = office.informed(ledger).decisions
        everything = facts.all_receipts(ledger, looking.in_sight(ledger), decisions)
    is_theirs = (everything["school"] == judged.school) & (everything["period"] == judged.period)
    reports = everything[is_theirs & (everything["status"] != "refused")].reset_index(drop=True)
    return reports if sha256 in set(reports["sha256"]) else None
