"""Tabs and protected ranges as the Sheets API describes them."""

from __future__ import annotations

from typing import Any

from tests.fakes.google.state import File, Protected, Tab


def properties_of(tab: Tab, index: int, says_zero: bool) -> dict[str, Any]:
    """SheetProperties; what is 0 or false is left out, a `sheetId` of 0 unless `says_zero`."""
    grid = {"rowCount": tab.row_count, "columnCount": tab.column_count}
    grid |= {"frozenRowCount": tab.frozen_rows} if tab.frozen_rows else {}
    grid |= {"frozenColumnCount": tab.frozen_columns} if tab.frozen_columns else {}
    return {
        **({"sheetId": tab.sheet_id} if tab.sheet_id or says_zero else {}),
        "title": tab.title,
        "index": index,
        "sheetType": "GRID",
        "gridProperties": grid,
        **({"hidden": True} if tab.hidden else {}),
    }


def protected_of(each: Protected, account: str, file: File) -> dict[str, Any]:
    """ProtectedRange, as `account` sees it: only who may edit it sees who else may."""
    can_edit = each.warning_only or account in each.editors or account == file.owner
    described: dict[str, Any] = {"protectedRangeId": each.id, "range": _without_zero(each.range)}
    if each.description:
        described["description"] = each.description
    if each.unprotected:
        described["unprotectedRanges"] = [_without_zero(free) for free in each.unprotected]
    described |= {"warningOnly": True} if each.warning_only else {}
    described |= {"requestingUserCanEdit": True} if can_edit else {}
    if can_edit and not each.warning_only:
        described["editors"] = {"users": list(each.editors)}
    return described


def _without_zero(place: dict[str, int]) -> dict[str, int]:
    return {name: number for name, number in place.items() if number or name != "sheetId"}
