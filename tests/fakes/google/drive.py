"""The Drive API, as far as it is modelled: https://developers.google.com/workspace/drive/api/reference/rest/v3."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tests.fakes.google import query
from tests.fakes.google.answers import NotModelled, Refusal, file_not_found, invalid, no_storage, not_allowed
from tests.fakes.google.calls import Call, Operation
from tests.fakes.google.importing import XLSX, tabs_of
from tests.fakes.google.state import FOLDER, ROLES, SPREADSHEET, File, State, Tab, permission_id

_FILE = "kind,id,name,mimeType"
_ORDERS = {"modifiedTime": "modified", "createdTime": "created", "name": "name"}


def files_list(call: Call) -> dict[str, Any]:
    """files.list: one page of what the account sees and `q` finds."""
    given = call.parameters
    test = query.parse(given.get("q", ""), call.state, call.account)
    found = _ordered([file for file in _in_sight(call) if test(file)], given.get("orderBy", ""))
    start, size = _start(call), given["pageSize"]
    page: dict[str, Any] = {"kind": "drive#fileList", "incompleteSearch": False}
    if start + size < len(found):
        page["nextPageToken"] = _page_token(call, start + size)
    return page | {"files": [_described(call, file) for file in found[start : start + size]]}


def files_get(call: Call) -> dict[str, Any]:
    """files.get without content."""
    drive = call.state.drives.get(call.path["fileId"])
    if drive and call.parameters["supportsAllDrives"] and drive.members.get(call.account):
        return {"kind": "drive#file", "id": drive.id, "name": drive.name, "mimeType": FOLDER, "driveId": drive.id}
    return _described(call, _file(call, call.path["fileId"]))


def files_create(call: Call) -> dict[str, Any]:
    """files.create: a folder, an empty spreadsheet, or an Excel workbook that becomes a spreadsheet."""
    call.only({"name", "mimeType", "parents"})
    mime = call.body.get("mimeType", "")
    imports = call.content is not None
    if mime not in {FOLDER, SPREADSHEET} or (imports and (mime, call.content_type) != (SPREADSHEET, XLSX)):
        raise NotModelled(f"files.create of {mime or 'no mimeType'} from {call.content_type or 'nothing'}")
    parents, drive = _place(call, call.body.get("parents", []))
    tabs: tuple[Tab, ...] = (Tab(0, "Trang tính1"),) if mime == SPREADSHEET else ()
    if call.content is not None:
        tabs = tabs_of(call.content, call.state)
    return _described(call, _made(call, call.body.get("name", "Untitled"), mime, parents, drive, tabs))


def files_copy(call: Call) -> dict[str, Any]:
    """files.copy of a spreadsheet."""
    call.only({"name", "parents"})
    file = _file(call, call.path["fileId"])
    if file.mime != SPREADSHEET:
        raise NotModelled("files.copy of anything but a spreadsheet")
    wanted = call.body.get("parents", list(file.parents) if file.drive else [])
    parents, drive = _place(call, wanted)
    name = call.body.get("name", f"Copy of {file.name}")
    return _described(call, _made(call, name, SPREADSHEET, parents, drive, file.tabs))


def files_update(call: Call) -> dict[str, Any]:
    """files.update of the name, of `trashed`, and of the folder through addParents and removeParents."""
    if "parents" in call.body:
        message = (
            "The parents field is not directly writable in update requests. Use the addParents and removeParents "
            "parameters instead."
        )
        raise Refusal(403, message, "PERMISSION_DENIED", reason="fieldNotWritable")
    call.only({"name", "trashed"})
    file = _file(call, call.path["fileId"])
    trash = call.body.get("trashed", file.trashed)
    least = "writer" if trash == file.trashed else "fileOrganizer" if file.drive else "owner"
    if not call.state.may(call.account, file, least):
        raise not_allowed()
    _move(call, file)
    file.trashed = trash
    file.name = call.body.get("name", file.name)
    call.state.touch(file, call.account)
    return _described(call, file)


def permissions_list(call: Call) -> dict[str, Any]:
    """permissions.list: those of the file itself, of folders above it and of its Shared Drive."""
    file = _file(call, call.path["fileId"], "writer")
    if "pageToken" in call.given:
        raise NotModelled("permissions.list with pageToken")
    roles = _roles(call.state, file)
    if len(roles) > call.parameters.get("pageSize", 100):
        raise NotModelled("permissions.list of several pages")
    permissions = [_permission(address, role) for address, role in roles.items()]
    return {"kind": "drive#permissionList", "permissions": permissions}


def permissions_create(call: Call) -> dict[str, Any]:
    """permissions.create for a person. Who has a right already keeps the larger one."""
    call.only({"role", "type", "emailAddress"})
    file = _file(call, call.path["fileId"], "writer")
    role, kind, address = (call.body.get(name, "") for name in ("role", "type", "emailAddress"))
    if kind != "user" or role not in {"reader", "commenter", "writer"}:
        raise NotModelled(f"permissions.create of {role or 'no role'} for {kind or 'no type'}")
    if "@" not in address:
        raise invalid("The specified emailAddress is invalid or not applicable for the given permission type.")
    notify = call.parameters.get("sendNotificationEmail", True)
    if address in call.state.without_account and not notify:
        raise _without_account(address)
    file.permissions[address] = max(role, file.permissions.get(address, ""), key=ROLES.index)
    file.version += 1
    call.mails.extend([address] if notify else [])
    return _permission(address, file.permissions[address])


def about_get(call: Call) -> dict[str, Any]:
    """about.get: who the account is, and that it has no storage of its own."""
    if "fields" not in call.given:
        raise invalid("The 'fields' parameter is required for this method.", "fields")
    storage = dict.fromkeys(("limit", "usage", "usageInDrive", "usageInDriveTrash"), "0")
    return {"kind": "drive#about", "user": _user(call.account) | {"me": True}, "storageQuota": storage}


_CREATES = frozenset({"supportsAllDrives", "uploadType"})
OPERATIONS: Mapping[str, Operation] = {
    "drive.files.list": Operation(
        files_list,
        frozenset(
            "q pageSize pageToken orderBy includeItemsFromAllDrives supportsAllDrives corpora driveId spaces".split()
        ),
        default_fields=f"kind,incompleteSearch,nextPageToken,files({_FILE},driveId)",
    ),
    "drive.files.get": Operation(files_get, frozenset({"supportsAllDrives"}), default_fields=_FILE),
    "drive.files.create": Operation(files_create, _CREATES, default_fields=_FILE),
    "drive.files.copy": Operation(files_copy, frozenset({"supportsAllDrives"}), default_fields=_FILE),
    "drive.files.update": Operation(
        files_update, frozenset({"supportsAllDrives", "addParents", "removeParents"}), default_fields=_FILE
    ),
    "drive.permissions.list": Operation(
        permissions_list,
        frozenset({"supportsAllDrives", "pageSize", "pageToken"}),
        default_fields="kind,nextPageToken,permissions(kind,id,type,role)",
    ),
    "drive.permissions.create": Operation(
        permissions_create,
        frozenset({"supportsAllDrives", "sendNotificationEmail"}),
        default_fields="kind,id,type,role",
    ),
    "drive.about.get": Operation(about_get),
}
"""What each method is answered by."""


def _in_sight(call: Call) -> list[File]:
    """The files that a list is of, by corpora and Shared Drives."""
    given, state = call.parameters, call.state
    corpora, drive = given.get("corpora", "user"), given.get("driveId", "")
    if corpora not in {"user", "drive", "allDrives"} or given.get("spaces", "drive") != "drive":
        raise NotModelled(f"files.list with corpora {corpora}, spaces {given.get('spaces')}")
    everywhere = given["includeItemsFromAllDrives"] and given["supportsAllDrives"]
    if not everywhere and (given["includeItemsFromAllDrives"] or corpora != "user"):
        raise invalid("The supportsAllDrives and includeItemsFromAllDrives parameters must be true.", "corpora")
    if (corpora == "drive") != bool(drive):
        raise invalid("The driveId parameter must be specified if and only if corpora is set to drive.", "driveId")
    if drive and not (drive in state.drives and state.drives[drive].members.get(call.account)):
        message = f"Shared drive not found: {drive}"
        raise Refusal(404, message, "NOT_FOUND", reason="notFound", location="driveId")
    return [
        file
        for file in state.files.values()
        if (not file.drive or everywhere) and (not drive or file.drive == drive) and _is_seen(call, file)
    ]


def _is_seen(call: Call, file: File) -> bool:
    return bool(call.state.role(call.account, file)) and not (call.owned_only and file.by_app != call.account)


def _ordered(found: list[File], order: str) -> list[File]:
    """By `orderBy`; without it in no order that anybody could rely on."""
    found = sorted(found, key=lambda file: file.id)
    for key in reversed([key.split() for key in order.split(",") if key]):
        if key[0] not in _ORDERS or key[1:] not in ([], ["desc"]):
            raise NotModelled(f"orderBy {' '.join(key)}")
        found.sort(key=lambda file: getattr(file, _ORDERS[key[0]]), reverse=key[1:] == ["desc"])
    return found


def _page_token(call: Call, start: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([start, _search(call)]).encode()).decode()


def _search(call: Call) -> list[str]:
    """What must be the same for all pages."""
    return [str(call.parameters.get(name, "")) for name in ("q", "orderBy", "corpora", "driveId")]


def _start(call: Call) -> int:
    token = call.parameters.get("pageToken")
    if token is None:
        return 0
    try:
        start, search = json.loads(base64.urlsafe_b64decode(token))
    except (ValueError, binascii.Error):
        start, search = 0, None
    if search != _search(call):
        raise invalid("Invalid Value", "pageToken")
    return int(start)


def _file(call: Call, file_id: str, role: str = "reader") -> File:
    """A file that the account sees; a Shared Drive's is there only for who says supportsAllDrives."""
    file = call.state.files.get(file_id)
    if file is None or not _is_seen(call, file) or (file.drive and not call.parameters["supportsAllDrives"]):
        raise file_not_found(file_id)
    if not call.state.may(call.account, file, role):
        raise not_allowed()
    return file


