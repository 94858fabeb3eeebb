"""What the checks of the doctor look at: a workspace of which anything may be broken. Nothing is made or mended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sync import config
from sync.config import ConfigError, Settings
from sync.control import Control, ControlError
from sync.office import OpenOffice
from sync.plan import PlanError
from sync.workspace import Workspace


class NotKnown(Exception):
    """What a check needs is broken itself; the check of that has said so, and this one has nothing to say."""


@dataclass
class Case:
    """One examination. `as_of` is the moment that was asked for, `clock` what this machine's clock says (aware)."""

    workspace: Workspace
    as_of: datetime | None
    clock: datetime

    @property
    def begun(self) -> Workspace:
        """The workspace, where the folder has anything of one. Raises NotKnown."""
        if not (self.workspace.config_file.exists() or self.workspace.state.exists()):
            raise NotKnown
        return self.workspace

    @cached_property
    def settings(self) -> Settings:
        """Raises NotKnown."""
        try:
            return config.load(self.workspace.path)
        except ConfigError as error:
            raise NotKnown from error

    @cached_property
    def office(self) -> OpenOffice:
        """The office, its folders as they are. Raises NotKnown."""
        zone = self.settings.zone
        moment = self.as_of or self.settings.as_of or self.clock
        return OpenOffice(self.workspace, self.settings, moment.replace(tzinfo=moment.tzinfo or zone).astimezone(zone))

    @cached_property
    def control(self) -> Control:
        """Raises NotKnown."""
        try:
            return self.office.control
        except (ControlError, PlanError) as error:
            raise NotKnown from error

    def shown(self, moment: datetime) -> str:
        """`moment` as the office's people write it."""
        return f"{moment.astimezone(self.settings.zone):%d/%m/%Y %H:%M}"
