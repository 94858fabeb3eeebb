"""Screening of free text: what schools type is screened for data of a child before it spreads.

The law: Decree 56/2017, article 33 (a child's name, age, address, school, class, health and family are private);
Law 91/2025/QH15 and Decree 356/2025 on personal data. What is found is never returned, so that it cannot spread in
letters or logs; only its kind is. Names of leaders and teachers with their titles, numbers of documents, hotlines,
counts, classes without names, and people after whom schools are named are no data of a child.
"""

from __future__ import annotations

from collections.abc import Sequence

from sync.checks.privacy.kinds import KINDS

__all__ = ["KINDS", "screen"]


def screen(texts: Sequence[str | None]) -> list[str | None]:
    """For each text the kind of private data found in it (one of KINDS), or None. Each distinct text is read once."""
    # Compiling the patterns takes about as long as reading a thousand texts.
    from sync.checks.privacy.finding import kind

    kinds = {text: kind(text) if text else None for text in set(texts)}
    return [kinds[text] for text in texts]
