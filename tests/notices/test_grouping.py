"""Which notices stand in which letter, and who gets it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sync.notices import Notice
from sync.notices.grouping import Bundle, bundles
from tests.fakes.offices import ZONE

NOW = datetime(2025, 1, 21, 9, 0, tzinfo=ZONE)
CHIEF = "lanh-dao@example.org"


def notice(school: str, *to: str, cc: tuple[str, ...] = (), kind: str = "overdue") -> Notice:
    return Notice(kind, "+7", school, "2024-2025/HK1", NOW, NOW, to, cc)  # type: ignore[arg-type]


def shapes(found: list[Bundle]) -> list[tuple[tuple[str, ...], tuple[str, ...], list[str]]]:
    return [(bundle.to, bundle.cc, [each.school for each in bundle.notices]) for bundle in found]


_ADDRESSES = st.lists(st.sampled_from([f"{name}@example.org" for name in "abcde"]), max_size=3).map(tuple)
_NOTICES = st.lists(st.tuples(_ADDRESSES, _ADDRESSES), max_size=12).map(
    lambda given: [notice(f"T{number}", *to, cc=cc) for number, (to, cc) in enumerate(given)]
)


@given(_NOTICES)
def test_every_address_gets_what_it_is_owed_once_in_one_letter_and_nothing_else(notices: list[Notice]) -> None:
    owed = {(address, each.key) for each in notices for address in (*each.to, *each.cc)}
    found = bundles(notices)
    got = Counter((address, each.key) for bundle in found for address in _addresses(bundle) for each in bundle.notices)
    assert set(got) == owed
    assert set(got.values()) <= {1}
    assert set(Counter(address for bundle in found for address in _addresses(bundle)).values()) <= {1}


@given(_NOTICES)
def test_letters_and_what_is_in_them_keep_the_order_of_the_notices(notices: list[Notice]) -> None:
    place = {each.key: number for number, each in enumerate(notices)}
    inside = [[place[each.key] for each in bundle.notices] for bundle in bundles(notices)]
    assert all(places == sorted(places) for places in inside)
    assert all(one < other for one, other in pairwise(inside))


@given(_NOTICES)
def test_no_letter_is_to_nobody_and_a_copy_is_only_copied_on_all_of_it(notices: list[Notice]) -> None:
    for bundle in bundles(notices):
        assert bundle.to
        named = {address for each in bundle.notices for address in each.to}
        assert not named & set(bundle.cc)
        assert set(bundle.to) <= named or not bundle.cc


def _addresses(bundle: Bundle) -> tuple[str, ...]:
    return (*bundle.to, *bundle.cc)


def test_a_school_and_its_head_share_a_letter() -> None:
    assert shapes(bundles([notice("T1", "t1@example.org", cc=("ht@example.org",))])) == [
        (("t1@example.org",), ("ht@example.org",), ["T1"])
    ]


def test_a_chief_who_is_copied_on_many_schools_gets_one_letter_and_each_school_its_own() -> None:
    notices = [notice(f"T{number}", f"t{number}@example.org", cc=(CHIEF,)) for number in (1, 2, 3)]
    assert shapes(bundles(notices)) == [
        (("t1@example.org",), (), ["T1"]),
        ((CHIEF,), (), ["T1", "T2", "T3"]),
        (("t2@example.org",), (), ["T2"]),
        (("t3@example.org",), (), ["T3"]),
    ]


def test_several_notices_to_one_address_are_one_letter() -> None:
    both = [notice("T1", "t1@example.org"), notice("T1", "t1@example.org", kind="to_mend")]
    assert [(bundle.to, len(bundle.notices)) for bundle in bundles(both)] == [(("t1@example.org",), 2)]


def test_an_address_that_is_spoken_to_once_is_no_copy_in_that_letter() -> None:
    notices = [notice("T1", "a@example.org", cc=("b@example.org",)), notice("T2", "b@example.org", "a@example.org")]
    assert shapes(bundles(notices)) == [(("a@example.org", "b@example.org"), (), ["T1", "T2"])]


def test_an_address_that_stands_twice_in_a_notice_gets_it_once() -> None:
    assert shapes(bundles([notice("T1", "a@example.org", "a@example.org", cc=("a@example.org",))])) == [
        (("a@example.org",), (), ["T1"])
    ]


def test_notices_to_nobody_are_in_no_letter() -> None:
    assert bundles([notice("T1")]) == bundles([]) == []
