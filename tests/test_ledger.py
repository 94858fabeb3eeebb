from __future__ import annotations

import subprocess
import sys
import traceback
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from textwrap import dedent
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from sync import plan
from sync.ledger import (
    EntryRow,
    FindingRow,
    Known,
    Ledger,
    LedgerError,
    Output,
    ReceiptRecord,
    RunRecord,
    Sighting,
    SightingChanges,
    Verdict,
    schema,
    store,
)
from sync.ledger.engine import alembic_config, checked_url, make_engine, transaction
from sync.ledger.frames import ENTRIES, FINDINGS, RECEIPTS, with_values
from tests.fakes.postgres import PostgresServer, postgres  # noqa: F401  # the fixture

HANOI = timezone(timedelta(hours=7))
MONDAY = datetime(2025, 1, 13, 7, 30, tzinfo=HANOI)
TUESDAY = MONDAY + timedelta(days=1)
A, B, C = "a" * 64, "b" * 64, "c" * 64
HK1, CN = "2024-2025/HK1", "2024-2025/CN"


pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/ledger.sqlite"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.fresh()


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    with Ledger.open(url) as opened:
        yield opened


LETTERS = "F,G,H,I,J,K,L,M,N,O"


def finished(row: str, day: date | None = date(2024, 12, 5), **more: Any) -> EntryRow:
    data = {"status": "Hoàn thành", "finished_on": day, **more}
    return EntryRow("activities", row, "Phụ lục", "F8", 8, LETTERS, data)


ACCEPTED = Verdict(
    "accepted",
    "digest-1",
    school="T01",
    period=HK1,
    plan="thu-thua-2020-2025",
    template_version="1",
    rows_read=3,
    rows_accepted=2,
    rows_blank=1,
    entries=[
        finished("I.1", sessions=3),
        EntryRow("duties", "NV.1", "Nhiệm vụ", "D5", 5, "D,E,F,G", {"note": "đã làm"}),
    ],
)
TO_MEND = Verdict(
    "to_mend",
    "digest-1",
    school="T02",
    period=CN,
    rows_read=1,
    rows_rejected=1,
    findings=[
        FindingRow(
            "done-needs-date", "error", "activities", "Phụ lục", "H8", "I.1", "finished_on", None, {"heading": "Ngày"}
        ),
        FindingRow("number-as-text", "warning", "activities", "Phụ lục", "I8", "I.1", "sessions", 1234.5),
    ],
    entries=[finished("I.1", None)],
)
REFUSED = Verdict("refused", "digest-1", findings=[FindingRow("damaged", "error")])


def received(sha256: str, verdict: Verdict, at: datetime = MONDAY, path: str = "") -> ReceiptRecord:
    return ReceiptRecord(sha256, 18_000, ".xlsx", "folder", path or f"{sha256[0]}.xlsx", at, verdict)


def seen(sha256: str, path: str = "", mtime_ns: int = 1_736_700_000_123_456_789) -> Sighting:
    return Sighting("folder", path or f"{sha256[0]}.xlsx", 18_000, mtime_ns, sha256)


THREE = [received(A, ACCEPTED), received(B, TO_MEND), received(C, REFUSED)]
THREE_SEEN = SightingChanges([seen(A), seen(B), seen(C)])
FIRST_PASS = RunRecord(MONDAY, {"new": 3}, ["folder"])


def contents(ledger: Ledger) -> dict[str, list[tuple[Any, ...]]]:
    """Everything in the ledger, ids included."""
    with transaction(ledger._engine) as connection:
        rows = {name: connection.execute(sa.select(table)).all() for name, table in schema.metadata.tables.items()}
    return {name: sorted(map(tuple, found), key=repr) for name, found in rows.items()}


def test_a_new_ledger_remembers_nothing(ledger: Ledger) -> None:
    assert ledger.last_run() is None
    assert ledger.sightings("folder") == {}
    assert ledger.scanned_at("folder") is None
    assert ledger.known([A]) == {}
    assert ledger.output("tong-hop/x.xlsx") is None
    assert ledger.outputs() == {}


