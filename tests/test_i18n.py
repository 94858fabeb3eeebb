"""Vietnamese and English: the catalogues are complete, sound and compiled; workbooks are Vietnamese on any screen."""

from __future__ import annotations

import gettext
import io
import string
import unicodedata
from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.pofile import read_po

from docs import generate
from sync import cli, demo, i18n, office, passes, plan, sending
from sync.checks.catalogue import CATALOGUE, wording
from sync.control import layout
from sync.intake import sniff

DOMAINS = ("baocao", "click")
TIMES = "from sync.i18n import gettext as _, mark, ngettext\nfrom sync import i18n\n"


def written(domain: str) -> Catalog:
    content = (i18n.FOLDER / "vi" / "LC_MESSAGES" / f"{domain}.po").read_bytes()
    return read_po(io.BytesIO(content), locale="vi")


def texts(catalog: Catalog) -> dict[object, tuple[str, ...]]:
    """The translations by message; one with a plural stands under its singular and plural."""
    return {message.id: forms(message.string) for message in catalog if message.id}


def forms(text: object) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())  # type: ignore[arg-type]


def parts(text: str) -> set[str]:
    """The named parts of a message."""
    return {name for _text, name, _format, _conversion in string.Formatter().parse(text) if name}


# ---------------------------------------------------------------- the catalogues


def test_the_catalogue_has_every_message_of_the_code_and_no_other() -> None:
    assert set(texts(written("baocao"))) == set(texts(generate.extracted()))


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_message_is_translated_and_for_certain(domain: str) -> None:
    catalog = written(domain)
    assert [message for message, vietnamese in texts(catalog).items() if not all(vietnamese or ("",))] == []
    assert [message.id for message in catalog if message.fuzzy] == []
    assert list(catalog.obsolete) == []


