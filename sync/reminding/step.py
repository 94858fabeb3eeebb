"""The step itself: facts and ledger → notices that are owed → letters → outcomes."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sync.control import ControlError
from sync.errors import MendableError
from sync.i18n import gettext as _
from sync.ledger.notices import OpenLetter
from sync.letters.content import Trouble
from sync.letters.naming import subjects
from sync.notices import KINDS, Notice
from sync.notices.due import Upcoming, notices_due, upcoming
from sync.notices.facts import Facts, Memory
from sync.notices.grouping import Bundle, bundles
from sync.office import OpenOffice
from sync.plan import PlanError
from sync.reminding.digest import digest_of
from sync.reminding.gathering import Gathered, facts_from, gather, remember
from sync.reminding.items import Items
from sync.reminding.posting import UNAVAILABLE, Pauses, Posting, Waiting
from sync.reminding.result import Reminded

if TYPE_CHECKING:
    from sync.ledger import Ledger
    from sync.mail.post import Post

LOCK = "letters"


def preview(office: OpenOffice) -> Reminded:
    """What `remind` would send now; nothing is sent or put down. Raises ControlError, PlanError, LedgerError."""
    from sync.ledger import Ledger

    with Ledger.open(office.ledger_url) as ledger:
        office = office.informed(ledger)
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
    from sync.ledger import Ledger

    with office.workspace.lock(LOCK), Ledger.open(office.ledger_url) as ledger, ledger.held(LOCK):
        office = office.informed(ledger)
        reason = _("The program was ended while the letter was sent.")
        ledger.notices.recover(office.now, reason)
        pauses = Pauses(stop, wait, seconds)
        try:
            gathered = gather(office, ledger)
        except (ControlError, PlanError) as error:
            _alarm(office.without_control(), ledger, error, post, pauses)
            raise
        memory = remember(ledger, gathered.facts)
        if gathered.facts.days.is_open(office.now) and _withdraw_untrue(office, ledger, gathered.facts, memory):
            memory = remember(ledger, gathered.facts)
        owed = notices_due(gathered.facts, memory, office.now)
        reminded = _looked_at(office, gathered, memory, owed)
        _name(office, ledger, gathered, memory, reminded, [*reminded.later, *reminded.unreachable])
        if gathered.facts.days.is_open(office.now):
            queue = _queue(office, ledger, gathered.facts, owed)
            reminded.notices = []
            _send(Posting(office, ledger, gathered, memory, reminded, pauses), queue, post, force)
        return reminded


def _send(posting: Posting, queue: Sequence[Waiting], post: Post | None, force: bool = False) -> None:
    from sync import mail

    with post or mail.make(posting.office) as ready:
        posting.send(ready, queue, force)


def _alarm(blind: OpenOffice, ledger: Ledger, error: MendableError, post: Post | None, pauses: Pauses) -> None:
    """Writes to the officer, once a day, that nobody can be written to: `blind` is the office without its lists."""
    trouble = Trouble("remind", blind.now, str(error))
    receipts = ledger.receipts([])
    gathered = Gathered(facts_from(blind, [], receipts, failed=1), receipts, (trouble,))
    memory = remember(ledger, gathered.facts)
    owed = notices_due(gathered.facts, memory, blind.now)
    claimed = ledger.notices.claimed(notice.key for notice in owed)
    letters = [_new(blind, bundle) for bundle in bundles(notice for notice in owed if notice.key not in claimed)]
    # Letters that wait stay as they are: whether they are still true cannot be known now.
    if letters and ledger.notices.claim([letter.claim for letter in letters], blind.now):
        _send(Posting(blind, ledger, gathered, memory, Reminded(blind.now), pauses), letters, post)


def _looked_at(office: OpenOffice, gathered: Gathered, memory: Memory, owed: Sequence[Notice]) -> Reminded:
    facts, now = gathered.facts, office.now
    soon = [each.at for each in upcoming(facts, now)]
    nowhere = [notice for notice in owed if notice.school and not (notice.to or notice.cc)]
    reminded = Reminded(now, list(owed), unreachable=nowhere)
    reminded.problems += [gathered.unseen] if gathered.unseen else []
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


def _queue(office: OpenOffice, ledger: Ledger, facts: Facts, owed: Sequence[Notice]) -> list[Waiting]:
    """The letters to send, the most pressing first: those that wait, and new ones, claimed.

    All new letters are claimed at once, because one notice may be told by several of them.
    """
    waiting = list(_waiting(ledger, {notice.key: notice for notice in owed}))
    new = _unclaimed(office, ledger, facts, owed)
    if new and not ledger.notices.claim([letter.claim for letter in new], office.now):
        new = []
    order = {kind: place for place, kind in enumerate(KINDS)}
    return sorted([*waiting, *new], key=lambda letter: min(order[notice.kind] for notice in letter.notices))


def _unclaimed(office: OpenOffice, ledger: Ledger, facts: Facts, owed: Sequence[Notice]) -> list[Waiting]:
    """New letters on what is owed, and on what was told already to those whose address was not known then."""
    told = [each for each in notices_due(facts, Memory(), office.now) if each.kind not in ("digest", "due_changed")]
    true = {notice.key: notice for notice in (*told, *owed)}
    claimed = ledger.notices.claimed(true)
    new = []
    for key, notice in true.items():
        known = {address.casefold() for address in claimed.get(key, ())}
        to, cc = (tuple(each for each in part if each.casefold() not in known) for part in (notice.to, notice.cc))
        if to or cc:
            new.append(replace(notice, to=to, cc=cc))
    return [replace(_new(office, bundle), known=frozenset(claimed)) for bundle in bundles(new)]


def _withdraw_untrue(office: OpenOffice, ledger: Ledger, facts: Facts, memory: Memory) -> bool:
    """Takes back waiting letters that are not true any more; whether there were any.

    While the facts are not whole nothing is concluded from them.
    """
    waiting = ledger.notices.open() if facts.up_to_date else []
    if not waiting:
        return False
    true = {notice.key: notice for notice in notices_due(facts, memory, office.now)}
    untrue = [letter for letter in waiting if not _addresses_of(letter, true)]
    for letter in untrue:
        ledger.notices.withdraw(letter.letter_id, office.now)
    return bool(untrue)


def _addresses_of(letter: OpenLetter, true: Mapping[str, Notice]) -> set[str]:
    """Whom a waiting letter is still for; an address that the officer has taken out or corrected gets nothing more."""
    notices = [true[key] for key in letter.keys if key in true]
    listed = {address.casefold() for notice in notices for address in (*notice.to, *notice.cc)}
    return {each.address for each in letter.deliveries if each.address.casefold() in listed}


def _waiting(ledger: Ledger, true: Mapping[str, Notice]) -> Iterator[Waiting]:
    for letter in ledger.notices.open():
        addresses = _addresses_of(letter, true)
        deliveries = [each for each in letter.deliveries if each.address in addresses]
        if deliveries:
            yield Waiting(
                letter.letter_id,
                tuple(true[key] for key in letter.keys if key in true),
                tuple(each.address for each in deliveries if not each.is_copy),
                tuple(each.address for each in deliveries if each.is_copy),
                {each.address: each.tries for each in deliveries},
                max((each.next_at for each in deliveries if each.next_at), default=None),
                next((each.reason for each in deliveries if each.reason), ""),
                any(each.code == UNAVAILABLE for each in deliveries),
            )


def _new(office: OpenOffice, bundle: Bundle) -> Waiting:
    parts = [*sorted(notice.key for notice in bundle.notices), *bundle.to, *bundle.cc]
    letter_id = hmac.new(office.workspace.secret(), "\n".join(parts).encode(), hashlib.sha256).hexdigest()[:32]
    return Waiting(letter_id, bundle.notices, bundle.to, bundle.cc)
