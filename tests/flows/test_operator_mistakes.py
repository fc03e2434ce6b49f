"""What an operator gets wrong, or finds broken, is told in plain lines: no traceback, no token, the right exit code."""

from __future__ import annotations

import asyncio
import signal
import socket
import sqlite3
from pathlib import Path

import psutil
import pytest
from bot_process import living
from recording import traffic_file
from test_command_line import easel, start

from sandbox.town import Town

NOBODY = {"DISCORD_TOKEN": "nobody-knows-this"}
MISCONFIGURED, BUSY = 78, 75


def closed_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def discord_away() -> dict[str, str]:
    """The settings of a bot whose Discord can't be reached."""
    return {"DISCORD_API_URL": f"http://127.0.0.1:{closed_port()}/api/v10"}


@pytest.mark.parametrize("command", ["run", "sync"])
async def test_a_wrong_token_is_named_in_one_line(tmp_path: Path, command: str) -> None:
    async with Town(traffic_file()) as town:
        code, output = await easel(tmp_path, command, **(town.settings() | NOBODY))
    assert code == MISCONFIGURED
    assert output.splitlines() == ["DISCORD_TOKEN: Discord does not accept it."]


@pytest.mark.parametrize("command", ["run", "check", "sync", "migrate"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DISCORD_TOKEN", "half-of-it\nother-half"),
        ("ACEDATACLOUD_API_TOKEN", "half-of-it other-half"),
        ("ACEDATACLOUD_API_TOKEN", "half-of-it\udcffother-half"),
        ("DISCORD_API_URL", "http://127.0.0.1:99999"),
        ("DISCORD_GATEWAY_URL", "ws://a..b/"),
        ("DATA_DIR", "~nobody-of-this-name/easel"),
    ],
)
async def test_a_value_that_can_not_be_used_is_named_in_one_line(tmp_path: Path, command: str, name: str, value: str) -> None:
    tokens = {"DISCORD_TOKEN": "a-token", "ACEDATACLOUD_API_TOKEN": "another"}
    code, output = await easel(tmp_path, command, **(tokens | {name: value}))
    assert code == MISCONFIGURED
    assert output.startswith(f"{name}: ")
    assert output.count("\n") == 1
    assert "half-of" not in output
    assert "other" not in output


@pytest.mark.parametrize("trouble", ["away", "503"])
async def test_check_tells_that_discord_is_away(tmp_path: Path, trouble: str) -> None:
    async with Town(traffic_file()) as town:
        if trouble == "503":
            town.discord.fail_next(503, path="/users/@me")
        code, output = await easel(tmp_path, "check", **(town.settings() | (discord_away() if trouble == "away" else {})))
    assert code == 1
    assert "ok       image service" in output
    assert "ok       database" in output
    assert "wrong    Discord at http://127.0.0.1" in output
    assert "Traceback" not in output


async def test_a_private_application_needs_no_limit(tmp_path: Path) -> None:
    async with Town(traffic_file()) as town:
        town.discord.state.application_public = False
        code, output = await easel(tmp_path, "check", **town.settings())
    assert code == 0
    assert "warning" not in output


async def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("these are notes, and long enough to be read as a page of a database " * 20)
    for path in (file, file / "easel.db"):
        tokens = {"DISCORD_TOKEN": "a-token", "ACEDATACLOUD_API_TOKEN": "another"}
        code, output = await easel(tmp_path, "migrate", DATABASE_URL=f"sqlite+aiosqlite:///{path}", **tokens)
        assert code == MISCONFIGURED
        assert len(output.splitlines()) == 1
        assert f"The database {path} (from DATABASE_URL, else in DATA_DIR) can't be opened" in output
    assert file.read_text().startswith("these are notes")


async def test_a_database_is_migrated_once(tmp_path: Path) -> None:
    tokens = {"DISCORD_TOKEN": "a-token", "ACEDATACLOUD_API_TOKEN": "another"}
    for _ in range(2):
        assert (await easel(tmp_path, "migrate", **tokens))[0] == 0
    with sqlite3.connect(tmp_path / "data" / "easel.db") as database:
        assert database.execute("SELECT count(*) FROM jobs").fetchone() == (0,)
    database.close()


async def test_a_folder_that_can_not_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way")
    async with Town(traffic_file()) as town:
        code, output = await easel(tmp_path, "run", DATABASE_URL=f"sqlite+aiosqlite:///{tmp_path}/easel.db", **town.settings())
    assert code == MISCONFIGURED
    assert output.splitlines() == [f"DATA_DIR: {tmp_path / 'data'} is not a folder."]


