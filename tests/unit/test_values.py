"""A value that can't be used as what it is gets a line that names its setting, and never the secret."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot import config
from bot.errors import ConfigError

TOKEN = "MTA1.Gabcde.made-up-token-of-nobody"
GOOD = {"DISCORD_TOKEN": TOKEN, "ACEDATACLOUD_API_TOKEN": "made-up"}


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in config.Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def refused(monkeypatch: pytest.MonkeyPatch, **values: Any) -> str:
    for name, value in (GOOD | values).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError) as raised:
        config.load()
    return str(raised.value)


@pytest.mark.parametrize("name", ["DISCORD_TOKEN", "ACEDATACLOUD_API_TOKEN"])
@pytest.mark.parametrize("between", ["\n", " ", "\r\n", "\t", "\x1b", "é", "\u200b", "\udcff"])
def test_a_token_that_no_header_can_hold(monkeypatch: pytest.MonkeyPatch, name: str, between: str) -> None:
    told = refused(monkeypatch, **{name: f"{TOKEN[:16]}{between}{TOKEN[16:]}"})
    assert told.startswith(f"{name}: ")
    assert len(told.splitlines()) == 1
    assert "Gabcde" not in told
    assert "token-of-nobody" not in told


@pytest.mark.parametrize("name", ["DISCORD_API_URL", "ACEDATACLOUD_API_BASE_URL", "DISCORD_GATEWAY_URL"])
@pytest.mark.parametrize("rest", ["host:99999/", "host:port/", ":80/", "[::1/", "host:0/"])
def test_an_address_that_leads_nowhere(monkeypatch: pytest.MonkeyPatch, name: str, rest: str) -> None:
    scheme = "ws" if "GATEWAY" in name else "http"
    told = refused(monkeypatch, **{name: f"{scheme}://{rest}"})
    assert told.startswith(f"{name}: ")
    assert len(told.splitlines()) == 1


def test_bytes_that_are_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    told = refused(monkeypatch, DISCORD_API_URL="http://us\udcffer/")
    assert told.startswith("DISCORD_API_URL: 'http://us\\udcffer/' has a blank in it, or a character that no URL has")


def test_a_path_in_the_home_of_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refused(monkeypatch, DATA_DIR="~nobody-of-this-name/data").startswith("DATA_DIR: ")


def test_a_path_with_a_nul(tmp_path: Path) -> None:
    lines = [f"{name}={value}" for name, value in GOOD.items()]
    (tmp_path / ".env").write_text("\n".join([*lines, "DATA_DIR=da\0ta"]), "utf-8")
    with pytest.raises(ConfigError, match=r"^DATA_DIR: there is a control character inside"):
        config.load()


def test_a_token_that_was_wrapped_in_the_file(tmp_path: Path) -> None:
    text = f"DISCORD_TOKEN={TOKEN[:16]}\n{TOKEN[16:]}\nACEDATACLOUD_API_TOKEN=made-up\n"
    (tmp_path / ".env").write_text(text, "utf-8")
    with pytest.raises(ConfigError, match="line 2: not understood") as raised:
        config.load()
    assert "token-of-nobody" not in str(raised.value)
