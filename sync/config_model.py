"""What the tables of config.toml are made of."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationInfo

LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Model(BaseModel):
    """A table: every key known, every value of its own kind."""

    # The input is hidden because it may be a secret.
    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, str_strip_whitespace=True, hide_input_in_errors=True
    )


def _as_tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _beside_the_settings(file: str, info: ValidationInfo) -> str:
    return str(Path((info.context or {}).get("folder", "."), file).absolute()) if file else ""


Listed = BeforeValidator(_as_tuple)
"""A list of TOML, as a tuple."""
Texts = Annotated[tuple[str, ...], Listed]
FilePath = Annotated[str, AfterValidator(_beside_the_settings)]
"""A file that is named from the settings' folder on; absolute afterwards, "" where none is named."""
