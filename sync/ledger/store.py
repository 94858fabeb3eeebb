"""The ledger: everything a pass found out, recorded in one transaction at its end.

Ids are given out in a fixed order, so that two passes over the same inputs at the same moment leave the same ledger,
and a pass that was killed leaves none of itself.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from sync.ledger import frames, schema
from sync.ledger.decisions import DecisionBook
from sync.ledger.engine import checked_url, held, make_engine, migrate, shown, transaction
from sync.ledger.keys import KeyBook
from sync.ledger.notices import NoticeBook
from sync.ledger.records import (
    EntryRow,
    FindingRow,
    Known,
    Output,
    ReceiptRecord,
    Run,
    RunRecord,
    SightingChanges,
    Verdict,
)
from sync.ledger.sealings import SealBook
from sync.ledger.snapshots import Rows, insert_rows, read_rows

if TYPE_CHECKING:
    import pandas as pd

BATCH = 10_000
"""Rows of one executemany, and ids of one IN: below the number of parameters that every database takes."""

_SIGHTINGS = "SELECT path, size, mtime_ns, sha256 FROM sighting WHERE source = {mark}"
_NO_CHANGES = SightingChanges()
_T = TypeVar("_T")


class Ledger:
    """The ledger of one office. Every method raises LedgerError where the database does not serve."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, url: str | Path) -> Ledger:
        """The ledger at `url` (a path is a SQLite file), made or migrated as needed. Raises LedgerError."""
        engine = make_engine(checked_url(url))
        migrate(engine)
        return cls(engine)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Ledger({shown(self._engine.url)!r})"

    def close(self) -> None:
        """Lets go of the database; no connection is held between calls."""
        self._engine.dispose()

    def held(self, work: str) -> AbstractContextManager[None]:
        """Holds the lock of `work` for all machines that share this ledger. Raises LedgerBusy; see engine.held."""
        return held(self._engine, work)

    @property
    def notices(self) -> NoticeBook:
        """What was told to whom."""
        return NoticeBook(self._engine)

    @property
    def decisions(self) -> DecisionBook:
        """What the officer decided."""
        return DecisionBook(self._engine)

    @property
    def sealings(self) -> SealBook:
        """What was sealed."""
        return SealBook(self._engine)

    @property
    def keys(self) -> KeyBook:
        """The keys of schools."""
        return KeyBook(self._engine)

    # What a pass asks before it reads anything.

    def sightings(self, source: str) -> dict[str, tuple[int, int, str]]:
        """What the last pass saw in `source`: (size, mtime_ns, sha256) by path."""
        sql = _SIGHTINGS.format(mark="?" if self._engine.dialect.name == "sqlite" else "%s")
        with transaction(self._engine) as connection:
            rows = connection.exec_driver_sql(sql, (source,)).cursor.fetchall()
        return {path: (size, mtime_ns, sha256) for path, size, mtime_ns, sha256 in rows}

    def scanned_at(self, source: str) -> datetime | None:
        """The moment (UTC) of the last completed pass that looked through `source` in full."""
        query = sa.select(schema.source.c.scanned_at).where(schema.source.c.name == source)
        with transaction(self._engine) as connection:
            return connection.scalar(query)

    def last_run(self) -> Run | None:
        """The last completed pass."""
        with transaction(self._engine) as connection:
            return _last_run(connection)

    def periods_taken_since(self, moment: datetime) -> set[str]:
        """The periods of receipts that passes took in since `moment`."""
        taken = sa.select(schema.receipt.c.period).join(schema.run).where(schema.run.c.as_of >= moment).distinct()
        with transaction(self._engine) as connection:
            return {period for period in connection.scalars(taken) if period is not None}

    def run_moments(self, run_ids: Iterable[int]) -> dict[int, datetime]:
        """The moments (UTC) of these passes, by their id."""
        query = sa.select(schema.run.c.id, schema.run.c.as_of)
        return {row.id: row.as_of for row in self._by_batch(query, schema.run.c.id, run_ids)}

    def runs_since(self, moment: datetime) -> list[Run]:
        """The passes since `moment`, in their order."""
        query = sa.select(schema.run).where(schema.run.c.as_of >= moment).order_by(schema.run.c.id)
        with transaction(self._engine) as connection:
            return [Run(row.id, row.as_of, json.loads(row.counts)) for row in connection.execute(query).all()]

    def known(self, sha256s: Iterable[str]) -> dict[str, Known]:
        """Which of these contents are receipts already, by SHA-256."""
        table = schema.receipt.c
        query = sa.select(table.sha256, table.id, table.status, table.plan_digest)
        rows = self._by_batch(query, table.sha256, sha256s)
        return {sha256: Known(receipt_id, status, digest) for sha256, receipt_id, status, digest in rows}

    # What a pass leaves.

    def record(
        self,
        run: RunRecord,
        receipts: Iterable[ReceiptRecord] = (),
        changes: SightingChanges = _NO_CHANGES,
        rejudged: Mapping[int, Verdict] | None = None,
    ) -> Run:
        """Records a completed pass in one transaction: its run, new receipts, sightings, new verdicts on old receipts.

        Equal contents among `receipts` are one receipt, the one received first. `rejudged` replaces the verdicts of
        receipts by their id. A pass without news at the very moment of the last one (a pass run again because it was
        killed after this) is that pass. Gives the recorded run.
        """
        firsts = _first_of_each_content(receipts)
        rejudged = rejudged or {}
        with transaction(self._engine, writes=True) as connection:
            last = _last_run(connection)
            if last and last.as_of == run.as_of and not (firsts or changes or rejudged):
                return last
            recorded = _insert_run(connection, run, last)
            _insert_receipts(connection, firsts, recorded.id)
            _replace_verdicts(connection, rejudged)
            _change_sightings(connection, changes)
        return recorded

    # What a seal keeps, and gives back.

    def rows(self, parts_of: Collection[int]) -> Rows:
        """What a consolidated workbook rests on, as data: see sync.ledger.snapshots."""
        with transaction(self._engine) as connection:
            return read_rows(connection, parts_of)

    def restore(self, rows: Rows, verdicts: Mapping[int, Verdict]) -> None:
        """Puts `rows` into this ledger, which is empty, with these verdicts on receipts (by id) in place of theirs."""
        with transaction(self._engine, writes=True) as connection:
            insert_rows(connection, rows)
            _replace_verdicts(connection, verdicts)

    # What the rest of a pass works on.

    def receipts(self, periods: Iterable[str] | None = None) -> pd.DataFrame:
        """All receipts, or those of `periods`, by id; columns and types: sync.ledger.frames.RECEIPTS."""
        table = schema.receipt
        if periods is None:
            with transaction(self._engine) as connection:
                rows: Sequence[Any] = connection.execute(sa.select(table).order_by(table.c.id)).all()
        else:
            rows = sorted(self._by_batch(sa.select(table), table.c.period, periods), key=lambda row: row[0])
        return frames.frame(rows, frames.RECEIPTS)

    def findings(self, receipt_ids: Iterable[int]) -> pd.DataFrame:
        """The findings of these receipts, by receipt and `seq`; columns and types: sync.ledger.frames.FINDINGS."""
        table = schema.finding
        query = sa.select(table).order_by(table.c.receipt_id, table.c.seq)
        rows = self._by_batch(query, table.c.receipt_id, receipt_ids)
        return frames.with_parsed(frames.frame(rows, frames.FINDINGS), "params")

    def entries(self, receipt_ids: Iterable[int], table: str) -> pd.DataFrame:
        """The entries of these receipts in one table of the plan, by receipt and Excel row.

        Columns and types: sync.ledger.frames.ENTRIES; `data` is a dict by column id, dates as ISO text, without
        blanks; sync.ledger.frames.with_values makes typed columns of it.
        """
        of = schema.entry.c
        query = sa.select(of.receipt_id, of.row, of.sheet, of.cell, of.excel_row, of.letters, of.data)
        query = query.where(of.table == table).order_by(of.receipt_id, of.excel_row)
        rows = self._by_batch(query, of.receipt_id, receipt_ids)
        return frames.with_parsed(frames.frame(rows, frames.ENTRIES), "data")

    # What was written.

    def outputs(self) -> dict[str, Output]:
        """Every written file that is remembered, by its path."""
        with transaction(self._engine) as connection:
            rows = connection.execute(sa.select(schema.output)).all()
        return {row.path: Output(*row) for row in rows}

    def output(self, path: str) -> Output | None:
        """What the file at `path` was built from."""
        with transaction(self._engine) as connection:
            row = connection.execute(sa.select(schema.output).where(schema.output.c.path == path)).first()
        return Output(*row) if row else None

    def record_output(self, output: Output) -> None:
        """Remembers one written file; see record_outputs."""
        self.record_outputs([output])

    def record_outputs(self, outputs: Iterable[Output], gone: Iterable[str] = ()) -> None:
        """Remembers the files that were written, and forgets those that are `gone` (paths), in one transaction."""
        by_path = {output.path: output for output in outputs}
        stale = [{"key": path} for path in sorted({*by_path, *gone})]
        with transaction(self._engine, writes=True) as connection:
            _many(connection, sa.delete(schema.output).where(schema.output.c.path == sa.bindparam("key")), stale)
            _many(connection, sa.insert(schema.output), (asdict(by_path[path]) for path in sorted(by_path)))

    def _by_batch(self, query: sa.Select[Any], column: sa.ColumnElement[Any], keys: Iterable[Any]) -> list[Any]:
        """The rows of `query` where `column` is one of `keys`; keys go in ascending order, so rows by key stay so."""
        rows: list[Any] = []
        with transaction(self._engine) as connection:
            for batch in _batches(sorted({_plain(key) for key in keys})):
                rows += connection.execute(query.where(column.in_(batch))).all()
        return rows


