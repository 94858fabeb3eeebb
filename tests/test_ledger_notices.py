"""What the ledger remembers of notices and letters, in SQLite and in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy.exc import IntegrityError

from sync.ledger import DeliveryStatus, Ledger, LedgerBusy, notices, schema
from sync.ledger.engine import alembic_config, checked_url, make_engine, transaction
from sync.ledger.notices import Claim, Delivery, NoticeBook, NoticeRow
from tests.fakes.postgres import PostgresServer, postgres  # noqa: F401  # the fixture

pytestmark = pytest.mark.usefixtures("english")

MONDAY = datetime(2025, 1, 13, 0, 30, tzinfo=UTC)
LATER = MONDAY + timedelta(hours=1)
TUESDAY = MONDAY + timedelta(days=1)
DUE = datetime(2025, 1, 22, 16, 59, 59, tzinfo=UTC)
HK1, CN = "2024-2025/HK1", "2024-2025/CN"
ONE, TWO, THREE = "1" * 32, "2" * 32, "3" * 32
SCHOOL, HEAD, CHIEF = "t01@example.org", "ht.t01@example.org", "lanh-dao@example.org"


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/ledger.sqlite"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.fresh()


@pytest.fixture
def book(url: str) -> Iterator[NoticeBook]:
    with Ledger.open(url) as opened:
        yield opened.notices


def row(
    school: str = "T01", kind: str = "due_soon", stage: str = "-7", period: str = HK1, due: datetime | None = DUE
) -> NoticeRow:
    return NoticeRow(f"{kind}:{stage}:{school}:{period}", kind, stage, school, period, due)


DIGEST = row("", "digest", "2025-01-13", "", None)


def claim(letter: str = ONE, *rows: NoticeRow, to: Sequence[str] = (SCHOOL,), cc: Sequence[str] = ()) -> Claim:
    return Claim(letter, rows or (row(),), to, cc)


def statuses(book: NoticeBook) -> dict[tuple[str, str], str]:
    return {(each.letter_id[0], each.address): each.status for each in book.deliveries()}


def told(
    book: NoticeBook,
    given: Claim,
    status: DeliveryStatus = "sent",
    at: datetime = MONDAY,
    reason: str = "",
    subject: str = "Sắp đến hạn",
) -> None:
    """Claims a letter and brings it as far as `status` at all its addresses."""
    assert book.claim([given], at)
    if status == "pending":
        return
    addresses = [*given.to, *given.cc]
    assert book.on_its_way(given.letter_id, subject, addresses, at)
    if status != "sending":
        book.settle(outcome(given.letter_id, address, status, at, reason) for address in addresses)


def outcome(
    letter: str, address: str, status: DeliveryStatus, at: datetime = MONDAY, reason: str = "", tries: int = 1
) -> Delivery:
    return Delivery(letter, address, False, status, tries, 250, reason, at, None)


def tables(url: str) -> dict[str, int]:
    """How many rows the tables of notices have."""
    with transaction(make_engine(checked_url(url))) as connection:
        counted = {
            table.name: connection.scalar(sa.select(sa.func.count()).select_from(table))
            for table in (schema.letter, schema.notice, schema.telling, schema.delivery)
        }
    return {name: count or 0 for name, count in counted.items()}


# Claiming


def test_a_new_ledger_has_told_nothing(book: NoticeBook) -> None:
    assert (book.keys([HK1]), book.told([HK1]), book.last("digest")) == (set(), {}, None)
    assert (book.claimed([row().key]), book.open(), book.deliveries()) == ({}, [], [])
    assert (book.used_since(MONDAY), book.told_since(None), book.troubled_since(None)) == (0, {}, [])
    assert book.recover(MONDAY, "") == []


def test_a_claimed_letter_waits_with_its_notices_and_addresses(book: NoticeBook) -> None:
    given = claim(ONE, row(), row(period=CN), cc=[HEAD])
    assert book.claim([given, claim(TWO, row("T02"), to=["t02@example.org"])], MONDAY)
    assert book.claimed([row().key, row("T02").key, row("T03").key]) == {
        row().key: {SCHOOL, HEAD},
        row("T02").key: {"t02@example.org"},
    }
    first, second = book.open()
    assert (first.letter_id, second.letter_id) == (ONE, TWO)
    assert sorted(first.keys) == sorted([row().key, row(period=CN).key])
    assert list(first.deliveries) == [
        Delivery(ONE, HEAD, True, "pending", 0, None, "", MONDAY, None),
        Delivery(ONE, SCHOOL, False, "pending", 0, None, "", MONDAY, None),
    ]


def test_letters_wait_in_the_order_in_which_they_were_claimed_whatever_the_clock_said(book: NoticeBook) -> None:
    assert book.claim([claim(THREE, row("T03")), claim(TWO, row("T02"))], LATER)
    assert book.claim([claim(ONE, row("T01"))], MONDAY)
    assert [letter.letter_id for letter in book.open()] == [THREE, TWO, ONE]


def test_a_notice_that_is_claimed_already_is_told_by_one_letter_more_where_that_is_said(book: NoticeBook) -> None:
    told(book, claim(ONE, row()))
    assert not book.claim([claim(TWO, row(), to=[CHIEF])], LATER)
    assert book.claim([replace(claim(TWO, row(), to=[CHIEF]), known=[row().key])], LATER)
    assert book.claimed([row().key]) == {row().key: {SCHOOL, CHIEF}}
    assert [(letter.letter_id, list(letter.keys)) for letter in book.open()] == [(TWO, [row().key])]
    # It waits again, until the other address has it.
    assert book.keys([HK1]) == set()


def test_a_claim_is_all_or_nothing(book: NoticeBook, url: str) -> None:
    assert book.claim([claim()], MONDAY)
    before = tables(url)
    assert not book.claim([claim(TWO, row("T02")), claim(THREE, row(), row("T03"))], LATER)
    assert tables(url) == before == {"letter": 1, "notice": 1, "telling": 1, "delivery": 1}
    assert book.claimed([row("T02").key, row("T03").key]) == {}


def test_the_database_itself_forbids_a_second_claim_of_a_notice(book: NoticeBook, url: str) -> None:
    told(book, claim())
    with (
        pytest.raises(IntegrityError),
        transaction(make_engine(checked_url(url)), writes=True) as connection,
    ):
        connection.execute(sa.insert(schema.notice), row()._asdict())
    assert not book.claim([claim(TWO)], TUESDAY)


def test_a_letter_is_claimed_once_whatever_it_tells(book: NoticeBook) -> None:
    assert book.claim([claim(ONE, row())], MONDAY)
    assert not book.claim([claim(ONE, row("T02"))], MONDAY)


def test_of_programs_that_claim_at_once_exactly_one_wins(url: str) -> None:
    Ledger.open(url).close()
    programs, rounds = 4, 10
    together = Barrier(programs)

    def program(number: int) -> list[bool]:
        with Ledger.open(url) as mine:
            won = []
            for turn in range(rounds):
                together.wait(30)
                letter = f"{turn:02}{number:030}"
                won.append(
                    mine.notices.claim([claim(letter, row(stage=f"+{turn}"), row("T02", stage=f"+{turn}"))], MONDAY)
                )
            return won

    with ThreadPoolExecutor(programs) as threads:
        won = list(threads.map(program, range(programs)))
    assert [sum(turn) for turn in zip(*won, strict=True)] == [1] * rounds
    assert tables(url) == {"letter": rounds, "notice": 2 * rounds, "telling": 2 * rounds, "delivery": rounds}


def test_several_letters_tell_one_notice(book: NoticeBook) -> None:
    to_school, to_chief = claim(ONE, row()), claim(TWO, row(), row("T02"), to=[CHIEF])
    assert book.claim([to_school, to_chief], MONDAY)
    assert [sorted(letter.keys) for letter in book.open()] == [[row().key], sorted([row().key, row("T02").key])]


def test_claimed_is_asked_of_more_keys_than_go_into_one_query(
    book: NoticeBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "_BATCH", 2)
    letters = [claim(f"{n:032}", row(f"T{n:02}"), to=[f"t{n}@example.org"]) for n in range(5)]
    assert book.claim(letters, MONDAY)
    assert len(book.claimed(row(f"T{n:02}").key for n in range(7))) == 5
    assert all(letter.keys for letter in book.open())


# On its way, and settled


def test_a_letter_is_on_its_way_only_once(book: NoticeBook) -> None:
    assert book.claim([claim()], MONDAY)
    assert book.on_its_way(ONE, "Sắp đến hạn", [SCHOOL], LATER)
    assert not book.on_its_way(ONE, "Sắp đến hạn", [SCHOOL], LATER)
    [delivery] = book.deliveries()
    assert (delivery.status, delivery.tries, delivery.changed_at) == ("sending", 1, LATER)


def test_a_letter_of_which_one_address_is_taken_already_does_not_leave_for_the_others(book: NoticeBook) -> None:
    assert book.claim([claim(cc=[HEAD])], MONDAY)
    assert book.on_its_way(ONE, "Sắp đến hạn", [HEAD], MONDAY)
    assert not book.on_its_way(ONE, "Sắp đến hạn", [SCHOOL, HEAD], LATER)
    assert statuses(book) == {("1", SCHOOL): "pending", ("1", HEAD): "sending"}


@pytest.mark.parametrize("status", ["sent", "written", "permanent", "exhausted", "unknown", "withdrawn"])
def test_only_what_is_pending_leaves(book: NoticeBook, status: DeliveryStatus) -> None:
    told(book, claim(), status)
    assert not book.on_its_way(ONE, "Sắp đến hạn", [SCHOOL], LATER)
    assert statuses(book) == {("1", SCHOOL): status}


def test_of_threads_that_send_one_letter_exactly_one_does(url: str) -> None:
    programs, rounds = 4, 10
    together = Barrier(programs)
    with Ledger.open(url) as ledger:
        for turn in range(rounds):
            assert ledger.notices.claim([claim(f"{turn:032}", row(stage=f"+{turn}"))], MONDAY)

    def program(_number: int) -> list[bool]:
        with Ledger.open(url) as mine:
            won = []
            for turn in range(rounds):
                together.wait(30)
                won.append(mine.notices.on_its_way(f"{turn:032}", "", [SCHOOL], LATER))
            return won

    with ThreadPoolExecutor(programs) as threads:
        won = list(threads.map(program, range(programs)))
    assert [sum(turn) for turn in zip(*won, strict=True)] == [1] * rounds
    with Ledger.open(url) as ledger:
        assert {each.tries for each in ledger.notices.deliveries()} == {1}


def test_every_address_has_its_own_outcome(book: NoticeBook) -> None:
    assert book.claim([claim(cc=[HEAD])], MONDAY)
    assert book.on_its_way(ONE, "Sắp đến hạn", [SCHOOL, HEAD], MONDAY)
    sent = Delivery(ONE, SCHOOL, False, "sent", 1, 250, "", LATER, None)
    waits = Delivery(ONE, HEAD, True, "pending", 1, 451, "later", LATER, TUESDAY)
    book.settle([sent, waits])
    assert book.deliveries() == [waits, sent]
    [letter] = book.open()
    assert list(letter.deliveries) == [waits]


def test_nothing_to_settle_changes_nothing(book: NoticeBook) -> None:
    told(book, claim())
    before = book.deliveries()
    book.settle([])
    assert book.deliveries() == before


# Programs that were ended


def test_a_letter_on_its_way_when_a_program_was_ended_is_repeated_once_and_then_unknown(book: NoticeBook) -> None:
    told(book, claim(), "sending")
    assert book.recover(LATER, "ended") == [ONE]
    [letter] = book.open()
    assert letter.letter_id == ONE
    assert letter.deliveries[0] == Delivery(ONE, SCHOOL, False, "pending", 1, None, "ended", LATER, None)
    assert book.on_its_way(ONE, "Sắp đến hạn", [SCHOOL], LATER)
    assert book.recover(TUESDAY, "ended again") == [ONE]
    assert (statuses(book), book.open()) == ({("1", SCHOOL): "unknown"}, [])
    assert book.recover(TUESDAY, "ended again") == []


def test_only_what_was_on_its_way_is_recovered(book: NoticeBook) -> None:
    told(book, claim(ONE, row(), cc=[HEAD]), "sending")
    book.settle([outcome(ONE, SCHOOL, "sent")])
    told(book, claim(TWO, row("T02")), "sent")
    told(book, claim(THREE, row("T03")), "pending")
    assert book.recover(LATER, "ended") == [ONE]
    assert statuses(book) == {
        ("1", SCHOOL): "sent",
        ("1", HEAD): "pending",
        ("2", SCHOOL): "sent",
        ("3", SCHOOL): "pending",
    }


# Taking back


def test_a_letter_that_left_for_nobody_is_forgotten_with_its_notices(book: NoticeBook, url: str) -> None:
    told(book, claim(ONE, row(), row("T02"), cc=[HEAD]), "pending")
    book.withdraw(ONE, LATER)
    assert tables(url) == {"letter": 0, "notice": 0, "telling": 0, "delivery": 0}
    assert book.claim([claim()], TUESDAY)


def test_a_notice_that_another_letter_tells_stays_when_one_letter_is_forgotten(book: NoticeBook) -> None:
    assert book.claim([claim(ONE, row()), claim(TWO, row(), row("T02"), to=[CHIEF])], MONDAY)
    book.withdraw(TWO, LATER)
    assert book.claimed([row().key, row("T02").key]) == {row().key: {SCHOOL}}
    assert [letter.letter_id for letter in book.open()] == [ONE]


def test_a_letter_that_left_for_somebody_is_kept_with_its_notices(book: NoticeBook) -> None:
    assert book.claim([claim(cc=[HEAD])], MONDAY)
    assert book.on_its_way(ONE, "Sắp đến hạn", [SCHOOL], MONDAY)
    book.settle([outcome(ONE, SCHOOL, "sent")])
    book.withdraw(ONE, LATER)
    assert statuses(book) == {("1", SCHOOL): "sent", ("1", HEAD): "withdrawn"}
    assert book.keys([HK1]) == {row().key}
    assert not book.claim([claim(TWO)], TUESDAY)


def test_a_letter_that_may_have_left_in_a_crash_is_not_forgotten_when_it_is_taken_back(book: NoticeBook) -> None:
    told(book, claim(), "sending")
    book.recover(LATER, "ended")
    book.withdraw(ONE, TUESDAY)
    assert (statuses(book), book.open()) == ({("1", SCHOOL): "unknown"}, [])
    assert book.keys([HK1]) == {row().key}
    assert [trace.delivery.status for trace in book.troubled_since(TUESDAY)] == ["unknown"]


def test_what_is_on_its_way_is_not_taken_back(book: NoticeBook) -> None:
    told(book, claim(), "sending")
    book.withdraw(ONE, LATER)
    assert statuses(book) == {("1", SCHOOL): "sending"}


# What was told


@pytest.mark.parametrize("status", ["sending", "sent", "written", "permanent", "exhausted", "unknown"])
def test_what_left_or_was_given_up_counts_as_told(book: NoticeBook, status: DeliveryStatus) -> None:
    told(book, claim(ONE, row(), DIGEST), status)
    assert book.keys([HK1]) == {row().key, DIGEST.key}
    assert book.told([HK1]) == {("T01", HK1): DUE}
    assert book.last("digest") == MONDAY


def test_what_still_waits_is_not_told_even_where_another_address_has_it(book: NoticeBook) -> None:
    told(book, claim(ONE, row(), DIGEST, cc=[HEAD]), "sent")
    book.settle([outcome(ONE, HEAD, "pending")])
    assert (book.keys([HK1]), book.told([HK1]), book.last("digest")) == (set(), {}, None)
    book.settle([outcome(ONE, HEAD, "exhausted")])
    assert book.keys([HK1]) == {row().key, DIGEST.key}


def test_a_notice_waits_while_any_letter_that_tells_it_does(book: NoticeBook) -> None:
    assert book.claim([claim(ONE, row()), claim(TWO, row(), to=[CHIEF])], MONDAY)
    assert book.on_its_way(ONE, "", [SCHOOL], MONDAY)
    book.settle([outcome(ONE, SCHOOL, "sent")])
    assert book.keys([HK1]) == set()


def test_keys_are_those_of_the_asked_periods_and_of_none(book: NoticeBook) -> None:
    for number, each in enumerate((row(), row(period=CN), DIGEST)):
        told(book, claim(f"{number:032}", each))
    assert book.keys([HK1]) == {row().key, DIGEST.key}
    assert book.keys([]) == {DIGEST.key}


def test_the_due_moment_told_last_is_that_of_the_letter_claimed_last_whatever_the_clock_said(book: NoticeBook) -> None:
    more = DUE + timedelta(days=5)
    told(book, claim(TWO, row(stage="-14", due=DUE)), at=TUESDAY)
    told(book, claim(ONE, row(stage="-7", due=more)), at=MONDAY)
    told(book, claim(THREE, row("T02", due=None), row("", "office_due_soon"), row(period=CN)), at=TUESDAY)
    assert book.told([HK1]) == {("T01", HK1): more}
    assert book.told([HK1, CN]) == {("T01", HK1): more, ("T01", CN): DUE}


def test_the_last_of_a_kind_is_the_latest(book: NoticeBook) -> None:
    told(book, claim(ONE, row("", "digest", "2025-01-14", "", None)), at=TUESDAY)
    told(book, claim(TWO, DIGEST), at=MONDAY)
    assert (book.last("digest"), book.last("overdue")) == (TUESDAY, None)


# What the officer is shown


def test_used_addresses_are_those_that_letters_left_for_or_may_have(book: NoticeBook) -> None:
    left = ("sent", "sending", "unknown", "written", "permanent", "exhausted", "pending")
    for number, status in enumerate(left):
        told(book, claim(f"{number:032}", row(f"T{number:02}"), cc=[HEAD]), status, LATER)  # type: ignore[arg-type]
    assert book.used_since(MONDAY) == 3 * 2
    assert book.used_since(LATER) == 3 * 2
    assert book.used_since(LATER + timedelta(microseconds=1)) == 0


def test_told_notices_are_counted_by_kind_once_each(book: NoticeBook) -> None:
    told(book, claim(ONE, row(), row("T02"), row("T01", "accepted", "abc"), cc=[HEAD]), at=MONDAY)
    told(book, claim(TWO, row("T03")), "written", at=TUESDAY)
    told(book, claim(THREE, row("T04")), "permanent", at=TUESDAY)
    assert book.told_since(None) == {"due_soon": 3, "accepted": 1}
    assert book.told_since(TUESDAY) == {"due_soon": 1}


def test_a_letter_that_simply_arrived_is_no_trouble(book: NoticeBook) -> None:
    told(book, claim(), "sent")
    told(book, claim(TWO, row("T02")), "written")
    told(book, claim(THREE, row("T03")), "pending")
    assert book.troubled_since(None) == []


def test_troubles_name_their_letter_and_its_schools(book: NoticeBook) -> None:
    told(book, claim(ONE, row("T02"), row("T01"), DIGEST), "permanent", reason="no such user")
    [trace] = book.troubled_since(None)
    assert trace.delivery == outcome(ONE, SCHOOL, "permanent", reason="no such user")
    assert (trace.subject, trace.repeated, trace.schools) == ("Sắp đến hạn", False, ["T01", "T02"])


@pytest.mark.parametrize("status", ["permanent", "exhausted", "unknown"])
def test_failures_are_shown_once_and_those_that_go_on_always(book: NoticeBook, status: DeliveryStatus) -> None:
    told(book, claim(), status, MONDAY)
    told(book, claim(TWO, row("T02")), "sent", MONDAY)
    book.settle([replace(outcome(TWO, SCHOOL, "pending", MONDAY, "greylisted"), next_at=LATER)])
    assert [trace.delivery.letter_id for trace in book.troubled_since(MONDAY)] == [ONE, TWO]
    assert [trace.delivery.letter_id for trace in book.troubled_since(TUESDAY)] == [TWO]


def test_a_repeated_letter_is_shown_even_where_it_was_sent(book: NoticeBook) -> None:
    told(book, claim(), "sending")
    book.recover(LATER, "ended")
    assert book.on_its_way(ONE, "Sắp đến hạn", [SCHOOL], LATER)
    book.settle([outcome(ONE, SCHOOL, "sent", LATER)])
    [trace] = book.troubled_since(MONDAY)
    assert (trace.repeated, trace.delivery.status) == (True, "sent")


# The schema


def test_a_ledger_from_before_notices_keeps_its_rows_and_learns_them(url: str) -> None:
    engine = make_engine(checked_url(url))
    config = alembic_config()
    with transaction(engine, writes=True) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(sa.insert(schema.run), {"id": 1, "as_of": MONDAY, "counts": "{}"})
        connection.execute(sa.insert(schema.source), {"name": "folder", "scanned_at": MONDAY})
        connection.execute(sa.insert(schema.receipt), OLD_RECEIPT)
        seen = {"source": "folder", "path": "a.xlsx", "size": 5, "mtime_ns": 7, "sha256": "a" * 64}
        connection.execute(sa.insert(schema.sighting), seen)
        assert not sa.inspect(connection).has_table("notice")
    with Ledger.open(url) as ledger:
        receipts = ledger.receipts()
        assert receipts[["receipt_id", "sha256", "school", "status"]].values.tolist() == [
            [1, "a" * 64, "T01", "accepted"]
        ]
        assert (ledger.sightings("folder"), ledger.scanned_at("folder")) == ({"a.xlsx": (5, 7, "a" * 64)}, MONDAY)
        assert ledger.notices.claim([claim()], TUESDAY)
    with transaction(engine) as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == schema.HEAD


OLD_RECEIPT = {
    **dict.fromkeys(("rows_read", "rows_accepted", "rows_rejected", "rows_blank"), 1),
    "id": 1,
    "sha256": "a" * 64,
    "size": 5,
    "suffix": ".xlsx",
    "source": "folder",
    "path": "a.xlsx",
    "school": "T01",
    "period": HK1,
    "plan": "p",
    "template_version": "1",
    "plan_digest": "d",
    "run_id": 1,
    "received_at": MONDAY,
    "status": "accepted",
}


# Held for all machines


def server_of(request: pytest.FixtureRequest) -> PostgresServer:
    server: PostgresServer = request.getfixturevalue("postgres")
    return server


def test_of_machines_that_share_a_ledger_one_is_at_work(request: pytest.FixtureRequest) -> None:
    url = server_of(request).fresh()
    with Ledger.open(url) as one, Ledger.open(url) as other:
        with one.held("letters"):
            with pytest.raises(LedgerBusy, match="Another machine") as caught, other.held("letters"):
                pass
            assert server_of(request).password not in str(caught.value)
            with other.held("pass"):
                pass
        with other.held("letters"), pytest.raises(LedgerBusy), one.held("letters"):
            pass


def test_work_that_fails_lets_go_of_the_ledger(request: pytest.FixtureRequest) -> None:
    url = server_of(request).fresh()
    with Ledger.open(url) as one, Ledger.open(url) as other:
        with pytest.raises(ZeroDivisionError), one.held("letters"):
            raise ZeroDivisionError
        with other.held("letters"):
            pass


def test_a_machine_whose_connection_is_lost_lets_go_of_the_ledger(request: pytest.FixtureRequest) -> None:
    url = server_of(request).fresh()
    holders = sa.text("SELECT pid FROM pg_locks WHERE locktype = 'advisory'")
    with Ledger.open(url) as one, Ledger.open(url) as other, one.held("letters"):
        with make_engine(checked_url(url)).connect() as connection:
            [holder] = connection.scalars(holders).all()
            # With a time-out it comes back when the backend is gone.
            assert connection.scalar(sa.text("SELECT pg_terminate_backend(:pid, 10000)"), {"pid": holder})
        with other.held("letters"):
            pass


def test_a_ledger_in_the_workspace_needs_no_lock_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "ledger.sqlite"
    with Ledger.open(file) as one, Ledger.open(file) as other, one.held("letters"), other.held("letters"):
        assert other.notices.claim([claim()], MONDAY)