@pytest.mark.parametrize("domain", DOMAINS)
def test_what_is_compiled_is_what_is_written(domain: str) -> None:
    with (i18n.FOLDER / "vi" / "LC_MESSAGES" / f"{domain}.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for message, (vietnamese,) in texts(written(domain)).items():
        one, *more = forms(message)
        assert (compiled.ngettext(one, more[0], 1) if more else compiled.gettext(one)) == vietnamese


def test_a_translation_has_the_named_parts_of_its_message() -> None:
    for message, (vietnamese,) in texts(written("baocao")).items():
        assert parts(vietnamese) == parts(str(message)), message


def test_a_translation_of_clicks_words_names_nothing_that_click_does_not_give() -> None:
    for message, (vietnamese,) in texts(written("click")).items():
        assert parts(vietnamese) <= set().union(*map(parts, forms(message))), message


def test_source_strings_are_english() -> None:
    """Names of the control workbook's sheets are names in both languages."""
    for message in texts(generate.extracted()):
        text = " ".join(forms(message))
        for sheet in (layout.SCHOOLS, layout.PERIODS, layout.DAYS_OFF):
            text = text.replace(sheet.name, "")
        vietnamese = [letter for letter in unicodedata.normalize("NFD", text) if unicodedata.combining(letter)]
        assert not vietnamese, message
        assert "đ" not in text.lower(), message


# ---------------------------------------------------------------- how messages are collected


def test_messages_are_collected_from_every_way_of_marking_them() -> None:
    source = f"{TIMES}_('a'); mark('b' 'c'); i18n.gettext('d'); ngettext('{{n}} e', '{{n}} es', n); _(LABELS['f'])"
    assert list(generate.messages(source)) == ["a", "bc", "d", ("{n} e", "{n} es")]


def test_functions_of_the_same_name_from_elsewhere_collect_nothing() -> None:
    assert list(generate.messages("from pytest import mark\nmark('a'); _('b'); seen.mark(mask, 'c')")) == []


@pytest.mark.parametrize("call", ["_(f'{x} files')", "_('{x}'.format(x=1))", "_('a' + x)", "mark(f'a')"])
def test_a_message_put_together_before_it_is_translated_is_refused(call: str) -> None:
    with pytest.raises(ValueError, match="line 3: a message is one literal"):
        list(generate.messages(TIMES + call))


# ---------------------------------------------------------------- findings


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize("code", CATALOGUE)
def test_every_finding_is_put_into_words_in_both_languages(code: str, language: str) -> None:
    names = parts(CATALOGUE[code].message) | parts(CATALOGUE[code].fix)
    params = {name: f"<{name}>" for name in names}
    with i18n.using(language):
        said = " ".join(wording(code, params, None))
    assert all(sample in said for sample in params.values())
    assert "{" not in said
    assert (CATALOGUE[code].message in said) == (language == "en" and not parts(CATALOGUE[code].message))


@pytest.mark.parametrize("what", sniff.WORDS.values())
def test_what_a_file_is_instead_of_a_workbook_is_said_in_vietnamese(what: str) -> None:
    with i18n.using("vi"):
        message, _fix = wording("not-a-workbook", {"what": what}, None)
    assert what not in message


# ---------------------------------------------------------------- the command line


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "C")  # The command changes it.
    monkeypatch.delenv("BAOCAO_LANG", raising=False)
    monkeypatch.delenv("BAOCAO_WORKSPACE", raising=False)


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--help"], ["Cách dùng: baocao", "Tuỳ chọn:", "Lệnh:", "In hướng dẫn này rồi thoát."]),
        (["demo", "--help"], ["[mặc định: 42;"]),
        (["--version"], ["phiên bản"]),
        (["chek"], ["Lỗi: Không có lệnh 'chek'. Có phải là: 'check'?"]),
        (["check"], ["Gõ 'baocao check --help' để xem hướng dẫn.", "Lỗi: Thiếu tham số 'FILES...'."]),
        (["check", "khong-co.xlsx"], ["Không có tệp hoặc thư mục 'khong-co.xlsx'."]),
        (["sync", "--alow-empty"], ["Không có tuỳ chọn '--alow-empty'."]),
        (["sync", "thua"], ["Thừa tham số (thua)"]),
        (["demo", "--schools", "0"], ["0 nằm ngoài khoảng 1<=x<=100000."]),
        (["demo", "--seed", "một"], ["'một' không phải là số hợp lệ."]),
        (["demo", "--seed"], ["Tuỳ chọn '--seed' cần có giá trị đi kèm."]),
        (["status", "--lang", "fr"], ["'fr' không phải là một trong các giá trị 'vi', 'en'."]),
        (["status", "--lang=en", "--nothing"], ["Usage: baocao status", "Error: No such option"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else value,
)
def test_help_and_wrong_use_are_told_in_the_language_in_use(
    arguments: list[str], said: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with i18n.using("vi"), pytest.raises(SystemExit):
        cli.main(arguments)
    printed = "".join(capsys.readouterr())
    assert [sentence for sentence in said if sentence not in printed] == []


@pytest.mark.usefixtures("fresh")
def test_the_settings_choose_the_language_unless_the_command_or_the_environment_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = demo.make(tmp_path / "office", plan.load("thu-thua-2020-2025"), schools=4)
    config = tmp_path / "office" / "config.toml"
    config.write_text(config.read_text(encoding="utf-8").replace('language = "vi"', 'language = "en"'), "utf-8")

    def status(*arguments: str) -> str:
        capsys.readouterr()
        with i18n.using("vi"), pytest.raises(SystemExit):
            cli.main(["status", "-w", str(tmp_path / "office"), "--period", made.period, *arguments])
        return "".join(capsys.readouterr())

    assert "Days late" in status()
    assert "Số ngày muộn" in status("--lang", "vi")
    monkeypatch.setenv("BAOCAO_LANG", "vi")
    assert "Số ngày muộn" in status()


# ---------------------------------------------------------------- workbooks


def workbooks(folder: Path, language: str) -> dict[str, bytes]:
    """Every workbook that an office makes while its screen is in `language`."""
    with i18n.using(language):
        demo.make(folder, plan.load("thu-thua-2020-2025"), schools=12, seed=3)
        opened = office.open_office(folder)
        passes.run(opened)
        sending.write_templates(opened, None, (), lambda _what, _done, _of: None)
    made = [opened.workspace.control_file, *folder.glob("tong-hop/*.xlsx"), *folder.glob("mau/**/*.xlsx")]
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in made}


def test_workbooks_are_the_same_whatever_the_language_of_the_screen(tmp_path: Path) -> None:
    vietnamese, english = workbooks(tmp_path / "vi", "vi"), workbooks(tmp_path / "en", "en")
    assert len(vietnamese) >= 14
    assert vietnamese.keys() == english.keys()
    assert [name for name in vietnamese if vietnamese[name] != english[name]] == []
