"""Jinja for templates that an office writes: they reach nothing but the names they are given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jinja2
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment

_LONGEST_RANGE = 1000


class Sandbox(SandboxedEnvironment):
    """Strict about unknown names; nothing in it grows without bounds by one small sign."""

    intercepted_binops = frozenset({"*", "**"})

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Multiplies numbers; raises SecurityError for anything larger."""
        if operator == "*" and isinstance(left, int | float) and isinstance(right, int | float):
            return super().call_binop(context, operator, left, right)
        raise SecurityError(operator)


def sandbox(shipped: Path, own: Mapping[str, tuple[str, str]], *, escaping: bool) -> Sandbox:
    """An environment over the templates in `shipped`; `own` (name → source, file) go before them.

    `escaping` makes signs of HTML in values harmless.
    """
    environment = Sandbox(
        loader=jinja2.ChoiceLoader([jinja2.FunctionLoader(_of(own)), jinja2.FileSystemLoader(shipped)]),
        autoescape=escaping,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals["range"] = _range
    return environment


def _of(
    own: Mapping[str, tuple[str, str]],
) -> Callable[[str], tuple[str, str | None, Callable[[], bool] | None] | None]:
    def load(name: str) -> tuple[str, str | None, Callable[[], bool] | None] | None:
        return (*own[name], None) if name in own else None

    return load


def _range(*bounds: int) -> range:
    numbers = range(*bounds)
    if len(numbers) > _LONGEST_RANGE:
        raise SecurityError(f"range, {len(numbers)} > {_LONGEST_RANGE}")
    return numbers
