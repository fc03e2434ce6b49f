"""Settings: the only reader of the environment, frozen once read."""

from __future__ import annotations

import difflib
import os
import re
from pathlib import Path
from typing import Annotated, Literal

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.errors import ConfigError

SQLITE_PREFIX = "sqlite+aiosqlite:///"
ENV_FILE = ".env"
_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,39}")
_HELP = "See .env.example for what it means."

Ids = Annotated[frozenset[Annotated[int, Field(gt=0)]], NoDecode]


class Settings(BaseSettings):
    """What an operator can set, by environment or `.env`; `.env.example` explains each."""

    model_config = SettingsConfigDict(
        env_file=ENV_FILE, env_file_encoding="utf-8", extra="ignore", frozen=True, env_ignore_empty=True
    )

    discord_token: SecretStr = Field(min_length=1)
    discord_api_url: str = Field(default="https://discord.com/api/v10", pattern=r"^https?://[^/\s]\S*$")
    discord_gateway_url: str = Field(default="wss://gateway.discord.gg/", pattern=r"^wss?://[^/\s]\S*$")
    acedatacloud_api_token: SecretStr = Field(min_length=1)
    acedatacloud_api_base_url: str = Field(default="https://api.acedata.cloud", pattern=r"^https?://[^/\s]\S*$")
    data_dir: Path = Path("data")
    database_url: str = ""
    max_concurrent_jobs: int = Field(default=12, ge=0)
    max_jobs_per_user: int = Field(default=3, ge=0)
    allowed_guild_ids: Ids = frozenset()
    allowed_user_ids: Ids = frozenset()
    daily_jobs_per_user: int = Field(default=0, ge=0)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("discord_token", "acedatacloud_api_token")
    @classmethod
    def _strip_token(cls, value: SecretStr) -> SecretStr:
        """Tokens are pasted, often with a line's end; a header could not hold it."""
        token = value.get_secret_value().strip()
        for word in ("Bot ", "Bearer "):  # as they stand in a header, from where people copy them
            token = token.removeprefix(word).strip()
        if not token:
            raise ValueError("is not set")
        return SecretStr(token)

    @field_validator("allowed_guild_ids", "allowed_user_ids", mode="before")
    @classmethod
    def _split_ids(cls, value: object) -> object:
        """Ids are written as people write lists: separated by commas or spaces."""
        if not isinstance(value, str):
            return value
        ids = value.replace(",", " ").split()
        if wrong := [each for each in ids if not (each.isascii() and each.isdigit() and int(each))]:
            raise ValueError(f"{wrong[0]!r} is no id; ids are numbers, separated by commas or spaces")
        return ids

    @field_validator("data_dir")
    @classmethod
    def _at_home(cls, value: Path) -> Path:
        """No shell has seen a `~` in a file."""
        return value.expanduser()

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("discord_api_url", "acedatacloud_api_base_url")
    @classmethod
    def _without_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @model_validator(mode="after")
    def _check_database_url(self) -> Settings:
        path = self.database_url.removeprefix(SQLITE_PREFIX)
        if self.database_url and path in ("", self.database_url):
            raise ValueError(f"DATABASE_URL: must be {SQLITE_PREFIX} and a file's path")
        return self

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
    """Read the settings; raises ConfigError with one line that names what is missing or malformed."""
    try:
        return Settings()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The file .env cannot be read: {error}") from None
    except ValidationError as error:
        raise ConfigError(_explain(error)) from None


def strangers() -> list[str]:
    """A sentence for each name in `.env` or the environment that looks like a setting and is none."""
    names = {name.upper() for name in Settings.model_fields}
    # A line without "=" may be half of a token that was pasted in two: nothing of it is told.
    file = {name.upper() for name, value in dotenv_values(ENV_FILE).items() if value is not None} - names
    file = {name for name in file if _NAME.fullmatch(name)}
    told = []
    for name in sorted(file | ({each.upper() for each in os.environ} - names)):
        near = difflib.get_close_matches(name, names, n=1, cutoff=0.9)
        if near:
            told.append(f"{name} is no setting of Easel's and counts for nothing. Did you mean {near[0]}?")
        elif name in file:
            told.append(f"{name} in .env is no setting of Easel's and counts for nothing.")
    return told


def _explain(error: ValidationError) -> str:
    problems = error.errors(include_url=False)
    missing = [_name(each) for each in problems if each["type"] == "missing"]
    if missing:
        where = "" if Path(ENV_FILE).exists() else f" There is no file .env in {Path.cwd()}."
        return f"{' and '.join(missing)}: {'is' if len(missing) == 1 else 'are'} not set.{where} {_HELP}"
    first = problems[0]
    name, what = _name(first), first["msg"].removeprefix("Value error, ")
    if first["type"] == "string_pattern_mismatch":
        schemes = "ws:// or wss://" if "gateway" in name.lower() else "http:// or https://"
        what = f"{first['input']!r} must start with {schemes} and name a host"
    elif first["type"] != "value_error" and not name.endswith("TOKEN"):
        what = f"{first['input']!r}: {what}"
    return f"{name}: {what}. {_HELP}" if name else f"{what}. {_HELP}"


def _name(problem: ErrorDetails) -> str:
    return ".".join(str(part) for part in problem["loc"][:1]).upper()
