"""The live part of a table's row as formulas that Excel 2010, LibreOffice, WPS and Google Sheets all calculate alike.

A chain of helper cells keeps each formula short: what each cell's kind says and which rules fire; from these each
cell's mark; from the marks the cells' sentences and the row's state; from these the verdict that the school sees.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sync.expression.formula import quoted, violation_formula
from sync.expression.grammar import FIRST_DATE, LAST_DATE, excel_serial
from sync.outputs import layout as at
from sync.outputs.school_workbook import wording
from sync.outputs.school_workbook.form import Draft
from sync.plan import Column, CompiledRule, Plan, Row, Table
from sync.text import address, column_letters, fold

_KEYS = at.findings_range(at.FINDINGS_KEY_COLUMN)
_SEVERITIES = at.findings_range(at.FINDINGS_SEVERITY_COLUMN)
_MESSAGES = at.findings_range(at.FINDINGS_MESSAGE_COLUMN)
_FINDINGS = at.absolute(at.FINDINGS_SHEET, at.FINDINGS_COUNT_ROW, at.FINDINGS_KEY_COLUMN)
RULE_MESSAGE_ROW = 1
"""A rule's message stands once, in this row of its helper column."""


def literal(text: str) -> str:
    """`text` in a formula, where one literal holds at most 255 characters."""
    pieces = [text[start : start + 200] for start in range(0, len(text), 200)] or [""]
    return "&".join(map(quoted, pieces))


def rules_of(plan: Plan, table: Table, row: Row, column: Column | None = None) -> list[CompiledRule]:
    """The rules that judge `row`, or those of them that mark `column`."""
    return [
        compiled
        for compiled in plan.rules[table.id]
        if (compiled.rule.rows is None or row.code in compiled.rule.rows)
        and (column is None or compiled.rule.cell == column.id)
    ]


