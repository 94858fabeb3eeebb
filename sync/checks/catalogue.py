"""The catalogue of findings: each code's severity and its words. Findings are data until `wording` makes sentences.

The plan's own rules are findings too; their codes are the rules' ids and their words stand in plan.toml.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sync import i18n
from sync.i18n import mark
from sync.plan import Plan

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One kind of finding. `message` and `fix` are English source strings with {named} parts."""

    severity: Severity
    message: str
    fix: str


CATALOGUE: Mapping[str, Entry] = {
    # The file as a whole; nothing of it can be used.
    "empty-file": Entry("error", mark("The file is empty."), mark("Save the workbook again and send it once more.")),
    "not-a-workbook": Entry(
        "error",
        mark("This is not an Excel workbook but {what}."),
        mark("Fill in the workbook that the office sent, save it as .xlsx and send that file."),
    ),
    "encrypted": Entry(
        "error",
        mark("The workbook is locked with a password and cannot be opened."),
        mark(
            "Remove the password (File, Info, Protect Workbook, Encrypt with Password, clear it), save and send again."
        ),
    ),
    "damaged": Entry(
        "error",
        mark("The file is damaged and cannot be read."),
        mark("Open the workbook in Excel, save it again as .xlsx and send that file."),
    ),
    "too-large": Entry(
        "error",
        mark("The file has {size} MB; at most {limit} MB are read."),
        mark("Remove pictures and added sheets from the workbook and send it again."),
    ),
    "too-many-sheets": Entry(
        "error",
        mark("The workbook has {count} sheets; at most {limit} are read."),
        mark("Copy the figures into the workbook that the office sent and send that one."),
    ),
    "too-many-cells": Entry(
        "error",
        mark("The sheet reaches over {count} cells; at most {limit} are read."),
        mark("Delete everything far outside the table, or copy the figures into the workbook that the office sent."),
    ),
    "reading-stopped": Entry(
        "error",
        mark("Reading the file took more memory or time than any workbook needs, and was stopped."),
        mark("Copy the figures into the workbook that the office sent and send that one."),
    ),
    "not-our-workbook": Entry(
        "error",
        mark("None of the plan's tables is in this workbook."),
        mark("Fill in the workbook that the office sent and send that one."),
    ),
    "other-plan": Entry(
        "error",
        mark("The workbook belongs to another plan ({plan})."),
        mark("Fill in the workbook of this plan that the office sent."),
    ),
    "older-template": Entry(
        "warning",
        mark("The workbook is of an older version ({version}); it was read all the same."),
        mark("Use the newest workbook from the office for the next report."),
    ),
    # Whose report it is.
    "no-identity": Entry(
        "error",
        mark("The workbook does not say which school and which period it is of."),
        mark("Copy the figures into the workbook that the office sent to your school and send that one."),
    ),
    "unknown-school": Entry(
        "error",
        mark("No school has the code {school}."),
        mark("Use the workbook that the office sent to your school, or ask the office."),
    ),
    "closed-school": Entry(
        "error",
        mark("The school {school} does not report in this period: it is not open on its last day."),
        mark("Ask the office if this is not so."),
    ),
    "unknown-period": Entry(
        "error",
        mark("Schools do not report for a period {period}."),
        mark("Use the workbook of the period that is asked for."),
    ),
    "broken-seal": Entry(
        "error",
        mark("The school or the period of this workbook was changed by hand."),
        mark("Use the workbook that the office sent to your school for this period; copy the figures into it."),
    ),
    "bound-to-other": Entry(
        "error",
        mark("The spreadsheet of {school} holds the workbook of {other}."),
        mark("Use the spreadsheet that the office made for your school, or ask the office."),
    ),
    "empty-report": Entry(
        "error",
        mark("The workbook has not been filled in: every row is blank."),
        mark("Fill in the tables and send the workbook again."),
    ),
    "emptied-report": Entry(
        "error",
        mark("The workbook is empty, although an earlier one of this period was filled in; the earlier one stays."),
        mark("Send the workbook with its figures; if the report is to be withdrawn, tell the office."),
    ),
    "earlier-period": Entry(
        "warning",
        mark("This is the workbook of an earlier period ({period})."),
        mark("If the report of the current period is meant, fill in its workbook: {current}."),
    ),
    "copied-workbook": Entry(
        "warning",
        mark("Nearly all figures and texts are those of {school}."),
        mark("Make sure that the workbook holds your own school's figures, and mend what does not."),
    ),
    "returned-by-office": Entry(
        "error",
        mark("The office gives the report back: {reason}"),
        mark("Mend the report and send it again; if anything is unclear, call the office."),
    ),
    # The build of the workbook.
    "sheet-missing": Entry(
        "error",
        mark("The sheet {sheet} is missing or its heading row cannot be found."),
        mark("Use the workbook that the office sent, with all its sheets and heading rows."),
    ),
    "column-missing": Entry(
        "error",
        mark("The column {heading} is missing."),
        mark("Put the column back with its heading, or copy the figures into the workbook that the office sent."),
    ),
    "row-missing": Entry(
        "error",
        mark("The row {row} is missing."),
        mark("Put the row back with its code, or copy the figures into the workbook that the office sent."),
    ),
    "row-twice": Entry(
        "error",
        mark("The row {row} stands here a second time; only the first is counted."),
        mark("Delete the second row, or move its figures into the first."),
    ),
    "row-unknown": Entry(
        "error",
        mark("The plan has no row {row}."),
        mark("Move what is written here into one of the plan's rows and delete this row."),
    ),
    "row-not-for-level": Entry(
        "error",
        mark("The row {row} is not for schools of the level {level}."),
        mark("Clear the row."),
    ),
    "cell-closed": Entry(
        "warning",
        mark("Nothing is to be entered in this cell; the value is not counted."),
        mark("Clear the cell."),
    ),
    "fixed-text-changed": Entry(
        "warning",
        mark("The printed text of the row {row} was changed; the figures were read by the row's code."),
        mark("Make sure that the figures belong to the plan's row {row}: {text}"),
    ),
    # The value of one cell.
    "required": Entry("error", mark("{heading} is missing."), mark("{help}")),
    "not-in-list": Entry(
        "error",
        mark("'{value}' is not in the list."),
        mark("Choose one of: {choices}."),
    ),
    "not-in-list-near": Entry(
        "error",
        mark("'{value}' is not in the list."),
        mark("Choose '{nearest}' if that is meant; the list is: {choices}."),
    ),
    "not-a-date": Entry(
        "error",
        mark("'{value}' is not a date."),
        mark("Enter day/month/year, for example 15/10/2024."),
    ),
    "not-a-number": Entry("error", mark("'{value}' is not a number."), mark("Enter digits only, for example 125.")),
    "not-whole": Entry(
        "error", mark("'{value}' is not a whole number."), mark("Enter a whole number, for example 125.")
    ),
    "too-small": Entry(
        "error",
        mark("{value} is less than {minimum}, the least that is possible here."),
        mark("Correct the value."),
    ),
    "too-great": Entry(
        "error",
        mark("{value} is more than {maximum}, the most that is possible here."),
        mark("Correct the value."),
    ),
    "text-too-long": Entry(
        "error",
        mark("The text has {length} characters; at most {limit} have room here."),
        mark("Shorten the text."),
    ),
    "date-as-text": Entry(
        "warning",
        mark("'{value}' is typed as text; it was read as {reading}, day first."),
        mark("Type the date again: {reading}."),
    ),
    "number-as-text": Entry(
        "warning",
        mark("'{value}' is typed as text; it was read as {reading}."),
        mark("Type the number again: {reading}."),
    ),
    "error-cell": Entry(
        "error",
        mark("The cell shows the error {value}."),
        mark("Delete the formula and type the value."),
    ),
    # How a text is written.
    "legacy-font": Entry(
        "error",
        mark("The text is typed in an old font ({encoding}) that other machines cannot show."),
        mark("Type it again in Unicode (Times New Roman). It seems to say: {reading}"),
    ),
    "hidden-characters": Entry(
        "warning",
        mark("The text holds characters that cannot be seen ({names})."),
        mark("Delete the text and type it again instead of pasting it."),
    ),
    "look-alike-letters": Entry(
        "warning",
        mark("The text holds foreign letters that look like Vietnamese ones ({letters})."),
        mark("Type it again: {reading}"),
    ),
    # What should not spread.
    "private-data": Entry(
        "warning",
        mark("The text seems to hold personal data ({kind}); it is withheld from every consolidated report."),
        mark("Reword it without names, classes, birth dates, telephone numbers, numbers of papers or addresses."),
    ),
    # Against the school's own earlier reports.
    "figure-fell": Entry(
        "warning",
        mark("{now} is less than the {before} reported for {period}, which this period includes."),
        mark("Correct the figure, or write the reason into the notes."),
    ),
    "undone": Entry(
        "warning",
        mark("This was reported as '{before}' for {period} and is now '{now}'."),
        mark("Choose '{before}' if it is still so, or write the reason into the notes."),
    ),
    "figure-jumped": Entry(
        "warning",
        mark("{now} differs by more than {percent} % from the {before} reported for {period}."),
        mark("Make sure that the figure is right."),
    ),
    "same-as-before": Entry(
        "warning",
        mark("Every figure and text is the same as in the report for {period}."),
        mark("Make sure that this period's figures were entered."),
    ),
    # Against other schools.
    "copied-text": Entry(
        "warning",
        mark("This text is nearly the same as that of {school}."),
        mark("Describe what your own school did."),
    ),
}


_SOURCE_STRINGS = frozenset({"what", "kind"})
"""Parts of messages that are source strings themselves: what a file is, what kind of data a text holds."""


def severity_of(code: str, plan: Plan | None) -> Severity:
    """The severity of a finding code or of the id of one of `plan`'s rules. Raises KeyError for an unknown code."""
    if code in CATALOGUE:
        return CATALOGUE[code].severity
    if plan is None:
        raise KeyError(code)
    return plan.rules_by_id[code].severity


def wording(code: str, params: Mapping[str, str], plan: Plan | None) -> tuple[str, str]:
    """Message and fix of a finding in the language in use. Raises KeyError for an unknown code."""
    if code in CATALOGUE:
        entry = CATALOGUE[code]
        words = {name: i18n.gettext(part) if name in _SOURCE_STRINGS else part for name, part in params.items()}
        return i18n.gettext(entry.message).format_map(words), i18n.gettext(entry.fix).format_map(words)
    if plan is None:
        raise KeyError(code)
    rule = plan.rules_by_id[code]
    return (rule.message, rule.fix) if i18n.current() == "vi" else (rule.message_en, rule.fix_en)