def test_frames_have_their_columns_and_types_with_and_without_rows(ledger: Ledger) -> None:
    def types(frame: pd.DataFrame) -> dict[str, str]:
        return {str(name): str(dtype) for name, dtype in frame.dtypes.items()}

    for new in [THREE, []]:
        assert types(ledger.receipts()) == types(ledger.receipts([HK1])) == dict(RECEIPTS)
        assert types(ledger.findings([1, 2])) == dict(FINDINGS)
        assert types(ledger.entries([1, 2], "activities")) == dict(ENTRIES)
        ledger.record(FIRST_PASS, new)
    assert len(ledger.receipts()) == 3


def test_a_pass_is_remembered(ledger: Ledger) -> None:
    run = ledger.record(FIRST_PASS, THREE, THREE_SEEN)
    assert run == ledger.last_run()
    assert (run.id, run.as_of, run.counts) == (1, MONDAY, {"new": 3})
    assert run.as_of.tzinfo is UTC
    assert ledger.scanned_at("folder") == MONDAY
    columns = ["receipt_id", "path", "school", "period", "status", "rows_read", "rows_blank", "run_id"]
    assert ledger.receipts()[columns].values.tolist() == [
        [1, "a.xlsx", "T01", HK1, "accepted", 3, 1, 1],
        [2, "b.xlsx", "T02", CN, "to_mend", 1, 0, 1],
        [3, "c.xlsx", None, None, "refused", 0, 0, 1],
    ]
    assert (ledger.receipts()["received_at"] == pd.Timestamp(MONDAY)).all()


def test_receipts_can_be_those_of_some_periods(ledger: Ledger) -> None:
    ledger.record(FIRST_PASS, THREE, THREE_SEEN)
    assert ledger.receipts([HK1])["sha256"].tolist() == [A]
    assert ledger.receipts([CN, HK1])["sha256"].tolist() == [A, B]
    assert ledger.receipts([])["sha256"].tolist() == []


def test_findings_keep_their_order_and_what_was_seen(ledger: Ledger) -> None:
    ledger.record(FIRST_PASS, THREE, THREE_SEEN)
    found = ledger.findings(np.array([3, 2, 1]))
    assert found.drop(columns=["table", "sheet", "row"]).values.tolist() == [
        [2, 1, "done-needs-date", "error", "H8", "finished_on", None, {"heading": "Ngày"}],
        [2, 2, "number-as-text", "warning", "I8", "sessions", "1234.5", {}],
        [3, 1, "damaged", "error", None, None, None, {}],
    ]


def test_entries_keep_typed_values_without_blanks(ledger: Ledger) -> None:
    ledger.record(FIRST_PASS, THREE, THREE_SEEN)
    assert ledger.entries([2, 1], "activities").values.tolist() == [
        [1, "I.1", "Phụ lục", "F8", 8, LETTERS, {"status": "Hoàn thành", "finished_on": "2024-12-05", "sessions": 3}],
        [2, "I.1", "Phụ lục", "F8", 8, LETTERS, {"status": "Hoàn thành"}],
    ]
    assert ledger.entries([1], "duties")["data"].tolist() == [{"note": "đã làm"}]
    assert ledger.entries([3], "activities").empty


def test_values_out_of_frames_are_kept_as_they_are_meant(ledger: Ledger) -> None:
    day, gap = pd.Timestamp(2024, 12, 5), pd.NaT
    data: dict[str, Any] = {"finished_on": day, "started_on": gap, "sessions": np.float64(3), "children": float("nan")}
    entry = EntryRow("activities", "I.1", "Phụ lục", "F8", 8, LETTERS, data)
    ledger.record(FIRST_PASS, [received(A, Verdict("accepted", "d", entries=[entry]))])
    assert ledger.entries([1], "activities")["data"].tolist() == [{"finished_on": "2024-12-05", "sessions": 3}]


