"""Rule text → a typed tree. Everything outside the grammar is refused here, when a plan is loaded."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sync.i18n import gettext as _
from sync.text import fold

Kind = Literal["number", "date", "text"]
"""What an operand is: numbers compare with numbers, dates with dates, texts with texts."""

FIRST_DATE = date(2000, 1, 1)
LAST_DATE = date(2099, 12, 31)
_EXCEL_EPOCH = date(1899, 12, 30)

_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
_ARITHMETIC: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


class ExpressionError(ValueError):
    """An expression outside the grammar; `offset` is the zero-based character where it goes wrong."""

    def __init__(self, message: str, offset: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Name:
    """A cell: a column of the row, a figure of the school or a date of the period."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal; dates are held as Excel serial numbers, texts folded."""

    value: float | str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Length:
    name: Name
    kind: Kind = "number"


@dataclass(frozen=True, slots=True)
class Arithmetic:
    operator: str
    left: Operand
    right: Operand
    kind: Kind


Operand = Name | Constant | Length | Arithmetic


@dataclass(frozen=True, slots=True)
class Compare:
    operator: str
    left: Operand
    right: Operand


@dataclass(frozen=True, slots=True)
class Member:
    operand: Operand
    choices: tuple[Constant, ...]


@dataclass(frozen=True, slots=True)
class Blank:
    name: Name


@dataclass(frozen=True, slots=True)
class Not:
    condition: Condition


@dataclass(frozen=True, slots=True)
class Logic:
    operator: Literal["and", "or"]
    conditions: tuple[Condition, ...]


Condition = Compare | Member | Blank | Not | Logic


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed condition and the text that it came from."""

    text: str
    condition: Condition

    @property
    def names(self) -> frozenset[str]:
        """All names that the expression reads."""
        return frozenset(_names(self.condition))


def excel_serial(day: date) -> int:
    """Excel's serial number of `day` (valid from 1 March 1900 on)."""
    return (day - _EXCEL_EPOCH).days


def parse(text: str, names: Mapping[str, Kind]) -> Expression:
    """Parses `text`, which may use `names` (dotted for school.x and period.x).

    Raises ExpressionError for anything outside the grammar, unknown names and operands of unlike kinds.
    """
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        offset = (error.offset or 1) - 1 if isinstance(error, SyntaxError) else 0
        raise ExpressionError(_("this is not an expression"), offset) from error
    try:
        return Expression(text, _Parser(names).condition(tree.body))
    except RecursionError as error:
        raise ExpressionError(_("the expression is nested too deeply")) from error


