from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sync import config
from sync.workspace import Workspace, WorkspaceBusy, WorkspaceError, write_atomically

CONFIG = config.rendered({})
HOLD = """
import sys
from pathlib import Path
from sync.workspace import Workspace
with Workspace.open(Path(sys.argv[1])).lock():
    print("held", flush=True)
    sys.stdin.read()
"""


pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "office", CONFIG)


def names(folder: Path) -> set[str]:
    return {entry.name for entry in folder.iterdir()}


def test_a_new_workspace_has_its_folders_and_settings(workspace: Workspace) -> None:
    assert names(workspace.path) == {"config.toml", "mau", "nhan", "tong-hop", "tra-lai", "thu-di", ".baocao"}
    assert config.load(workspace.path, {}).plan
    assert Workspace.open(workspace.path) == workspace


def test_the_folders_have_the_names_that_the_office_knows(workspace: Workspace) -> None:
    folders = (workspace.templates, workspace.inbox, workspace.outputs, workspace.returned, workspace.outbox)
    assert [folder.name for folder in folders] == ["mau", "nhan", "tong-hop", "tra-lai", "thu-di"]
    assert workspace.control_file.name == "dieu-hanh.xlsx"
    assert workspace.ledger_file == workspace.path / ".baocao" / "ledger.sqlite"


def test_a_workspace_is_not_made_over_another(workspace: Workspace) -> None:
    with pytest.raises(WorkspaceError, match="is a workspace already"):
        Workspace.create(workspace.path, "other")
    assert workspace.config_file.read_text(encoding="utf-8") == CONFIG


def test_what_lies_in_the_folder_already_stays(tmp_path: Path) -> None:
    (tmp_path / "nhan").mkdir()
    (tmp_path / "nhan" / "bao cao.xlsx").write_bytes(b"x")
    workspace = Workspace.create(tmp_path, CONFIG)
    assert names(workspace.inbox) == {"bao cao.xlsx"}


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "nhan").touch()
    with pytest.raises(WorkspaceError, match="nhan is no folder"):
        Workspace.create(tmp_path, CONFIG)
    assert not (tmp_path / "config.toml").exists()


def test_a_folder_that_is_no_workspace_is_refused_with_the_way_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="baocao init"):
        Workspace.open(tmp_path)
    assert not names(tmp_path)


def test_a_folder_that_was_deleted_is_made_again(workspace: Workspace) -> None:
    workspace.outbox.rmdir()
    Workspace.open(workspace.path)
    assert workspace.outbox.is_dir()


class TestSecret:
    def test_it_is_made_once(self, workspace: Workspace, tmp_path: Path) -> None:
        secret = workspace.secret()
        assert len(secret) == 32
        assert Workspace.open(workspace.path).secret() == secret
        assert Workspace.create(tmp_path / "other", CONFIG).secret() != secret

    def test_it_is_never_shown(self, workspace: Workspace) -> None:
        assert repr(workspace.secret()) not in repr(workspace)

    @pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file modes")
    def test_nobody_else_may_read_it(self, workspace: Workspace) -> None:
        assert (workspace.state / "secret").stat().st_mode & 0o777 == 0o600

    def test_a_damaged_one_is_not_replaced_silently(self, workspace: Workspace) -> None:
        (workspace.state / "secret").write_bytes(b"short")
        with pytest.raises(WorkspaceError, match="damaged"):
            workspace.secret()


class TestLock:
    def holder(self, workspace: Workspace) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(workspace.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        return process

    def test_another_process_that_holds_it_makes_the_workspace_busy(self, workspace: Workspace) -> None:
        with self.holder(workspace), pytest.raises(WorkspaceBusy, match="office"), workspace.lock():
            pytest.fail("both hold it")

    def test_a_holder_that_is_killed_lets_go(self, workspace: Workspace) -> None:
        with self.holder(workspace) as process:
            process.send_signal(signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
            process.wait()
            with workspace.lock():
                pass

    def test_it_is_free_again_after_a_failure(self, workspace: Workspace) -> None:
        with pytest.raises(ZeroDivisionError), workspace.lock():
            raise ZeroDivisionError
        with workspace.lock():
            pass

    def test_one_process_cannot_hold_it_twice(self, workspace: Workspace) -> None:
        with workspace.lock(), pytest.raises(WorkspaceBusy), workspace.lock():
            pytest.fail("held twice")


class TestWriting:
    def test_a_file_is_replaced_and_nothing_is_left_beside_it(self, tmp_path: Path) -> None:
        file = tmp_path / "a.xlsx"
        file.write_bytes(b"old")
        assert write_atomically(file, b"new") == file
        assert file.read_bytes() == b"new"
        assert names(tmp_path) == {"a.xlsx"}

    def test_what_a_killed_pass_left_is_cleared_up(self, tmp_path: Path) -> None:
        (tmp_path / ".a.xlsx.tmp").write_bytes(b"half")
        write_atomically(tmp_path / "a.xlsx", b"new")
        assert names(tmp_path) == {"a.xlsx"}

    @pytest.mark.parametrize(
        ("held", "place"),
        [
            (["a.xlsx"], "a (mới).xlsx"),
            (["a.xlsx", "a (mới).xlsx"], "a (mới 2).xlsx"),
        ],
    )
    def test_a_file_that_excel_holds_open_is_written_beside(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: list[str], place: str
    ) -> None:
        for name in held:
            (tmp_path / name).write_bytes(b"old")
        hold_open(monkeypatch, set(held))
        assert write_atomically(tmp_path / "a.xlsx", b"new") == tmp_path / place
        assert {entry.name: entry.read_bytes() for entry in tmp_path.iterdir()} == {
            **dict.fromkeys(held, b"old"),
            place: b"new",
        }

    def test_a_folder_that_takes_no_file_at_all_is_an_error(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        hold_open(monkeypatch, None)
        with pytest.raises(PermissionError):
            write_atomically(tmp_path / "a.xlsx", b"new")
        assert not names(tmp_path)


def hold_open(monkeypatch: pytest.MonkeyPatch, held: set[str] | None) -> None:
    """Files called `held`, or all, cannot be replaced, as on Windows where a program has them open."""
    replace = Path.replace

    def stand_in(self: Path, target: Path) -> Path:
        if held is None or target.name in held:
            raise PermissionError(13, "The process cannot access the file", str(target))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", stand_in)
