"""The server starts with nothing that somebody else has too, or that is only for trying."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest

from sync import config, office, setup
from sync.config import ConfigError
from sync.keys import make
from sync.office import OpenOffice
from sync.plan.loading import templates_folder
from sync.serving import starting
from sync.serving.starting import NotSafe
from sync.workspace import Workspace
from tests.fakes.addin_server import HOSTNAME, NOW, require_server
from tests.fakes.offices import PLAN

pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture
def opened(tmp_path: Path) -> OpenOffice:
    made = setup.make_workspace(tmp_path / "phong", PLAN.code, {"addin": {"hostname": HOSTNAME}})
    return office.open_office(made.path)


@pytest.fixture
def provider() -> ModuleType:
    module = ModuleType("auth.custom")
    module.__file__ = str(starting.project() / "auth" / "custom" / "__init__.py")
    return module


GOOD: dict[str, Any] = {
    "environment": "prod", "secret_key": "x" * 64, "manifest_id_prod": UUID("5b24f5ef-353b-41c1-bbb0-637f9e428058"),
    "hostname": HOSTNAME, "cors_allow_origins": [], "add_security_headers": True, "auth_providers": ["custom"],
    "enable_socketio": False, "enable_hotreload": False, "enable_examples": False, "enable_tests": False,
    "enable_wasm": False, "cdn_officejs": False, "socketio_server_app": False,
}  # fmt: skip


def test_what_is_fit_to_be_seen_is_not_refused(opened: OpenOffice, provider: ModuleType) -> None:
    starting.refuse_unsafe(GOOD, provider, opened)


@pytest.mark.parametrize(
    ("setting", "value", "word"),
    [
        ("environment", "dev", "environment"),
        ("secret_key", None, "secret"),
        ("secret_key", "short", "secret"),
        *(("manifest_id_prod", UUID(each), "manifest") for each in sorted(starting.SAMPLE_IDS)[:1]),
        ("hostname", None, "hostname"),
        ("hostname", "localhost:8000", "hostname"),
        ("cors_allow_origins", ["*"], "origins"),
        ("add_security_headers", False, "headers"),
        ("auth_providers", [], "keys"),
        ("auth_providers", ["custom", "entraid"], "keys"),
        ("enable_socketio", True, "enable_socketio"),
        ("enable_hotreload", True, "enable_hotreload"),
        ("enable_examples", True, "enable_examples"),
    ],
)
def test_each_default_of_the_sample_is_refused(
    setting: str, value: Any, word: str, opened: OpenOffice, provider: ModuleType
) -> None:
    with pytest.raises(NotSafe) as caught:
        starting.refuse_unsafe({**GOOD, setting: value}, provider, opened)
    (problem,) = caught.value.problems
    assert word in problem


def test_the_samples_provider_which_knows_a_word_that_opens_all_is_refused(opened: OpenOffice) -> None:
    require_server()
    sample = ModuleType("auth.custom")
    spec = importlib.util.find_spec("xlwings_server")
    sample.__file__ = str(Path(spec.origin or "").parent / "auth" / "custom" / "__init__.py") if spec else ""
    for provider in (sample, None):
        with pytest.raises(NotSafe, match="nobody checks the keys"):
            starting.refuse_unsafe(GOOD, provider, opened)


def test_the_ids_of_the_sample_are_those_of_the_library() -> None:
    require_server()
    spec = importlib.util.find_spec("xlwings_server")
    assert spec
    assert spec.origin
    source = (Path(spec.origin).parent / "config.py").read_text(encoding="utf-8")
    assert len(starting.SAMPLE_IDS) == source.count("UUID4 =")
    assert all(each in source for each in starting.SAMPLE_IDS)


def test_no_setting_of_xlwings_comes_from_elsewhere(opened: OpenOffice) -> None:
    require_server()
    environ = {"XLWINGS_AUTH_PROVIDERS": "[]", "xlwings_environment": "dev", "PATH": "/bin"}
    starting.prepare(opened, environ)
    assert "XLWINGS_AUTH_PROVIDERS" not in environ
    assert "xlwings_environment" not in environ
    assert (environ["PATH"], environ["XLWINGS_HOSTNAME"]) == ("/bin", HOSTNAME)


def test_ids_and_secrets_are_the_offices_own_and_stay_the_same(opened: OpenOffice, tmp_path: Path) -> None:
    other = office.open_office(setup.make_workspace(tmp_path / "khac", PLAN.code).path)
    first, again, others = (starting.settings_of(each) for each in (opened, opened, other))
    for name in ("XLWINGS_MANIFEST_ID_PROD", "XLWINGS_SECRET_KEY"):
        assert first[name] == again[name] != others[name]
    assert UUID(first["XLWINGS_MANIFEST_ID_PROD"]).version == 4
    assert opened.workspace.secret().hex() not in first["XLWINGS_SECRET_KEY"]


def test_an_office_without_a_hostname_has_no_server(tmp_path: Path) -> None:
    bare = office.open_office(setup.make_workspace(tmp_path / "khac", PLAN.code).path)
    with pytest.raises(NotSafe, match="hostname"):
        starting.prepare(bare, {})


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"host": "0.0.0.0"}, "https"),
        ({"origins": ["*"]}, "origin"),
        ({"origins": ["http://example.vn"]}, "origin"),
        ({"hostname": "localhost"}, "name of a server"),
        ({"hostname": "https://a.vn/"}, "name of a server"),
        ({"certificate": "a.pem"}, "belong together"),
        ({"proxies": ["everywhere"]}, "address"),
        ({"manifest_id": "0a856eb1-91ab-1f38-b757-23fbe1f73130"}, "UUID"),
    ],
)
def test_settings_that_would_leave_it_open_are_refused(settings: dict[str, Any], word: str, tmp_path: Path) -> None:
    given = {"addin": {"hostname": HOSTNAME, **settings}}
    made = Workspace.create(tmp_path / "phong", config.rendered({**given, "plan": PLAN.code}))
    with pytest.raises(ConfigError, match=word):
        office.open_office(made.path)


def test_a_sheet_whose_name_no_client_would_find_is_told_before_schools_meet_it(tmp_path: Path) -> None:
    source = (templates_folder() / PLAN.code / "plan.toml").read_text(encoding="utf-8")
    file = tmp_path / "plan.toml"
    file.write_text(source.replace('sheet = "Số liệu"', 'sheet = "Số liệu, bảng"'), encoding="utf-8")
    made = setup.make_workspace(tmp_path / "phong", str(file), {"addin": {"hostname": HOSTNAME}})
    (problem,) = starting.problems_of(office.open_office(made.path))
    assert "Số liệu, bảng" in problem


@pytest.mark.parametrize("name", ["BaoCao.Example.org", "baocao.example.org:443"])
def test_the_hostname_is_as_browsers_say_it(name: str, tmp_path: Path) -> None:
    # A page's origin is in small letters and without https's own port, and only calls of that origin are answered.
    made = setup.make_workspace(tmp_path / "phong", PLAN.code, {"addin": {"hostname": name}})
    assert office.open_office(made.path).settings.addin.hostname == "baocao.example.org"


def test_the_application_does_not_start_without_its_guard() -> None:
    require_server()
    import asyncio

    from fastapi import FastAPI

    spec = importlib.util.spec_from_file_location("lifespan_of_the_project", starting.project() / "lifespan.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    async def start(app: FastAPI) -> bool:
        async with module.lifespan(app):
            return True

    app = FastAPI()
    with pytest.raises(NotSafe):
        asyncio.run(start(app))
    app.state.is_guarded = True
    assert asyncio.run(start(app))


def test_the_text_of_a_key_is_in_no_representation() -> None:
    issued = make("TH01", NOW)
    assert issued.text.rpartition("-")[2] not in repr(issued)
