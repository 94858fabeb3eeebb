"""Serve a headless LibreOffice Calc over line-delimited JSON on stdin and stdout.

Run by a Python that has ``uno`` (normally the system's /usr/bin/python3), never imported:

    python3 uno_driver.py SOFFICE PROFILE_DIR

The first line written is ``{"ready": true}``. Each request is one line
``{"id": N, "op": NAME, ...}`` and gets one line back, ``{"id": N, "result": ...}`` or
``{"id": N, "error": TEXT}``. End of input, or the request ``quit``, stops LibreOffice.

A call from another process costs about a millisecond, too much for thousands of cells. So this
same file is also loaded into LibreOffice as a Python component, which carries the requests out
there; the process started here only hands their lines over.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import re
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import uno  # type: ignore[import-not-found, unused-ignore]
import unohelper  # type: ignore[import-not-found, unused-ignore]
from com.sun.star.task import XJob  # type: ignore[import-not-found, unused-ignore]

UnoException: Any = uno.getClass("com.sun.star.uno.Exception")
COMPONENT = "baocao.tests.CalcRequests"

START_SECONDS = 90
FILTERS = {
    "xlsx": "Calc MS Excel 2007 XML",
    "ods": "calc8",
    "xls": "MS Excel 97",
    "pdf": "calc_pdf_Export",
}
# com.sun.star.util.NumberFormat.DATE
DATE_FORMAT_BIT = 2

# ooLocale only chooses the language of the interface; what typing "1.234,5" means comes from
# ooSetupSystemLocale. Function names stay English so that typed formulas do not depend on which
# language packs are installed.
PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"
 xmlns:xs="http://www.w3.org/2001/XMLSchema"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Setup/L10N">
<prop oor:name="ooLocale" oor:op="fuse"><value>vi-VN</value></prop></item>
<item oor:path="/org.openoffice.Setup/L10N">
<prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>vi-VN</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Formula/Syntax">
<prop oor:name="EnglishFunctionName" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Misc">
<prop oor:name="FirstRun" oor:op="fuse"><value>false</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Misc">
<prop oor:name="UseDocumentOOoLockFile" oor:op="fuse"><value>false</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Misc">
<prop oor:name="UseDocumentSystemFileLocking" oor:op="fuse"><value>false</value></prop></item>
<item oor:path="/org.openoffice.Office.Recovery/AutoSave">
<prop oor:name="Enabled" oor:op="fuse"><value>false</value></prop></item>
</oor:items>
"""


class RequestError(Exception):
    """A request that cannot be carried out; LibreOffice itself is fine."""


def start_soffice(soffice: str, profile: Path) -> tuple[subprocess.Popen[bytes], Any, Any]:
    user = profile / "user"
    user.mkdir(parents=True, exist_ok=True)
    (user / "registrymodifications.xcu").write_text(PROFILE, encoding="utf-8")
    pipe = f"calc{uuid.uuid4().hex}"
    environment = dict(os.environ, SAL_USE_VCLPLUGIN="svp", LC_ALL="C.UTF-8")
    environment["TMPDIR"] = str(profile)  # A killed LibreOffice leaves its temporary files.
    # A virtual environment's variables would mislead LibreOffice's own Python.
    for name in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"):
        environment.pop(name, None)
    process = subprocess.Popen(
        [
            soffice,
            f"-env:UserInstallation={profile.as_uri()}",
            "--headless",
            "--invisible",
            "--norestore",
            "--nologo",
            "--nodefault",
            "--nofirststartwizard",
            f"--accept=pipe,name={pipe};urp;",
        ],
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr.fileno(),
        env=environment,
    )
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    url = f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext"
    give_up = time.monotonic() + START_SECONDS
    while True:
        try:
            context = resolver.resolve(url)
            break
        except UnoException as error:
            code = process.poll()
            if code is not None:
                raise RuntimeError(f"soffice ended with exit code {code} while starting") from error
            if time.monotonic() > give_up:
                raise RuntimeError(f"soffice did not answer in {START_SECONDS} s") from error
            time.sleep(0.05)
    desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
    loader = context.ServiceManager.createInstanceWithContext("com.sun.star.loader.Python", context)
    if loader is None:
        raise RuntimeError("this LibreOffice has no Python inside")
    factory = loader.activate(COMPONENT, "", Path(__file__).resolve().as_uri(), None)
    return process, desktop, factory.createInstanceWithContext(context)


