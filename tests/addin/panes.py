"""The task pane in a real browser: headless Chromium, the vendored Office.js, the strict host of `office/host.js`."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
from openpyxl.utils.datetime import to_excel

from tests.fakes.libreoffice import skip_or_fail

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Route

OFFICE = Path(__file__).parent / "office"
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
# What Excel 2021 without updates has: learn.microsoft.com, "Excel JavaScript API requirement sets".
EXCEL_2021 = "1.14"
# Office.js puts its own namespace there once more when it has found no Excel around it: the host's has to stay.
_SETUP = """globalThis.hostSetup = %s;
let theirs, ours;
globalThis.hostSetup.play = (office) => { ours = office; };
Object.defineProperty(globalThis, "Office", { get: () => ours ?? theirs, set: (office) => { theirs = office; } });
"""
_TELEMETRY = "https://telemetryservice.firstpartyapps.oaspapps.com/"
_STATES = {"visible": "Visible", "hidden": "Hidden", "veryHidden": "VeryHidden"}


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless Chromium; skips the test (fails it in CI) where there is none."""
    from playwright.sync_api import sync_playwright

    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        skip_or_fail("Chromium is not installed")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield started
        started.close()


def open_book(file: Path) -> dict[str, Any]:
    """The workbook as the host has it open: values as Excel has them, formats, what is locked."""
    book = openpyxl.load_workbook(file, data_only=True)
    sheets = [_sheet(sheet) for sheet in book.worksheets]
    return {"name": file.name, "active": book.worksheets[0].title, "selection": "A1", "sheets": sheets}


def _sheet(sheet: Any) -> dict[str, Any]:
    cells = [list(row) for row in sheet.iter_rows()]
    return {
        "name": sheet.title,
        "visibility": _STATES[sheet.sheet_state],
        "protected": bool(sheet.protection.sheet),
        "values": [[_value(cell.value) for cell in row] for row in cells],
        "formats": [[cell.number_format for cell in row] for row in cells],
        "open": [[not cell.protection.locked for cell in row] for row in cells],
    }


def _value(value: Any) -> Any:
    if isinstance(value, date):
        return to_excel(value)
    return "" if value is None else value


@dataclass
class Pane:
    """One open task pane: what the page shows, and what it did to the host."""

    page: Page
    context: BrowserContext
    console: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    """The scripts that were called, `check` or `submit`, once for each request."""

    def state(self, name: str) -> Any:
        """A part of `hostState` of the host."""
        return self.page.evaluate(f"hostState.{name}")

    def text(self, selector: str) -> str:
        """The text that is seen there."""
        assert self.page.is_visible(selector), f"{selector} is not seen"
        return self.page.inner_text(selector)

    def enter_key(self, key: str) -> None:
        """Types the key and waits until the service has answered."""
        self.page.fill("#key-input", key)
        self.page.click("#key-save")
        self.settle()

    def click(self, selector: str) -> None:
        """Clicks, and waits until nothing is under way."""
        self.page.click(selector)
        self.settle()

    def submit(self) -> None:
        """Both clicks that handing in takes."""
        self.page.click("#submit")
        self.click("#confirm-yes")

    def settle(self) -> None:
        """Waits until the pane is done with what it does."""
        self.page.wait_for_selector("main:not([aria-busy])")

    def findings(self) -> list[str]:
        """The texts of the findings that are seen, in their order."""
        return [item.inner_text() for item in self.page.query_selector_all("#findings li") if item.is_visible()]

    def sheet(self, name: str) -> dict[str, Any]:
        """A sheet of the open workbook, as the host has it now."""
        found: dict[str, Any] = next(each for each in self.state("book.sheets") if each["name"] == name)
        return found

    def answer(self, pattern: str, status: int, body: object) -> None:
        """Answers requests to addresses that match `pattern` in the server's place; status 0 cuts the connection."""

        def handle(route: Route) -> None:
            if status == 0:
                route.abort("connectionrefused")
            else:
                route.fulfill(status=status, content_type="application/json", body=json.dumps(body))

        self.page.route(pattern, handle)


@contextmanager
def opened(
    browser: Browser,
    url: str,
    book: dict[str, Any],
    *,
    excel_api: str = EXCEL_2021,
    runtime_storage: bool = True,
    stored: dict[str, str] | None = None,
    size: tuple[int, int] = (320, 700),
) -> Iterator[Pane]:
    """The pane of the server at `url`, over the open workbook `book`.

    Fails afterwards where the page used what Excel has not, read before load and sync, threw, or broke the content
    security policy.
    """
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="vi-VN")
    page = context.new_page()
    page.set_default_timeout(30_000)
    pane = Pane(page, context)
    _listen(pane)
    members = json.loads((OFFICE / "members.json").read_text("utf-8"))
    setup = {"members": members, "book": book, "excelApi": excel_api, "runtimeStorage": runtime_storage}
    page.add_init_script(_SETUP % json.dumps(setup))
    page.route("**/office.js", lambda route: _with_host(route, stored or {}))
    try:
        page.goto(f"{url}/taskpane.html")
        page.wait_for_selector("#opening", state="hidden")
        pane.settle()
        yield pane
        assert (faults := pane.state("faults")) == [], faults
        bad = [line for line in pane.console if _is_bad(line)]
        assert bad == [], bad
    finally:
        context.close()


def _is_bad(line: str) -> bool:
    # After some seconds Office.js would show Microsoft a frame of its own; the policy of the server keeps it from that.
    return ("Content Security Policy" in line and _TELEMETRY not in line) or "Uncaught" in line


def _listen(pane: Pane) -> None:
    pane.page.on("console", lambda message: pane.console.append(message.text))
    pane.page.on("pageerror", lambda error: pane.console.append(f"Uncaught {error}"))
    pane.page.on("request", lambda request: _note(pane, request.url))


def _note(pane: Pane, url: str) -> None:
    if "/custom-scripts-call/" in url:
        pane.sent.append(url.rsplit("/", 1)[1])


def _with_host(route: Route, stored: dict[str, str]) -> None:
    response = route.fetch()
    host = (OFFICE / "host.js").read_text("utf-8")
    keep = f"Object.assign(hostState.stored, {json.dumps(stored)});"
    route.fulfill(response=response, body=f"{response.text()}\n{host}\n{keep}")
