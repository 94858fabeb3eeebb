"""The catalogue of symptoms: each id's severity and its words. Ids are never renamed: watchdogs look for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sync.i18n import gettext as _
from sync.i18n import mark

Severity = Literal["ok", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One kind of symptom. `message` and `hint` are English source strings with {named} parts; "ok" has no hint."""

    severity: Severity
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Symptom:
    """What the doctor says of one thing, in the language in use; `hint` says what to do, "" where there is nothing."""

    id: str
    severity: Severity
    message: str
    hint: str


def symptom(name: str, **parts: object) -> Symptom:
    """The symptom `name` of the catalogue in words."""
    entry = CATALOGUE[name]
    hint = _(entry.hint).format(**parts) if entry.hint else ""
    return Symptom(name, entry.severity, _(entry.message).format(**parts), hint)


CATALOGUE: Mapping[str, Entry] = {
    # Settings and plan.
    "settings-fine": Entry("ok", mark("The settings can be read.")),
    "no-workspace": Entry(
        "error", mark("{folder} is no workspace: it has no {file}."), mark("`baocao init {folder}` makes one.")
    ),
    "settings-wrong": Entry("error", mark("The settings are wrong: {problem}"), mark("Correct {file}.")),
    "time-stands-still": Entry(
        "warning",
        mark("The settings hold the time still at {moment}."),
        mark("Only a demo may do that: delete the line as_of from {file}."),
    ),
    "plan-fine": Entry("ok", mark("The plan {plan} can be read, version {version}.")),
    "plan-wrong": Entry("error", mark("The plan is wrong: {problem}"), mark("Correct {source}.")),
    # Folders and files.
    "folders-fine": Entry("ok", mark("All folders are there and can be written to.")),
    "folder-missing": Entry(
        "error", mark("The folder {folder} is missing."), mark("Run any other command of baocao: it makes it again.")
    ),
    "folder-read-only": Entry(
        "error",
        mark("Nothing can be written into {folder}: {reason}"),
        mark("Give the account that runs baocao the right to write there."),
    ),
    "inbox-fine": Entry("ok", mark("The inbox can be read; files in it: {count}.")),
    "inbox-unreadable": Entry(
        "error",
        mark("The inbox cannot be read: {problem}"),
        mark("Give the account that runs baocao the right to read."),
    ),
    "secret-fine": Entry("ok", mark("The secret that seals workbooks is there.")),
    "secret-missing": Entry(
        "error",
        mark("The secret that seals workbooks is missing: {file}"),
        mark("Put it back from a backup. With a new one, workbooks that were sent out already are refused."),
    ),
    "secret-damaged": Entry(
        "error", mark("The secret that seals workbooks is damaged: {file}"), mark("Put it back from a backup.")
    ),
    "secret-open": Entry(
        "warning",
        mark("Other people of this machine can read the secret {file}."),
        mark("Take their rights away: chmod 600 {file}"),
    ),
    "disk-fine": Entry("ok", mark("{free} MB are free on the disk.")),
    "disk-low": Entry("warning", mark("Only {free} MB are free on the disk."), mark("Make room on the disk soon.")),
    "disk-full": Entry("error", mark("Only {free} MB are free on the disk."), mark("Make room on the disk now.")),
    # What the officer fills in.
    "control-fine": Entry("ok", mark("{file} can be read; schools: {schools}, periods: {periods}.")),
    "control-wrong": Entry("error", mark("{file} is wrong: {problem}"), mark("Correct {file} and save it.")),
    "no-schools": Entry("warning", mark("No school is listed yet."), mark("List the schools in {file}, sheet Trường.")),
    "schools-without-email": Entry(
        "warning",
        mark("Schools without an e-mail address, which get no letters: {count} ({codes})."),
        mark("Fill in the addresses in {file}, sheet Trường, or call these schools."),
    ),
    "officer-without-email": Entry(
        "warning",
        mark("No address of the officer is known, so nobody gets the daily digest."),
        mark("Fill in officer_emails in [notices], or email in [office], in {file}."),
    ),
    "reminders-do-not-fit": Entry(
        "warning", "{problem}", mark("Correct the reminder dates in {file}, sheet Lịch báo cáo.")
    ),
    # What is remembered.
    "ledger-fine": Entry("ok", mark("The ledger can be opened; receipts in it: {count}.")),
    "ledger-none": Entry("ok", mark("There is no ledger yet; the first pass makes it.")),
    "ledger-broken": Entry(
        "error", "{problem}", mark("Check the disk and the database; if it is damaged, restore a backup.")
    ),
    "ledger-old": Entry(
        "warning",
        mark("The ledger is of an older version of baocao."),
        mark("The next pass brings it up to date; make a backup before."),
    ),
    "ledger-newer": Entry(
        "error",
        mark("The ledger was written by a newer version of baocao."),
        mark("Install that version; this one cannot work here."),
    ),
    "archive-fine": Entry("ok", mark("Every received file is in the archive.")),
    "archive-incomplete": Entry(
        "error",
        mark("Received files that are missing from the archive: {count}; the first is {first}."),
        mark("Put the folder {folder} back from a backup."),
    ),
    "last-pass": Entry("ok", mark("The last pass was at {at}.")),
    "last-pass-old": Entry(
        "warning",
        mark("The last pass was at {at}, more than a day ago."),
        mark("Start the service (`baocao run`), or run `baocao sync`."),
    ),
    "no-pass-yet": Entry("warning", mark("There was no pass yet."), mark("Run `baocao sync`.")),
    # Time.
    "clock-fine": Entry("ok", mark("The clock is right as far as can be seen: {now}")),
    "clock-behind": Entry(
        "error",
        mark("The clock says {now}, but there was a pass at {at} already."),
        mark("Set the clock of this machine, and let it be kept by the network."),
    ),
    "clock-apart": Entry(
        "warning",
        mark("The disk's clock and this machine's are {seconds} seconds apart."),
        mark("Keep the workspace on a local disk, or set both clocks by the network."),
    ),
    "zone-fine": Entry("ok", mark("This machine is in the office's time zone.")),
    "zone-apart": Entry(
        "warning",
        mark("This machine's clock is {system}, the office's {office} ({zone})."),
        mark("Letters keep to the office's time. If that zone is wrong, correct timezone in {file}."),
    ),
    # Letters.
    "mail-fine": Entry("ok", mark("The mail server {host} accepts the login.")),
    "mail-refused": Entry("error", "{problem}", mark("Correct [mail] in {file}, then run `baocao doctor` again.")),
    "mail-none": Entry(
        "warning",
        mark("No mail server is set: letters are not sent but written into {folder}."),
        mark("Open and send them by hand, or fill in [mail] in {file}."),
    ),
    "letters-fine": Entry("ok", mark("The templates of letters are in order.")),
    "letters-wrong": Entry(
        "warning",
        "{problem}",
        mark("Correct the file in {folder}, or delete it: then the usual letter is sent."),
    ),
    # Google.
    "google-fine": Entry("ok", mark("Google accepts {account}; spreadsheets of schools in sight: {count}.")),
    "google-refused": Entry("error", "{problem}", mark("Correct [google] in {file}, then run `baocao doctor` again.")),
    "google-no-place": Entry(
        "ok",
        mark(
            "`baocao google prepare` can make no spreadsheets: a service account has no Drive of its own, and [google] "
            "names no Shared Drive. Share them by hand; `baocao google link` binds them."
        ),
    ),
    "google-unseen": Entry(
        "error",
        mark("Schools whose spreadsheet is not to be seen: {count} ({codes})."),
        mark("Take it out of the bin, share it with {account} as editor, or correct the link in {file}."),
    ),
    "google-no-access": Entry(
        "warning",
        mark("Schools whose addresses may not edit their spreadsheet: {count} ({codes})."),
        mark("Run `baocao google prepare`, or correct the addresses in {file}."),
    ),
    "google-publish-refused": Entry(
        "error",
        mark("The consolidated workbook cannot be published: {problem}"),
        mark("Correct publish_to in [google] in {file}, or share that spreadsheet with {account} as editor."),
    ),
    # The service.
    "service-fine": Entry("ok", mark("The service is running (process {pid}, since {started}).")),
    "service-none": Entry(
        "warning",
        mark("No service is running: nothing is read or sent by itself."),
        mark("Start `baocao run`, or let the system start `baocao sync` and `baocao remind` regularly."),
    ),
    "service-silent": Entry(
        "error",
        mark("The service has been silent since {at}."),
        mark("Start it again; the log is in {folder}."),
    ),
    "service-other-version": Entry(
        "warning",
        mark("The service runs version {running}; installed is {installed}."),
        mark("Start the service again."),
    ),
    "job-failed": Entry("error", mark("The service failed at {job} ({at}): {problem}"), mark("Mend what it says.")),
    # The server of the add-in.
    "addin-fine": Entry("ok", mark("The server of the add-in can start as {hostname}.")),
    "addin-not-installed": Entry(
        "error", mark("The server of the add-in cannot start: a part of it is missing."), mark("Run {command}.")
    ),
    "addin-wrong": Entry(
        "error", mark("The server of the add-in cannot start: {problem}"), mark("Correct [addin] in {file}.")
    ),
    "addin-no-keys": Entry(
        "warning",
        mark("No school has a key that opens the server of the add-in."),
        mark("Run `baocao keys issue --all --to FOLDER` and give each school its note."),
    ),
    # The program.
    "version": Entry("ok", mark("baocao {version}, Python {python}, {system}.")),
    "check-crashed": Entry(
        "error",
        mark("The doctor could not look at '{check}': {problem}"),
        mark("Tell whoever looks after the program. The other things were looked at."),
    ),
}
"""In the order of the docs."""
