"""Expressions as Excel formulas that Excel 2010, LibreOffice, WPS and Google Sheets all know.

AND and OR calculate all their arguments, so an operand that may be an error or text stands behind an IF that asks
first whether it is known.
"""

from __future__ import annotations

from collections.abc import Mapping

from sync.expression import grammar as g

_FIRST = g.excel_serial(g.FIRST_DATE)
_AFTER_LAST = g.excel_serial(g.LAST_DATE) + 1
_SYMBOL = {"==": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


def violation_formula(when: g.Expression | None, require: g.Expression, cells: Mapping[str, str]) -> str:
    """A formula without its '=' that is TRUE where the rule fires; `cells` gives each name's cell reference."""
    compiler = _Compiler(cells)
    broken = compiler.false(require.condition)
    return broken if when is None else f"AND({compiler.true(when.condition)},{broken})"


def blank_formula(cell: str) -> str:
    """TRUE where the cell is blank; an error is not blank."""
    return f'IF(ISERROR({cell}),FALSE,TRIM({cell})="")'


def quoted(text: str) -> str:
    """`text` as a string literal of a formula."""
    return '"' + text.replace('"', '""') + '"'


class _Compiler:
    def __init__(self, cells: Mapping[str, str]) -> None:
        self.cells = cells

    def true(self, condition: g.Condition) -> str:
        """A formula that is TRUE where `condition` is surely true, else FALSE; never an error."""
        match condition:
            case g.Compare(operator=symbol, left=left, right=right):
                test = f"{self._value(left)}{_SYMBOL[symbol]}{self._value(right)}"
                return self._where_known((left, right), test)
            case g.Member(operand=operand, choices=choices):
                value = self._value(operand)
                tests = ",".join(f"{value}={self._value(choice)}" for choice in choices)
                return self._where_known((operand,), f"OR({tests})")
            case g.Blank(name=name):
                return blank_formula(self.cells[name.name])
            case g.Not(condition=inner):
                return self.false(inner)
            case g.Logic(operator=word, conditions=conditions):
                parts = ",".join(self.true(inner) for inner in conditions)
                return f"{word.upper()}({parts})"

    def false(self, condition: g.Condition) -> str:
        """A formula that is TRUE where `condition` is surely false, else FALSE; never an error."""
        match condition:
            case g.Compare(operator=symbol, left=left, right=right):
                test = f"{self._value(left)}{_SYMBOL[symbol]}{self._value(right)}"
                return self._where_known((left, right), f"NOT({test})")
            case g.Member(operand=operand, choices=choices):
                value = self._value(operand)
                tests = ",".join(f"{value}={self._value(choice)}" for choice in choices)
                return self._where_known((operand,), f"NOT(OR({tests}))")
            case g.Blank(name=name):
                return f"NOT({blank_formula(self.cells[name.name])})"
            case g.Not(condition=inner):
                return self.true(inner)
            case g.Logic(operator=word, conditions=conditions):
                parts = ",".join(self.false(inner) for inner in conditions)
                return f"{'OR' if word == 'and' else 'AND'}({parts})"

    def _where_known(self, operands: tuple[g.Operand, ...], test: str) -> str:
        known = sorted({part for operand in operands for part in self._known(operand)})
        if any(_divides(operand) for operand in operands):
            test = f"IFERROR({test},FALSE)"
        if not known:
            return test
        return f"IF({known[0] if len(known) == 1 else 'AND(' + ','.join(known) + ')'},{test},FALSE)"

    def _known(self, operand: g.Operand) -> list[str]:
        match operand:
            case g.Name(name=name, kind=kind):
                cell = self.cells[name]
                if kind == "number":
                    return [f"ISNUMBER({cell})"]
                if kind == "date":
                    return [f"IF(ISNUMBER({cell}),AND({cell}>={_FIRST},{cell}<{_AFTER_LAST}),FALSE)"]
                return [f'IF(ISERROR({cell}),FALSE,TRIM({cell})<>"")']
            case g.Arithmetic(left=left, right=right):
                return [*self._known(left), *self._known(right)]
        return []

    def _value(self, operand: g.Operand) -> str:
        match operand:
            case g.Constant(value=str() as text):
                return quoted(text)
            case g.Constant(value=number):
                return f"{number:.15g}"
            case g.Length(name=name):
                cell = self.cells[name.name]
                return f"IF(ISERROR({cell}),0,LEN(TRIM({cell})))"
            case g.Name(name=name, kind=kind):
                cell = self.cells[name]
                return {"number": cell, "date": f"INT({cell})", "text": f"LOWER(TRIM({cell}))"}[kind]
            case g.Arithmetic(operator=symbol, left=left, right=right):
                return f"({self._value(left)}{symbol}{self._value(right)})"


def _divides(operand: g.Operand) -> bool:
    if not isinstance(operand, g.Arithmetic):
        return False
    return operand.operator == "/" or _divides(operand.left) or _divides(operand.right)