def _plain(key: Any) -> Any:
    """Ids often come out of frames, and drivers do not take numpy's integers."""
    return key if isinstance(key, str) else int(key)


def _batches(items: Iterable[_T]) -> Iterator[list[_T]]:
    iterator = iter(items)
    while batch := list(islice(iterator, BATCH)):
        yield batch


def _many(connection: Connection, statement: sa.Executable, rows: Iterable[dict[str, Any]]) -> None:
    for batch in _batches(rows):
        connection.execute(statement, batch)


def _last_run(connection: Connection) -> Run | None:
    row = connection.execute(sa.select(schema.run).order_by(schema.run.c.id.desc()).limit(1)).first()
    return Run(row.id, row.as_of, json.loads(row.counts)) if row else None


def _insert_run(connection: Connection, run: RunRecord, last: Run | None) -> Run:
    run_id = last.id + 1 if last else 1
    counts = json.dumps(dict(run.counts), ensure_ascii=False, sort_keys=True)
    connection.execute(sa.insert(schema.run), [{"id": run_id, "as_of": run.as_of, "counts": counts}])
    scanned = [{"name": name, "scanned_at": run.as_of} for name in sorted(set(run.scanned))]
    stale = [{"key": row["name"]} for row in scanned]
    _many(connection, sa.delete(schema.source).where(schema.source.c.name == sa.bindparam("key")), stale)
    _many(connection, sa.insert(schema.source), scanned)
    return Run(run_id, run.as_of.astimezone(UTC), json.loads(counts))


