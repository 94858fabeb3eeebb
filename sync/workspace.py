"""The folder of one office: where everything lies, who may write in it, and how."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sync import config
from sync.errors import Busy, MendableError
from sync.i18n import gettext as _
from sync.i18n import mark

SECRET_BYTES = 32
_TRIES_BESIDE = 8
_BUSY = {
    "service": mark("Another service (`baocao run`) is at work in {folder}; one is enough."),
    "letters": mark("Another process is sending the letters of {folder}."),
    "handing-in": mark("Other reports are being handed in just now in {folder}; try again."),
}
"""What is said where the lock of that name is held; of any other, that a pass works."""


class WorkspaceError(MendableError):
    """The folder cannot be used as a workspace."""


class WorkspaceBusy(WorkspaceError, Busy):
    """Another pass holds the workspace."""


def is_workspace(path: Path) -> bool:
    """Whether `path` holds a workspace."""
    return (path / config.FILE).is_file()


@dataclass(frozen=True, slots=True)
class Workspace:
    """One office's folder; `create` and `open` make sure that it is one."""

    path: Path

    @classmethod
    def create(cls, path: Path, config_text: str) -> Workspace:
        """A new workspace in `path` with `config_text` as its settings; what lies in the folder already stays.

        Raises WorkspaceError where `path` is a workspace, or no folder.
        """
        workspace = cls(path.absolute())
        if workspace.config_file.exists():
            raise WorkspaceError(_("{folder} is a workspace already.").format(folder=workspace.path))
        _make_folders(workspace)
        workspace.secret()
        # Last, because it is what makes the folder a workspace: init that was interrupted can be run again.
        write_atomically(workspace.config_file, config_text.encode())
        return workspace

    @classmethod
    def open(cls, path: Path) -> Workspace:
        """The workspace in `path`, folders that were deleted made again. Raises WorkspaceError where there is none."""
        workspace = cls(path.absolute())
        if not is_workspace(workspace.path):
            raise WorkspaceError(
                _("{folder} is no workspace: it has no {file}. `baocao init {folder}` makes one.").format(
                    folder=workspace.path, file=config.FILE
                )
            )
        _make_folders(workspace)
        return workspace

    @property
    def config_file(self) -> Path:
        """The technical settings."""
        return self.path / config.FILE

    @property
    def control_file(self) -> Path:
        """The officer's control workbook."""
        return self.path / "dieu-hanh.xlsx"

    @property
    def templates(self) -> Path:
        """Workbooks to send out."""
        return self.path / "mau"

    @property
    def inbox(self) -> Path:
        """Whatever schools send. Only ever read."""
        return self.path / "nhan"

    @property
    def outputs(self) -> Path:
        """Consolidated workbooks and reports."""
        return self.path / "tong-hop"

    @property
    def returned(self) -> Path:
        """Returned copies."""
        return self.path / "tra-lai"

    @property
    def outbox(self) -> Path:
        """Outgoing mail as .eml."""
        return self.path / "thu-di"

    @property
    def letter_templates(self) -> Path:
        """The office's own templates of letters, in place of the shipped ones; made when there is one to keep."""
        return self.path / "mau-thu"

    @property
    def report_templates(self) -> Path:
        """The office's own templates of reports in Word; made when there is one to keep."""
        return self.path / "mau-bao-cao"

    @property
    def state(self) -> Path:
        """What only the program touches."""
        return self.path / ".baocao"

    @property
    def ledger_file(self) -> Path:
        """The ledger, unless the settings name another database."""
        return self.state / "ledger.sqlite"

    @property
    def archive(self) -> Path:
        """Receipts by SHA-256."""
        return self.state / "archive"

    @property
    def handed_in(self) -> Path:
        """What schools handed in from their open workbooks; made when the first one does."""
        return self.state / "handed-in"

    def secret(self) -> bytes:
        """The workspace's own 32 random bytes, made when first asked for. Raises WorkspaceError if they are damaged."""
        file = self.state / "secret"
        if not file.exists():
            _write_secret(file, secrets.token_bytes(SECRET_BYTES))
        secret = file.read_bytes()
        if len(secret) != SECRET_BYTES:
            raise WorkspaceError(_("{file} is damaged; put it back from a backup").format(file=file))
        return secret

    @contextmanager
    def lock(self, name: str = "lock", seconds: float = 0) -> Iterator[None]:
        """Holds the workspace; the system lets go of it when the process ends, however it ends.

        A lock of another `name`, such as "service", is held beside it. Raises WorkspaceBusy where another process, or
        another caller in this one, holds the same one, for longer than `seconds`.
        """
        import filelock

        file = self.state / (name if name == "lock" else f"{name}.lock")
        held = filelock.FileLock(file, timeout=seconds)
        try:
            held.acquire()
        except filelock.Timeout:
            message = _(_BUSY[name]) if name in _BUSY else _("Another pass is working in {folder}.")
            raise WorkspaceBusy(message.format(folder=self.path)) from None
        try:
            yield
        finally:
            held.release()


def write_atomically(path: Path, content: bytes) -> Path:
    """Puts a file with `content` at `path`, whole or not at all, and says where it is.

    That is another place, `name (mới).xlsx`, where a program holds the old file open and the system does not let go of
    it, as Excel on Windows.
    """
    with staged(path, content) as temporary:
        return _replace(temporary, path)


@contextmanager
def staged(path: Path, content: bytes) -> Iterator[Path]:
    """A file with `content` beside `path`, on the disk, that is gone when the block is left, unless it was moved."""
    # One name for ever, so that a pass that is killed here leaves nothing that the next one does not clear up.
    temporary = path.with_name(f".{path.name}.tmp")
    # What a kill left can be a second name of the file in its place, which must not be written into.
    temporary.unlink(missing_ok=True)
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _replace(temporary: Path, path: Path) -> Path:
    error: OSError | None = None
    for place in places(path):
        try:
            temporary.replace(place)
        except PermissionError as held:
            error = error or held
        else:
            return place
    raise error or AssertionError("no place was tried")


def places(path: Path) -> Iterator[Path]:
    """Where a file is put: at `path`, else beside it, at one of the names that say that it is the newer one."""
    yield path
    for number in range(1, _TRIES_BESIDE + 1):
        mark = "mới" if number == 1 else f"mới {number}"
        yield path.with_name(f"{path.stem} ({mark}){path.suffix}")


def _write_secret(file: Path, secret: bytes) -> None:
    temporary = file.with_name(".secret.tmp")
    temporary.unlink(missing_ok=True)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
        opened.write(secret)
        opened.flush()
        os.fsync(opened.fileno())
    temporary.replace(file)


def _make_folders(workspace: Workspace) -> None:
    """Raises WorkspaceError where a file, or a link that leads nowhere, is in the way."""
    outer = (workspace.path, workspace.templates, workspace.inbox, workspace.outputs, workspace.returned)
    try:
        for folder in (*outer, workspace.outbox, workspace.state):
            folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise WorkspaceError(_("{file} is no folder.").format(file=error.filename)) from error
