"""Old fonts, unseen characters and look-alike letters are found, and sound text of any language is left alone."""

from __future__ import annotations

import re
import time
import unicodedata
from itertools import chain
from pathlib import Path

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from sync import plan as plans
from sync.checks import legacy
from sync.checks.catalogue import CATALOGUE
from sync.checks.legacy import Encoding
from sync.checks.writing import READING, doubts

SOURCE = Path(__file__).parent.parent / "data" / "ke-hoach-thu-thua-2020-2025.txt"
LINES = [line.strip() for line in SOURCE.read_text(encoding="utf-8").splitlines() if line.strip()]
SENTENCES = [line for line in LINES if sum(not word.isascii() for word in line.split()) > 2]
ENCODINGS: tuple[Encoding, ...] = ("TCVN3", "VNI")
VN3 = dict(
    zip(
        "ĂÂÊÔƠƯĐăâêôơưđ" "àảãáạ" "ằẳẵắ" "ặầẩẫấậè" "ẻẽéẹềểễếệìỉ" "ĩíịò" "ỏõóọồổỗốộờởỡớợù" "ủũúụừửữứựỳỷỹýỵ",
        "¡¢£¤¥¦§¨©ª«¬\u00ad®" "µ¶·¸¹" "»¼½¾" "ÆÇÈÉÊËÌ" "ÎÏÐÑÒÓÔÕÖ×Ø" "ÜÝÞß" "áâãäåæçèéêëìíîï" "ñòóôõö÷øùúûüýþ",
        strict=True,
    )
)  # fmt: skip
"""The character set VN3 of TCVN 5712:1993 in the order of its codes."""


def said(text: str) -> list[tuple[str, dict[str, str]]]:
    (found,) = doubts([text])
    for code, params in found:
        entry = CATALOGUE[code]
        assert (entry.message + entry.fix).format_map(params)
    return found


def codes(text: str) -> list[str]:
    return [code for code, _params in said(text)]


# Old fonts


@pytest.mark.parametrize(
    ("typed", "encoding", "reading"),
    [
        ("Hoµn thµnh", "TCVN3", "Hoàn thành"),
        ("Tr\u00adêng TiÓu häc", "TCVN3", "Trường Tiểu học"),
        ("Céng hoµ x· héi chñ nghÜa ViÖt Nam", "TCVN3", "Cộng hoà xã hội chủ nghĩa Việt Nam"),
        ("§éc lËp - Tù do - H¹nh phóc", "TCVN3", "Độc lập - Tự do - Hạnh phúc"),
        ("TR¦êNG TIÓU HäC, PGD§T", "TCVN3", "TRƯỜNG TIỂU HỌC, PGDĐT"),
        ("ch\u00ada lµm", "TCVN3", "chưa làm"),
        ("Hoaøn thaønh", "VNI", "Hoàn thành"),
        ("Tröôøng Tieåu hoïc", "VNI", "Trường Tiểu học"),
        ("Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam", "VNI", "Cộng hòa xã hội chủ nghĩa Việt Nam"),
        ("Ñoäc laäp - Töï do - Haïnh phuùc", "VNI", "Độc lập - Tự do - Hạnh phúc"),
        ("TRÖÔØNG TIEÅU HOÏC, PGDÑT", "VNI", "TRƯỜNG TIỂU HỌC, PGDĐT"),
        ("Aùnh saùng, Uûy ban", "VNI", "Ánh sáng, Ủy ban"),
        ("Ñaït", "VNI", "Đạt"),
        ("thoáng camera giaùm saùt", "VNI", "thống camera giám sát"),
        ("Ñaõ laép 3 loïc nöôùc 25 µm, xem https://a.vn/caùc", "VNI", "Đã lắp 3 lọc nước 25 µm, xem https://a.vn/caùc"),
    ],
)
def test_text_in_an_old_font_is_read(typed: str, encoding: str, reading: str) -> None:
    assert said(typed) == [("legacy-font", {"encoding": encoding, "reading": reading})]


def test_the_table_of_tcvn3_is_that_of_the_standard() -> None:
    assert legacy.typed_in("".join(VN3), "TCVN3") == "".join(VN3.values())


