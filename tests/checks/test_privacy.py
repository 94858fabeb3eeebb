"""Free text with data of a child is stopped; what reports are full of is not. The corpus is in tests/data/privacy."""

from __future__ import annotations

import importlib.util
import re
import time
import tomllib
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.checks.privacy import KINDS, finding, kinds, screen
from sync.checks.privacy.spelling import flat, lowered, spelt
from sync.demo import phrases

DATA = Path(__file__).parent.parent / "data"
CORPUS = DATA / "privacy"
PLAN = Path(__file__).parent.parent.parent / "workbook_templates" / "thu-thua-2020-2025" / "plan.toml"
FILES = [(kind, which) for kind in ("with", "without") for which in ("train", "held-out")]


@cache
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("privacy_corpus", CORPUS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line and not line.startswith("#")]


@cache
def corpus(kind: str, which: str) -> list[str]:
    return lines((CORPUS / f"{kind}-{which}.txt").read_text("utf-8"))


def share_stopped(texts: list[str]) -> float:
    return sum(kind is not None for kind in screen(texts)) / len(texts)


def one(text: str) -> str | None:
    return screen([text])[0]


# ---------------------------------------------------------------- the figures


def test_of_the_held_out_texts_with_a_childs_data_at_least_95_of_100_are_stopped() -> None:
    assert share_stopped(corpus("with", "held-out")) >= 0.95


def test_of_the_held_out_texts_without_a_childs_data_at_most_2_of_100_are_stopped() -> None:
    assert share_stopped(corpus("without", "held-out")) <= 0.02


def test_the_rules_fit_the_texts_they_were_written_against() -> None:
    assert share_stopped(corpus("with", "train")) >= 0.99
    assert share_stopped(corpus("without", "train")) == 0


def test_the_corpus_is_as_large_as_it_says_and_its_halves_share_nothing() -> None:
    for kind in ("with", "without"):
        train, held_out = corpus(kind, "train"), corpus(kind, "held-out")
        by_hand = [
            lines(generator().written(which, kind).partition(generator().MARK)[0]) for which in ("train", "held-out")
        ]
        assert len(set(train)) + len(set(held_out)) >= 500
        assert not set(train) & set(held_out)
        assert len(set(by_hand[0])) + len(set(by_hand[1])) >= 150


@pytest.mark.parametrize(("kind", "which"), FILES)
def test_the_made_half_of_the_corpus_is_what_its_generator_makes(kind: str, which: str) -> None:
    assert (CORPUS / f"{kind}-{which}.txt").read_text("utf-8") == generator().written(which, kind)


# ---------------------------------------------------------------- the plan's own words


def plan_texts(node: object) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for value in node.values():
            yield from plan_texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from plan_texts(value)


def own_texts() -> list[str]:
    source = (DATA / "ke-hoach-thu-thua-2020-2025.txt").read_text("utf-8")
    printed = [source, *source.split("\n\n"), *source.split("\n"), *source.replace("\n", "\t").split("\t")]
    demo = [text for value in vars(phrases).values() if isinstance(value, tuple) for text in value]
    return [*printed, *plan_texts(tomllib.loads(PLAN.read_text("utf-8"))), *demo]


def bare(text: str) -> str:
    apart = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def nfd(text: str) -> str:
    return unicodedata.normalize("NFD", text)


TYPED: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "NFD": nfd,
    "upper": str.upper,
    "lower": str.lower,
    "bare": bare,
    "bare and lower": lambda text: bare(text).lower(),
    "bare and upper": lambda text: bare(text).upper(),
}


@pytest.mark.parametrize("typed", TYPED.values(), ids=TYPED)
def test_nothing_of_the_source_document_the_plan_and_the_demo_is_stopped(typed: Callable[[str], str]) -> None:
    texts = [typed(text) for text in own_texts()]
    assert [(kind, text) for kind, text in zip(screen(texts), texts, strict=True) if kind] == []


# ---------------------------------------------------------------- the kinds

