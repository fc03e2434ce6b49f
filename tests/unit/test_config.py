"""Settings: what is read, what is refused, and that `.env.example` tells all of it."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

from bot.config import Settings, load, strangers
from bot.errors import ConfigError

EXAMPLE = Path(__file__).parents[2] / ".env.example"
ASSIGNMENT = re.compile(r"(?P<off># )?(?P<name>[A-Z][A-Z0-9_]*)=(?P<value>.*)")
EXPLAINED = ".env.example explains each setting."
WRAPPED = "there is a line's end inside, and a token is one word; perhaps it was pasted in two pieces."
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
    assert line.startswith(f"{name} is not set.")
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


@pytest.mark.parametrize("name", ["ALLOWED_GUILD_IDS", "ALLOWED_USER_IDS"])
@pytest.mark.parametrize("value", [",", " ", ", ,", "\t", ";", "[]", "()", "0", "none", "''"])
def test_what_looks_like_a_limit_and_names_nobody_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    assert refusal().startswith(f"{name}: ")


PASTED = "MTIzNDU2Nzg5MDEyMzQ1Njc4.GaBcDe.f0_0baRbazQuuxmadeupforthistest"


@pytest.mark.parametrize(
    "name",
    ["ALLOWED_GUILD_IDS", "MAX_JOBS_PER_USER", "LOG_LEVEL", "DISCORD_API_URL", "ACEDATACLOUD_API_BASE_URL", "DATABASE_URL"],
)
def test_a_token_in_another_setting_is_not_printed(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, PASTED)
    told = refusal()
    assert told.startswith(f"{name}: ")
    assert not any(part in told for part in PASTED.split("."))


def test_a_token_in_place_of_a_name_is_not_printed(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("0123456789abcdef0123456789abcdef=\nABCDEFGH1234567890ABCDEFGH==\n")
    assert strangers() == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALLOWED_GUILD_IDS", "1,my server"),
        ("ALLOWED_USER_IDS", "[1]"),
        ("ALLOWED_USER_IDS", "-5"),
        ("ALLOWED_USER_IDS", "9" * 5000),
        ("ALLOWED_USER_IDS", str(2**64)),
        ("ALLOWED_USER_IDS", "1\udcff"),
        ("MAX_CONCURRENT_JOBS", "-1"),
        ("MAX_CONCURRENT_JOBS", "many"),
        ("MAX_JOBS_PER_USER", "1.5"),
        ("DAILY_JOBS_PER_USER", "-1"),
        ("DAILY_JOBS_PER_USER", str(2**63)),
        ("MAX_JOBS_PER_USER", "9" * 5000),
        ("LOG_LEVEL", "loud"),
        ("LOG_LEVEL", "\udcff"),
        ("DATA_DIR", "one\nline"),
        ("DATA_DIR", "/srv/\udcff"),
        ("DATA_DIR", "~nobody-of-this-name/easel"),
        ("DISCORD_API_URL", "discord.com/api/v10"),
        ("DISCORD_API_URL", "https://two words"),
        ("DISCORD_GATEWAY_URL", "https://gateway.discord.gg/"),
        ("ACEDATACLOUD_API_BASE_URL", "ftp://files.example"),
        ("DATABASE_URL", "postgresql://db/easel"),
        ("DATABASE_URL", "sqlite+aiosqlite:///"),
        ("DATABASE_URL", "sqlite+aiosqlite:///:memory:"),
        ("DATABASE_URL", "sqlite+aiosqlite:///easel\x1b.db"),
    ],
)
def test_a_malformed_setting_is_named_in_one_line(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    line = refusal()
    assert line.startswith(name)
    assert "\n" not in line
    assert not any(token in line for token in TOKENS.values())


@pytest.mark.parametrize("name", ["DISCORD_API_URL", "ACEDATACLOUD_API_BASE_URL", "DISCORD_GATEWAY_URL"])
@pytest.mark.parametrize(
    ("rest", "words"),
    [
        ("", "must start with"),
        ("/path", "must start with"),
        (":80", "must start with"),
        ("[::1", "must start with"),
        ("two words", "blank"),
        ("host\n/", "character"),
        ("host/\udcff", "character"),
        ("host:0", "port"),
        ("host:65536", "port"),
        ("host:eighty", "port"),
        ("a..b", "names a host that there can't be"),
        ("a" * 64, "names a host that there can't be"),
        ("h%00", "names a host that there can't be"),
    ],
)
def test_a_url_that_nothing_can_be_connected_to_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, rest: str, words: str
) -> None:
    monkeypatch.setenv(name, ("ws://" if "GATEWAY" in name else "http://") + rest)
    line = refusal()
    assert line.startswith(f"{name}: ")
    assert words in line
    assert "\n" not in line


@pytest.mark.parametrize(
    "value", ["https://somebody:secret@host", "ftp://somebody:secret@host", "https://host?key=1", "http://h#x"]
)
@pytest.mark.parametrize("name", ["DISCORD_API_URL", "ACEDATACLOUD_API_BASE_URL"])
def test_a_url_to_which_no_path_can_be_added_is_refused_without_its_password(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    line = refusal()
    assert line.startswith(f"{name}: ")
    assert "secret" not in line


@pytest.mark.parametrize(
    "value", ["https://b\u00fccher.example", "HTTPS://Host.example", "http://[::1]:8080", "http://a_b.c:1/p"]
)
def test_a_url_may_be_unusual(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("ACEDATACLOUD_API_BASE_URL", value)
    assert load().acedatacloud_api_base_url == value.strip()


@pytest.mark.parametrize("name", TOKENS)
@pytest.mark.parametrize(
    ("within", "words"),
    [
        ("\n", "line's end"),
        ("\r\n", "line's end"),
        ("\u2028", "line's end"),
        (" ", "blank"),
        ("\t", "blank"),
        ("\u00a0", "blank"),
        ("\x1b", "character"),
        ("\x7f", "character"),
        ("\u200b", "character"),
        ("\u00e9", "character"),
        ("\udcff", "character"),
    ],
)
@pytest.mark.parametrize("first", ["half-of-it", "Bot half-of-it"])
def test_a_token_that_no_header_can_hold_is_named_and_not_printed(
    monkeypatch: pytest.MonkeyPatch, name: str, within: str, words: str, first: str
) -> None:
    monkeypatch.setenv(name, f"{first}{within}other-half")
    line = refusal()
    assert line.startswith(f"{name}: there is a {words} inside")
    assert "\n" not in line
    assert "half-of" not in line
    assert "other" not in line


@pytest.mark.parametrize("content", ["DISCORD_TOKEN='half-of-it\nother-half'\n", 'DISCORD_TOKEN="half-of-it\\nother-half"\n'])
def test_a_quoted_token_over_two_lines_of_a_file_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str
) -> None:
    monkeypatch.delenv("DISCORD_TOKEN")
    (tmp_path / ".env").write_text(content, "utf-8")
    assert refusal() == f"DISCORD_TOKEN: {WRAPPED} {EXPLAINED}"


def test_a_token_wrapped_in_a_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DISCORD_TOKEN")
    (tmp_path / ".env").write_text("DISCORD_TOKEN=half-of-it\n\nother.half\nthird\nLEVEL=1\nlast\n", "utf-8")
    of_it = "Is it the rest of DISCORD_TOKEN, which must stand on one line?"
    assert refusal().splitlines() == [
        f"{tmp_path / '.env'}, line {line}: not understood. {rest}"
        for line, rest in ((3, of_it), (4, of_it), (6, "Is a = missing?"))
    ]


@pytest.mark.parametrize(
    "name", ["DATA_DIR", "DATABASE_URL", "DISCORD_API_URL", "DISCORD_TOKEN", "LOG_LEVEL", "ALLOWED_USER_IDS"]
)
def test_a_nul_in_a_file_is_told_with_its_setting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    monkeypatch.delenv(name, raising=False)
    (tmp_path / ".env").write_text(f"{name}=sqlite+aiosqlite:///\0x\n", "utf-8")
    line = refusal()
    assert line.startswith(f"{name}: ")
    assert line.isprintable()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("MAX_CONCURRENT_JOBS", "abc", "'abc' is no whole number of 0 or more"),
        ("MAX_JOBS_PER_USER", "1.5", "'1.5' is no whole number of 0 or more"),
        ("DAILY_JOBS_PER_USER", "-1", "'-1' is no whole number of 0 or more"),
        ("LOG_LEVEL", "loud", "'loud' is not 'DEBUG', 'INFO', 'WARNING' or 'ERROR'"),
        ("DISCORD_API_URL", "discord.com", "'discord.com' must start with http:// or https:// and name a host"),
    ],
)
def test_a_malformed_setting_is_told_as_it_was_written(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(name, value)
    assert refusal() == f"{name}: {words}. {EXPLAINED}"


def test_all_faults_are_told_at_once_in_a_line_each(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in TOKENS:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DAILY_JOBS_PER_USER", "1.5")
    monkeypatch.setenv("LOG_LEVEL", "x")
    monkeypatch.setenv("DATABASE_URL", "easel.db")
    assert refusal().splitlines() == [
        f"DISCORD_TOKEN and ACEDATACLOUD_API_TOKEN are not set. There is no file {tmp_path / '.env'}.",
        "DATABASE_URL: must be sqlite+aiosqlite:/// and a file's path.",
        "DAILY_JOBS_PER_USER: '1.5' is no whole number of 0 or more.",
        f"LOG_LEVEL: 'x' is not 'DEBUG', 'INFO', 'WARNING' or 'ERROR'. {EXPLAINED}",
    ]


@pytest.mark.parametrize("content", [b"LOG_LEVEL=\xff\xfe\n", "LOG_LEVEL=INFO\n".encode("utf-16")])
def test_a_dotenv_file_in_another_encoding_is_explained(tmp_path: Path, content: bytes) -> None:
    (tmp_path / ".env").write_bytes(content)
    assert refusal() == f"{tmp_path / '.env'} is not UTF-8 text. Save it as UTF-8."


def test_a_dotenv_file_may_start_with_a_mark(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("LOG_LEVEL=DEBUG\n".encode("utf-8-sig"))
    assert load().log_level == "DEBUG"
    assert strangers() == []


def test_lines_of_a_dotenv_file_that_can_not_be_read_are_told_by_their_number(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / ".env").write_text("# mine\n\nALLOWED_USER_IDS='1\nLOG_LEVEL=DEBUG\nhalf of a token\n", "utf-8")
    assert refusal().splitlines() == [
        f"{tmp_path / '.env'}, line {number}: not understood. Is a quote left open, or a = missing?" for number in (3, 5)
    ]
    assert not caplog.records


MEANT = {
    "ALLOWED_USERS": "ALLOWED_USER_IDS",
    "ALLOWED_USER": "ALLOWED_USER_IDS",
    "ALLOWED_GUILDS": "ALLOWED_GUILD_IDS",
    "ALOWED_GUILD_IDS": "ALLOWED_GUILD_IDS",
    "DAILY_JOBS": "DAILY_JOBS_PER_USER",
    "DAILY_JOB_LIMIT": "DAILY_JOBS_PER_USER",
    "MAX_JOBS": "MAX_JOBS_PER_USER",
    "MAX_CONCURRENT": "MAX_CONCURRENT_JOBS",
    "ACEDATACLOUD_API_KEY": "ACEDATACLOUD_API_TOKEN",
    "ACEDATACLOUD_API_URL": "ACEDATACLOUD_API_BASE_URL",
}


@pytest.mark.parametrize("name", MEANT)
@pytest.mark.parametrize("where", ["environment", "file"])
def test_a_name_like_a_settings_is_told_with_the_one_that_was_meant(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, where: str
) -> None:
    if where == "environment":
        monkeypatch.setenv(name, "1")
    else:
        (tmp_path / ".env").write_text(f"{name}=1\n", "utf-8")
    told = [line for line in strangers() if line.startswith(name)]
    assert told == [f"{name} is no setting of Easel's and counts for nothing. Did you mean {MEANT[name]}?"]


def test_the_variables_of_an_ordinary_machine_are_nobodys_business(monkeypatch: pytest.MonkeyPatch) -> None:
    ordinary = (
        "HOME LANG LC_ALL PATH PYTHONPATH PYTHONUNBUFFERED DISCORD DISCORD_WEBHOOK DATA DATABASE DATA_HOME LOG LOGNAME "
        "LOG_FILE LEVEL MAX MAX_MEMORY ALLOWED_HOSTS DAILY XDG_DATA_DIRS XDG_DATA_HOME USER USER_ID TOKEN API_URL BASE_URL"
    )
    for name in ordinary.split():
        monkeypatch.setenv(name, "1")
    assert [line for line in strangers() if line.split()[0] in ordinary.split()] == []


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