def test_capitals_with_a_tone_are_small_letters_in_tcvn3() -> None:
    assert legacy.typed_in("ẾẤỜÁ", "TCVN3") == legacy.typed_in("ếấờá", "TCVN3")


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_sentence_of_the_plan_is_recognised_and_read_back(encoding: Encoding) -> None:
    for sentence in SENTENCES:
        typed = legacy.typed_in(sentence, encoding)
        read = legacy.reading_of(typed)
        assert read == (encoding, sentence)
        assert codes(typed) == ["legacy-font"]


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(st.data())
def test_any_run_of_words_is_recognised_and_read_back(encoding: Encoding, data: st.DataObject) -> None:
    words = data.draw(st.sampled_from([sentence.split() for sentence in SENTENCES if len(sentence.split()) > 12]))
    start = data.draw(st.integers(0, len(words) - 12))
    text = " ".join(words[start : start + 12])
    assert legacy.reading_of(legacy.typed_in(text, encoding)) == (encoding, text)


@given(st.text(st.sampled_from("aăâeêioôơuưyàảãáạằặấậđếệĩịớợủựỵỹbcghnt ĂÂĐÊÔƠƯẤỆỢ")))
def test_vni_gives_back_every_letter(text: str) -> None:
    converted = legacy._convert_vni(legacy.typed_in(text, "VNI"))
    assert converted == text


def test_only_the_words_in_the_old_font_are_converted_in_a_text_of_both() -> None:
    ((code, params),) = said("Trường Tiểu học đã hoàn thành: Tröôøng ñaõ hoaøn thaønh nhieäm vuï")
    assert (code, params["encoding"]) == ("legacy-font", "VNI")
    assert params["reading"] == "Trường Tiểu học đã hoàn thành: Trường đã hoàn thành nhiệm vụ"


def test_a_reading_is_cut_where_it_is_long() -> None:
    ((_code, params),) = said("Tröôøng Tieåu hoïc " * 100)
    assert len(params["reading"]) == READING
    assert params["reading"].endswith("…")


@pytest.mark.parametrize(
    "text",
    [
        "Hoàn thành",
        "hoà thuận, toán, thuỷ, quý, giếng, khuỷu tay, ngoằn ngoèo",
        "caá nhân naăm hoọc",
        "25 µm", "lỗ 0,5µm", "kích thước µm", "5 μm và 10 µg/m³", "37°C", "±2 %", "ma trận m×n, 3×4, 10÷12",
        "½ lít, 1½ giờ, ¾ kg", "§ 5", "© 2024 Microsoft®", "lớp 6¹", "5 £ và 3 ¥",
        "«Trường học»", "« An toàn »", "«an toàn»", "Hà Nội – “An toàn”…",
        "là où il est né", "Thaï", "đi Thaï Lan", "Noël, naïve, Citroën", "über die Brücke für Schüler", "El Niño",
        "dès l'été, à côté, même, être, hôtel, tête, rôle", "Ångström, Malmö, Zürich, Curaçao", "é è ê ë î ï ô û ù",
        "https://vi.wikipedia.org/wiki/Ñaït_ñöôïc", "ñaït.ñöôïc@tröôøng.vn",
        "Công văn số 123/PGDĐT-GDTrH ngày 15/01/2025", "QĐ-UBND", "Đắk Lắk, Krông Ana, Ê Đê",
        "Привет", "СССР", "αβγ", "Δt, 2πr, kΩ, α-amylase", "会议", "❤️ 👍 👨\u200d👩\u200d👧",
        "dòng một\n\tdòng hai\r\n", "", " ",
    ],
)  # fmt: skip
def test_nothing_is_said_of_sound_text(text: str) -> None:
    assert said(text) == []


def test_nothing_is_said_of_what_the_plan_and_its_program_say() -> None:
    plan = plans.load("thu-thua-2020-2025")
    texts = re.findall(r'"([^"\n]+)"', plan.model_dump_json())
    assert len(texts) > 500
    assert not any(doubts([*LINES, *texts]))


@pytest.mark.parametrize("language", ["fr", "de", "es", "pt", "it", "sv", "da", "nb", "fi", "nl", "en", "pl", "id"])
def test_words_of_other_languages_are_no_text_in_an_old_font(language: str) -> None:
    locale = Locale.parse(language)
    words = [*locale.territories.values(), *locale.languages.values(), *locale.currencies.values()]
    assert not [text for text, found in zip(words, doubts(words), strict=True) if found]