class _Parser:
    def __init__(self, names: Mapping[str, Kind]) -> None:
        self.known = names

    def condition(self, node: ast.expr) -> Condition:
        match node:
            case ast.BoolOp(op=operator, values=values):
                word: Literal["and", "or"] = "and" if isinstance(operator, ast.And) else "or"
                return Logic(word, tuple(self.condition(value) for value in values))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return Not(self.condition(operand))
            case ast.Compare():
                return self._comparison(node)
            case ast.Call(func=ast.Name(id="blank"), args=[argument], keywords=[]):
                return Blank(self._name(argument))
            case ast.Name() | ast.Attribute():
                return Not(Blank(self._name(node)))
        raise ExpressionError(_("a condition is wanted here"), node.col_offset)

    def _comparison(self, node: ast.Compare) -> Condition:
        parts: list[Condition] = []
        left = node.left
        for operator, right in zip(node.ops, node.comparators, strict=True):
            parts.append(self._one_comparison(operator, left, right))
            left = right
        return parts[0] if len(parts) == 1 else Logic("and", tuple(parts))

    def _one_comparison(self, operator: ast.cmpop, left: ast.expr, right: ast.expr) -> Condition:
        if isinstance(operator, ast.In | ast.NotIn):
            member = self._member(left, right)
            return Not(member) if isinstance(operator, ast.NotIn) else member
        if type(operator) not in _COMPARISONS:
            raise ExpressionError(_("this comparison is not known"), left.col_offset)
        one, other = self._same_kind(self.operand(left), self.operand(right), left.col_offset)
        if isinstance(one, Constant) and isinstance(other, Constant):
            raise ExpressionError(_("two literals are compared"), left.col_offset)
        symbol = _COMPARISONS[type(operator)]
        if one.kind == "text" and symbol not in ("==", "!="):
            raise ExpressionError(_("texts have no order; use == or !="), left.col_offset)
        return Compare(symbol, one, other)

    def _member(self, left: ast.expr, right: ast.expr) -> Member:
        if not isinstance(right, ast.List | ast.Tuple) or not right.elts:
            raise ExpressionError(_("a list of literals is wanted after 'in'"), right.col_offset)
        operand = self.operand(left)
        choices = []
        for element in right.elts:
            choice = self._same_kind(operand, self.operand(element), element.col_offset)[1]
            if not isinstance(choice, Constant):
                raise ExpressionError(_("only literals stand in a list"), element.col_offset)
            choices.append(choice)
        return Member(operand, tuple(choices))

    def operand(self, node: ast.expr) -> Operand:
        match node:
            case ast.Constant(value=bool()):
                raise ExpressionError(_("True and False are not values of a cell"), node.col_offset)
            case ast.Constant(value=int() | float() as number):
                return Constant(float(number), "number")
            case ast.Constant(value=str() as text):
                return Constant(fold(text), "text")
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return self._arithmetic("-", Constant(0.0, "number"), self.operand(inner), node.col_offset)
            case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _ARITHMETIC:
                symbol = _ARITHMETIC[type(operator)]
                return self._arithmetic(symbol, self.operand(left), self.operand(right), node.col_offset)
            case ast.Call(func=ast.Name(id="length"), args=[argument], keywords=[]):
                name = self._name(argument)
                if name.kind != "text":
                    raise ExpressionError(_("length() takes a column of text"), argument.col_offset)
                return Length(name)
            case ast.Name() | ast.Attribute():
                return self._name(node)
        raise ExpressionError(_("a value is wanted here"), node.col_offset)

    def _arithmetic(self, symbol: str, left: Operand, right: Operand, offset: int) -> Operand:
        kinds = (left.kind, right.kind)
        if kinds == ("number", "number"):
            kind: Kind = "number"
        elif kinds == ("date", "date") and symbol == "-":
            kind = "number"
        elif kinds == ("date", "number") and symbol in "+-":
            kind = "date"
        else:
            raise ExpressionError(
                _("{left} {symbol} {right} has no meaning").format(left=left.kind, symbol=symbol, right=right.kind),
                offset,
            )
        return Arithmetic(symbol, left, right, kind)

    def _name(self, node: ast.expr) -> Name:
        match node:
            case ast.Name(id=name):
                pass
            case ast.Attribute(value=ast.Name(id=owner), attr=attribute):
                name = f"{owner}.{attribute}"
            case _:
                raise ExpressionError(_("a name is wanted here"), node.col_offset)
        if name not in self.known:
            raise ExpressionError(_("'{name}' is not a name that this rule may use").format(name=name), node.col_offset)
        return Name(name, self.known[name])

    def _same_kind(self, left: Operand, right: Operand, offset: int) -> tuple[Operand, Operand]:
        left, right = _as_date(left, right, offset), _as_date(right, left, offset)
        if left.kind != right.kind:
            raise ExpressionError(_("{left} is compared with {right}").format(left=left.kind, right=right.kind), offset)
        return left, right


def _as_date(operand: Operand, other: Operand, offset: int) -> Operand:
    if not (isinstance(operand, Constant) and operand.kind == "text" and other.kind == "date"):
        return operand
    try:
        day = date.fromisoformat(str(operand.value))
    except ValueError:
        raise ExpressionError(_("a date is written 'YYYY-MM-DD'"), offset) from None
    return Constant(float(excel_serial(day)), "date")


def _names(node: Condition | Operand) -> set[str]:
    match node:
        case Name(name=name):
            return {name}
        case Constant():
            return set()
        case Length(name=inner) | Blank(name=inner):
            parts: tuple[Condition | Operand, ...] = (inner,)
        case Compare(left=left, right=right) | Arithmetic(left=left, right=right):
            parts = (left, right)
        case Member(operand=operand):
            parts = (operand,)
        case Not(condition=condition):
            parts = (condition,)
        case Logic(conditions=conditions):
            parts = conditions
    return set().union(*map(_names, parts))