def _place(call: Call, parents: list[str]) -> tuple[tuple[str, ...], str]:
    """Where a new file lands: its parents and Shared Drive. A service account has no room anywhere else."""
    if len(parents) > 1:
        raise invalid("A file cannot have multiple parents.", "parents")
    if not parents:
        raise no_storage()
    drive = call.state.drives.get(parents[0])
    if drive and call.parameters["supportsAllDrives"] and drive.members.get(call.account) and not call.owned_only:
        if ROLES.index(drive.members[call.account]) < ROLES.index("writer"):
            raise not_allowed()
        return (drive.id,), drive.id
    folder = _file(call, parents[0], "writer")
    if not folder.drive:
        raise no_storage()
    return (folder.id,), folder.drive


def _made(call: Call, name: str, mime: str, parents: tuple[str, ...], drive: str, tabs: tuple[Tab, ...]) -> File:
    now, file_id = call.state.now(), new_id(call.state)
    file = File(file_id, name, mime, "", parents, drive, now, now, by_app=call.account, last_by=call.account)
    file.tabs = tabs
    return call.state.add(file)


def new_id(state: State) -> str:
    """An id as Drive makes them."""
    return "1" + state.unique("file", 43)


def _move(call: Call, file: File) -> None:
    added, removed = (call.parameters.get(name, "") for name in ("addParents", "removeParents"))
    if not added and not removed:
        return
    if not added or removed not in file.parents:
        raise NotModelled("files.update that does not move from one folder to another")
    file.parents, file.drive = _place(call, [added])