def _first_of_each_content(receipts: Iterable[ReceiptRecord]) -> list[ReceiptRecord]:
    firsts: dict[str, ReceiptRecord] = {}
    for record in sorted(receipts, key=lambda record: (record.received_at, record.source, record.path, record.sha256)):
        firsts.setdefault(record.sha256, record)
    return list(firsts.values())


def _insert_receipts(connection: Connection, receipts: Sequence[ReceiptRecord], run_id: int) -> None:
    first = (connection.scalar(sa.select(sa.func.max(schema.receipt.c.id))) or 0) + 1
    numbered = list(enumerate(receipts, first))
    rows = ({"id": at, "run_id": run_id, **_content(new), **_judged(new.verdict)} for at, new in numbered)
    _many(connection, sa.insert(schema.receipt), rows)
    _insert_parts(connection, [(at, new.verdict) for at, new in numbered])


def _content(new: ReceiptRecord) -> dict[str, Any]:
    names = ("sha256", "size", "suffix", "source", "path", "received_at")
    return {name: getattr(new, name) for name in names}


_JUDGED = ("status", "plan_digest", "school", "period", "plan", "template_version")
_COUNTED = ("rows_read", "rows_accepted", "rows_rejected", "rows_blank")


def _judged(verdict: Verdict) -> dict[str, Any]:
    counts = {name: int(getattr(verdict, name)) for name in _COUNTED}
    return {name: getattr(verdict, name) for name in _JUDGED} | counts


def _replace_verdicts(connection: Connection, rejudged: Mapping[int, Verdict]) -> None:
    verdicts = [(int(receipt_id), rejudged[receipt_id]) for receipt_id in sorted(rejudged)]
    keys = [{"key": receipt_id} for receipt_id, _ in verdicts]
    for table in (schema.finding, schema.entry):
        _many(connection, sa.delete(table).where(table.c.receipt_id == sa.bindparam("key")), keys)
    update = sa.update(schema.receipt).where(schema.receipt.c.id == sa.bindparam("key"))
    _many(
        connection,
        update.values({name: sa.bindparam(name) for name in (*_JUDGED, *_COUNTED)}),
        ({"key": receipt_id, **_judged(verdict)} for receipt_id, verdict in verdicts),
    )
    _insert_parts(connection, verdicts)


def _insert_parts(connection: Connection, verdicts: Sequence[tuple[int, Verdict]]) -> None:
    findings = (
        _finding(receipt_id, seq, finding)
        for receipt_id, verdict in verdicts
        for seq, finding in enumerate(verdict.findings, 1)
    )
    entries = (_entry(receipt_id, entry) for receipt_id, verdict in verdicts for entry in verdict.entries)
    _many(connection, sa.insert(schema.finding), findings)
    _many(connection, sa.insert(schema.entry), entries)


def _finding(receipt_id: int, seq: int, finding: FindingRow) -> dict[str, Any]:
    value = finding.value
    text = value if value is None or isinstance(value, str) else f"{value:.15g}"  # the digits that Excel shows
    params = frames.json_text(finding.params)
    return {"receipt_id": receipt_id, "seq": seq, **finding._asdict(), "value": text, "params": params}


def _entry(receipt_id: int, entry: EntryRow) -> dict[str, Any]:
    return {"receipt_id": receipt_id, **entry._asdict(), "data": frames.json_text(entry.data)}


def _change_sightings(connection: Connection, changes: SightingChanges) -> None:
    table = schema.sighting.c
    moved = {(item.source, item.path) for item in changes.seen} | set(changes.gone)
    at_key = (table.source == sa.bindparam("key_source")) & (table.path == sa.bindparam("key_path"))
    stale = ({"key_source": source, "key_path": path} for source, path in sorted(moved))
    _many(connection, sa.delete(schema.sighting).where(at_key), stale)
    _many(connection, sa.insert(schema.sighting), (item._asdict() for item in sorted(changes.seen)))
