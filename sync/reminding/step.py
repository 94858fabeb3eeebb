"""The step itself: facts and ledger → notices that are owed → letters → outcomes."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from sync.i18n import gettext as _
from sync.letters.naming import subjects
from sync.notices import Notice
from sync.notices.due import Upcoming, notices_due, upcoming
from sync.notices.grouping import Bundle, bundles
from sync.office import OpenOffice
from sync.reminding.digest import digest_of
from sync.reminding.gathering import Gathered, gather, remember
from sync.reminding.items import Items
from sync.reminding.posting import UNAVAILABLE, Pauses, Posting, Waiting
from sync.reminding.result import Reminded

if TYPE_CHECKING:
    from sync.ledger import Ledger
    from sync.mail.post import Post
    from sync.notices.facts import Memory

LOCK = "letters"


def preview(office: OpenOffice) -> Reminded:
    """What `remind` would send now; nothing is sent or put down. Raises ControlError, PlanError, LedgerError."""
    from sync.ledger import Ledger

    with Ledger.open(office.ledger_url) as ledger:
        gathered = gather(office, ledger)
        memory = remember(ledger, gathered.facts)
        reminded = _looked_at(office, gathered, memory, notices_due(gathered.facts, memory, office.now))
        reminded.notices = [notice for notice in reminded.notices if notice not in reminded.unreachable]
        _name(office, ledger, gathered, memory, reminded, [*reminded.notices, *reminded.later, *reminded.unreachable])
        return reminded


def next_notices(office: OpenOffice, ledger: Ledger) -> list[Upcoming]:
    """What is owed next if nothing comes in, soonest first. Raises LedgerError."""
    return upcoming(gather(office, ledger).facts, office.now)


def remind(
    office: OpenOffice,
    *,
    post: Post | None = None,
    stop: Callable[[], bool] = lambda: False,
    wait: Callable[[float], object] | None = None,
    seconds: float | None = None,
    force: bool = False,
) -> Reminded:
    """Sends what is owed now, by `post` (default: as the settings say).

    `stop` ends it between two letters, and so does the end of `seconds`: the rest is owed again next time. `wait` waits
    for the rate limit. `force` tries a server again that refused not long ago. Raises WorkspaceBusy or LedgerBusy where
    another process is sending, and ControlError, PlanError, LedgerError.
    """
    from sync import mail
    from sync.ledger import Ledger

    with office.workspace.lock(LOCK), Ledger.open(office.ledger_url) as ledger, ledger.held(LOCK):
        reason = _("The program was ended while the letter was sent.")
        ledger.notices.recover(office.now, reason)
        gathered = gather(office, ledger)
        memory = remember(ledger, gathered.facts)
        owed = notices_due(gathered.facts, memory, office.now)
        reminded = _looked_at(office, gathered, memory, owed)
        _name(office, ledger, gathered, memory, reminded, [*reminded.later, *reminded.unreachable])
        if not gathered.facts.days.is_open(office.now):
            return reminded
        queue = _queue(office, ledger, owed)
        reminded.notices = []
        with post or mail.make(office) as ready:
            Posting(office, ledger, gathered, memory, ready, reminded, Pauses(stop, wait, seconds)).send(queue, force)
        return reminded


def _looked_at(office: OpenOffice, gathered: Gathered, memory: Memory, owed: Sequence[Notice]) -> Reminded:
    facts, now = gathered.facts, office.now
    soon = [each.at for each in upcoming(facts, now)]
    reminded = Reminded(now, list(owed), unreachable=[notice for notice in owed if not (notice.to or notice.cc)])
    opens = facts.days.next_open(now)
    if opens > now:
        reminded.later = [notice for notice in notices_due(facts, memory, opens) if notice.to or notice.cc]
        soon += [opens] if reminded.later else []
    reminded.next_at = min(soon, default=None)
    return reminded


def _name(
    office: OpenOffice,
    ledger: Ledger,
    gathered: Gathered,
    memory: Memory,
    reminded: Reminded,
    notices: Sequence[Notice],
) -> None:
    """Gives each of `notices` the subject that a letter on it alone has."""
    if not notices:
        return
    items = Items(office, ledger, gathered.receipts, with_files=False).of(notices)
    digest = digest_of(office, ledger, gathered, memory, 0)
    named = subjects(items, digest, office.settings, office.workspace.letter_templates)
    reminded.subjects |= {notice.key: subject for notice, subject in zip(notices, named, strict=True)}


# Letters


def _queue(office: OpenOffice, ledger: Ledger, owed: Sequence[Notice]) -> list[Waiting]:
    """The letters to send: those that wait and are still true, then new ones, claimed; what is untrue is withdrawn.

    All new letters are claimed at once, because one notice may be told by several of them.
    """
    book = ledger.notices
    waiting = list(_still_true(office, ledger, {notice.key: notice for notice in owed}))
    claimed = book.claimed(notice.key for notice in owed)
    new = [_new(office, bundle) for bundle in bundles(notice for notice in owed if notice.key not in claimed)]
    if new and not book.claim([letter.claim for letter in new], office.now):
        return waiting
    return [*waiting, *new]


def _still_true(office: OpenOffice, ledger: Ledger, by_key: dict[str, Notice]) -> Iterator[Waiting]:
    for letter in ledger.notices.open():
        notices = tuple(by_key[key] for key in letter.keys if key in by_key)
        # An address that the officer has taken out or corrected meanwhile gets nothing any more.
        addresses = {address for notice in notices for address in (*notice.to, *notice.cc)}
        deliveries = [each for each in letter.deliveries if each.address in addresses]
        if deliveries:
            yield Waiting(
                letter.letter_id,
                notices,
                tuple(each.address for each in deliveries if not each.is_copy),
                tuple(each.address for each in deliveries if each.is_copy),
                {each.address: each.tries for each in deliveries},
                max((each.next_at for each in deliveries if each.next_at), default=None),
                next((each.reason for each in deliveries if each.reason), ""),
                any(each.code == UNAVAILABLE for each in deliveries),
            )
        else:
            ledger.notices.withdraw(letter.letter_id, office.now)


def _new(office: OpenOffice, bundle: Bundle) -> Waiting:
    parts = [*sorted(notice.key for notice in bundle.notices), *bundle.to, *bundle.cc]
    letter_id = hmac.new(office.workspace.secret(), "\n".join(parts).encode(), hashlib.sha256).hexdigest()[:32]
    return Waiting(letter_id, bundle.notices, bundle.to, bundle.cc)
