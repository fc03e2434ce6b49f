"""Settings: what is read, what is refused, and that `.env.example` tells all of it."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

from bot.config import Settings, load
from bot.errors import ConfigError

EXAMPLE = Path(__file__).parents[2] / ".env.example"
ASSIGNMENT = re.compile(r"(?P<off># )?(?P<name>[A-Z][A-Z0-9_]*)=(?P<value>.*)")
TOKENS = {"DISCORD_TOKEN": "made-up-discord-token", "ACEDATACLOUD_API_TOKEN": "made-up-service-token"}


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty folder, none of our variables but the two tokens."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.delenv(name, raising=False)
    for name, value in TOKENS.items():
        monkeypatch.setenv(name, value)


def refusal() -> str:
    with pytest.raises(ConfigError) as caught:
        load()
    return str(caught.value)


def example() -> dict[str, tuple[bool, str]]:
    """Each name in `.env.example`: whether it is commented out, and its value."""
    found = [match for line in EXAMPLE.read_text("utf-8").splitlines() if (match := ASSIGNMENT.fullmatch(line))]
    assert len({match["name"] for match in found}) == len(found)
    return {match["name"]: (bool(match["off"]), match["value"]) for match in found}


def test_the_example_names_every_setting_and_no_other() -> None:
    assert set(example()) == {name.upper() for name in Settings.model_fields}


def test_every_setting_of_the_example_has_a_comment_above_it() -> None:
    lines = EXAMPLE.read_text("utf-8").splitlines()
    for above, line in itertools.pairwise(lines):
        if ASSIGNMENT.fullmatch(line):
            assert above.startswith("# "), line
            assert not ASSIGNMENT.fullmatch(above), line


def test_only_the_two_tokens_wait_to_be_filled_in() -> None:
    assert {name: value for name, (off, value) in example().items() if not off} == dict.fromkeys(TOKENS, "")


def test_the_examples_defaults_are_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    default = load()
    for name, (off, value) in example().items():
        if off:
            monkeypatch.setenv(name, value)
    shown = load()
    assert shown.database_path == default.database_path
    assert shown.model_dump(exclude={"database_url"}) == default.model_dump(exclude={"database_url"})


def test_a_dotenv_file_is_read_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MAX_JOBS_PER_USER=5\nMAX_CONCURRENT_JOBS=6\nSOMETHING_ELSE=1\n", "utf-8")
    monkeypatch.setenv("MAX_CONCURRENT_JOBS", "7")
    settings = load()
    assert (settings.max_jobs_per_user, settings.max_concurrent_jobs) == (5, 7)


@pytest.mark.parametrize("name", TOKENS)
@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_missing_token_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str | None) -> None:
    if value is None:
        monkeypatch.delenv(name)
    else:
        monkeypatch.setenv(name, value)
    line = refusal()
    assert line.startswith(f"{name}: is not set")
    assert "\n" not in line


def test_blanks_around_a_token_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", " made-up-discord-token\r\n")
    assert load().discord_token.get_secret_value() == "made-up-discord-token"


def test_no_token_shows_in_the_settings() -> None:
    assert not any(token in repr(load()) for token in TOKENS.values())


@pytest.mark.parametrize(
    ("written", "read"),
    [("", set()), ("1", {1}), ("1,2", {1, 2}), ("1, 2 ,3,", {1, 2, 3}), ("1 2\t3", {1, 2, 3}), ("7,7", {7})],
)
def test_ids_are_lists_as_people_write_them(monkeypatch: pytest.MonkeyPatch, written: str, read: set[int]) -> None:
    monkeypatch.setenv("ALLOWED_GUILD_IDS", written)
    monkeypatch.setenv("ALLOWED_USER_IDS", written)
    settings = load()
    assert settings.allowed_guild_ids == settings.allowed_user_ids == read


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALLOWED_GUILD_IDS", "1,my server"),
        ("ALLOWED_USER_IDS", "[1]"),
        ("ALLOWED_USER_IDS", "-5"),
        ("MAX_CONCURRENT_JOBS", "-1"),
        ("MAX_CONCURRENT_JOBS", "many"),
        ("MAX_JOBS_PER_USER", "1.5"),
        ("DAILY_JOBS_PER_USER", "-1"),
        ("LOG_LEVEL", "loud"),
        ("DISCORD_API_URL", "discord.com/api/v10"),
        ("DISCORD_API_URL", "https://two words"),
        ("DISCORD_GATEWAY_URL", "https://gateway.discord.gg/"),
        ("ACEDATACLOUD_API_BASE_URL", "ftp://files.example"),
        ("DATABASE_URL", "postgresql://db/easel"),
        ("DATABASE_URL", "sqlite+aiosqlite:///"),
    ],
)
def test_a_malformed_setting_is_named_in_one_line(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    line = refusal()
    assert line.startswith(name)
    assert "\n" not in line
    assert not any(token in line for token in TOKENS.values())


def test_a_dotenv_file_that_is_no_text_is_explained(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"LOG_LEVEL=\xff\xfe\n")
    line = refusal()
    assert ".env" in line
    assert "\n" not in line


@pytest.mark.parametrize("written", ["debug", "Debug", "DEBUG"])
def test_the_log_level_may_be_written_in_any_case(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("LOG_LEVEL", written)
    assert load().log_level == "DEBUG"


@pytest.mark.parametrize("name", ["MAX_CONCURRENT_JOBS", "MAX_JOBS_PER_USER", "DAILY_JOBS_PER_USER"])
def test_zero_is_a_limit_one_may_set(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "0")
    assert getattr(load(), name.lower()) == 0


def test_the_limits_have_their_promised_defaults() -> None:
    settings = load()
    assert (settings.max_concurrent_jobs, settings.max_jobs_per_user, settings.daily_jobs_per_user) == (12, 3, 0)


@pytest.mark.parametrize("name", ["ALLOWED_GUILD_IDS", "ALLOWED_USER_IDS", "DAILY_JOBS_PER_USER"])
def test_any_of_three_settings_bounds_the_spending(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    assert load().spends_without_limit
    monkeypatch.setenv(name, "9")
    assert not load().spends_without_limit


def test_the_database_lies_in_the_data_folder_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", "/srv/easel")
    assert load().database_path == Path("/srv/easel/easel.db")
    monkeypatch.setenv("DATABASE_URL", "sqlite+aiosqlite:////var/lib/other.db")
    assert load().database_path == Path("/var/lib/other.db")


def test_addresses_lose_their_last_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_API_URL", "http://127.0.0.1:8080/api/v10/")
    monkeypatch.setenv("ACEDATACLOUD_API_BASE_URL", "http://127.0.0.1:8081/")
    settings = load()
    assert settings.discord_api_url == "http://127.0.0.1:8080/api/v10"
    assert settings.acedatacloud_api_base_url == "http://127.0.0.1:8081"


def test_settings_are_frozen_once_read() -> None:
    settings = load()
    with pytest.raises(ValueError, match="frozen"):
        settings.max_jobs_per_user = 1
