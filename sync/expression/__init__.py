"""Rule expressions: written once in plan.toml, run as an Excel formula and as a pandas mask.

Grammar (Python's own syntax, a small closed part of it):

    expression  = or / and / not of conditions
    condition   = comparison | membership | blank(column) | column
    comparison  = operand (== | != | < | <= | > | >=) operand
    membership  = operand (in | not in) [literal, ...]
    operand     = literal | name | length(column) | operand (+ | - | * | /) operand | -operand
    name        = a fill-in column of the row | school.<figure> | period.starts_on | period.ends_on

Semantics, the same for both compilers:

* A value is **known** when the cell holds a value of the column's kind: a finite number, a date from 2000-01-01 to
  2099-12-31 (its time of day is dropped), a text that is not only spaces. Anything else in the cell is not known,
  and neither is a result of arithmetic over something unknown or a division by zero.
* Logic has three values. A comparison or membership with an unknown operand is **unknown**, so a comparison with a
  blank cell never fires. `not unknown` is unknown; `and` and `or` follow Kleene.
* `blank(column)` is always true or false: a cell with something unreadable in it is not blank.
  A column alone, where a condition is wanted, means `not blank(column)`.
* `length(column)` counts the characters that Excel's TRIM leaves; of a blank cell it is 0.
* Texts compare without regard to case and to spaces around and between words.
* A text literal compared with a date is a date: 'YYYY-MM-DD'. Date minus date is days; date plus number is a date.
* A rule **fires** where `when` is true (or absent) and `require` is false. Unknown never fires.
"""

from sync.expression.grammar import Expression, ExpressionError, Kind, parse

# The two compilers, `formula` and `mask`, are imported where they run: pandas takes longer than most commands.
__all__ = ["Expression", "ExpressionError", "Kind", "parse"]
