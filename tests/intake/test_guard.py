"""What is refused."""

from __future__ import annotations

from sync.checks.catalogue import CATALOGUE
from sync.intake import guard
from sync.intake.guard import Limits
from sync.intake.sniff import sniff
from tests.intake import hostile

LIMITS = Limits()


def test_a_file_over_the_limit_is_refused_and_never_shown_as_having_the_limit() -> None:
    assert guard.refuse_size(25 << 20, LIMITS) is None
    refused = guard.refuse_size((25 << 20) + 1, LIMITS)
    assert refused is not None
    assert refused.refused
    assert dict(refused.observations[0].params) == {"size": "26", "limit": "25"}


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    refused = guard.refuse_kind(sniff(hostile.zip_bomb(401)), LIMITS)
    assert refused is not None
    assert refused.observations[0].code == "reading-stopped"


def test_refusals_carry_what_their_messages_name() -> None:
    readings = [
        guard.refuse_size(0, LIMITS),
        guard.refuse_size(1 << 40, LIMITS),
        guard.refuse_kind(sniff(b"%PDF-1.4"), LIMITS),
        guard.refuse_kind(sniff(hostile.encrypted()), LIMITS),
        guard.refuse_sheets(201, LIMITS),
    ]
    for reading in readings:
        assert reading is not None
        for observation in reading.observations:
            CATALOGUE[observation.code].message.format_map(dict(observation.params))
