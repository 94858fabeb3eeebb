"""config.toml → Settings: the technical settings of one office. Every key is explained in config.example.toml."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime, time
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from sync import plan
from sync.addin_config import Addin
from sync.config_model import LOOPBACK, FilePath, Listed, Model, Texts
from sync.errors import MendableError
from sync.i18n import gettext as _
from sync.problem import Problem, of_validation
from sync.shipped import shipped

FILE = "config.toml"
SECRETS = (
    ("ledger", "url"),
    ("mail", "password"),
    ("mail", "client_secret"),
    ("mail", "refresh_token"),
    ("service", "ping_url"),
)
"""Settings that nobody should have to write into the file: also read from BAOCAO_<TABLE>_<KEY> and from <key>_file."""

Days = Annotated[int, Field(ge=1, le=366)]
EMAIL = re.compile(r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")


class Office(Model):
    """The unit that asks the schools to report: what workbooks and letters print."""

    name: str = Field(default="PHÒNG GIÁO DỤC VÀ ĐÀO TẠO", min_length=1)
    parent: str = ""
    place: str = ""
    contact: str = ""
    email: str = ""
    phone: str = ""
    name_in_text: str = ""
    symbol: str = ""
    signer_title: Texts = ()
    recipients: Texts = ()


class Intake(Model):
    """Limits of reading one file, each enforced on a child process; `workers` 0 is one per processor."""

    workers: int = Field(default=0, ge=0, le=64)
    max_file_mb: int = Field(default=25, ge=1, le=1000)
    memory_mb: int = Field(default=1024, ge=256, le=65536)
    cpu_seconds: int = Field(default=15, ge=1, le=3600)
    wall_seconds: int = Field(default=20, ge=1, le=3600)
    max_sheets: int = Field(default=200, ge=1, le=10000)
    max_cells: int = Field(default=2_000_000, ge=1000, le=100_000_000)


class Deadlines(Model):
    """Days before the due moment that are "soon"; days after it in which a report that came in time may be mended."""

    due_soon_days: int = Field(default=14, ge=0, le=366)
    grace_days: int = Field(default=5, ge=0, le=366)


class Notices(Model):
    """Who is written to, when. Days are counted from the due date; hours are the office's, on working days."""

    before_days: Annotated[tuple[Days, ...], Listed] = (1, 3, 7, 14)
    after_days: Annotated[tuple[Days, ...], Listed] = (1, 3, 7)
    repeat_days: int = Field(default=7, ge=1, le=366)
    stop_after_days: int = Field(default=60, ge=1, le=3660)
    copy_head_after_days: int = Field(default=3, ge=0, le=3660)
    copy_chief_after_days: int = Field(default=7, ge=0, le=3660)
    opens_at: time = time(7, 30)
    closes_at: time = time(16, 30)
    officer_emails: Texts = ()
    chief_emails: Texts = ()
    how_to_send: str = ""

    @field_validator("before_days", "after_days")
    @classmethod
    def _each_once(cls, days: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(sorted(set(days)))

    @field_validator("officer_emails", "chief_emails")
    @classmethod
    def _are_addresses(cls, addresses: tuple[str, ...]) -> tuple[str, ...]:
        for address in addresses:
            if not EMAIL.fullmatch(address):
                raise ValueError(_("'{value}' is no e-mail address").format(value=address))
        return addresses

    @model_validator(mode="after")
    def _is_a_day(self) -> Self:
        if self.opens_at >= self.closes_at:
            raise ValueError(_("opens_at must be before closes_at"))
        return self


class Mail(Model):
    """How letters leave. Without a `host` they are .eml files in the workspace's outbox."""

    host: str = ""
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    ca_file: FilePath = ""
    login: Literal["password", "google", "microsoft", "none"] = "password"
    user: str = ""
    password: SecretStr = SecretStr("")
    password_file: str = ""
    sender: str = ""
    sender_name: str = ""
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    client_secret_file: str = ""
    refresh_token: SecretStr = SecretStr("")
    refresh_token_file: str = ""
    key_file: FilePath = ""
    tenant: str = "common"
    token_url: str = ""
    per_minute: int = Field(default=20, ge=1, le=10_000)
    per_day: int = Field(default=400, ge=1, le=1_000_000)
    timeout_seconds: int = Field(default=30, ge=1, le=600)

    @field_validator("sender")
    @classmethod
    def _is_an_address(cls, address: str) -> str:
        if address and not EMAIL.fullmatch(address):
            raise ValueError(_("'{value}' is no e-mail address").format(value=address))
        return address

    @model_validator(mode="after")
    def _is_safe(self) -> Self:
        if self.host and self.security == "none" and self.host not in LOOPBACK:
            raise ValueError(_('security = "none" is only for a server on this machine; use starttls or tls'))
        if self.host and not (self.sender or EMAIL.fullmatch(self.user)):
            raise ValueError(_("sender must be given: the address that letters come from"))
        return self


class Google(Model):
    """Google Sheets as a source. It is used where `key_file` is given or `default_credentials` is true."""

    key_file: FilePath = ""
    default_credentials: bool = False
    folder: str = ""
    shared_drive: str = ""
    publish_to: str = ""
    endpoint: str = ""
    reads_per_minute: int = Field(default=55, ge=1, le=60_000)
    writes_per_minute: int = Field(default=55, ge=1, le=60_000)
    timeout_seconds: int = Field(default=30, ge=1, le=600)
    give_up_seconds: int = Field(default=120, ge=1, le=3600)

    @property
    def is_used(self) -> bool:
        """Whether the office works with Google at all."""
        return bool(self.key_file) or self.default_credentials


class Service(Model):
    """The loop of `baocao run`."""

    pass_minutes: int = Field(default=5, ge=1, le=1440)
    remind_minutes: int = Field(default=5, ge=1, le=1440)
    ping_url: SecretStr = SecretStr("")
    ping_url_file: str = ""
    log_megabytes: int = Field(default=5, ge=1, le=1000)
    log_files: int = Field(default=5, ge=1, le=100)


class Ledger(Model):
    """Where the ledger is; an empty `url` is SQLite inside the workspace."""

    url: SecretStr = SecretStr("")
    url_file: str = ""

    @field_validator("url")
    @classmethod
    def _is_a_database(cls, url: SecretStr) -> SecretStr:
        if url.get_secret_value() and not url.get_secret_value().startswith(("sqlite", "postgresql")):
            raise ValueError(_("must begin with sqlite:// or postgresql://"))
        return url


class Settings(Model):
    """All settings. `plan` is a shipped plan's code or the absolute path of a plan file."""

    language: Literal["vi", "en"] = "vi"
    timezone: str = "Asia/Ho_Chi_Minh"
    plan: str = Field(min_length=1)
    as_of: datetime | None = None
    """The moment that a demo workspace stands still at, aware, in the office's time zone."""
    office: Office = Office()
    intake: Intake = Intake()
    deadlines: Deadlines = Deadlines()
    notices: Notices = Notices()
    mail: Mail = Mail()
    google: Google = Google()
    addin: Addin = Addin()
    service: Service = Service()
    ledger: Ledger = Ledger()

    @property
    def zone(self) -> ZoneInfo:
        """The office's time zone."""
        return ZoneInfo(self.timezone)

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(_("is no time zone; Vietnam's is Asia/Ho_Chi_Minh")) from error
        return name

    @field_validator("plan")
    @classmethod
    def _is_a_plan(cls, source: str, info: ValidationInfo) -> str:
        shipped = plan.shipped_plans()
        if source in shipped:
            return source
        file = Path((info.context or {}).get("folder", "."), source).absolute()
        if file.is_file():
            return str(file)
        known = ", ".join(sorted(shipped))
        raise ValueError(
            _("is neither a plan that travels with baocao ({known}) nor a file ({file})").format(known=known, file=file)
        )

    @field_validator("as_of")
    @classmethod
    def _in_the_office(cls, moment: datetime | None, info: ValidationInfo) -> datetime | None:
        zone = ZoneInfo(info.data.get("timezone", "UTC"))
        if moment is None or moment.tzinfo is None:
            return moment and moment.replace(tzinfo=zone)
        return moment.astimezone(zone)


class ConfigError(MendableError):
    """Settings with problems; all of them. `place` is the dotted path of a key."""

    def __init__(self, file: Path, problems: list[Problem]) -> None:
        super().__init__("\n".join([f"{file}:", *(f"  {problem}" for problem in problems)]))
        self.file = file
        self.problems = problems


def load(folder: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of the workspace `folder`; secrets come from `environ` (default: the process's) where it has them.

    Raises ConfigError with every problem at once.
    """
    file = folder / FILE
    raw, problems = _with_secrets(_parse(file), folder, os.environ if environ is None else environ)
    try:
        settings = Settings.model_validate(raw, context={"folder": folder})
    except ValidationError as error:
        problems += of_validation(error, _unknown)
        raise ConfigError(file, sorted(set(problems))) from None
    if problems:
        raise ConfigError(file, problems)
    return settings


def example() -> Traversable:
    """config.example.toml."""
    return shipped("config.example.toml")


def rendered(values: Mapping[str, Any]) -> str:
    """The text of a new config.toml: the example with `values` (nested by table, as in TOML) in place of its own."""
    import tomlkit

    document = tomlkit.parse(example().read_text(encoding="utf-8"))
    for key, value in values.items():
        if isinstance(value, Mapping):
            document[key].update(value)
        else:
            document[key] = value
    return tomlkit.dumps(document)


def _parse(file: Path) -> dict[str, Any]:
    try:
        # Notepad begins UTF-8 files with a byte order mark.
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        problem = _("the file is missing; `baocao init` makes a workspace")
    except OSError as error:
        problem = _("the file cannot be read: {reason}").format(reason=error.strerror)
    except UnicodeDecodeError:
        problem = _("the file is not in UTF-8; save it again with the encoding UTF-8")
    except tomllib.TOMLDecodeError as error:
        problem = _("this is not TOML: {reason}; write paths with / and texts in quotes").format(reason=error)
    raise ConfigError(file, [Problem(FILE, problem)])


def _with_secrets(
    raw: dict[str, Any], folder: Path, environ: Mapping[str, str]
) -> tuple[dict[str, Any], list[Problem]]:
    """`raw` with the secrets of the environment and of the files it names; and what was wrong with those."""
    problems: list[Problem] = []
    for table, key in SECRETS:
        values = raw.get(table, {})
        if not isinstance(values, dict):
            continue
        try:
            secret = _secret(values, key, folder, environ.get(f"BAOCAO_{table}_{key}".upper()))
        except ValueError as error:
            problems.append(Problem(f"{table}.{key}_file", str(error)))
        else:
            raw = {**raw, table: {**values, **secret}}
    return raw, problems


def _secret(values: Mapping[str, Any], key: str, folder: Path, given: str | None) -> dict[str, str]:
    """The value of `key` that replaces the one in the file, if any does. Raises ValueError."""
    file = values.get(f"{key}_file")
    if given is not None:
        return {key: given}
    if not isinstance(file, str) or not file.strip():
        return {}
    if values.get(key):
        raise ValueError(_("give either {key} or {key}_file").format(key=key))
    try:
        return {key: (folder / file.strip()).read_text(encoding="utf-8-sig").strip()}
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(_("{file} cannot be read: {reason}").format(file=folder / file, reason=error)) from error


def _unknown(path: tuple[int | str, ...]) -> str:
    *tables, key = map(str, path)
    depth = len(tables)
    keys = {known[depth] for known in keys_of(Settings) if list(known[:depth]) == tables}
    close = difflib.get_close_matches(key, sorted(keys), n=1)
    if close:
        return _("there is no such key; is {close} meant?").format(close=close[0])
    return _("there is no such key; config.example.toml has them all")


def keys_of(model: type[BaseModel]) -> Iterator[tuple[str, ...]]:
    """The path of every key of `model`, tables followed into their keys."""
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from ((name, *rest) for rest in keys_of(field.annotation))
        else:
            yield (name,)