def prop(name: str, value: Any) -> Any:
    result = uno.createUnoStruct("com.sun.star.beans.PropertyValue")
    result.Name, result.Value = name, value
    return result


def position(address: str) -> tuple[int, int]:
    match = re.fullmatch(r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]*)", address)
    if match is None:
        raise RequestError(f"not a cell address: {address!r}")
    column = 0
    for letter in match[1].upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return column - 1, int(match[2]) - 1


class Document:
    def __init__(self, model: Any) -> None:
        self.model = model
        null = model.NullDate
        self.null_date = dt.datetime(null.Year, null.Month, null.Day)
        self._date_format: int | None = None
        self._is_date: dict[int, bool] = {}

    def sheet(self, name: str) -> Any:
        sheets = self.model.Sheets
        if not sheets.hasByName(name):
            raise RequestError(f"no sheet {name!r}; there are {list(sheets.ElementNames)}")
        return sheets.getByName(name)

    def cells(self, sheet_name: str, address: str | None) -> Any:
        sheet = self.sheet(sheet_name)
        if address is None:
            cursor = sheet.createCursor()
            cursor.gotoEndOfUsedArea(False)
            end = cursor.RangeAddress
            return sheet.getCellRangeByPosition(0, 0, end.EndColumn, end.EndRow)
        first, _, last = address.partition(":")
        left, top = position(first)
        right, bottom = position(last) if last else (left, top)
        return sheet.getCellRangeByPosition(min(left, right), min(top, bottom), max(left, right), max(top, bottom))

    def date_format(self) -> int:
        if self._date_format is None:
            # The empty locale is the profile's; naming it would put its code into saved formats.
            locale = uno.createUnoStruct("com.sun.star.lang.Locale")
            formats = self.model.NumberFormats
            key = formats.queryKey("d/m/yyyy", locale, False)
            self._date_format = key if key != -1 else formats.addNew("d/m/yyyy", locale)
        return self._date_format

    def is_date_format(self, key: int) -> bool:
        if key not in self._is_date:
            kind = self.model.NumberFormats.getByKey(key).Type
            self._is_date[key] = bool(kind & DATE_FORMAT_BIT)
        return self._is_date[key]

    def put(self, cell: Any, value: Any, how: str) -> None:
        if how == "typed":
            cell.FormulaLocal = value
        elif how == "text":
            cell.setString(value)
        elif how == "number":
            cell.setValue(float(value))
        elif how == "date":
            elapsed = dt.datetime.fromisoformat(value) - self.null_date
            cell.setValue(elapsed / dt.timedelta(days=1))
            if not self.is_date_format(cell.NumberFormat):
                cell.NumberFormat = self.date_format()
        else:
            raise RequestError(f"unknown way of setting a cell: {how!r}")


@contextlib.contextmanager
def unprotected(target: Any, password: str) -> Iterator[None]:
    """Lift a sheet's or a document's protection meanwhile, as its owner would by hand."""
    was = target.isProtected()
    if was:
        with contextlib.suppress(UnoException):
            target.unprotect(password)
        if target.isProtected():
            raise RequestError("protected with another password")
    try:
        yield
    finally:
        if was:
            target.protect(password)