async def test_check_goes_on_where_the_folder_is_none(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way")
    async with Town(traffic_file()) as town:
        code, output = await easel(tmp_path, "check", **town.settings())
    assert code == 1
    assert f"wrong    DATA_DIR: {tmp_path / 'data'} is not a folder." in output
    assert "ok       Discord token" in output
    assert "not registered yet" in output
    assert "ALLOWED_GUILD_IDS" in output


async def test_check_goes_on_where_the_database_is_none(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "easel.db").write_text("these are notes " * 100)
    async with Town(traffic_file()) as town:
        code, output = await easel(tmp_path, "check", **(town.settings() | NOBODY))
    assert code == 1
    assert "wrong    The database" in output
    assert "wrong    DISCORD_TOKEN" in output


async def test_check_does_not_call_wrong_what_is_only_busy(tmp_path: Path) -> None:
    async with Town(traffic_file()) as town:
        town.midjourney.fail_next(429, "too_many_requests", endpoint="translate", retry_after=7)
        code, output = await easel(tmp_path, "check", **town.settings())
        assert code == BUSY
        assert f"busy     image service {town.midjourney.url} was asked too often; try again in 7 s" in output
        assert "ok       Discord token" in output
        town.discord.limits.most_invalid = 0
        code, output = await easel(tmp_path, "check", **town.settings())
        assert code == BUSY
        assert "busy     Discord at http://127.0.0.1" in output
        assert "wrong  " not in output


async def test_check_knows_commands_that_another_installation_registered(tmp_path: Path) -> None:
    async with Town(traffic_file()) as town:
        assert (await easel(tmp_path, "sync", **town.settings()))[0] == 0
        code, output = await easel(tmp_path, "check", **(town.settings() | {"DATA_DIR": str(tmp_path / "other")}))
    assert code == 0
    assert "note     commands are registered, but perhaps not as they are now" in output
    assert "not registered" not in output


async def test_a_token_that_the_image_service_refuses_is_told_at_the_start(tmp_path: Path) -> None:
    async with living(tmp_path, ACEDATACLOUD_API_TOKEN="nobody-knows-this") as place:
        await place.town.midjourney.until_received("translate")
        assert await place.bot.terminate() == 0
        told = [line for line in place.bot.words.splitlines() if "ACEDATACLOUD_API_TOKEN" in line]
        assert place.town.midjourney.ledger.count() == 0
    assert len(told) == 1
    assert "WARNING" in told[0]
    assert "does not accept it" in told[0]
    assert "nobody-knows-this" not in place.bot.words


async def test_a_strange_folder_among_the_pictures_does_not_keep_the_bot_from_starting(tmp_path: Path) -> None:
    strange = tmp_path / "data" / "spool" / "mine"
    strange.mkdir(parents=True)
    async with living(tmp_path) as place:
        await (await place.town.member.slash("imagine", prompt="a red fox")).until(lambda card: card.attachments)
        assert "can't be deleted" in place.bot.words
        assert "Traceback" not in place.bot.words
        assert strange.exists()


async def test_the_commands_are_registered_again_only_where_they_changed(tmp_path: Path) -> None:
    async with living(tmp_path) as place:
        await place.bot.says("Commands were registered")  # and remembered, which a kill before it would prevent
        await place.kill()
        await place.start()
        registrations = place.town.discord.exchanges("PUT", "/commands")
        assert len(registrations) == 1
        await place.bot.terminate()
        assert (await easel(tmp_path, "sync", **place.town.settings()))[0] == 0
        assert len(place.town.discord.exchanges("PUT", "/commands")) == 2


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
async def test_an_interrupted_demo_leaves_no_process_behind(tmp_path: Path, name: str) -> None:
    demo = await start("demo", "--tour", home=tmp_path)
    assert demo.stdout is not None
    async with asyncio.timeout(60):
        while "/imagine" not in (await demo.stdout.readline()).decode():
            pass
        children = psutil.Process(demo.pid).children(recursive=True)
        assert len(children) == 2
        demo.send_signal(getattr(signal, name))
        await demo.communicate()
    assert demo.returncode == 130
    assert not await asyncio.to_thread(lambda: psutil.wait_procs(children, timeout=5)[1])


async def test_a_line_that_the_demo_can_not_do_fails_it(tmp_path: Path) -> None:
    code, output = await easel(tmp_path, "demo", "--run", "press U2")
    assert code == 1, output
