"""The table [addin] of config.toml: the server behind the add-in of schools."""

from __future__ import annotations

import ipaddress
import re
from typing import Self

from pydantic import Field, field_validator, model_validator

from sync.config_model import LOOPBACK, FilePath, Model, Texts
from sync.i18n import gettext as _

HOSTNAME = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(:[0-9]{1,5})?")
ORIGIN = re.compile(r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?|http://(localhost|127\.0\.0\.1)(:[0-9]{1,5})?")
UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def _as_browsers_say(name: str) -> str:
    """A page's origin is in small letters, and without the port that https has anyway (RFC 6454, section 6.2)."""
    return name.lower().removesuffix(":443")


class Addin(Model):
    """The server of the add-in, `baocao addin serve`. It is used where `hostname` is given."""

    hostname: str = ""
    host: str = "127.0.0.1"
    port: int = Field(default=8470, ge=0, le=65535)
    certificate: FilePath = ""
    certificate_key: FilePath = ""
    proxies: Texts = ()
    origins: Texts = ()
    manifest_id: str = ""
    max_body_mb: int = Field(default=8, ge=1, le=64)
    body_seconds: int = Field(default=30, ge=1, le=600)
    calls_at_once: int = Field(default=4, ge=1, le=64)
    waiting: int = Field(default=16, ge=0, le=1000)
    key_per_minute: int = Field(default=20, ge=1, le=10_000)
    address_per_minute: int = Field(default=120, ge=1, le=100_000)

    @property
    def is_used(self) -> bool:
        """Whether the office has a server for the add-in at all."""
        return bool(self.hostname)

    @property
    def is_local(self) -> bool:
        """Whether only programs on this machine, such as a reverse proxy, can reach the server."""
        return self.host in LOOPBACK

    @field_validator("hostname")
    @classmethod
    def _is_a_name(cls, name: str) -> str:
        if name and not HOSTNAME.fullmatch(name):
            raise ValueError(_("'{value}' is no name of a server, such as baocao.example.vn").format(value=name))
        return _as_browsers_say(name)

    @field_validator("proxies")
    @classmethod
    def _are_machines(cls, proxies: tuple[str, ...]) -> tuple[str, ...]:
        for proxy in proxies:
            try:
                ipaddress.ip_network(proxy)
            except ValueError:
                raise ValueError(_("'{value}' is no address of a machine or network").format(value=proxy)) from None
        return proxies

    @field_validator("origins")
    @classmethod
    def _are_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            if not ORIGIN.fullmatch(origin):
                raise ValueError(_("'{value}' is no origin, such as https://example.vn").format(value=origin))
        return tuple(map(_as_browsers_say, origins))

    @field_validator("manifest_id")
    @classmethod
    def _is_random(cls, text: str) -> str:
        if text and not UUID4.fullmatch(text.lower()):
            raise ValueError(_("'{value}' is no random UUID (version 4)").format(value=text))
        return text.lower()

    @model_validator(mode="after")
    def _is_safe(self) -> Self:
        if bool(self.certificate) != bool(self.certificate_key):
            raise ValueError(_("certificate and certificate_key belong together"))
        if self.hostname and not (self.is_local or self.certificate or self.proxies):
            raise ValueError(
                _("host is open to other machines without https: give certificate, or proxies that speak https for it")
            )
        return self
