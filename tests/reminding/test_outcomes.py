"""What becomes of letters at a server that refuses, greylists, stalls and drops, and of letters in a crash."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from sync import mail, office, reminding
from sync.mail.outbox import Outbox
from sync.schools import Schools
from tests.fakes.offices import send
from tests.fakes.smtp import DROP, STALL, Fault, Script, SmtpServer, Step
from tests.reminding.offices import OFFICER, SCHOOLS, at, deliveries, make_office, remind, rewrite, statuses, text, to

pytestmark = pytest.mark.usefixtures("english")

TH01 = "th01@example.org"
FIRST = "2025-01-21T09:00"


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with SmtpServer() as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path, server: SmtpServer) -> Path:
    """An office whose only school that owes anything is TH01, and whose officer is not written to."""
    made = make_office(
        tmp_path / "office", server.settings(per_minute=10_000), {"officer_emails": [], "chief_emails": []}
    )
    config_file = made / "config.toml"
    config_file.write_text(config_file.read_text("utf-8").replace(f'email = "{OFFICER}"', 'email = ""'), "utf-8")
    rewrite(made, schools=Schools((SCHOOLS.by_code["TH01"],)))
    return made


def delivered(server: SmtpServer) -> Counter[tuple[str, str]]:
    """How often each letter arrived at each address, by Message-ID."""
    return Counter((letter.message_id, address) for letter in server.delivered for address in letter.recipients)


def test_letters_that_a_server_takes_are_sent(folder: Path, server: SmtpServer) -> None:
    told = remind(folder, FIRST)
    assert not told.failed
    assert statuses(folder) == {TH01: ["sent"]}
    assert set(delivered(server).values()) == {1}
    assert "22/01/2025" in text(server.delivered[0].message)


def test_a_server_that_is_down_costs_one_line_and_the_letters_go_when_it_is_back(
    folder: Path, server: SmtpServer
) -> None:
    server.refuse()
    told = remind(folder, FIRST)
    assert len(told.problems) == 1
    assert told.failed
    assert statuses(folder) == {TH01: ["pending"]}
    server.listen()
    # Not at once: nobody knocks at a closed door every five minutes.
    assert remind(folder, "2025-01-21T09:05").notices == []
    assert statuses(folder) == {TH01: ["pending"]}
    assert remind(folder, "2025-01-21T09:15").notices
    assert statuses(folder) == {TH01: ["sent"]}
    assert set(delivered(server).values()) == {1}


def test_the_one_who_runs_it_by_hand_need_not_wait(folder: Path, server: SmtpServer) -> None:
    server.refuse()
    remind(folder, FIRST)
    server.listen()
    assert remind(folder, "2025-01-21T09:01", force=True).notices
    assert set(delivered(server).values()) == {1}


def test_a_login_that_is_refused_is_not_tried_again_soon(tmp_path: Path) -> None:
    with SmtpServer(Script(passwords={"so-lieu": "right"})) as server:
        settings = server.settings(login="password", user="so-lieu", password="wrong-secret")
        folder = make_office(tmp_path / "office", settings)
        told = remind(folder, FIRST)
        assert len(told.problems) == 1
        assert "wrong-secret" not in told.problems[0]
        before = len(server.commands("AUTH"))
        again = remind(folder, "2025-01-21T12:00")
        assert again.problems == told.problems
        assert len(server.commands("AUTH")) == before == 1


def test_a_greylisting_server_gets_the_letter_again_after_a_quarter_of_an_hour(
    folder: Path, server: SmtpServer
) -> None:
    server.script = Script(greylist=True)
    told = remind(folder, FIRST)
    assert told.outcomes == {"temporary": 1}
    assert TH01 in told.problems[0]
    assert remind(folder, "2025-01-21T09:10").notices == []
    assert remind(folder, "2025-01-21T09:20").outcomes == {"sent": 1}
    assert set(delivered(server).values()) == {1}
    [delivery] = deliveries(folder).values()
    assert (delivery.status, delivery.tries) == ("sent", 2)


def test_an_address_that_refuses_for_ever_is_given_up_after_five_times(folder: Path, server: SmtpServer) -> None:
    server.script = Script([Fault("RCPT", "451 later", address=TH01)])
    outcomes = [remind(folder, f"2025-01-{moment}").outcomes for moment in (
        "20T08:00", "20T08:20", "20T09:30", "20T14:00", "21T08:00", "21T09:00",
    )]  # fmt: skip
    # On the 21st the stage is another one: the letter of the 20th is no longer true, and begins anew as that.
    assert [dict(each) for each in outcomes[:4]] == [{"temporary": 1}] * 4
    assert dict(outcomes[4]) == {"temporary": 1}
    assert statuses(folder)[TH01] == ["pending"]
    for moment in ("2025-01-23T08:00", "2025-01-23T08:20", "2025-01-23T09:30", "2025-01-23T14:00", "2025-01-24T08:00"):
        last = remind(folder, moment)
    assert dict(last.outcomes) == {"exhausted": 1}
    assert remind(folder, "2025-01-24T16:00").outcomes == {}
    assert delivered(server) == {}


def test_an_address_that_does_not_exist_is_not_tried_again(folder: Path, server: SmtpServer) -> None:
    server.script = Script([Fault("RCPT", "550 no such user", address=TH01)])
    told = remind(folder, FIRST)
    assert told.outcomes == {"permanent": 1}
    assert "no such user" in told.problems[0]
    server.script = Script()
    assert remind(folder, "2025-01-21T16:00").notices == []
    assert delivered(server) == {}
    assert statuses(folder) == {TH01: ["permanent"]}


def test_one_of_two_addresses_that_is_refused_does_not_hinder_the_other(folder: Path, server: SmtpServer) -> None:
    school = replace(SCHOOLS.by_code["TH01"], emails=(TH01, "second@example.org"))
    rewrite(folder, schools=Schools((school,)))
    server.script = Script([Fault("RCPT", "550 no such user", address=TH01)])
    told = remind(folder, FIRST)
    assert told.outcomes == {"permanent": 1, "sent": 1}
    assert statuses(folder) == {TH01: ["permanent"], "second@example.org": ["sent"]}
    assert {address for _id, address in delivered(server)} == {"second@example.org"}


def test_of_two_addresses_only_the_one_that_refused_for_now_gets_it_again(folder: Path, server: SmtpServer) -> None:
    school = replace(SCHOOLS.by_code["TH01"], emails=(TH01, "second@example.org"))
    rewrite(folder, schools=Schools((school,)))
    server.script = Script([Fault("RCPT", "451 later", times=1, address=TH01)])
    remind(folder, FIRST)
    remind(folder, "2025-01-21T10:00")
    assert set(delivered(server).values()) == {1}
    assert len({message for message, _address in delivered(server)}) == 1
    assert statuses(folder) == {TH01: ["sent"], "second@example.org": ["sent"]}


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("what", [DROP, STALL])
def test_a_connection_lost_before_the_letter_left_costs_nothing(
    folder: Path, server: SmtpServer, step: Step, what: str
) -> None:
    server.script = Script([Fault(step, what, times=1)])
    remind(folder, FIRST)
    assert statuses(folder) == {TH01: ["pending"]}
    remind(folder, "2025-01-21T10:00")
    assert statuses(folder) == {TH01: ["sent"]}
    assert set(delivered(server).values()) == {1}


@pytest.mark.parametrize(("step", "arrived"), [("body", False), ("reply", True)])
def test_a_letter_that_may_have_arrived_is_shown_and_not_sent_again(
    folder: Path, server: SmtpServer, step: Step, arrived: bool
) -> None:
    server.script = Script([Fault(step, DROP, times=1)])
    told = remind(folder, FIRST)
    assert told.outcomes == {"unknown": 1}
    assert "may have arrived" in told.problems[0]
    assert remind(folder, "2025-01-21T16:00").notices == []
    assert statuses(folder) == {TH01: ["unknown"]}
    assert len(server.delivered) == arrived


def test_what_failed_or_is_unknown_stands_in_the_next_digest_with_the_telephone_number(tmp_path: Path) -> None:
    with SmtpServer(Script([Fault("RCPT", "550 no such user", address=TH01)])) as server:
        folder = make_office(tmp_path / "office", server.settings(per_minute=10_000))
        remind(folder, "2025-01-20T09:00")
        remind(folder, "2025-01-21T09:00")
        [digest] = [text(letter) for letter in to([each.message for each in server.delivered], OFFICER)][-1:]
    assert "no such user" in digest
    assert "0272 th01" in digest
    assert TH01 in digest


def test_a_letter_that_waits_and_is_no_longer_true_does_not_leave(folder: Path, server: SmtpServer) -> None:
    server.script = Script(greylist=True)
    remind(folder, FIRST)
    send(folder, "TH01", modified="2025-01-21T09:05")
    remind(folder, "2025-01-21T09:30")
    remind(folder, "2025-01-21T09:50")
    assert ["Đã nhận" in str(letter.message["Subject"]) for letter in server.delivered] == [True]


def test_a_letter_that_waits_does_not_leave_for_an_address_that_was_corrected(folder: Path, server: SmtpServer) -> None:
    server.script = Script([Fault("RCPT", "451 later", address=TH01)])
    remind(folder, FIRST)
    school = replace(SCHOOLS.by_code["TH01"], emails=("right@example.org",))
    rewrite(folder, schools=Schools((school,)))
    remind(folder, "2025-01-21T09:30")
    assert {address for _id, address in delivered(server)} == {"right@example.org"}


def test_what_goes_beyond_the_daily_limit_waits_for_tomorrow(tmp_path: Path) -> None:
    with SmtpServer() as server:
        folder = make_office(tmp_path / "office", server.settings(per_minute=10_000, per_day=2))
        told = remind(folder, "2025-01-13T09:00")
        assert sum(told.outcomes.values()) <= 2
        assert told.limited > 0
        assert any("limit" in problem for problem in told.problems)
        first = len(server.delivered)
        remind(folder, "2025-01-13T10:00")
        assert len(server.delivered) == first
        for day in (14, 15, 16, 17):
            remind(folder, f"2025-01-{day}T09:00")
        schools = {address for _id, address in delivered(server) if address.endswith("01@example.org")}
        assert schools
        assert set(delivered(server).values()) == {1}


class Crash(BaseException):
    """What a kill is to a test in one process."""


class Crashing(Outbox):
    """A post that dies before or after the letter left."""

    def __init__(self, folder: Path, left: bool) -> None:
        super().__init__(folder)
        self.left = left
        self.count = 0

    def send(self, message, sender, addresses, on_its_way):  # type: ignore[no-untyped-def]
        if not self.left:
            on_its_way({})
            raise Crash
        super().send(message, sender, addresses, on_its_way)
        raise Crash


@pytest.mark.parametrize("left", [False, True])
def test_a_letter_in_a_crash_is_repeated_once_as_itself_and_then_shown(folder: Path, left: bool) -> None:
    outbox = folder / "thu-di"

    def crash(moment: str) -> None:
        with pytest.raises(Crash):
            reminding.remind(office.open_office(folder, at(moment)), post=Crashing(outbox, left))

    crash(FIRST)
    assert statuses(folder) == {TH01: ["sending"]}
    crash("2025-01-21T09:05")
    remind(folder, "2025-01-21T09:10", post=Outbox(outbox))
    assert statuses(folder) == {TH01: ["unknown"]}
    # The file that was written twice is the same file: one Message-ID.
    assert len(list(outbox.glob("*.eml"))) == left


def test_a_letter_whose_crash_was_followed_by_a_good_run_is_sent_and_told_as_repeated(folder: Path) -> None:
    with pytest.raises(Crash):
        reminding.remind(office.open_office(folder, at(FIRST)), post=Crashing(folder / "thu-di", left=True))
    remind(folder, "2025-01-21T09:10", post=Outbox(folder / "thu-di"))
    assert statuses(folder) == {TH01: ["written"]}
    assert len(list((folder / "thu-di").glob("*.eml"))) == 1


def test_the_time_that_a_round_may_take_ends_it_between_two_letters(folder: Path) -> None:
    rewrite(folder, schools=SCHOOLS)
    calls = iter([False, True, True, True])
    told = remind(folder, FIRST, stop=lambda: next(calls))
    assert sum(told.outcomes.values()) == 1
    assert told.limited == 2
    assert sum(remind(folder, "2025-01-21T09:05").outcomes.values()) == 2


def test_letters_leave_no_faster_than_the_office_set(tmp_path: Path) -> None:
    waited: list[float] = []
    with SmtpServer() as server:
        folder = make_office(tmp_path / "office", server.settings(per_minute=2))
        remind(folder, FIRST, wait=waited.append)
    assert len(server.delivered) > 2
    assert waited
    assert all(0 < seconds <= timedelta(minutes=1).total_seconds() for seconds in waited)


def test_the_outbox_is_used_where_no_server_is_named(tmp_path: Path) -> None:
    folder = make_office(tmp_path / "office")
    assert mail.kind_of(office.open_office(folder)) == "outbox"
    assert set(remind(folder, FIRST).outcomes) == {"written"}
