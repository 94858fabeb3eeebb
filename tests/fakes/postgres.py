"""A private PostgreSQL server for tests, on a Unix socket in a folder of its own.

It is made with Debian's programs (package `postgresql`), or those of the folder BAOCAO_POSTGRES_BIN. The server
refuses to run as root, so root hands it to the user postgres or nobody.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.libreoffice import skip_or_fail

USER = "baocao"
# Nothing here must outlive a power cut, and every test begins with an empty schema.
_HASTY = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c listen_addresses=''"


@functools.cache
def find_programs() -> Path | None:
    """The folder of initdb and pg_ctl, the newest version first."""
    given = os.environ.get("BAOCAO_POSTGRES_BIN")
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    on_path = shutil.which("pg_ctl")
    candidates = [Path(given)] if given else [*installed, *([Path(on_path).parent] if on_path else [])]
    return next((path for path in candidates if os.access(path / "initdb", os.X_OK)), None)


def why_unavailable() -> str | None:
    """The reason why there can be no server here, or None when there can."""
    if os.name != "posix":
        return "the private PostgreSQL server is made on POSIX systems only"
    if find_programs() is None:
        return "PostgreSQL is not installed (Debian: the package postgresql)"
    if importlib.util.find_spec("psycopg") is None:
        return "psycopg is not installed (the extra postgres)"
    return None


class PostgresServer:
    """A running server with a password, and one database that `fresh` empties."""

    def __init__(self) -> None:
        programs = find_programs()
        if programs is None:
            raise RuntimeError(why_unavailable())
        self._programs = programs
        self._user = _unprivileged_user()
        self._home = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # a socket's path has room for 107 bytes
        if self._user is not None:
            shutil.chown(self._home, self._user)
        self.password = secrets.token_hex(8)
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    @property
    def url(self) -> str:
        return f"postgresql://{USER}:{self.password}@/postgres?host={self._home}"

    def _start(self) -> None:
        secret = self._home / "password"
        secret.write_text(self.password)
        secret.chmod(0o644)
        with_password = ["--auth=scram-sha-256", f"--pwfile={secret}", f"--username={USER}"]
        self._run("initdb", "-D", "data", "--encoding=UTF8", "--locale=C", "--no-sync", *with_password)
        self._run("pg_ctl", "-D", "data", "-w", "-l", "log.txt", "-o", f"{_HASTY} -k {self._home}", "start")

    def _run(self, program: str, *arguments: str) -> None:
        # Output goes to a file: the server inherits it, and a pipe would never be closed.
        said = self._home / f"{program}.txt"
        with said.open("wb") as stream:
            done = subprocess.run(
                [str(self._programs / program), *arguments],
                cwd=self._home,
                user=self._user,
                extra_groups=None if self._user is None else [],
                stdout=stream,
                stderr=stream,
                check=False,
                timeout=120,
            )
        if done.returncode:
            log = self._home / "log.txt"
            raise RuntimeError(said.read_text() + (log.read_text() if log.exists() else ""))

    def fresh(self) -> str:
        """The URL of the database, emptied."""
        import psycopg

        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
        return self.url

    def stop(self) -> None:
        """Ends the server and removes all of it."""
        if (self._home / "data" / "postmaster.pid").exists():
            self._run("pg_ctl", "-D", "data", "-w", "-m", "immediate", "stop")
        shutil.rmtree(self._home, ignore_errors=True)


def _unprivileged_user() -> str | None:
    """Whom the server runs as where we are root; None where we are not."""
    if os.geteuid() != 0:
        return None
    import pwd  # not on Windows

    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A server for the whole test run."""
    reason = why_unavailable()
    if reason is not None:
        skip_or_fail(reason)
    server = PostgresServer()
    yield server
    server.stop()
