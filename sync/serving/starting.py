"""Before the server starts: what xlwings Server is told, and whether that is fit to be seen by others."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import socket
import sys
import uuid
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from sync.errors import MendableError
from sync.i18n import gettext as _
from sync.office import OpenOffice
from sync.serving.desk import WORKSPACE
from sync.shipped import shipped

LICENSE = "noncommercial"
"""xlwings' PRO parts are free for noncommercial use under this key, which covers schools and government offices."""
SAMPLE_IDS = frozenset(
    (
        "0a856eb1-91ab-4f38-b757-23fbe1f73130",
        "9cda34b1-af68-4dc6-b97c-e63ef6284671",
        "70428e53-8113-421c-8fe2-9b74fcb94ee5",
        "34041f4f-9cb4-4830-afb5-db44b2a70e0e",
        "4f342d85-3a49-41cb-90a5-37b1f2219040",
    )
)
"""Manifest ids that every xlwings Server has that was not given its own; a test compares them with the library's."""
SHORTEST_SECRET = 32
_OFF = (
    *("enable_socketio", "enable_hotreload", "enable_examples", "enable_tests", "enable_wasm", "cdn_officejs"),
    "socketio_server_app",
)


class NotSafe(MendableError):
    """The server does not start like this. `problems` has everything that is wrong, a sentence each."""

    def __init__(self, problems: Sequence[str]) -> None:
        lines = (_("The server of the add-in does not start:"), *(f"  {problem}" for problem in problems))
        super().__init__("\n".join(lines))
        self.problems = list(problems)


class NotInstalled(MendableError):
    """The extra that the server needs is not installed."""


class NotListening(MendableError):
    """Another program has the port, or the address is not this machine's."""


def project() -> Path:
    """The folder of the xlwings Server project."""
    return Path(str(shipped("macros"))) / "server"


def prepare(office: OpenOffice, environ: MutableMapping[str, str] = os.environ) -> None:
    """Puts into `environ` what xlwings Server is to know of the office, and takes out all else of its settings.

    Raises NotSafe where the office has no server, NotInstalled.
    """
    if not office.settings.addin.is_used:
        raise NotSafe([_("[addin] hostname is not given: the name under which schools reach the server.")])
    if not is_installed():
        raise NotInstalled(_("The server of the add-in needs more: {command}").format(command=INSTALL))
    for name in [name for name in environ if name.upper().startswith("XLWINGS_")]:
        del environ[name]
    environ.update(settings_of(office))


INSTALL = "pip install 'baocao[addin]'"


def is_installed() -> bool:
    """Whether the extra is there."""
    return find_spec("xlwings_server") is not None and find_spec("uvicorn") is not None


def settings_of(office: OpenOffice) -> dict[str, str]:
    """The environment of the server: what differs between offices. The rest is in the project's pyproject.toml."""
    addin = office.settings.addin
    return {
        WORKSPACE: str(office.workspace.path),
        "DOTENV_PATH": os.devnull,
        "XLWINGS_PROJECT_DIR": str(project()),
        "XLWINGS_LICENSE_KEY": LICENSE,
        "XLWINGS_HOSTNAME": addin.hostname,
        "XLWINGS_CORS_ALLOW_ORIGINS": json.dumps(addin.origins),
        "XLWINGS_MANIFEST_ID_PROD": addin.manifest_id or str(manifest_id(office.workspace.secret())),
        "XLWINGS_SECRET_KEY": _derived(office.workspace.secret(), "xlwings").hex(),
    }


def manifest_id(secret: bytes) -> uuid.UUID:
    """The id that Office knows this office's add-in by, from the workspace's secret: always the same, nobody else's."""
    return uuid.UUID(bytes=_derived(secret, "manifest")[:16], version=4)


def _derived(secret: bytes, purpose: str) -> bytes:
    return hmac.digest(secret, f"baocao addin {purpose}".encode(), hashlib.sha256)


def load() -> ModuleType:
    """`main` of the project, with all of xlwings Server; `prepare` comes first."""
    file = project() / "main.py"
    spec = spec_from_file_location("baocao_addin_server", file)
    if spec is None or spec.loader is None:
        raise NotInstalled(_("{file} is missing; install baocao again.").format(file=file))
    # xlwings Server puts the project there too, but later.
    sys.path.insert(0, str(project()))
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def listening(host: str, port: int, backlog: int) -> socket.socket:
    """A socket that listens there. Raises NotListening."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=backlog)
    except OSError as error:
        message = _("{host}:{port} cannot be listened on: {reason}")
        raise NotListening(message.format(host=host, port=port, reason=error.strerror or error)) from error


def refuse_unsafe(settings: Mapping[str, Any], provider: ModuleType | None, office: OpenOffice) -> None:
    """Raises NotSafe with everything that is not fit to be seen by others.

    `settings` are those that xlwings Server works with, `provider` the module that says whose a key is.
    """
    problems = [*_of_xlwings(settings), *_of_provider(settings, provider), *problems_of(office)]
    if problems:
        raise NotSafe(problems)


def _of_xlwings(settings: Mapping[str, Any]) -> Iterator[str]:
    if settings["environment"] != "prod":
        yield _("the environment is {value}, not prod.").format(value=settings["environment"])
    if len(settings["secret_key"] or "") < SHORTEST_SECRET:
        yield _("the secret key is missing or a sample.")
    if str(settings["manifest_id_prod"]) in SAMPLE_IDS:
        yield _("the manifest's id is that of the sample.")
    if not settings["hostname"] or settings["hostname"].startswith(("localhost", "127.")):
        yield _("[addin] hostname is not given: the name under which schools reach the server.")
    if "*" in settings["cors_allow_origins"]:
        yield _("every web page may call it (origins has *).")
    if not settings["add_security_headers"]:
        yield _("the security headers are off.")
    for name in _OFF:
        if settings[name]:
            yield _("{name} is on, which is for development.").format(name=name)


def _of_provider(settings: Mapping[str, Any], provider: ModuleType | None) -> Iterator[str]:
    file = Path(getattr(provider, "__file__", None) or "")
    if settings["auth_providers"] != ["custom"] or not file.is_relative_to(project()):
        # xlwings Server takes the sample's provider in its place, which lets in whoever says "test-token".
        yield _("nobody checks the keys: {file} is missing.").format(file=project() / "auth" / "custom")


def problems_of(office: OpenOffice) -> list[str]:
    """What of the office's own settings and plan keeps the server from starting."""
    addin = office.settings.addin
    files = (Path(file) for file in (addin.certificate, addin.certificate_key) if file)
    problems = [_("{file} is missing.").format(file=file) for file in files if not file.is_file()]
    if not (addin.is_local or addin.certificate or addin.proxies):
        problems.append(
            _("it would speak http to other machines: give certificate, or proxies that speak https for it.")
        )
    # xlwings and its clients put the names of the sheets that travel into one text, with commas between them.
    unclear = (table.sheet for table in office.plan.all_tables if "," in table.sheet)
    problems += [_("the plan's sheet '{sheet}' has a comma in its name.").format(sheet=sheet) for sheet in unclear]
    return problems
