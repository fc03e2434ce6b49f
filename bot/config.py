"""Settings: the only reader of the environment, frozen once read."""

from __future__ import annotations

import difflib
import os
import re
from pathlib import Path
from typing import Annotated, Literal, get_args

from dotenv import dotenv_values
from dotenv.parser import parse_stream
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import ErrorDetails, PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.errors import ConfigError
from bot.redaction import hide_lookalikes
from bot.values import MOST_JOBS, check_base, check_id, check_path, check_token, check_url, shown

SQLITE_PREFIX = "sqlite+aiosqlite:///"
ENV_FILE = ".env"
ENCODING = "utf-8-sig"  # some editors put a mark in front, which would become part of the first name
_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,39}")
_HELP = ".env.example explains each setting."

Ids = Annotated[frozenset[Annotated[int, Field(gt=0)]], NoDecode]
Count = Annotated[int, Field(ge=0, le=MOST_JOBS)]
Level = Literal["DEBUG", "INFO", "WARNING", "ERROR"]


class Settings(BaseSettings):
    """What an operator can set, by environment or `.env`; `.env.example` explains each."""

    model_config = SettingsConfigDict(
        env_file=ENV_FILE, env_file_encoding=ENCODING, extra="ignore", frozen=True, env_ignore_empty=True
    )

    discord_token: SecretStr
    discord_api_url: str = "https://discord.com/api/v10"
    discord_gateway_url: str = "wss://gateway.discord.gg/"
    acedatacloud_api_token: SecretStr
    acedatacloud_api_base_url: str = "https://api.acedata.cloud"
    data_dir: Path = Path("data")
    database_url: str = ""
    max_concurrent_jobs: Count = 12
    max_jobs_per_user: Count = 3
    allowed_guild_ids: Ids = frozenset()
    allowed_user_ids: Ids = frozenset()
    daily_jobs_per_user: Count = 0
    log_level: Level = "INFO"

    @field_validator("discord_token", "acedatacloud_api_token")
    @classmethod
    def _strip_token(cls, value: SecretStr) -> SecretStr:
        """Tokens are pasted, often with a line's end; a header could not hold it."""
        token = value.get_secret_value().strip()
        for word in ("Bot ", "Bearer "):  # as they stand in a header, from where people copy them
            token = token.removeprefix(word).strip()
        if not token:
            raise PydanticCustomError("missing", "nothing is left of it")
        check_token(token)
        return SecretStr(token)

    @field_validator("allowed_guild_ids", "allowed_user_ids", mode="before")
    @classmethod
    def _split_ids(cls, value: object) -> object:
        """Ids are written as people write lists: separated by commas or spaces."""
        if not isinstance(value, str):
            return value
        ids = value.replace(",", " ").split()
        for each in ids:
            check_id(each)
        if not ids:
            # It looks like a limit, and would let everyone in.
            raise ValueError("nobody is named; leave it away for everyone")
        return ids

    @field_validator("data_dir")
    @classmethod
    def _check_path(cls, value: Path) -> Path:
        """No shell has seen a `~` in a file."""
        check_path(str(value))
        try:
            return value.expanduser()
        except RuntimeError:
            raise ValueError(
                f"{shown(str(value))} begins with somebody's home folder, which this machine does not know"
            ) from None

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        """What is no level stays as it was written, to be told so."""
        return value.upper() if isinstance(value, str) and value.upper() in get_args(Level) else value

    @field_validator("discord_api_url", "acedatacloud_api_base_url")
    @classmethod
    def _check_base(cls, value: str) -> str:
        """Paths are put behind them."""
        url = value.strip()
        check_base(url, "http", "https")
        return url.rstrip("/")

    @field_validator("discord_gateway_url")
    @classmethod
    def _check_gateway(cls, value: str) -> str:
        url = value.strip()
        check_url(url, "ws", "wss")
        return url

    @field_validator("database_url")
    @classmethod
    def _check_database_url(cls, value: str) -> str:
        # What SQLite would keep in memory is gone with the process, and its jobs with it.
        if value and value.removeprefix(SQLITE_PREFIX) in ("", ":memory:", value):
            raise ValueError(f"must be {SQLITE_PREFIX} and a file's path")
        check_path(value)
        return value

    @property
    def service_urls(self) -> tuple[str, str, str]:
        """Of all that is spoken to: Discord's API, its gateway, the image service."""
        return self.discord_api_url, self.discord_gateway_url, self.acedatacloud_api_base_url

    @property
    def spool_path(self) -> Path:
        """The folder of what is on its way to Discord."""
        return self.data_dir / "spool"

    @property
    def database_path(self) -> Path:
        """Where the SQLite file is: from DATABASE_URL, else `easel.db` in DATA_DIR."""
        if self.database_url:
            return Path(self.database_url.removeprefix(SQLITE_PREFIX))
        return self.data_dir / "easel.db"

    @property
    def spends_without_limit(self) -> bool:
        """Whether anyone who can reach the bot may spend as much as they like."""
        return not (self.allowed_guild_ids or self.allowed_user_ids or self.daily_jobs_per_user)