class Server:
    def __init__(self, desktop: Any) -> None:
        self.desktop = desktop
        self.documents: dict[int, Document] = {}
        self.last_id = 0
        self.operations: dict[str, Callable[..., Any]] = {
            "open": self.open,
            "sheets": self.sheets,
            "set_cells": self.set_cells,
            "recalculate": self.recalculate,
            "read": self.read,
            "read_shown": self.read_shown,
            "read_formulas": self.read_formulas,
            "insert_columns": self.insert_columns,
            "insert_rows": self.insert_rows,
            "rename_sheet": self.rename_sheet,
            "move_sheet": self.move_sheet,
            "delete_sheet": self.delete_sheet,
            "merge": self.merge,
            "add_comment": self.add_comment,
            "save_as": self.save_as,
            "run_macro": self.run_macro,
            "close": self.close,
        }

    def document(self, doc: int) -> Document:
        if doc not in self.documents:
            raise RequestError("this workbook has been closed")
        return self.documents[doc]

    def open(self, path: str, macros: bool = False) -> dict[str, Any]:
        if not Path(path).is_file():
            raise RequestError(f"no such file: {path}")
        # MacroExecutionMode 0: never run macros, 4: never ask; UpdateDocMode 0: never fetch external links.
        model = self.desktop.loadComponentFromURL(
            Path(path).absolute().as_uri(),
            "_blank",
            0,
            (prop("Hidden", True), prop("MacroExecutionMode", 4 if macros else 0), prop("UpdateDocMode", 0)),
        )
        if model is None or not model.supportsService("com.sun.star.sheet.SpreadsheetDocument"):
            if model is not None:
                model.close(True)
            raise RequestError(f"LibreOffice does not open this as a spreadsheet: {path}")
        self.last_id += 1
        self.documents[self.last_id] = Document(model)
        return {"doc": self.last_id, "sheets": list(model.Sheets.ElementNames)}

    def sheets(self, doc: int) -> list[str]:
        return list(self.document(doc).model.Sheets.ElementNames)

    def set_cells(
        self,
        doc: int,
        sheet: str,
        cells: list[list[Any]],
        refuse_locked: bool,
        password: str,
    ) -> None:
        document = self.document(doc)
        target = document.sheet(sheet)
        where = [position(address) for address, _, _ in cells]
        locked = []
        if target.isProtected():
            locked = [
                address
                for (address, _, _), at in zip(cells, where, strict=True)
                if target.getCellByPosition(*at).CellProtection.IsLocked
            ]
        if not locked:
            self._fill(document, target, cells, where)
        elif refuse_locked:
            more = f" and {len(locked) - 5} more" if len(locked) > 5 else ""
            raise RequestError(f"locked in a protected sheet: {', '.join(locked[:5])}{more}")
        else:
            # Some ways of setting a locked cell work regardless, others silently do nothing.
            with unprotected(target, password):
                self._fill(document, target, cells, where)

    def _fill(
        self,
        document: Document,
        target: Any,
        cells: list[list[Any]],
        where: list[tuple[int, int]],
    ) -> None:
        model = document.model
        automatic = model.isAutomaticCalculationEnabled()
        undo = model.getUndoManager()
        model.lockControllers()
        model.addActionLock()
        undo.lock()
        model.enableAutomaticCalculation(False)
        try:
            for (address, value, how), at in zip(cells, where, strict=True):
                try:
                    document.put(target.getCellByPosition(*at), value, how)
                except (TypeError, ValueError) as error:
                    raise RequestError(f"{address}: {value!r} as {how}: {error}") from error
        finally:
            model.enableAutomaticCalculation(automatic)
            undo.unlock()
            model.removeActionLock()
            model.unlockControllers()

    def recalculate(self, doc: int) -> None:
        self.document(doc).model.calculateAll()

    def read(self, doc: int, sheet: str, range: str | None) -> list[list[Any]]:
        cells = self.document(doc).cells(sheet, range)
        rows = [list(row) for row in cells.getDataArray()]
        for y, row in enumerate(rows):
            for x, value in enumerate(row):
                # The data array holds nothing at all where a formula ended in an error.
                if value is None:
                    cell = cells.getCellByPosition(x, y)
                    row[x] = {"error": cell.getError(), "shown": cell.getString()}
        return rows

    def read_shown(self, doc: int, sheet: str, range: str | None) -> list[list[str]]:
        cells = self.document(doc).cells(sheet, range)
        width, height = cells.Columns.Count, cells.Rows.Count
        return [[cells.getCellByPosition(x, y).getString() for x in _count(width)] for y in _count(height)]

    def read_formulas(self, doc: int, sheet: str, range: str | None) -> list[list[str]]:
        cells = self.document(doc).cells(sheet, range)
        return [list(row) for row in cells.getFormulaArray()]

    def insert_columns(self, doc: int, sheet: str, index: int, count: int, password: str) -> None:
        target = self.document(doc).sheet(sheet)
        with unprotected(target, password):
            target.Columns.insertByIndex(index, count)

    def insert_rows(self, doc: int, sheet: str, index: int, count: int, password: str) -> None:
        target = self.document(doc).sheet(sheet)
        with unprotected(target, password):
            target.Rows.insertByIndex(index, count)

    def rename_sheet(self, doc: int, sheet: str, name: str, password: str) -> None:
        document = self.document(doc)
        target = document.sheet(sheet)
        with unprotected(document.model, password):
            target.setName(name)
        if target.getName() != name:
            raise RequestError(f"LibreOffice refused the sheet name {name!r}")

    def move_sheet(self, doc: int, sheet: str, index: int, password: str) -> None:
        document = self.document(doc)
        names = self.sheets(doc)
        document.sheet(sheet)
        if not 0 <= index < len(names):
            raise RequestError(f"no place {index} among {len(names)} sheets")
        # moveByName counts places with the moved sheet still in its old one.
        place = index + 1 if index > names.index(sheet) else index
        with unprotected(document.model, password):
            document.model.Sheets.moveByName(sheet, place)

    def delete_sheet(self, doc: int, sheet: str, password: str) -> None:
        document = self.document(doc)
        document.sheet(sheet)
        with unprotected(document.model, password):
            document.model.Sheets.removeByName(sheet)

    def merge(self, doc: int, sheet: str, range: str, password: str) -> None:
        document = self.document(doc)
        cells = document.cells(sheet, range)
        with unprotected(document.sheet(sheet), password):
            cells.merge(True)
        if not cells.getIsMerged():
            raise RequestError(f"LibreOffice did not merge {range}")

    def add_comment(self, doc: int, sheet: str, address: str, text: str, password: str) -> None:
        target = self.document(doc).sheet(sheet)
        where = target.getCellByPosition(*position(address)).getCellAddress()
        with unprotected(target, password):
            target.Annotations.insertNew(where, text)

    def save_as(self, doc: int, path: str, format: str) -> None:
        if format not in FILTERS:
            raise RequestError(f"unknown format {format!r}; known: {', '.join(FILTERS)}")
        # Storing a copy leaves the open document as it is, so one can be saved in many formats.
        self.document(doc).model.storeToURL(
            Path(path).absolute().as_uri(),
            (prop("FilterName", FILTERS[format]), prop("Overwrite", True)),
        )

    def run_macro(self, doc: int, name: str, arguments: list[Any]) -> Any:
        scripts = self.document(doc).model.getScriptProvider()
        script = scripts.getScript(f"vnd.sun.star.script:{name}?language=Basic&location=document")
        return script.invoke(tuple(arguments), (), ())[0]

    def close(self, doc: int) -> None:
        document = self.documents.pop(doc, None)
        if document is not None:
            document.model.close(True)


