"""Letters → a server or the outbox, one after the other, with what became of each put down before the next."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING

from sync import troubles
from sync.i18n import gettext as _
from sync.i18n import mark
from sync.ledger import DeliveryStatus
from sync.ledger.notices import Claim, Delivery, NoticeRow
from sync.letters import composing
from sync.letters.composing import Composed
from sync.letters.content import Letter
from sync.mail.pace import Pace
from sync.mail.post import Outcome, Post, PostUnavailable
from sync.notices import Notice
from sync.notices.facts import Memory
from sync.office import OpenOffice
from sync.reminding.digest import digest_of
from sync.reminding.gathering import Gathered
from sync.reminding.items import Items
from sync.reminding.result import Reminded

if TYPE_CHECKING:
    from sync.ledger import Ledger

RETRY_AFTER = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4), timedelta(hours=12))
"""How long an address that refused for the time being is left alone; after the last of these it is given up."""
SERVER_AGAIN_AFTER = timedelta(minutes=10)
LOGIN_AGAIN_AFTER = timedelta(hours=6)
"""A login that is refused is not tried again soon: servers lock accounts for that."""
UNAVAILABLE = -1
"""The code of letters that wait because no letter could be posted at all."""
NO_SENDER = "baocao@localhost.invalid"
"""In drafts of an office that has no address yet; nothing is sent from it."""
_WORDS = {
    "temporary": mark("{address} refused the letter for now; it is tried again. {reason}"),
    "exhausted": mark("{address} refused the letter every time; it is given up. {reason}"),
    "permanent": mark("{address} refused the letter. {reason}"),
    "unknown": mark("{address}: the connection was lost; the letter may have arrived, and is not sent again. {reason}"),
}


@dataclass(frozen=True)
class Waiting:
    """A claimed letter that waits for some addresses, with how often those were tried."""

    letter_id: str
    notices: tuple[Notice, ...]
    to: tuple[str, ...]
    cc: tuple[str, ...]
    tries: Mapping[str, int] = field(default_factory=dict)
    not_before: datetime | None = None
    reason: str = ""
    shut: bool = False
    """Nothing could be posted at all when it was tried last."""
    known: frozenset[str] = frozenset()
    """Keys of notices that other letters tell already."""

    @property
    def addresses(self) -> tuple[str, ...]:
        """Everybody whom it goes to."""
        return (*self.to, *self.cc)

    @property
    def claim(self) -> Claim:
        """What the ledger is to remember of it."""
        rows = [NoticeRow(each.key, each.kind, each.stage, each.school, each.period, each.due) for each in self.notices]
        return Claim(self.letter_id, rows, self.to, self.cc, self.known)


@dataclass(frozen=True)
class Pauses:
    """When to pause and when to end: see sync.reminding.remind."""

    stop: Callable[[], bool]
    wait: Callable[[float], object] | None
    seconds: float | None


class _Taken(Exception):
    """Another program is sending this very letter."""


@dataclass
class Posting:
    """One round of posting."""

    office: OpenOffice
    ledger: Ledger
    gathered: Gathered
    memory: Memory
    reminded: Reminded
    pauses: Pauses
    _begun: float = 0.0

    def send(self, post: Post, queue: Sequence[Waiting], force: bool) -> None:
        """Sends the letters of `queue` by `post` until something ends it; `force` does not wait for another time."""
        ready = [letter for letter in queue if force or not letter.not_before or letter.not_before <= self._now]
        shut = next((letter.reason for letter in queue if letter.shut and letter not in ready), None)
        if shut is not None:
            # The server refused everything not long ago: it is not asked again for each new letter.
            self._say(shut)
            ready = []
        done, self._begun = 0, time.monotonic()
        for letter in self._within_the_limit(ready):
            if not self._may_go_on() or not self._send(post, letter):
                break
            done += 1
        self.reminded.limited = len(queue) - done

    def _may_go_on(self) -> bool:
        passed = time.monotonic() - self._begun
        over = self.pauses.seconds is not None and passed >= self.pauses.seconds
        closed = not self.gathered.facts.days.is_open(self._now + timedelta(seconds=passed))
        return not (over or closed or self.pauses.stop()) and (self._pace is None or self._pace.turn())

    @property
    def _now(self) -> datetime:
        return self.office.now

    @cached_property
    def _pace(self) -> Pace | None:
        mail = self.office.settings.mail
        return Pace(mail.per_minute, self.pauses.wait or time.sleep) if mail.host else None

    @cached_property
    def _items(self) -> Items:
        return Items(self.office, self.ledger, self.gathered.receipts)

    def _within_the_limit(self, letters: Sequence[Waiting]) -> Sequence[Waiting]:
        """As many letters as may still leave today."""
        mail = self.office.settings.mail
        if not mail.host:
            return letters
        midnight = self._now.replace(hour=0, minute=0, second=0, microsecond=0)
        room = mail.per_day - self.ledger.notices.used_since(midnight)
        for number, letter in enumerate(letters):
            room -= len(letter.addresses)
            if room < 0:
                self._say(_("The daily limit of {limit} addresses is reached.").format(limit=mail.per_day))
                return letters[:number]
        return letters

    # Sending

    def _send(self, post: Post, letter: Waiting) -> bool:
        """Sends one letter; False where no letter can be posted at all."""
        try:
            message = self._composed(letter).message
        except Exception as error:
            # One letter that cannot be written must not keep the others back.
            self._hold(letter, None, troubles.message_of(error), LOGIN_AGAIN_AFTER)
            return True
        subject = str(message["Subject"])
        on_its_way = partial(self._on_its_way, letter, subject)
        try:
            outcomes = post.send(message, self._sender, letter.addresses, on_its_way)
        except _Taken:
            return True
        except PostUnavailable as error:
            pause = SERVER_AGAIN_AFTER if error.temporary else LOGIN_AGAIN_AFTER
            self._hold(letter, UNAVAILABLE, str(error), pause)
            return False
        self._settle(letter, outcomes)
        if any(outcome.status in ("sent", "written") for outcome in outcomes.values()):
            self.reminded.notices += [each for each in letter.notices if each.key not in self.reminded.subjects]
            self.reminded.subjects |= {notice.key: subject for notice in letter.notices}
        return True

    def _on_its_way(self, letter: Waiting, subject: str, refused: Mapping[str, Outcome]) -> None:
        left = [address for address in letter.addresses if address not in refused]
        if not self.ledger.notices.on_its_way(letter.letter_id, subject, left, self._now):
            raise _Taken

    def _settle(self, letter: Waiting, outcomes: Mapping[str, Outcome]) -> None:
        deliveries = [self._delivery(letter, address, outcome) for address, outcome in outcomes.items()]
        self.ledger.notices.settle(deliveries)
        for delivery, outcome in zip(deliveries, outcomes.values(), strict=True):
            status = delivery.status if delivery.status == "exhausted" else outcome.status
            self.reminded.outcomes[status] += 1
            if status not in ("sent", "written"):
                self._say(_(_WORDS[status]).format(address=delivery.address, reason=delivery.reason))

    def _delivery(self, letter: Waiting, address: str, outcome: Outcome) -> Delivery:
        tries = letter.tries.get(address, 0) + 1
        status: DeliveryStatus = "pending" if outcome.status == "temporary" else outcome.status
        next_at = None
        if status == "pending" and tries > len(RETRY_AFTER):
            status = "exhausted"
        elif status == "pending":
            next_at = self._now + RETRY_AFTER[tries - 1]
        is_copy = address in letter.cc
        told = (outcome.code, outcome.reason, self._now, next_at)
        return Delivery(letter.letter_id, address, is_copy, status, tries, *told)

    def _hold(self, letter: Waiting, code: int | None, reason: str, pause: timedelta) -> None:
        """This letter waits; `code` UNAVAILABLE: and with it all others."""
        self._say(reason)
        told = (code, reason, self._now, self._now + pause)
        self.ledger.notices.settle(
            Delivery(letter.letter_id, address, address in letter.cc, "pending", letter.tries.get(address, 0), *told)
            for address in letter.addresses
        )

    def _say(self, problem: str) -> None:
        if problem not in self.reminded.problems:
            self.reminded.problems.append(problem)

    # Writing

    @property
    def _sender(self) -> str:
        settings = self.office.settings
        return settings.mail.sender or settings.mail.user or settings.office.email or NO_SENDER

    def _composed(self, letter: Waiting) -> Composed:
        settings = self.office.settings
        digest = None
        if any(notice.kind == "digest" for notice in letter.notices):
            digest = digest_of(self.office, self.ledger, self.gathered, self.memory, self.reminded.limited)
        items = self._items.for_letter(letter.notices, letter.addresses)
        written = Letter(letter.letter_id, letter.to, letter.cc, tuple(items), digest)
        composed = composing.compose(
            written,
            self._sender,
            settings.mail.sender_name or settings.office.name,
            settings.office,
            settings.notices.how_to_send,
            self.office.workspace.letter_templates,
            self._now,
        )
        for remark in composed.remarks:
            self._say(remark)
        return composed
