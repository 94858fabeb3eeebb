"""Keys of schools: what opens, and what opens nothing."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import keys
from sync.keys import Key, KeyRefused
from sync.ledger import Ledger
from sync.schools import School, Schools

NOW = datetime(2025, 1, 20, 1, tzinfo=UTC)
LATER = datetime(2025, 1, 21, 1, tzinfo=UTC)


class Shelf(dict[str, Key]):
    """Keys by their ids."""

    def by_id(self, key_id: str) -> Key | None:
        return self.get(key_id)


ISSUED = keys.make("TH01", NOW)
SHELF = Shelf({ISSUED.key.id: ISSUED.key})


def test_a_key_opens_its_own_school() -> None:
    assert keys.check(ISSUED.text, SHELF).school == "TH01"
    assert keys.check(f" {ISSUED.text}\n", SHELF) == ISSUED.key
    assert re.fullmatch(r"bc-[a-z0-9]{10}-[A-Za-z0-9_-]{43}", ISSUED.text)


@given(st.integers(0, len(ISSUED.text) - 1), st.characters(codec="latin-1"))
def test_a_key_with_one_other_character_opens_nothing(at: int, other: str) -> None:
    text = ISSUED.text[:at] + other + ISSUED.text[at + 1 :]
    # The last character of base64url carries two bits that mean nothing; they are part of the secret all the same.
    if text != ISSUED.text:
        with pytest.raises(KeyRefused):
            keys.check(text, SHELF)


@given(st.text(max_size=200))
def test_whatever_else_is_said_opens_nothing_and_breaks_nothing(text: str) -> None:
    with pytest.raises(KeyRefused):
        keys.check(text, SHELF)


def test_the_secret_of_one_key_does_not_open_another() -> None:
    other = keys.make("MN01", NOW)
    shelf = Shelf({**SHELF, other.key.id: other.key})
    secret = ISSUED.text.split("-", 2)[2]
    with pytest.raises(KeyRefused):
        keys.check(f"bc-{other.key.id}-{secret}", shelf)


def test_only_who_has_the_key_learns_that_it_was_revoked(english: None) -> None:
    gone = Shelf({ISSUED.key.id: Key(ISSUED.key.id, "TH01", ISSUED.key.digest, NOW, LATER)})
    with pytest.raises(KeyRefused, match="revoked"):
        keys.check(ISSUED.text, gone)
    with pytest.raises(KeyRefused, match="wrong"):
        keys.check(f"bc-{ISSUED.key.id}-{'x' * 43}", gone)


def test_the_ledger_keeps_no_secret_and_the_first_moment_of_revoking(tmp_path: Path) -> None:
    file = tmp_path / "ledger.sqlite"
    with Ledger.open(file) as ledger:
        ledger.keys.record([ISSUED.key])
        assert ledger.keys.by_id(ISSUED.key.id) == ISSUED.key
        assert [key.revoked_at for key in ledger.keys.revoke([ISSUED.key.id, "none"], LATER)] == [LATER]
        assert [key.revoked_at for key in ledger.keys.revoke([ISSUED.key.id], datetime.max.replace(tzinfo=UTC))] == [
            LATER
        ]
    secret = ISSUED.text.split("-", 2)[2].encode()
    assert not any(secret in path.read_bytes() for path in tmp_path.iterdir())


def test_all_means_open_schools_without_a_key_that_works() -> None:
    schools = Schools((School("A", "A", "TH"), School("B", "B", "TH"), School("C", "C", "TH", closed_on=NOW.date())))
    known = [Key("1", "A", "", NOW), Key("2", "B", "", NOW, LATER)]
    assert keys.schools_for(schools, (), known, True) == ["B"]
    assert keys.schools_for(schools, ("C", "A"), known, False) == ["A", "C"]
    with pytest.raises(keys.NoSuchSchool, match="X, Y"):
        keys.schools_for(schools, ("X", "A", "Y"), known, False)
