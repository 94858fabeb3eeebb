"""The stand-in for Google: a real HTTP server on loopback, in threads of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.fakes.google import a1, sheets, values
from tests.fakes.google.drive import new_id
from tests.fakes.google.faults import Fault, Match
from tests.fakes.google.quotas import Quotas
from tests.fakes.google.service import Logged, Service
from tests.fakes.google.state import FOLDER, ORGANIZER, OWNER, SPREADSHEET, Drive, File, State, Tab, Value, rows_of
from tests.fakes.google.tokens import Tokens
from tests.fakes.google.wire import Server

ACCOUNT = "baocao@truong-hoc.iam.gserviceaccount.com"


class GoogleServer:
    """Google, at `url` while the context is open, for a client that puts `url` in place of Google's hosts.

    account: the service account's address. clock: this moment, for times of change and quotas; tokens live by the real
    clock, since google-auth signs by it. quota: reads, and writes, of the Sheets API that an account may make in a
    minute; None for as many as it likes. lenient: the context does not fail at its end for what was refused or wrong.
    """

    def __init__(
        self,
        *,
        account: str = ACCOUNT,
        clock: Callable[[], datetime] | None = None,
        quota: int | None = 60,
        lenient: bool = False,
    ) -> None:
        self.account, self.lenient = account, lenient
        self.clock = clock or (lambda: datetime.now(UTC))
        self.state = State(self._now)
        self._server = Server()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._tokens = Tokens(f"{self.url}/token", {account})
        self.service = Service(self.state, self._tokens, Quotas(quota, self._now))
        self._server.service = self.service
        self._gone: dict[str, File] = {}
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="google", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.cut_all()
        self._server.server_close()
        self._thread.join()
        if kind is None and not self.lenient:
            self.check()

    def check(self) -> None:
        """Raises AssertionError where something was asked that is not modelled, or did not fit Google's documents."""
        if self.refused or self.errors:
            raise AssertionError("\n".join([*(f"not modelled: {each}" for each in self.refused), *self.errors]))

    @property
    def refused(self) -> list[str]:
        """What was asked and is not modelled."""
        return self.service.refused

    @property
    def errors(self) -> list[str]:
        """What did not fit Google's discovery documents, on either side."""
        return self.service.errors

    @property
    def mails(self) -> list[str]:
        """Addresses that Google wrote to, because something was shared with them."""
        return self.service.mails

    @property
    def requests(self) -> list[Logged]:
        """Requests that came, in the order of their answers."""
        return self.service.log

    def counted(self, *methods: str) -> dict[str, int]:
        """How often each method was asked for since `reset_log`; only `methods` where some are given."""
        names = [each.method for each in tuple(self.requests)]
        return {name: names.count(name) for name in dict.fromkeys(names) if not methods or name in methods}

    def reset_log(self) -> None:
        """Forgets the requests that came."""
        self.service.log.clear()

    def fail(self, match: Match, *what: Fault, times: int | None = 1) -> None:
        """Queues faults for requests of a method ("*" for any) or that a predicate is true for.

        `what` comes in its order, a fault a request, and all of it `times` times; None is for ever.
        """
        self.service.faults.plan(match, what, times)

    def heal(self) -> None:
        """Takes back all faults that have not come yet."""
        self.service.faults.clear()

    def key_file(self, folder: Path, account: str = "") -> Path:
        """Writes a service account's key file into `folder`."""
        return self._tokens.write_key(folder, account or self.account)

    def expire_tokens(self) -> None:
        """Access tokens that were given out are no longer good."""
        self._tokens.expire()

    def add_spreadsheet(
        self,
        name: str,
        tabs: Mapping[str, Iterable[Iterable[Value]]],
        *,
        folder: str = "",
        hidden: Sequence[str] = (),
        owner: str = OWNER,
        role: str = "writer",
    ) -> str:
        """A person makes a spreadsheet and shares it with the account as `role`, "" for not at all. Its id.

        `folder`: the id of a folder or Shared Drive that it lies in. A grid has 1000 × 26 cells, or what its rows need.
        """
        with self.service.lock:
            made = tuple(self._tab(*each, title in hidden) for each in enumerate(tabs.items()) for title in each[1][:1])
            return self._add(name, SPREADSHEET, folder, owner, role, made)

    def add_folder(self, name: str, *, parent: str = "", owner: str = OWNER, role: str = "writer") -> str:
        """A person makes a folder and shares it with the account as `role`, "" for not at all. Its id."""
        with self.service.lock:
            return self._add(name, FOLDER, parent, owner, role, ())

    def add_drive(self, name: str, role: str = "fileOrganizer") -> str:
        """There is a Shared Drive, of which the account is a member; "" for not. Its id."""
        with self.service.lock:
            drive_id = "0A" + self.state.unique("drive", 17)
            self.state.drives[drive_id] = Drive(drive_id, name, {ORGANIZER: "organizer", self.account: role})
            return drive_id

    def edit(self, file_id: str, title: str, place: str, value: Value, by: str = "") -> None:
        """A person (the owner, or `by`) types into a cell; "" or None empties it. Its modifiedTime moves on."""
        self.edit_all(file_id, title, {place: value}, by)

    def edit_all(self, file_id: str, title: str, cells: Mapping[str, Value], by: str = "") -> None:
        """A person types into several cells, in one state."""
        with self.service.lock:
            file = self._file(file_id)
            for place, value in cells.items():
                found = a1.parse(place, [title])
                assert found is not None, place
                changed = sheets.put(self._find(file, title), found[1], [[value]])
                file.tabs = tuple(changed if tab.sheet_id == changed.sheet_id else tab for tab in file.tabs)
            self.state.commit(file, file.tabs, by or file.owner or OWNER)

    def replace_tab(self, file_id: str, title: str, rows: Iterable[Iterable[Value]]) -> None:
        """A person replaces all that is in a tab, which is made where it is not there."""
        with self.service.lock:
            file = self._file(file_id)
            index = next((i for i, tab in enumerate(file.tabs) if tab.title == title), len(file.tabs))
            new = self._tab(index, (title, rows), False)
            self.state.commit(file, (*file.tabs[:index], new, *file.tabs[index + 1 :]), file.owner or OWNER)

    def rename_tab(self, file_id: str, title: str, new: str) -> None:
        """A person renames a tab."""
        with self.service.lock:
            file = self._file(file_id)
            tabs = (replace(tab, title=new) if tab.title == title else tab for tab in file.tabs)
            self.state.commit(file, tuple(tabs), file.owner or OWNER)

    def delete_tab(self, file_id: str, title: str) -> None:
        """A person deletes a tab."""
        with self.service.lock:
            file = self._file(file_id)
            self.state.commit(file, tuple(tab for tab in file.tabs if tab.title != title), file.owner or OWNER)

    def share(self, file_id: str, role: str = "writer", address: str = "") -> None:
        """A person shares a file with an address, or with the account."""
        with self.service.lock:
            self._file(file_id).permissions[address or self.account] = role

    def unshare(self, file_id: str, address: str = "") -> None:
        """A person takes a file away from an address, or from the account."""
        with self.service.lock:
            self._file(file_id).permissions.pop(address or self.account, None)

    def trash(self, file_id: str, trashed: bool = True) -> None:
        """A person puts a file into the bin, or takes it out again."""
        with self.service.lock:
            file = self._file(file_id)
            file.trashed = trashed
            file.version += 1

    def delete(self, file_id: str) -> None:
        """A file is gone for good. Its history stays."""
        with self.service.lock:
            self._gone[file_id] = self.state.files.pop(file_id)

    def file(self, file_id: str) -> File:
        """A file as it is kept; one that was deleted too."""
        return self.state.files.get(file_id) or self._gone[file_id]

    def titles(self, file_id: str) -> list[str]:
        """The titles of a spreadsheet's tabs."""
        return [tab.title for tab in self.file(file_id).tabs]

    def tab(self, file_id: str, title: str) -> list[list[Any]]:
        """The rows of a tab as UNFORMATTED_VALUE and SERIAL_NUMBER give them."""
        with self.service.lock:
            return _unformatted(self._find(self.file(file_id), title))

    def history(self, file_id: str) -> list[dict[str, list[list[Any]]]]:
        """Every state that a spreadsheet ever had, the first one first: titles and rows like those of `tab`."""
        with self.service.lock:
            states = tuple(self.file(file_id).history)
        return [{tab.title: _unformatted(tab) for tab in tabs} for tabs in states]

    def _now(self) -> datetime:
        """`clock` may be changed while the server runs."""
        return self.clock()

    def _add(self, name: str, mime: str, folder: str, owner: str, role: str, tabs: tuple[Tab, ...]) -> str:
        state, now = self.state, self.state.now()
        above = state.files.get(folder)
        drive = folder if folder in state.drives else above.drive if above else ""
        parents = (folder,) if folder else ()
        file = File(new_id(state), name, mime, "" if drive else owner, parents, drive, now, now, last_by=owner)
        file.tabs = tabs
        file.permissions = {self.account: role} if role and not drive else {}
        return state.add(file).id

    def _tab(self, index: int, tab: tuple[str, Iterable[Iterable[Value]]], hidden: bool) -> Tab:
        rows = rows_of(tab[1])
        empty = Tab(index and self.state.number(), tab[0], hidden=hidden)
        box = a1.Box(0, 0, len(rows), max((len(row) for row in rows), default=0))
        return sheets.put(empty, box, rows)

    def _file(self, file_id: str) -> File:
        return self.state.files[file_id]

    @staticmethod
    def _find(file: File, title: str) -> Tab:
        return next(tab for tab in file.tabs if tab.title == title)


def _unformatted(tab: Tab) -> list[list[Any]]:
    return [values.row(row, "UNFORMATTED_VALUE") for row in tab.rows]