def _roles(state: State, file: File) -> dict[str, str]:
    above = state.drives[file.drive].members if file.drive else {file.owner: "owner"}
    parts = [above, *(folder.permissions for folder in state.folders(file)), file.permissions]
    addresses = dict.fromkeys(address for part in parts for address in part)
    return {address: max((part.get(address, "") for part in parts), key=ROLES.index) for address in addresses}


def _permission(address: str, role: str) -> dict[str, Any]:
    described = {"kind": "drive#permission", "id": permission_id(address), "type": "user", "role": role}
    return described | {"emailAddress": address, "displayName": address, "deleted": False, "pendingOwner": False}


def _without_account(address: str) -> Refusal:
    message = (
        f'Bad Request. User message: "You are trying to invite {address}. Since there is no Google account associated '
        'with this email address, you must check the "Notify people" box to invite this recipient."'
    )
    return Refusal(400, message, "INVALID_ARGUMENT", reason="invalidSharingRequest")


def _user(address: str) -> dict[str, Any]:
    described = {"kind": "drive#user", "displayName": address, "emailAddress": address}
    return described | {"permissionId": permission_id(address)}


def _described(call: Call, file: File) -> dict[str, Any]:
    """A file as the account sees it; folders that it does not see are not named."""
    state, may = call.state, call.state.may
    seen = [parent for parent in file.parents if parent in state.drives or _is_seen(call, state.files[parent])]
    described: dict[str, Any] = {"kind": "drive#file", "id": file.id, "name": file.name, "mimeType": file.mime}
    described |= {"parents": seen} if seen else {}
    described |= {"driveId": file.drive} if file.drive else {"owners": [_user(file.owner)]}
    described |= {} if file.drive else {"ownedByMe": file.owner == call.account}
    writes = may(call.account, file, "writer")
    capabilities = {"canEdit": writes, "canShare": writes, "canAddChildren": writes and file.mime == FOLDER}
    return described | {
        "trashed": state.is_trashed(file),
        "createdTime": _time(file.created),
        "modifiedTime": _time(file.modified),
        "version": str(file.version),
        "lastModifyingUser": _user(file.last_by) | {"me": file.last_by == call.account},
        "capabilities": capabilities,
        "webViewLink": f"https://docs.google.com/spreadsheets/d/{file.id}/edit?usp=drivesdk",
    }


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"