def test_entries_become_typed_columns(ledger: Ledger) -> None:
    table = plan.load("thu-thua-2020-2025").tables["activities"]
    ledger.record(FIRST_PASS, THREE, THREE_SEEN)
    frame = with_values(ledger.entries([1, 2], "activities"), table)
    kinds = {"whole": "float64", "number": "float64", "date": "datetime64[s]", "choice": "object", "text": "object"}
    assert {c.id: str(frame[c.id].dtype) for c in table.columns} == {c.id: kinds[c.kind] for c in table.columns}
    assert frame["finished_on"].tolist() == [pd.Timestamp(2024, 12, 5), pd.NaT]
    assert frame["status"].tolist() == ["Hoàn thành", "Hoàn thành"]
    assert len(with_values(ledger.entries([], "activities"), table)) == 0


def test_known_contents_are_told_with_their_verdict(ledger: Ledger) -> None:
    ledger.record(FIRST_PASS, THREE, THREE_SEEN)
    known = ledger.known([C, A, "d" * 64])
    assert known == {A: Known(1, "accepted", "digest-1"), C: Known(3, "refused", "digest-1")}


def test_ids_go_beyond_one_batch(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "BATCH", 2)
    ledger.record(FIRST_PASS, THREE, THREE_SEEN)
    assert set(ledger.known([A, B, C])) == {A, B, C}
    assert ledger.findings([3, 2, 1])["receipt_id"].tolist() == [2, 2, 3]
    assert ledger.entries([3, 2, 1], "activities")["receipt_id"].tolist() == [1, 2]
    assert ledger.receipts([HK1, CN, "x"])["receipt_id"].tolist() == [1, 2]
    assert len(ledger.sightings("folder")) == 3


def test_the_same_content_twice_is_one_receipt_the_one_received_first(ledger: Ledger) -> None:
    twice = [received(A, ACCEPTED, TUESDAY, "1.xlsx"), received(A, ACCEPTED, MONDAY, "2.xlsx")]
    ledger.record(FIRST_PASS, twice, SightingChanges([seen(A, "1.xlsx"), seen(A, "2.xlsx")]))
    assert ledger.receipts()["path"].tolist() == ["2.xlsx"]
    assert sorted(ledger.sightings("folder")) == ["1.xlsx", "2.xlsx"]


def test_sightings_follow_the_source_and_receipts_stay(ledger: Ledger) -> None:
    ledger.record(FIRST_PASS, THREE, THREE_SEEN)
    moved = SightingChanges([seen(B, "a.xlsx", 5), seen(C, "new/c.xlsx", 6)], [("folder", "c.xlsx"), ("folder", "?")])
    ledger.record(RunRecord(TUESDAY), changes=moved)
    assert ledger.sightings("folder") == {
        "a.xlsx": (18_000, 5, B),
        "b.xlsx": (18_000, 1_736_700_000_123_456_789, B),
        "new/c.xlsx": (18_000, 6, C),
    }
    assert ledger.sightings("google") == {}
    assert len(ledger.receipts()) == 3


def test_a_source_that_failed_keeps_the_moment_it_was_last_looked_through(ledger: Ledger) -> None:
    ledger.record(FIRST_PASS)
    ledger.record(RunRecord(TUESDAY, scanned=["google"]))
    assert ledger.scanned_at("folder") == MONDAY
    assert ledger.scanned_at("google") == TUESDAY
    last = ledger.last_run()
    assert last
    assert last.as_of == TUESDAY


def test_new_verdicts_replace_the_old_ones_whole(ledger: Ledger) -> None:
    ledger.record(FIRST_PASS, THREE, THREE_SEEN)
    mended = Verdict(
        "accepted", "digest-2", school="T02", period=HK1, rows_read=1, rows_accepted=1, entries=[finished("I.2")]
    )
    ledger.record(RunRecord(TUESDAY), rejudged={2: mended})
    columns = ["sha256", "period", "status", "rows_rejected", "plan_digest", "run_id"]
    assert ledger.receipts()[columns].values.tolist() == [
        [A, HK1, "accepted", 0, "digest-1", 1],
        [B, HK1, "accepted", 0, "digest-2", 1],
        [C, None, "refused", 0, "digest-1", 1],
    ]
    assert ledger.findings([1, 2, 3])["receipt_id"].tolist() == [3]
    assert ledger.entries([1, 2, 3], "activities")["row"].tolist() == ["I.1", "I.2"]