_count = range  # Several requests have a field named "range".


class CalcRequests(unohelper.Base, XJob):  # type: ignore[misc]
    """The component inside LibreOffice: takes a request as JSON and returns the answer as JSON."""

    def __init__(self, context: Any) -> None:
        self.server = Server(context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context))

    def execute(self, arguments: Any) -> str:
        request = json.loads(arguments[0].Value)
        number, operation = request.pop("id"), request.pop("op")
        try:
            if operation not in self.server.operations:
                raise RequestError(f"unknown request {operation!r}")
            result = self.server.operations[operation](**request)
        except RequestError as error:
            return json.dumps({"id": number, "error": str(error)})
        except UnoException as error:
            kind = type(error).__name__.rpartition(".")[2]
            return json.dumps({"id": number, "error": f"{kind}: {error.Message}"})
        return json.dumps({"id": number, "result": result})


g_ImplementationHelper = unohelper.ImplementationHelper()  # noqa: N816 - the name that the loader looks for
g_ImplementationHelper.addImplementation(CalcRequests, COMPONENT, ())


def serve(desktop: Any, component: Any, out: Any) -> bool:
    """Answer until the end of the requests; False when LibreOffice is gone."""

    def reply(answer: str) -> None:
        out.write(answer + "\n")
        out.flush()

    argument = uno.createUnoStruct("com.sun.star.beans.NamedValue")
    argument.Name = "request"
    reply(json.dumps({"ready": True}))
    for line in sys.stdin:
        request = json.loads(line)
        if request["op"] == "quit":
            reply(json.dumps({"id": request["id"], "result": None}))
            return True
        argument.Value = line
        try:
            answer = component.execute((argument,))
        except UnoException as error:
            try:
                desktop.getCurrentComponent()
            except UnoException:
                print(f"LibreOffice went away during {request['op']!r}", file=sys.stderr)
                return False
            answer = json.dumps({"id": request["id"], "error": error.Message})
        reply(answer)
    return True


def main() -> int:
    # A group of its own, so that the last resort below ends soffice.bin too, which is a
    # grandchild: the soffice on the path is only a launcher.
    with contextlib.suppress(OSError):
        os.setpgrp()
    soffice, profile = sys.argv[1], Path(sys.argv[2]).absolute()
    # Whatever else writes to standard output must not end up among the answers.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.stdin.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    process, desktop, component = start_soffice(soffice, profile)
    fine = False
    try:
        fine = serve(desktop, component, out)
    finally:
        with contextlib.suppress(UnoException):
            desktop.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(0, signal.SIGKILL)
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
