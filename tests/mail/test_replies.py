from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.mail.replies import LONGEST, Reply, one_line, refusal

SECRET = "mật khẩu#9"


@given(st.text(max_size=400), st.text(max_size=400))
def test_a_reply_is_one_short_printable_line_without_the_secret(before: str, after: str) -> None:
    shown = one_line((before + SECRET + after).encode("utf-8", "replace"), [SECRET, ""])
    assert len(shown) <= LONGEST
    assert SECRET not in shown
    assert "\n" not in shown
    assert "\r" not in shown
    assert "\x1b" not in shown


def test_a_secret_is_masked_although_it_is_cut_by_control_characters() -> None:
    assert one_line("no: mật\r\n khẩu#9, m\x00ật khẩu#9", [SECRET]) == "no: ***, ***"


def test_a_longer_secret_is_masked_before_one_that_is_a_part_of_it() -> None:
    assert one_line("abcdef", ["abc", "abcdef"]) == "***"


@pytest.mark.parametrize(
    ("code", "text", "status"),
    [
        (450, "4.2.1 later", "temporary"),
        (550, "5.1.1 nobody", "permanent"),
        (550, "5.4.5 Daily user sending limit exceeded", "temporary"),
        (550, "5.1.90 daily limit for message recipients", "temporary"),
        (550, "5.7.233 tenant exceeded its daily limit", "temporary"),
        (550, "15.4.5 no code", "permanent"),
        (552, "5.3.4 too large", "permanent"),
    ],
)
def test_a_refusal_is_for_good_unless_another_day_may_bring_the_letter(code: int, text: str, status: str) -> None:
    outcome = refusal(Reply(code, text))
    assert (outcome.status, outcome.code, outcome.reason) == (status, code, text)
