"""What a rule may say, and what is refused when a plan is loaded."""

from __future__ import annotations

import pytest

from sync.expression import ExpressionError, parse
from sync.expression.grammar import Kind

pytestmark = pytest.mark.usefixtures("english")

NAMES: dict[str, Kind] = {
    "status": "text",
    "started_on": "date",
    "finished_on": "date",
    "children": "number",
    "school.children": "number",
    "period.ends_on": "date",
}


@pytest.mark.parametrize(
    "text",
    [
        "finished_on",
        "not blank(status)",
        "status == 'Hoàn thành'",
        "status in ['a', 'b'] and children not in (1, 2)",
        "started_on <= finished_on <= period.ends_on",
        "finished_on - started_on < 30",
        "started_on + 7 <= period.ends_on",
        "children <= school.children * 2 / 3 - -1",
        "length(status) >= 5 or blank(children)",
        "started_on >= '2020-06-22'",
    ],
)
def test_a_sentence_of_the_grammar_is_read(text: str) -> None:
    assert parse(text, NAMES).names <= set(NAMES)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not an expression"),
        ("import os", "not an expression"),
        ("status ==", "not an expression"),
        ("__import__('os')", "a condition is wanted"),
        ("status.upper() == 'A'", "a value is wanted"),
        ("status[0] == 'A'", "a value is wanted"),
        ("(lambda: 1)() == 1", "a value is wanted"),
        ("[c for c in status] == 1", "a value is wanted"),
        ("children ** 9 > 1", "a value is wanted"),
        ("True", "a condition is wanted"),
        ("children == True", "True and False"),
        ("1", "a condition is wanted"),
        ("1 == 1", "two literals"),
        ("nothing > 1", "not a name"),
        ("os.environ > 1", "not a name"),
        ("status > 'a'", "no order"),
        ("status == 1", "text is compared with number"),
        ("started_on == 'yesterday'", "YYYY-MM-DD"),
        ("started_on + finished_on > 1", "no meaning"),
        ("status + 'x' == 'y'", "no meaning"),
        ("children in status", "list of literals"),
        ("children in []", "list of literals"),
        ("children in [children]", "only literals"),
        ("length(children) > 1", "column of text"),
        ("blank(1)", "a name is wanted"),
        ("blank(status, 1)", "a condition is wanted"),
        ("status is 'a'", "not known"),
        ("(" * 500 + "children > 1" + ")" * 500, "not an expression"),
    ],
)
@pytest.mark.filterwarnings("ignore::SyntaxWarning")
def test_anything_else_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(ExpressionError, match=why):
        parse(text, NAMES)


def test_the_place_of_a_mistake_is_named() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse("children > 1 and nothing > 1", NAMES)
    assert caught.value.offset == len("children > 1 and ")
