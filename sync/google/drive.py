"""Google Drive: what spreadsheets there are and when they changed; making, naming and sharing them."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from sync.google.problems import GoogleError, OutcomeUnknown, settled

if TYPE_CHECKING:
    from sync.google.http import Client

PAGE = 1000
"""Files in one request, the most that Google gives."""
SPREADSHEET = "application/vnd.google-apps.spreadsheet"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILES = "https://www.googleapis.com/drive/v3/files"
UPLOAD = "https://www.googleapis.com/upload/drive/v3/files"
_ALL_DRIVES = {"supportsAllDrives": "true"}

_IN_LINK = re.compile(r"https://(?:docs|drive)\.google\.com/\S*?(?:/d/|/folders/|[?&]id=)([A-Za-z0-9_-]{10,})")
_ID = re.compile(r"[A-Za-z0-9_-]{10,}")


class File(NamedTuple):
    """A spreadsheet in Drive."""

    id: str
    name: str
    modified_at: datetime
    """Aware, in UTC, to the millisecond: when anybody changed it last, we included."""


class Listing(NamedTuple):
    """The spreadsheets that this account sees, in Drive's order."""

    files: Sequence[File]
    complete: bool
    """Whether Google looked everywhere; if not, nothing is gone because it is not here."""


class Permission(NamedTuple):
    """Who may do what with a file."""

    kind: str
    """user, group, domain or anyone."""
    address: str
    """E-mail, "" for a domain and for anyone."""
    role: str
    """owner, organizer, fileOrganizer, writer, commenter or reader."""


def id_in(text: str) -> str:
    """The id of the file that `text` is a link to, or is the id of; "" where it is neither.

    Ids from people pass through here: whatever else they hold would change what is asked of Google.
    """
    link = _IN_LINK.match(text.strip())
    if link:
        return link[1]
    return text.strip() if _ID.fullmatch(text.strip()) else ""


def listed(client: Client, *, folder: str = "", shared_drive: str = "") -> Listing:
    """Every spreadsheet in `folder` itself, or in `shared_drive`, or that is shared with the account at all.

    One request for a thousand. All of them are asked for and not only those that changed since, because only so it is
    seen what is gone, at the same price. What lies in the trash is not there. Raises GoogleError.
    """
    params = _query(folder, shared_drive)
    files: list[File] = []
    complete = True
    while True:
        page = client.request("GET", FILES, params=params).json()
        files += map(_file, page.get("files", []))
        complete = complete and not page.get("incompleteSearch", False)
        if not page.get("nextPageToken"):
            return Listing(files, complete)
        params = {**params, "pageToken": page["nextPageToken"]}


def _query(folder: str, shared_drive: str) -> dict[str, Any]:
    conditions = [f"mimeType = '{SPREADSHEET}'", "trashed = false"]
    if folder:
        conditions.append(f"'{_quoted(folder)}' in parents")
    where = {"corpora": "drive", "driveId": shared_drive} if shared_drive else {"corpora": "user"}
    return {
        **where,
        **_ALL_DRIVES,
        "includeItemsFromAllDrives": "true",
        "q": " and ".join(conditions),
        "pageSize": PAGE,
        # Not `version`: it also grows where nothing was changed that anybody could see.
        "fields": "nextPageToken,incompleteSearch,files(id,name,modifiedTime)",
    }


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


def _file(raw: Mapping[str, Any]) -> File:
    return File(raw["id"], raw["name"], datetime.fromisoformat(raw["modifiedTime"]))


def import_workbook(client: Client, content: bytes, name: str, folder: str, known: Collection[str] = ()) -> str:
    """Makes a spreadsheet called `name` in `folder` of the .xlsx `content`, and gives its id.

    `folder` is one in a Shared Drive, or the Shared Drive itself: a service account has no Drive of its own. `known`
    are the ids of spreadsheets that are there already. Where the answer is lost, the folder is looked through for a new
    one of that name. If there is none, OutcomeUnknown is raised and nothing repeated, because Drive may show it late:
    look again before another is made. Raises GoogleError.
    """
    try:
        return str(_upload(client, content, name, folder)["id"])
    except OutcomeUnknown as unknown:
        try:
            there = listed(client, folder=folder).files
        except GoogleError:
            raise unknown from None
        made = [file.id for file in there if file.name == name and file.id not in known]
        if len(made) != 1:
            raise
        return made[0]


def _upload(client: Client, content: bytes, name: str, folder: str) -> Any:
    """One request in two parts (developers.google.com/workspace/drive/api/guides/manage-uploads#multipart)."""
    boundary = secrets.token_hex(16)
    about = json.dumps({"name": name, "mimeType": SPREADSHEET, "parents": [folder]}, ensure_ascii=False)
    body = b"".join(
        (
            f"--{boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{about}\r\n".encode(),
            f"--{boundary}\r\nContent-Type: {XLSX}\r\n\r\n".encode(),
            content,
            f"\r\n--{boundary}--\r\n".encode(),
        )
    )
    params = {**_ALL_DRIVES, "uploadType": "multipart", "fields": "id"}
    headers = {"Content-Type": f"multipart/related; boundary={boundary}"}
    return client.request("POST", UPLOAD, params=params, data=body, headers=headers).json()


def rename(client: Client, file_id: str, name: str) -> None:
    """Gives a file the name `name`. Raises GoogleError."""
    params = {**_ALL_DRIVES, "fields": "id"}
    settled(
        partial(client.request, "PATCH", _url(file_id), params=params, json={"name": name}),
        lambda: name_of(client, file_id) == name,
    )


def name_of(client: Client, file_id: str) -> str:
    """What a file is called. Raises GoogleError."""
    return str(client.request("GET", _url(file_id), params={**_ALL_DRIVES, "fields": "name"}).json()["name"])


def share(client: Client, file_id: str, address: str) -> None:
    """Lets `address` edit a file; Google writes it no e-mail. It may be done twice. Raises GoogleError.

    An address without a Google account is refused ("address"), because Google shares with those by e-mail only.
    """
    params = {**_ALL_DRIVES, "sendNotificationEmail": "false", "fields": "id"}
    body = {"type": "user", "role": "writer", "emailAddress": address}
    settled(
        partial(client.request, "POST", f"{_url(file_id)}/permissions", params=params, json=body),
        lambda: _may_edit(permissions(client, file_id), address),
    )


def permissions(client: Client, file_id: str) -> list[Permission]:
    """Who may do what with a file. Raises GoogleError."""
    params = {**_ALL_DRIVES, "fields": "nextPageToken,permissions(type,emailAddress,role)"}
    found: list[Permission] = []
    while True:
        page = client.request("GET", f"{_url(file_id)}/permissions", params=params).json()
        found += [Permission(each["type"], each.get("emailAddress", ""), each["role"]) for each in page["permissions"]]
        if not page.get("nextPageToken"):
            return found
        params = {**params, "pageToken": page["nextPageToken"]}


def _may_edit(granted: Sequence[Permission], address: str) -> bool:
    editors = {each.address.lower() for each in granted if each.role not in {"reader", "commenter"}}
    return address.lower() in editors


def _url(file_id: str) -> str:
    return f"{FILES}/{quote(file_id, safe='')}"
