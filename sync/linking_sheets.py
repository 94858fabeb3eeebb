"""Linking: spreadsheets that people made and shared are bound to schools by what their hidden tab `_meta` says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sync import spreadsheets
from sync.i18n import gettext as _
from sync.intake.reading import Reading
from sync.looking import Wait, pause
from sync.office import OpenOffice
from sync.preparing_sheets import refuse_unused
from sync.progress import Progress, silent
from sync.spreadsheets import Binding, Bindings, SetUp, entry, link_of

if TYPE_CHECKING:
    from sync.google.drive import File, Listing
    from sync.google.http import Client

_ENDING = frozenset({"api_off", "scope", "key", "clock", "rate", "temporary", "network", "stopped"})
"""Kinds of errors that would meet every other spreadsheet as well."""


def link(office: OpenOffice, *, wait: Wait = pause, progress: Progress = silent) -> SetUp:
    """Binds every spreadsheet in sight that this office sealed to the school and the period that it is of.

    Nothing is written at Google. Two for the same school and period are a problem, and neither is bound. Raises
    GoogleNotUsedError, GoogleError, ControlError, WorkspaceBusy.
    """
    from sync import google
    from sync.google.drive import id_in, listed

    refuse_unused(office)
    settings = office.settings.google
    with office.workspace.lock("google"), google.connect(settings, wait) as client:
        listing = listed(client, folder=id_in(settings.folder), shared_drive=id_in(settings.shared_drive))
        work = _Work(office, client, spreadsheets.read(office.workspace), listing)
        work.all_of([file for file in listing.files if file.id != id_in(settings.publish_to)], progress)
    return work.result


def identity(office: OpenOffice, client: Client, spreadsheet: str) -> Reading:
    """What a spreadsheet says of itself in `_meta`; nothing else of it is read. Raises GoogleError."""
    from sync.google import sheets
    from sync.intake import reader
    from sync.intake.gsheet import to_bytes
    from sync.intake.spec import plan_spec
    from sync.landmarks import META_SHEET

    content = to_bytes(sheets.read(client, spreadsheet, [META_SHEET]), bound_to="")
    plans = reader.prepare({office.plan.code: plan_spec(office.plan)})
    return reader.read(content, plans, office.limits)


@dataclass
class _Work:
    office: OpenOffice
    client: Client
    bindings: Bindings
    listing: Listing
    result: SetUp = field(default_factory=SetUp)
    found: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    """Spreadsheets that are not bound yet, by (period key, school code)."""

    def all_of(self, files: Sequence[File], progress: Progress) -> None:
        from sync.google import GoogleError

        if not self.listing.complete:
            self.result.problems.append(_("Google did not look everywhere; run the command again later."))
        bound = self._bound()
        for done, file in enumerate(files):
            progress(_("Looking at spreadsheets"), done, len(files))
            if file.id in bound:
                period, school = bound[file.id]
                self.result.unchanged.append(entry(school, period, file.id))
                continue
            try:
                self._look(file)
            except GoogleError as error:
                self.result.problems.append(f"{file.name} ({link_of(file.id)}): {error}")
                if error.kind in _ENDING:
                    break
        for place, ids in sorted(self.found.items()):
            self._bind(*place, ids)
        progress(_("Looking at spreadsheets"), len(files), len(files))

    def _bound(self) -> Mapping[str, tuple[str, str]]:
        """(period key, school code) of what is bound; the period is "" where the officer did it by hand."""
        officers = {each.spreadsheet: ("", each.code) for each in self.office.control.schools if each.spreadsheet}
        return {**officers, **self.bindings.owners()}

    def _look(self, file: File) -> None:
        read = identity(self.office, self.client, file.id)
        wrong = self._wrong(read)
        if self.office.is_sealed(read) and read.plan == self.office.plan.code:
            if wrong:
                self.result.problems.append(f"{file.name} ({link_of(file.id)}): {wrong}")
            else:
                self.found.setdefault((str(read.period), str(read.school)), []).append(file.id)
            return
        if read.seal and read.plan == self.office.plan.code and not wrong:
            message = _(
                "the seal is broken: what the spreadsheet says of itself was changed, or another office made it"
            )
            self.result.problems.append(f"{file.name} ({link_of(file.id)}): {message}")
            return
        reason = _("another office's") if read.seal else _("no workbook for schools")
        self.result.others.append({"name": file.name, "link": link_of(file.id), "reason": reason})

    def _wrong(self, read: Reading) -> str:
        """Why a spreadsheet has no place here, "" where it has one."""
        if read.school not in self.office.control.schools.by_code:
            return _("there is no school {code} in the control workbook").format(code=read.school)
        period = self.office.control.periods.by_key.get(read.period or "")
        if period is None or period.schools_due is None:
            return _("schools have no period {period}").format(period=read.period)
        return ""

    def _bind(self, period: str, school: str, ids: list[str]) -> None:
        rivals = [*ids, *self._rivals(period, school)]
        if len(rivals) > 1:
            message = _("{school}, {period}: several spreadsheets; none was bound: {links}. Unshare all but one.")
            links = ", ".join(sorted(map(link_of, rivals)))
            self.result.problems.append(message.format(school=school, period=period, links=links))
            return
        self.bindings.keep(period, school, Binding(ids[0]))
        self.result.bound.append(entry(school, period, ids[0]))

    def _rivals(self, period: str, school: str) -> list[str]:
        """What the school has already; not what was bound and is in sight no more."""
        known = self.bindings.get(period, school).id
        in_sight = {file.id for file in self.listing.files}
        officers = self.office.control.schools.by_code[school].spreadsheet
        rivals = [known] if known and (known in in_sight or not self.listing.complete) else []
        return rivals + ([officers] if officers and officers not in self.bindings.ids(school) else [])