def test_a_pass_run_again_at_the_same_moment_without_news_is_the_same_pass(ledger: Ledger) -> None:
    first = ledger.record(FIRST_PASS, THREE, THREE_SEEN)
    before = contents(ledger)
    assert ledger.record(RunRecord(MONDAY, {"new": 0, "unchanged": 3}, ["folder"])) == first
    assert contents(ledger) == before
    assert ledger.record(RunRecord(TUESDAY)).id == 2


def test_the_order_in_which_files_are_read_leaves_no_trace(url: str, tmp_path: Path) -> None:
    with Ledger.open(url) as one, Ledger.open(tmp_path / "other.sqlite") as other:
        one.record(FIRST_PASS, THREE, THREE_SEEN)
        other.record(FIRST_PASS, reversed(THREE), SightingChanges(THREE_SEEN.seen[::-1]))
        assert contents(one) == contents(other)
        assert len(contents(one)["receipt"]) == 3


def test_a_pass_that_fails_leaves_nothing(ledger: Ledger) -> None:
    ledger.record(FIRST_PASS, THREE[:1], SightingChanges([seen(A)]))
    before = contents(ledger)
    twice = Verdict("accepted", "d", entries=[finished("I.1"), finished("I.1")])
    with pytest.raises(IntegrityError):
        ledger.record(RunRecord(TUESDAY), [received(B, twice)], rejudged={1: REFUSED})
    with pytest.raises(IntegrityError):
        ledger.record(RunRecord(TUESDAY), THREE[1:], SightingChanges([seen("d" * 64)]))
    assert contents(ledger) == before


def test_a_moment_without_a_time_zone_is_refused(ledger: Ledger) -> None:
    with pytest.raises(sa.exc.StatementError, match="without a time zone"):
        ledger.record(RunRecord(MONDAY.replace(tzinfo=None)))
    assert ledger.last_run() is None


@given(text=st.text(st.characters(codec=None, categories=["L", "M", "N", "P", "S", "Z", "C"]), max_size=20))
@example("\ud800\x00")
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_of_a_school_stops_a_pass(ledger: Ledger, text: str) -> None:
    last = ledger.last_run()
    at = last.id + 1 if last else 1
    place = {"sheet": text, "row": text, "value": text}
    verdict = Verdict(
        "to_mend",
        "d",
        school=text,
        period=text,
        findings=[FindingRow("row-unknown", "error", params={"row": text}, **place)],
        entries=[EntryRow("activities", "I.1", text, "F8", 8, LETTERS, {"result": text})],
    )
    ledger.record(RunRecord(MONDAY + timedelta(seconds=at)), [received(f"{at:064}", verdict, path=str(at))])
    in_json = text.encode(errors="replace").decode()
    stored = in_json.replace("\x00", "\ufffd")
    assert ledger.receipts()["school"].tolist()[-1] == stored
    assert ledger.findings([at])["value"].tolist() == [stored]
    assert ledger.findings([at])["params"].tolist() == [{"row": in_json}]
    assert ledger.entries([at], "activities")["data"].tolist() == [{"result": in_json}]


def test_written_files_are_remembered_replaced_and_forgotten(ledger: Ledger) -> None:
    summary = Output("tong-hop/HK1.xlsx", "f1", MONDAY, TUESDAY)
    letter = Output("tra-lai/T01.xlsx", "f2", MONDAY)
    ledger.record_outputs([letter, summary])
    assert ledger.outputs() == {summary.path: summary, letter.path: letter}
    newer = Output(summary.path, "f3", TUESDAY)
    ledger.record_output(newer)
    ledger.record_outputs([], gone=[letter.path])
    assert ledger.outputs() == {newer.path: newer}
    assert ledger.output(summary.path) == newer
    assert ledger.output(letter.path) is None


# Killed at any moment.

KILLED_AT_EVERY_MOMENT = """
    import os, signal, sys
    import alembic.command, psycopg  # imported once, not in each child
    import sqlalchemy as sa
    from sync.ledger import Ledger
    from tests.test_ledger import FIRST_PASS, THREE, THREE_SEEN

    def killed(at):
        child = os.fork()
        if not child:
            left = [at]
            def count(*_):
                left[0] -= 1
                if not left[0]:
                    os.kill(os.getpid(), signal.SIGKILL)
            sa.event.listen(sa.Engine, "before_cursor_execute", count)
            sa.event.listen(sa.Engine, "commit", count)
            Ledger.open(sys.argv[1]).record(FIRST_PASS, THREE, THREE_SEEN)
            os._exit(0)
        status = os.waitpid(child, 0)[1]
        assert status in (0, signal.SIGKILL), status
        return status != 0

    print(next(at for at in range(1, 1000) if not killed(at)))
"""