@given(st.text(st.characters(max_codepoint=0x1EFF), max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    said(text)


# What cannot be seen


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("bạo\u200b lực", "ZERO WIDTH SPACE"),
        ("\ufeffbạo lực\u202e", "ZERO WIDTH NO-BREAK SPACE, RIGHT-TO-LEFT OVERRIDE"),
        ("a\x00b\x1b\x7f\x85", "U+0000, U+001B, U+007F, U+0085"),
        ("\uf0b7 họp", "U+F0B7"),
        ("h\ufffdc", "REPLACEMENT CHARACTER"),
        ("a\ud83d", "U+D83D"),
        ("thông\u00adtin, tuyên\u00adtruyền", "SOFT HYPHEN"),
        ("a\u200db", "ZERO WIDTH JOINER"),
        ("\u2066a\u2069", "LEFT-TO-RIGHT ISOLATE, POP DIRECTIONAL ISOLATE"),
        ("".join(map(chr, range(1, 9))) + "\x0b\x0c\x0e\x0f",
         "U+0001, U+0002, U+0003, U+0004, U+0005, U+0006, U+0007, U+0008, U+000B, U+000C, …"),
    ],
)  # fmt: skip
def test_characters_that_nobody_sees_are_named(text: str, names: str) -> None:
    assert said(text) == [("hidden-characters", {"names": names})]


def test_the_soft_hyphen_of_tcvn3_is_a_letter_and_other_hidden_characters_are_not() -> None:
    assert codes("Tr\u00adêng TiÓu häc") == ["legacy-font"]
    assert codes("Tr\u00adêng TiÓu\u200b häc") == ["legacy-font", "hidden-characters"]


# Look-alikes


@pytest.mark.parametrize(
    ("text", "letters", "reading"),
    [
        ("аn toàn", "а (U+0430)", "an toàn"),
        ("Trường hoс, THСS", "с (U+0441), С (U+0421)", "Trường hoc, THCS"),
        ("h\u043e\u0323c sinh", "о (U+043E)", "học sinh"),
        ("Việt Νam", "Ν (U+039D)", "Việt Nam"),
        ("Phοng, β-caroten, αn", "ο (U+03BF)", "Phong, β-caroten, αn"),
        ("Ðã tổ chức; GD&ÐT; QÐ-UBND; ðạt", "Ð (U+00D0), ð (U+00F0)", "Đã tổ chức; GD&ĐT; QĐ-UBND; đạt"),
        ("Ｈoàn thành", "Ｈ (U+FF28)", "Hoàn thành"),
        ("𝐇oàn", "𝐇 (U+1D407)", "Hoàn"),
    ],
)
def test_foreign_letters_in_our_words_are_named_and_put_right(text: str, letters: str, reading: str) -> None:
    assert said(text) == [("look-alike-letters", {"letters": letters, "reading": reading})]


def test_the_icelandic_letter_is_the_e_of_tcvn3_where_the_text_is_tcvn3() -> None:
    assert codes(legacy.typed_in("trẻ em bé bỏng, kém may mắn", "TCVN3")) == ["legacy-font"]


# All of them


def test_decomposed_text_is_as_good_as_composed() -> None:
    assert not any(doubts([unicodedata.normalize("NFD", line) for line in LINES]))


def test_each_text_has_its_own_doubts() -> None:
    found = doubts([None, "Hoàn thành", "a\x07b", None, "Hoaøn thaønh", "a\x07b"])
    assert [[code for code, _params in each] for each in found] == [
        [],
        [],
        ["hidden-characters"],
        [],
        ["legacy-font"],
        ["hidden-characters"],
    ]


def test_it_costs_little() -> None:
    """Half a million characters of sound text in a fraction of a second, and hostile text in no more than a few."""
    texts = [f"{line} {number}" for number, line in enumerate(chain.from_iterable([LINES] * 40))]
    hostile = ["Tröôøng Tieåu hoïc " * 1700, "\x07" * 32000, "а" * 16000 + "a", "µ×÷" * 10000, "\u200d" * 32000]
    hostile += ["ö1" * 16000, "a@" * 16000 + "ö", "aµ " * 10000]
    start = time.process_time()
    doubts(texts)
    middle = time.process_time()
    doubts(hostile)
    assert (middle - start < 0.5, time.process_time() - middle < 3) == (True, True)
