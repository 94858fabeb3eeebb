"""Google: whether it is reached and lets us in, and whether schools' spreadsheets are in sight. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from sync.doctor.case import Case, NotKnown
from sync.doctor.catalogue import Symptom, symptom
from sync.doctor.desk import CODES_SHOWN

if TYPE_CHECKING:
    from sync.google.http import Client

GIVE_UP_SECONDS = 10
"""Somebody waits; a pass is more patient."""


def google(case: Case) -> Iterator[Symptom]:
    """Whether Google lets the account in, and what it sees; nothing where the office does not work with Google."""
    from sync import google as client_of
    from sync.looking import pause

    settings = case.settings.google
    if not settings.is_used:
        return
    hasty = settings.model_copy(update={"give_up_seconds": min(settings.give_up_seconds, GIVE_UP_SECONDS)})
    try:
        with client_of.connect(hasty, pause) as client:
            yield from _through(case, client)
    except client_of.GoogleError as error:
        yield symptom("google-refused", problem=error, file=case.workspace.config_file)


def _through(case: Case, client: Client) -> Iterator[Symptom]:
    """What the account sees. Raises GoogleError where nothing more can be seen."""
    from sync.google import drive, sheets

    settings = case.settings.google
    place = drive.id_in(settings.folder) or drive.id_in(settings.shared_drive)
    if not (place and _is_in_shared_drive(client, place)):
        yield symptom("google-no-place")
    folder, shared_drive = drive.id_in(settings.folder), drive.id_in(settings.shared_drive)
    listing = drive.listed(client, folder=folder, shared_drive=shared_drive)
    bound = _bound(case)
    there = {file.id for file in listing.files}
    seen = {code: spreadsheet for code, spreadsheet in bound.items() if spreadsheet in there}
    for spreadsheet in list(seen.values())[:1]:
        # Drive was asked until here; Sheets is turned on by itself.
        sheets.titles(client, spreadsheet)
    yield symptom("google-fine", account=client.account or "?", count=len(seen))
    file = case.workspace.control_file.name
    if unseen := [code for code in bound if code not in seen]:
        yield symptom("google-unseen", **_listed(unseen), account=client.account or "?", file=file)
    if shut_out := _shut_out(case, client, seen):
        yield symptom("google-no-access", **_listed(shut_out), file=file)
    yield from _published(case, client)


def _is_in_shared_drive(client: Client, place: str) -> bool:
    """Whether files can be made there. Raises GoogleError where the account does not see it."""
    from sync.google import drive

    params = {"supportsAllDrives": "true", "fields": "driveId"}
    return bool(client.request("GET", f"{drive.FILES}/{place}", params=params).json().get("driveId"))


def _bound(case: Case) -> Mapping[str, str]:
    """Spreadsheets by school code; none where the control workbook cannot be read, which is said elsewhere."""
    try:
        return {school.code: school.spreadsheet for school in case.control.schools if school.spreadsheet}
    except NotKnown:
        return {}


def _shut_out(case: Case, client: Client, seen: Mapping[str, str]) -> list[str]:
    """The schools none of whose addresses may edit their spreadsheet; one request of Drive's for each school."""
    from sync.google import drive
    from sync.preparing_sheets import without_right

    codes = []
    for code, spreadsheet in seen.items():
        emails = case.control.schools.by_code[code].emails
        if emails and len(without_right(drive.permissions(client, spreadsheet), emails)) == len(emails):
            codes.append(code)
    return codes


def _published(case: Case, client: Client) -> Iterator[Symptom]:
    from sync.google import GoogleError, drive, sheets
    from sync.publishing import no_link

    target = case.settings.google.publish_to
    problem: object = None
    if target:
        try:
            if spreadsheet := drive.id_in(target):
                sheets.titles(client, spreadsheet)
            else:
                problem = no_link()
        except GoogleError as error:
            problem = error
    if problem:
        account, file = client.account or "?", case.workspace.config_file
        yield symptom("google-publish-refused", problem=problem, account=account, file=file)


def _listed(codes: Sequence[str]) -> dict[str, object]:
    shown = ", ".join(codes[:CODES_SHOWN]) + (" …" if len(codes) > CODES_SHOWN else "")
    return {"count": len(codes), "codes": shown}