def run_script(script: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", dedent(script), *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parent.parent,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.skipif(sys.platform == "win32", reason="forks")
def test_a_process_killed_at_any_statement_leaves_a_ledger_that_ends_the_same(url: str, tmp_path: Path) -> None:
    moments = int(run_script(KILLED_AT_EVERY_MOMENT, url))
    with Ledger.open(url) as ledger, Ledger.open(tmp_path / "undisturbed.sqlite") as undisturbed:
        undisturbed.record(FIRST_PASS, THREE, THREE_SEEN)
        assert contents(ledger) == contents(undisturbed)
    assert moments > 15


# Opening.


def test_the_constant_of_the_schema_is_the_newest_migration() -> None:
    assert ScriptDirectory.from_config(alembic_config()).get_heads() == [schema.HEAD]


def test_the_migrations_make_the_tables_of_the_schema(url: str) -> None:
    Ledger.open(url).close()
    with transaction(make_engine(checked_url(url))) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, schema.metadata) == []


def test_alembic_is_imported_only_where_there_is_something_to_migrate(url: str) -> None:
    script = """
        import sys
        import sync.ledger
        lazy = "sqlalchemy" not in sys.modules
        sync.ledger.Ledger.open(sys.argv[1]).sightings("folder")
        print(lazy, "alembic" in sys.modules, "pandas" in sys.modules)
    """
    assert run_script(script, url) == "True True False"
    assert run_script(script, url) == "True False False"


def test_a_ledger_of_a_newer_version_is_left_alone(url: str) -> None:
    Ledger.open(url).close()
    engine = make_engine(checked_url(url))
    with transaction(engine, writes=True) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(LedgerError, match="newer version"):
        Ledger.open(url)
    with transaction(engine) as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == "9999"


def test_the_sqlite_file_is_in_wal_mode_and_holds_to_its_references(tmp_path: Path) -> None:
    ledger = Ledger.open(tmp_path / "sổ cái #1?%20.sqlite")
    with transaction(ledger._engine) as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    assert [path.name for path in tmp_path.iterdir()] == ["sổ cái #1?%20.sqlite"]


def test_what_is_no_ledger_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "other.sqlite").write_text("no database, and long enough to be taken for one" * 100)
    with pytest.raises(LedgerError, match=r"other\.sqlite.*not a database"):
        Ledger.open(tmp_path / "other.sqlite")
    with pytest.raises(LedgerError, match=r"missing/ledger\.sqlite.*unable to open"):
        Ledger.open(tmp_path / "missing" / "ledger.sqlite")


@pytest.mark.parametrize(
    "url",
    [
        "secret",
        "postgresql://me:secret@host:port/db",
        "postgresql://me:p@secret@host/db",
        "mysql://me:secret@host/db",
        "postgresql://me:secret@/db?host=/nowhere",
        "postgresql://me@/db?host=/nowhere&password=secret",
        "postgres://me:secret@127.0.0.1:1/db?connect_timeout=1",
    ],
)
def test_no_message_shows_a_password(url: str) -> None:
    with pytest.raises(LedgerError) as caught:
        Ledger.open(url)
    shown_everywhere = "".join(traceback.format_exception(caught.value, limit=0))
    assert "secret" not in shown_everywhere


def test_a_wrong_password_is_told_without_showing_it(request: pytest.FixtureRequest) -> None:
    server: PostgresServer = request.getfixturevalue("postgres")
    with pytest.raises(LedgerError, match="password authentication failed") as caught:
        Ledger.open(server.url.replace(server.password, "wrong-secret"))
    assert "wrong-secret" not in "".join(traceback.format_exception(caught.value, limit=0))
    assert server.password not in repr(Ledger.open(server.fresh()))