def load() -> Settings:
    """Read the settings; raises ConfigError with a line for each that is missing or malformed."""
    file = Path(ENV_FILE).absolute()
    try:
        _check_lines(file)
        return Settings()
    except UnicodeDecodeError:
        raise ConfigError(f"{file} is not UTF-8 text. Save it as UTF-8.") from None
    except OSError as error:
        raise ConfigError(f"{file} can't be read ({error.strerror}).") from None
    except ValidationError as error:
        raise ConfigError(_explain(error, file)) from None


def strangers() -> list[str]:
    """A sentence for each name in `.env` or the environment that looks like a setting and is none."""
    names = {name.upper() for name in Settings.model_fields}
    # A line without "=" may be half of a token that was pasted in two: nothing of it is told.
    file = {name.upper() for name, value in dotenv_values(ENV_FILE, encoding=ENCODING).items() if value is not None} - names
    file = {name for name in file if _NAME.fullmatch(name) and hide_lookalikes(name) == name}
    told = []
    for name in sorted(file | ({each.upper() for each in os.environ} - names)):
        if near := _meant(name, names):
            told.append(f"{name} is no setting of Easel's and counts for nothing. Did you mean {near}?")
        elif name in file:
            told.append(f"{name} in .env is no setting of Easel's and counts for nothing.")
    return told


def _meant(name: str, names: set[str]) -> str | None:
    """The setting that is spelled nearly like a name, or begins with the same two words, as for ALLOWED_USERS or MAX_JOBS."""
    kin = [each for each in names if _opening(each) == _opening(name)]
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.9) or difflib.get_close_matches(name, kin, n=1, cutoff=0)
    return near[0] if near else None


def _opening(name: str) -> list[str]:
    return [word.removesuffix("S") for word in name.split("_")[:2]]


def _check_lines(file: Path) -> None:
    """Refuse lines that would be skipped: what such a line says may be what bounds the spending."""
    if not file.is_file():
        return
    with file.open(encoding=ENCODING) as stream:
        bindings = list(parse_stream(stream))
    faults, setting = [], None
    for each in bindings:
        # What could not be read begins behind the empty lines before it.
        text = each.original.string
        where = f"{file}, line {each.original.line + text[: -len(text.lstrip())].count(chr(10))}"
        if each.error:
            faults.append(f"{where}: not understood. Is a quote left open, or a = missing?")
        elif each.key and each.value is None:  # the second half of a token looks like a name
            rest = f"Is it the rest of {setting}, which must stand on one line?" if setting else "Is a = missing?"
            faults.append(f"{where}: not understood. {rest}")
        elif each.key:
            setting = name if (name := each.key.upper()).lower() in Settings.model_fields else None
    if faults:
        raise ConfigError("\n".join(faults))


def _explain(error: ValidationError, file: Path) -> str:
    problems = error.errors(include_url=False)
    missing = [_name(each) for each in problems if each["type"] == "missing"]
    lines = [f"{_name(each)}: {hide_lookalikes(_fault(each))}." for each in problems if each["type"] != "missing"]
    if missing:
        where = "" if file.is_file() else f" There is no file {file}."
        lines.insert(0, f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set.{where}")
    return "\n".join(lines) + f" {_HELP}"


def _fault(problem: ErrorDetails) -> str:
    written = shown(problem["input"])
    match problem["type"]:
        case "value_error":
            return problem["msg"].removeprefix("Value error, ")
        case "string_unicode":
            return "it holds bytes that are no text"
        case "less_than_equal" | "int_parsing_size":
            return f"{written} is more than {MOST_JOBS}"
        case "literal_error":
            return f"{written} is not {problem['ctx']['expected']}"
        case _:  # all others are counts
            return f"{written} is no whole number of 0 or more"


def _name(problem: ErrorDetails) -> str:
    return str(problem["loc"][0]).upper()
