"""Preparing: a Google Sheet for each school, made of its workbook, named, protected, shared with it and bound to it.

It may be broken off at any moment and run again: what is there is found again and finished, and nothing made twice.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sync import sending, spreadsheets
from sync.errors import MendableError
from sync.i18n import gettext as _
from sync.looking import Wait, pause
from sync.office import OpenOffice
from sync.periods import Period
from sync.progress import Progress, silent
from sync.schools import School
from sync.spreadsheets import Binding, Bindings, SetUp, entry, link_of

if TYPE_CHECKING:
    from sync.google.drive import File, Permission
    from sync.google.http import Client

UNSEEN_FOR = timedelta(minutes=15)
"""How long Drive may not show yet what was made; until then nothing is made in its place."""
_REFUSALS = frozenset({"storage_quota", "not_shared", "not_found"})
"""Kinds of errors that say that nothing may be made in the folder."""
_ENDING = frozenset(
    {"api_off", "scope", "key", "clock", "sharing_limit", "rate", "temporary", "network", "stopped", "storage_quota"}
)
"""Kinds of errors that would meet every other school as well."""


class GoogleNotUsedError(MendableError):
    """The office's settings do not name an account at Google."""


class NotReadyError(MendableError):
    """The spreadsheet of one school cannot be made or finished now."""


class _NotAllowedError(Exception):
    """This account can make no spreadsheet; the message says why."""


def refuse_unused(office: OpenOffice) -> None:
    """Raises GoogleNotUsedError where [google] is empty."""
    if not office.settings.google.is_used:
        message = _("Google is not set up. Give [google] key_file in {file}, the JSON key of a service account.")
        raise GoogleNotUsedError(message.format(file=office.workspace.config_file))


def prepare(
    office: OpenOffice,
    key: str | None = None,
    codes: Collection[str] = (),
    *,
    wait: Wait = pause,
    progress: Progress = silent,
) -> SetUp:
    """Makes, or finishes, the spreadsheet of each school (or of `codes`) for the period `key` (None: the current one).

    Where this account may make none, the workbooks and the instructions for a person are written into `mau/` instead.
    What fails for one school is a problem of the result. Raises UnknownPeriod, UnknownSchool, GoogleNotUsedError,
    GoogleError, ControlError, LedgerError, WorkspaceBusy.
    """
    from sync import google
    from sync.google.drive import id_in, listed

    refuse_unused(office)
    office = sending.informed(office)
    settings, period = office.settings.google, office.period(key)
    schools = sending.schools_of(office, period, codes)
    with (
        office.workspace.lock("google"),
        google.connect(settings, wait, scopes=google.SETUP_SCOPES) as client,
    ):
        folder, shared_drive = id_in(settings.folder), id_in(settings.shared_drive)
        listing = listed(client, folder=folder, shared_drive=shared_drive)
        if not listing.complete:
            raise NotReadyError(_("Google did not look through the whole folder. Run the command again later."))
        bindings = spreadsheets.read(office.workspace)
        work = _Work(office, client, period, bindings, folder or shared_drive, listing.files)
        work.all_of(schools, progress)
    return work.result


def name_of(school: School, period: Period) -> str:
    """What a school's spreadsheet is called."""
    return _nfc(f"{school.code} - {school.name} - {period.key.replace('/', '-')}")