class RowFormulas:
    """The formulas of one row of a table, without their '='."""

    def __init__(self, draft: Draft, table: Table, row: Row) -> None:
        self.plan, self.table, self.row = draft.plan, table, row
        self.sheet = draft.sheets[table.id]
        self.at = self.sheet.rows[row.code]
        self.foreign = not draft.is_for_school(row)
        self._outer = at.figure_references(draft.plan, draft.sheets) | at.period_references()

    def is_open(self, column: Column) -> bool:
        """Whether something is to be entered in the cell."""
        return not self.foreign and column.id not in self.row.closed

    def rule(self, compiled: CompiledRule) -> str:
        """1 where the rule fires, else 0."""
        cells = {column.id: self._value(column) for column in self.table.columns}
        return f"IF({violation_formula(compiled.when, compiled.require, {**cells, **self._outer})},1,0)"

    def kind(self, column: Column) -> str:
        """KIND_…: what the cell's own kind says."""
        cell = self._cell(self.sheet.columns[column.id])
        if not self.is_open(column):
            return f'IF(ISERROR({cell}),{at.KIND_CLOSED},IF(TRIM({cell})="",{at.KIND_BLANK},{at.KIND_CLOSED}))'
        filled = f'IF(TRIM({cell})="",{at.KIND_BLANK},{_kind(column, cell)})'
        return f"IF(ISERROR({cell}),{at.KIND_ERROR},{filled})"

    def filled(self) -> str:
        """How many fill-in cells are filled."""
        return f'COUNTIF({self._across(self.sheet.kind_columns.values())},">={at.KIND_SOUND}")'

    def mark(self, column: Column) -> str:
        """MARK_…: the worst that the kind, the rules and the sheet `Kiểm tra` say of the cell."""
        kind = self._cell(self.sheet.kind_columns[column.id])
        touched = f"({self._cell(self.sheet.filled_column)}>0)"
        errors, warnings = self._rule_cells(column, "error"), self._rule_cells(column, "warning")
        todo = "0"
        if self.is_open(column):
            errors.append(f"({kind}>0)")
            if column.required:
                errors.append(f"({kind}={at.KIND_BLANK})*{touched}")
                todo = f"IF({kind}={at.KIND_BLANK},{at.MARK_TODO},0)"
        else:
            (errors if self.foreign else warnings).append(f"({kind}={at.KIND_CLOSED})")
        warning = at.SEVERITY_TEXTS["warning"]
        errors.append(self._count_findings(column, f"<>{warning}"))
        warnings.append(self._count_findings(column, warning))
        test = f"IF({'+'.join(warnings)}>0,{at.MARK_WARNING},{todo})"
        return f"IF({'+'.join(errors)}>0,{at.MARK_ERROR},{test})"

    def message(self, column: Column) -> str:
        """The sentence for a marked cell, else an empty text."""
        kind, mark = (self._cell(where[column.id]) for where in (self.sheet.kind_columns, self.sheet.mark_columns))
        messages = wording.kind_messages(column)
        choices = ",".join(
            literal(messages[code]) if code in messages else '""' for code in range(at.KIND_CLOSED, at.KIND_ERROR + 1)
        )
        text = self._finding_message(column)
        for compiled in reversed(self._by_severity(column)):
            fires, words = self._rule_cell(compiled), self._rule_message(compiled)
            seen = f"{mark}={at.MARK_WARNING},{fires}=1" if compiled.rule.severity == "warning" else f"{fires}=1"
            text = f"IF(AND({seen}),{words},{text})"
        odd = f"{kind}<>{at.KIND_SOUND}"
        if not (self.is_open(column) and column.required):
            odd = f"AND({kind}<>{at.KIND_SOUND},{kind}<>{at.KIND_BLANK})"
        return f'IF({mark}<{at.MARK_WARNING},"",IF({odd},CHOOSE({kind}+{1 - at.KIND_CLOSED},{choices}),{text}))'

    def state(self) -> str:
        """STATE_…: where the row stands."""
        untouched = f"IF({self._cell(self.sheet.filled_column)}=0,{at.STATE_OPTIONAL},{at.STATE_DONE})"
        marks = self._across(self.sheet.mark_columns.values())
        text = untouched
        for mark, state in (
            (at.MARK_WARNING, at.STATE_WARNED),
            (at.MARK_TODO, at.STATE_TODO),
            (at.MARK_ERROR, at.STATE_MEND),
        ):
            text = f"IF(COUNTIF({marks},{mark})>0,{state},{text})"
        return text

    def verdict(self) -> str:
        """The sentence that the school sees."""
        state = self._cell(self.sheet.state_column)
        wrong = f"COUNTIF({self._across(self.sheet.mark_columns.values())},{at.MARK_ERROR})"
        before, after = (literal(part) for part in wording.more_cells("\n").split("\n"))
        more = f'IF({wrong}>1,{before}&({wrong}-1)&{after},"")'
        nothing = literal(wording.FOREIGN if self.foreign else "")
        rest = f"IF({state}={at.STATE_DONE},{literal(wording.SOUND)},{nothing})"
        warned = f"{literal(wording.WARNING_PREFIX)}&{self._first_message(at.MARK_WARNING)}"
        return (
            f"IF({state}={at.STATE_TODO},{literal(wording.NOT_BEGUN)},"
            f"IF({state}={at.STATE_MEND},{self._first_message(at.MARK_ERROR)}&{more},"
            f"IF({state}={at.STATE_WARNED},{warned},{rest})))"
        )

    def _cell(self, column: int) -> str:
        return address(self.at, column)

    def _value(self, column: Column) -> str:
        # What stands in a closed cell counts for nothing.
        return self._cell(self.sheet.columns[column.id]) if self.is_open(column) else '""'

    def _across(self, columns: Iterable[int]) -> str:
        indexes = list(columns)
        return f"{self._cell(indexes[0])}:{self._cell(indexes[-1])}"

    def _rule_cell(self, compiled: CompiledRule) -> str:
        return self._cell(self.sheet.rule_columns[compiled.rule.id])

    def _rule_message(self, compiled: CompiledRule) -> str:
        return f"{column_letters(self.sheet.rule_columns[compiled.rule.id])}${RULE_MESSAGE_ROW + 1}"

    def _rule_cells(self, column: Column, severity: str) -> list[str]:
        return [self._rule_cell(each) for each in self._by_severity(column) if each.rule.severity == severity]

    def _by_severity(self, column: Column) -> list[CompiledRule]:
        """The rules that mark the cell, errors first."""
        rules = [] if self.foreign else rules_of(self.plan, self.table, self.row, column)
        return sorted(rules, key=lambda compiled: compiled.rule.severity)

    def _key(self, column: Column) -> str:
        cell = self._cell(self.sheet.columns[column.id])
        return f"{quoted(at.finding_key(self.table.id, ''))}&ADDRESS(ROW({cell}),COLUMN({cell}),4)"

    def _count_findings(self, column: Column, severity: str) -> str:
        counted = f"COUNTIFS({_KEYS},{self._key(column)},{_SEVERITIES},{quoted(severity)})"
        return f"IF({_FINDINGS}=0,0,{counted})"

    def _finding_message(self, column: Column) -> str:
        return f'IFERROR(INDEX({_MESSAGES},MATCH({self._key(column)},{_KEYS},0)),"")'

    def _first_message(self, mark: int) -> str:
        messages, marks = (
            self._across(where.values()) for where in (self.sheet.message_columns, self.sheet.mark_columns)
        )
        return f"INDEX({messages},MATCH({mark},{marks},0))"