FOUND = {
    "Em Lâm Thị Đào Tiên lớp 5A bị bạn đánh.": kinds.CHILD,
    "Nguyễn Trà Mi (6A1) nghỉ học nhiều.": kinds.CHILD,
    "HS Trần T. B. lớp 9A1": kinds.CHILD,
    "em N.V.A, lớp 3/2": kinds.CHILD,
    "cháu T. đã được đưa về nhà": kinds.CHILD,
    "Bé Na học lớp Mầm 2 hay khóc": kinds.CHILD,
    "em Nguyen Van An lop 5A": kinds.CHILD,
    "EM NGUYỄN VĂN AN LỚP 5A": kinds.CHILD,
    "Phạm Văn Đậu, sinh năm 2012, mồ côi": kinds.CHILD,
    "Em Lan sống với bà ngoại do cha mẹ ly hôn": kinds.CHILD,
    "Con của chị Hồng bị trêu chọc": kinds.RELATIVE,
    "Mẹ em là Lê Thị Sen": kinds.RELATIVE,
    "Gọi 0900 000 123": kinds.TELEPHONE,
    "SĐT +84 900 000 123": kinds.TELEPHONE,
    "điện thoại bàn 0272.000.0123": kinds.TELEPHONE,
    "CCCD 080200000123": kinds.IDENTITY,
    "số CMND là 300000123": kinds.IDENTITY,
    "080 200 000 123": kinds.IDENTITY,
    "Sinh ngày 05/9/2015": kinds.BIRTH,
    "ngày sinh: 5.9.2015": kinds.BIRTH,
    "sinh ngày 5 tháng 9 năm 2015": kinds.BIRTH,
    "Em cư ngụ tại ấp 4": kinds.ADDRESS,
    "số nhà 12, tổ 3, khu phố 1": kinds.ADDRESS,
}
CLEAN = (
    "Thầy Nguyễn Văn An, hiệu trưởng, chỉ đạo chung.",
    "Cô Lê Thị Hoa chủ nhiệm lớp 5A",
    "Trần Văn Bình, GVCN lớp 8A1",
    "Ông Phạm Văn Long, Chủ tịch UBND xã",
    "Bí thư chi bộ Trần Văn Hùng chủ trì",
    "KH 12/KH-THCS ngày 05/10/2024",
    "Công văn số 02/SGDDĐT-GDTrH ngày 02/01/2019",
    "Gọi 111, 113, 115 hoặc 1900 6000",
    "Đường dây nóng của trường: 0272 000 0123",
    "https://example.edu.vn/tin/0900000123, c1@example.edu.vn",
    "lớp 5A, 5B tổ chức; 3 lớp khối 4; 12 em",
    "Học sinh ngày 20/11/2024 dự lễ; tuyển sinh 01/7/2024",
    "Trường Tiểu học Võ Thị Sáu lớp 5A",
    "Đội TNTP Hồ Chí Minh, Đoàn Thanh niên Cộng sản Hồ Chí Minh, phong trào Nguyễn Viết Xuân",
    "Địa chỉ trường: số 12 đường Nguyễn Huệ; tuyên truyền tại ấp 3",
    "Ủng hộ 125000000 đồng",
    "Trẻ sinh năm 2019 ra lớp 99%",
    "Tình huống: học sinh A đánh học sinh B",
)


@pytest.mark.parametrize(("text", "kind"), FOUND.items())
def test_the_kind_of_what_was_found_is_told(text: str, kind: str) -> None:
    assert one(text) == kind


@pytest.mark.parametrize("text", CLEAN)
def test_what_reports_are_full_of_is_not_stopped(text: str) -> None:
    assert one(text) is None


def test_every_kind_is_found_in_some_text_of_the_corpus_and_nothing_else_is_returned() -> None:
    texts = corpus("with", "train") + corpus("without", "train")
    assert set(screen(texts)) == {*KINDS, None}


# ---------------------------------------------------------------- properties

NEUTRAL = (
    "Nhà trường đã triển khai đầy đủ.",
    "Phụ huynh đồng thuận.",
    "Thầy Lê Văn Tốt phụ trách chung.",
    "Có 3 lớp khối 4 tham gia ngày 05/10/2024!",
    "Đường dây nóng của trường: 0272 000 0123.",
    "Thực hiện KH 12/KH-THCS ngày 05/10/2024.",
)


@given(
    hit=st.sampled_from(sorted(FOUND)),
    before=st.lists(st.sampled_from(NEUTRAL), max_size=4),
    after=st.lists(st.sampled_from(NEUTRAL), max_size=4),
    gap=st.sampled_from([" ", "\n", "  "]),
)
def test_neutral_sentences_around_it_do_not_hide_a_childs_data(
    hit: str, before: list[str], after: list[str], gap: str
) -> None:
    assert one(gap.join([*before, f"{hit.rstrip('.')}.", *after])) is not None


@given(
    before=st.lists(st.sampled_from(NEUTRAL), max_size=4),
    after=st.lists(st.sampled_from(CLEAN), min_size=1, max_size=4),
)
def test_clean_sentences_together_are_clean(before: list[str], after: list[str]) -> None:
    sentences = [f"{text[0].upper()}{text[1:].rstrip('.')}." for text in after]
    assert one(" ".join([*before, *sentences])) is None


