from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from sync import config, plan
from sync.config import ConfigError, Ledger, Settings

PLAN = 'plan = "thu-thua-2020-2025"\n'
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
Load = Callable[..., Settings]


pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Loads a config.toml that says `text`, with the environment `environ` and nothing else in it."""

    def load(text: str, **environ: str) -> Settings:
        (tmp_path / "config.toml").write_text(text, encoding="utf-8")
        return config.load(tmp_path, environ)

    return load


def problems(load: Load, text: str, **environ: str) -> dict[str, str]:
    with pytest.raises(ConfigError) as caught:
        load(text, **environ)
    return {problem.place: problem.message for problem in caught.value.problems}


def test_a_plan_is_all_that_must_be_said(load: Load) -> None:
    settings = load(PLAN)
    assert settings == Settings(plan="thu-thua-2020-2025")
    assert (settings.language, settings.zone, settings.as_of) == ("vi", ZONE, None)
    assert (settings.deadlines.due_soon_days, settings.deadlines.grace_days) == (14, 5)


def test_every_problem_is_told_at_once_with_its_place_in_plain_words(load: Load) -> None:
    text = """
        language = "de"
        timezone = "Asia/Saigonn"
        as_of = "yesterday"
        office = 3
        [intake]
        workers = "3"
        memory_mb = 3
        max_sheet = 3
        [deadlines]
        grace_days = true
        due_soon_days = 400
        [inteke]
    """
    assert problems(load, text) == {
        "as_of": "must be a date and time without quotes, like 2025-01-20T08:00:00",
        "deadlines.due_soon_days": "must be at most 366",
        "deadlines.grace_days": "must be a whole number without quotes",
        "intake.max_sheet": "there is no such key; is max_sheets meant?",
        "intake.memory_mb": "must be at least 256",
        "intake.workers": "must be a whole number without quotes",
        "inteke": "there is no such key; is intake meant?",
        "language": "must be one of: 'vi', 'en'",
        "office": "must be a table, like [office]",
        "plan": "the key is missing",
        "timezone": "is no time zone; Vietnam's is Asia/Ho_Chi_Minh",
    }


def test_an_unknown_key_that_is_like_no_other_points_to_the_example(load: Load) -> None:
    assert problems(load, PLAN + "[office]\nzzz = 1") == {
        "office.zzz": "there is no such key; config.example.toml has them all"
    }


def test_a_plan_file_is_looked_for_beside_the_settings(load: Load, tmp_path: Path) -> None:
    (tmp_path / "ours.toml").touch()
    assert load('plan = "ours.toml"').plan == str(tmp_path / "ours.toml")


def test_a_plan_that_is_nowhere_is_a_problem(load: Load, tmp_path: Path) -> None:
    (message,) = problems(load, 'plan = "ours.toml"').values()
    assert "thu-thua-2020-2025" in message
    assert str(tmp_path / "ours.toml") in message


@pytest.mark.parametrize(
    ("as_of", "moment"),
    [
        ("2025-01-20T08:00:00", datetime(2025, 1, 20, 8, tzinfo=ZONE)),
        ("2025-01-20T01:00:00Z", datetime(2025, 1, 20, 8, tzinfo=ZONE)),
    ],
)
def test_as_of_is_in_the_offices_time_zone(load: Load, as_of: str, moment: datetime) -> None:
    found = load(f"{PLAN}as_of = {as_of}").as_of
    assert found is not None
    assert found.isoformat() == moment.isoformat()


def test_settings_that_notepad_saved_are_read(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(PLAN, encoding="utf-8-sig")
    assert config.load(tmp_path, {}).plan == "thu-thua-2020-2025"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "the file is missing"),
        ("plan = 'Thủ Thừa'".encode("utf-16"), "the file is not in UTF-8"),
        (b'plan = "C:\\office"', "this is not TOML"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_problem(tmp_path: Path, content: bytes | None, words: str) -> None:
    if content is not None:
        (tmp_path / "config.toml").write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        config.load(tmp_path, {})
    assert [problem.place for problem in caught.value.problems] == ["config.toml"]
    assert words in str(caught.value)


class TestSecrets:
    URL = "postgresql+psycopg://office:s3cret@db/baocao"

    def test_the_environment_goes_before_the_file(self, load: Load) -> None:
        settings = load(f'{PLAN}[ledger]\nurl = "sqlite:///x"', BAOCAO_LEDGER_URL=self.URL)
        assert settings.ledger.url.get_secret_value() == self.URL

    def test_a_file_beside_the_settings_may_hold_the_secret(self, load: Load, tmp_path: Path) -> None:
        (tmp_path / "url.txt").write_text(f"{self.URL}\n")
        assert load(f'{PLAN}[ledger]\nurl_file = "url.txt"').ledger.url.get_secret_value() == self.URL

    def test_a_secret_file_that_is_missing_is_a_problem(self, load: Load) -> None:
        assert list(problems(load, f'{PLAN}[ledger]\nurl_file = "url.txt"')) == ["ledger.url_file"]

    def test_a_secret_that_is_given_twice_is_a_problem(self, load: Load) -> None:
        text = f'{PLAN}[ledger]\nurl = "{self.URL}"\nurl_file = "url.txt"'
        assert problems(load, text) == {"ledger.url_file": "give either url or url_file"}

    def test_no_secret_is_ever_shown(self, load: Load) -> None:
        settings = load(PLAN, BAOCAO_LEDGER_URL=self.URL)
        assert "s3cret" not in f"{settings!r} {settings} {settings.model_dump()}"

    def test_no_secret_is_shown_where_it_is_wrong(self, load: Load) -> None:
        with pytest.raises(ConfigError) as caught:
            load(PLAN, BAOCAO_LEDGER_URL="mysql://s3cret")
        assert [problem.place for problem in caught.value.problems] == ["ledger.url"]
        assert "s3cret" not in str(caught.value)
        assert caught.value.__cause__ is None
        with pytest.raises(ValidationError) as raw:
            Ledger.model_validate({"url": "mysql://s3cret"})
        assert "s3cret" not in str(raw.value)


class TestTheExample:
    TEXT = config.example().read_text(encoding="utf-8")

    def whole(self) -> str:
        """The example with the keys that are commented out."""
        return re.sub(r"^# (?=[a-z_]+ = )", "", self.TEXT, flags=re.MULTILINE)

    def test_it_is_loaded_and_says_what_holds_without_it(self, load: Load) -> None:
        assert load(self.TEXT) == load(PLAN)

    def test_it_has_every_key_and_no_other(self) -> None:
        raw = tomllib.loads(self.whole())
        tables = {key: value for key, value in raw.items() if isinstance(value, dict)}
        keys: set[tuple[str, ...]] = {(key,) for key in raw if key not in tables}
        keys |= {(table, key) for table, values in tables.items() for key in values}
        assert keys == set(config.keys_of(Settings))

    def test_the_keys_that_are_commented_out_are_right_too(self, load: Load) -> None:
        assert load(self.whole()).as_of == datetime(2025, 1, 20, 8, tzinfo=ZONE)

    def test_every_key_has_a_comment_over_it_or_over_its_group(self) -> None:
        lines = self.whole().splitlines()
        orphans = [line for above, line in pairwise(lines) if "=" in line and not (above[:1] == "#" or "=" in above)]
        assert not orphans

    def test_a_new_config_is_the_example_with_other_values(self, load: Load) -> None:
        text = config.rendered({"plan": "thu-thua-2020-2025", "language": "en", "office": {"name": 'Phòng "GD&ĐT"'}})
        settings = load(text)
        assert (settings.language, settings.office.name) == ("en", 'Phòng "GD&ĐT"')
        assert text.count("#") == self.TEXT.count("#")

    def test_a_demos_moment_is_written_where_it_is_read(self, load: Load) -> None:
        moment = datetime(2025, 2, 3, 9, tzinfo=ZONE)
        assert load(config.rendered({"as_of": moment})).as_of == moment

    def test_the_plan_it_names_is_shipped(self, load: Load) -> None:
        assert load(self.TEXT).plan in plan.shipped_plans()
