"""config.toml → Settings. (Extended by its engineer; `Office` is what workbooks and letters print.)"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Office(BaseModel):
    """The unit that asks the schools to report."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = "PHÒNG GIÁO DỤC VÀ ĐÀO TẠO"
    parent: str = ""
    place: str = ""
    contact: str = ""
    email: str = ""
    phone: str = ""