def _kind(column: Column, cell: str) -> str:
    """KIND_… of a filled cell that holds no error."""
    if column.kind == "choice":
        tests = ",".join(f"LOWER(TRIM({cell}))={literal(fold(value))}" for value in column.values)
        return f"IF(OR({tests}),{at.KIND_SOUND},{at.KIND_WRONG})"
    if column.kind == "text":
        limit = column.max_length
        return str(at.KIND_SOUND) if limit is None else f"IF(LEN(TRIM({cell}))>{limit},{at.KIND_UNFIT},{at.KIND_SOUND})"
    known = _within(column, cell)
    if column.kind == "whole":
        known = f"IF({cell}<>INT({cell}),{at.KIND_UNFIT},{known})"
    if column.kind == "date":
        first, last = excel_serial(FIRST_DATE), excel_serial(LAST_DATE)
        known = f"IF(OR(INT({cell})<{first},INT({cell})>{last}),{at.KIND_WRONG},{known})"
    return f"IF(ISNUMBER({cell}),{known},{at.KIND_WRONG})"


def _within(column: Column, cell: str) -> str:
    value = f"INT({cell})" if column.kind == "date" else cell
    text = str(at.KIND_SOUND)
    if column.maximum is not None:
        text = f"IF({value}>{_number(column.maximum)},{at.KIND_HIGH},{text})"
    if column.minimum is not None:
        text = f"IF({value}<{_number(column.minimum)},{at.KIND_LOW},{text})"
    return text


def _number(bound: float | date) -> str:
    return str(excel_serial(bound)) if isinstance(bound, date) else f"{bound:.15g}"


class CountFormulas:
    """Live counts over a whole table, from any sheet."""

    def __init__(self, sheet: at.SheetLayout) -> None:
        where = at.quoted_sheet(sheet.sheet)
        self._states = f"{where}!{sheet.down(sheet.state_column)}"
        marks = list(sheet.mark_columns.values())
        self._marks = f"{where}!{sheet.down(marks[0], marks[-1])}"

    def rows(self) -> str:
        """Rows that are to be filled or were."""
        return f'COUNTIF({self._states},"<{at.STATE_OPTIONAL}")'

    def blank(self) -> str:
        """Rows that are still to be filled."""
        return f"COUNTIF({self._states},{at.STATE_TODO})"

    def wrong(self) -> str:
        """Cells to mend."""
        return f"COUNTIF({self._marks},{at.MARK_ERROR})"