@pytest.mark.parametrize("typed", TYPED.values(), ids=TYPED)
@pytest.mark.parametrize("text", [text for text, kind in FOUND.items() if kind not in {kinds.CHILD, kinds.RELATIVE}])
def test_numbers_birth_dates_and_addresses_are_found_however_they_are_typed(
    text: str, typed: Callable[[str], str]
) -> None:
    assert one(typed(text)) == FOUND[text]


@given(
    surname=st.sampled_from(["Nguyễn", "Trần", "Huỳnh", "Bùi", "Trịnh"]),
    middle=st.sampled_from(["Văn", "Thị"]),
    name=st.sampled_from(["An", "Đào", "Khôi", "Thủy", "Xoài", "Yến"]),
    frame=st.sampled_from(
        ["Em {}, lớp 5A, bị ngã", "học sinh {} lớp 6/2", "Cháu {} (lớp Lá 1)", "HS {} lớp 9A1 bỏ học"]
    ),
    typed=st.sampled_from(sorted(TYPED)),
)
def test_a_full_name_beside_a_class_is_found_however_it_is_typed(
    surname: str, middle: str, name: str, frame: str, typed: str
) -> None:
    assert one(TYPED[typed](frame.format(f"{surname} {middle} {name}"))) == kinds.CHILD


@given(
    prefix=st.sampled_from(["090", "035", "070", "098", "+8490", "8490"]),
    rest=st.text("0123456789", min_size=7, max_size=7),
    separator=st.sampled_from(["", " ", ".", "-"]),
)
def test_a_mobile_telephone_is_found_in_every_grouping(prefix: str, rest: str, separator: str) -> None:
    assert one(f"gọi mẹ em {prefix}{rest[0]}{separator}{rest[1:4]}{separator}{rest[4:]} gặp") == kinds.TELEPHONE


@settings(max_examples=200)
@given(st.text(max_size=200) | st.text("eEmM NgAa.5/(:,áớĐđ0\n-", max_size=400))
def test_any_text_at_all_is_read(text: str) -> None:
    assert one(text) in {*KINDS, None}


JUNK = (
    *(
        "A",
        "a",
        "0",
        "0 ",
        "A.",
        "A ",
        "An ",
        "em ",
        "số 1/1 ấp ",
        "sinh 1/1/",
        "thầy Lê An (5A), ",
        "EM LÊ ",
        "lê ",
        "5A, ",
    ),
    *("cmnd ", "con của ", "www.", "a@", "-", "(", "ở em ", "em nguyen van ", "hs a.b.", "nhà ở ", "em ở số 1 "),
)


def seconds(text: str) -> float:
    times = []
    for _ in range(3):
        start = time.process_time()
        screen([text])
        times.append(time.process_time() - start)
    return min(times)


@pytest.mark.parametrize("piece", JUNK)
def test_the_time_for_junk_grows_with_its_length_only(piece: str) -> None:
    half, whole = seconds((piece * 10_000)[:10_000]), seconds((piece * 20_000)[:20_000])
    assert whole < 0.3
    assert whole < 0.02 or whole < half * 3.5


# ---------------------------------------------------------------- the interface


def test_nothing_is_found_in_no_text() -> None:
    assert screen([None, "", " ", "\n"]) == [None, None, None, None]
    assert screen([]) == []


def test_the_answer_has_the_order_of_the_texts() -> None:
    assert screen(["Gọi 0900 000 123", None, "Tốt", "Gọi 0900 000 123"]) == [
        kinds.TELEPHONE,
        None,
        None,
        kinds.TELEPHONE,
    ]


def test_each_distinct_text_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    monkeypatch.setattr(finding, "kind", read.append)
    screen(["Tốt", "Khá", "Tốt", None, "Tốt"])
    assert sorted(read) == ["Khá", "Tốt"]


# ---------------------------------------------------------------- spelling


def test_a_pattern_matches_a_word_without_its_diacritics_but_no_other_word() -> None:
    pattern = re.compile(spelt("cô đỗ"))
    assert [text for text in ("cô đỗ", "co do", "cô do", "có đỗ", "cô độ") if pattern.fullmatch(text)] == [
        "cô đỗ",
        "co do",
        "cô do",
    ]
    assert flat("Đặng Thùy") == "dang thuy"


def test_lower_case_keeps_every_letter_in_its_place() -> None:
    assert lowered("İĐẠI") == "İđại"