@dataclass
class _Work:
    office: OpenOffice
    client: Client
    period: Period
    bindings: Bindings
    place: str
    """The id of the folder or Shared Drive that spreadsheets are made in; "" where none is named."""
    files: Collection[File]
    result: SetUp = field(default_factory=SetUp)

    def all_of(self, schools: list[School], progress: Progress) -> None:
        from sync.google import GoogleError

        for done, school in enumerate(schools):
            progress(_("Preparing spreadsheets"), done, len(schools))
            try:
                self._one(school)
            except _NotAllowedError as refused:
                self.result.problems.append(str(refused))
                self._instruct([each for each in schools if not self._is_known(each)], progress)
                break
            except NotReadyError as problem:
                self._tell(school, problem)
            except GoogleError as error:
                self._tell(school, error)
                if error.kind in _ENDING:
                    break
        progress(_("Preparing spreadsheets"), len(schools), len(schools))

    def _tell(self, school: School, problem: object) -> None:
        self.result.problems.append(f"{school.code}: {problem}")

    def _is_known(self, school: School) -> bool:
        return self._is_officers(school) or bool(self.bindings.get(self.period.key, school.code).id)

    def _is_officers(self, school: School) -> bool:
        """Whether the officer bound it by hand; such a spreadsheet is left as it is."""
        return bool(school.spreadsheet) and school.spreadsheet not in self.bindings.ids(school.code)

    def _one(self, school: School) -> None:
        if self._is_officers(school):
            self.result.unchanged.append(entry(school.code, self.period.key, school.spreadsheet))
            return
        found = self._found(school)
        spreadsheet = found or self._make(school)
        changed = self._finish(school, spreadsheet)
        told = self.result.made if not found else self.result.bound if changed else self.result.unchanged
        told.append(entry(school.code, self.period.key, spreadsheet))

    def _found(self, school: School) -> str:
        """The id of the school's spreadsheet that is there already, "" where one is to be made."""
        known = self.bindings.get(self.period.key, school.code)
        if known.id and self._is_there(known.id):
            return known.id
        name = name_of(school, self.period)
        named = [file.id for file in self.files if _nfc(file.name) == name]
        if len(named) > 1:
            message = _("Two spreadsheets have the name '{name}': {links}. Delete the one that is not used.")
            raise NotReadyError(message.format(name=name, links=", ".join(map(link_of, named))))
        if not named:
            self._refuse_doubt(known)
            return ""
        self._refuse_foreign(school, named[0])
        return named[0]

    def _is_there(self, spreadsheet: str) -> bool:
        """Whether a bound spreadsheet exists, be it in the bin: nothing is made in the place of what may come back."""
        from sync.google import GoogleError, drive

        if any(file.id == spreadsheet for file in self.files):
            return True
        try:
            drive.name_of(self.client, spreadsheet)
        except GoogleError as error:
            if error.kind != "not_found":
                raise
            return False
        return True

    def _refuse_doubt(self, known: Binding) -> None:
        """Raises NotReadyError while Drive may not show yet what an earlier run asked for."""
        if known.begun and abs(self.office.now - datetime.fromisoformat(known.begun)) < UNSEEN_FOR:
            message = _(
                "Whether Google made the spreadsheet is not known yet. Run the command again in {minutes} minutes."
            )
            raise NotReadyError(message.format(minutes=round(UNSEEN_FOR.total_seconds() / 60)))

    def _refuse_foreign(self, school: School, spreadsheet: str) -> None:
        from sync.linking_sheets import identity

        read = identity(self.office, self.client, spreadsheet)
        if not self.office.is_sealed(read) or (read.school, read.period) != (school.code, self.period.key):
            message = _("{link} has the name of this school's spreadsheet, but is not made of its workbook. Rename it.")
            raise NotReadyError(message.format(link=link_of(spreadsheet)))

    def _make(self, school: School) -> str:
        from sync.google import GoogleError, OutcomeUnknown, drive

        if not self.place:
            raise _NotAllowedError(_("Neither folder nor shared_drive is given in [google]."))
        name, key = name_of(school, self.period), self.period.key
        content = sending.workbook_of(self.office, self.period, school)
        self.bindings.keep(key, school.code, Binding(begun=self.office.now.isoformat()))
        try:
            known = {file.id for file in self.files}
            made = drive.import_workbook(self.client, content, name, self.place, known)
        except OutcomeUnknown:
            raise
        except GoogleError as error:
            self.bindings.keep(key, school.code, Binding())
            if error.kind in _REFUSALS:
                raise _NotAllowedError(str(error)) from error
            raise
        self.bindings.keep(key, school.code, Binding(made))
        return made

    def _finish(self, school: School, spreadsheet: str) -> bool:
        """Whether anything was missing: the binding, the protection or a right."""
        from sync.fixed_ranges import digest, fix

        binding = self.bindings.get(self.period.key, school.code)
        whole = Binding(spreadsheet, digest(self.office.plan, school.level))
        if binding.id != spreadsheet:
            self.bindings.keep(self.period.key, school.code, Binding(spreadsheet))
        if binding != whole:
            fix(self.client, spreadsheet, self.office.plan, school.level)
            self.bindings.keep(self.period.key, school.code, whole)
        return self._share(school, spreadsheet) or binding != whole

    def _share(self, school: School, spreadsheet: str) -> bool:
        """Whether somebody was let in. Addresses that Google refuses are problems."""
        from sync.google import GoogleError, drive

        if not school.emails:
            message = _("The school has no e-mail address. Fill it in in {file}, or share {link} with the school.")
            file = self.office.workspace.control_file.name
            self._tell(school, message.format(file=file, link=link_of(spreadsheet)))
            return False
        missing = without_right(drive.permissions(self.client, spreadsheet), school.emails)
        shared = False
        for address in missing:
            try:
                drive.share(self.client, spreadsheet, address)
                shared = True
            except GoogleError as error:
                if error.kind != "address":
                    raise
                self._tell(school, f"{address}: {error}")
        return shared

    def _instruct(self, schools: list[School], progress: Progress) -> None:
        """Writes what a person is to do for these schools, and the workbooks that it takes."""
        from sync import sheets_by_hand

        codes = [school.code for school in schools]
        sending.write_templates(self.office, self.period.key, codes, progress)
        names = [f"{school.code}.xlsx → {name_of(school, self.period)}" for school in schools]
        self.result.instructions = str(sheets_by_hand.write(self.office, self.period, names, self.client.account))


def without_right(granted: Collection[Permission], addresses: Collection[str]) -> list[str]:
    """Those of `addresses` that may not edit a file whose permissions are `granted`."""
    editors = {each.address.lower() for each in granted if each.role not in {"reader", "commenter"}}
    return [address for address in addresses if address.lower() not in editors]


def _nfc(name: str) -> str:
    return unicodedata.normalize("NFC", name)
