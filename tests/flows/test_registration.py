"""Whatever goes wrong with registering the commands, the bot comes online with those that are there, and tries again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from recording import traffic_file
from test_command_line import easel as command_line

from bot.app import log_in, open_easel
from bot.client import Easel
from bot.config import Settings
from bot.pace import Pace
from sandbox.discord.server import Exchange
from sandbox.town import Town

WRONG, BUSY = 1, 75
ENTRY_POINT = 4


def registrations(town: Town) -> list[Exchange]:
    return town.discord.exchanges("PUT", "/commands")


def refuse(town: Town, how: str) -> None:
    """Let every attempt to register fail, until the faults are cleared."""
    match how:
        case "cut":
            town.discord.cut_next("PUT", "/commands", times=1000)
        case "long 429":
            town.discord.fail_next(429, method="PUT", path="/commands", times=1000, retry_after=86_400)
        case "listing":
            town.discord.fail_next(403, method="GET", path="/commands", times=1000, code=50001)
        case "400":
            town.discord.fail_next(400, method="PUT", path="/commands", times=1000, code=50240)
        case "403":
            town.discord.fail_next(403, method="PUT", path="/commands", times=1000, code=50001)


@pytest.fixture
async def registered(empty_town: Town, settings: Settings) -> Town:
    """The town, with the commands of an Easel that ran on another database."""
    async with open_easel(settings.model_copy(update={"data_dir": settings.data_dir / "other"}), Pace()) as easel:
        await log_in(easel, settings)
        await easel.registration.register()
    return empty_town


@asynccontextmanager
async def online(town: Town, settings: Settings, pace: Pace) -> AsyncIterator[Easel]:
    """The bot, as `easel run` starts it."""
    async with open_easel(settings, pace) as easel:
        await log_in(easel, settings)
        await easel.begin_work()
        connection = asyncio.create_task(easel.connect(), name="connection")
        try:
            await town.until(lambda: town.discord.sessions)
            yield easel
        finally:
            await easel.services.jobs.close()
            await easel.close()
            connection.cancel()
            with suppress(asyncio.CancelledError):
                await connection


@pytest.mark.pace(register_again=(0.05, 0.05))
@pytest.mark.parametrize("how", ["400", "403", "listing", "cut"])
async def test_a_bot_whose_commands_are_refused_works_with_those_that_are_there_and_tries_again(
    registered: Town, settings: Settings, pace: Pace, caplog: pytest.LogCaptureFixture, how: str
) -> None:
    town, path = registered, "GET" if how == "listing" else "PUT"
    before = len(registrations(town))
    refuse(town, how)
    async with online(town, settings, pace):
        await (await town.member.slash("imagine", prompt="a red fox")).until(lambda card: card.attachments)
        tries = town.discord.exchanges(path, "/commands")
        await town.until(lambda: len(town.discord.exchanges(path, "/commands")) > len(tries) + 2)
        told = [each for each in caplog.records if each.levelno >= logging.WARNING and "registered" in each.message]
        assert len(told) == 1, told
        assert "\n" not in told[0].message
        town.discord.clear_faults()
        await town.until(lambda: any(each.status == 200 for each in registrations(town)[before:]))


@pytest.mark.parametrize("how", ["400", "listing"])
@pytest.mark.pace(register_again=(0.05, 0.05))
async def test_one_who_starts_anew_is_answered_as_soon_as_discord_takes_the_commands(
    empty_town: Town, settings: Settings, pace: Pace, how: str
) -> None:
    refuse(empty_town, how)
    async with online(empty_town, settings, pace):
        assert not empty_town.discord.commands.registered
        empty_town.discord.clear_faults()
        await empty_town.ready()
        await (await empty_town.member.slash("imagine", prompt="a red fox")).until(lambda card: card.attachments)


@pytest.mark.pace(register_patience=0.05)
async def test_a_bot_that_discord_makes_wait_for_a_day_is_online_meanwhile_and_says_so_once(
    registered: Town, settings: Settings, pace: Pace, caplog: pytest.LogCaptureFixture
) -> None:
    refuse(registered, "long 429")
    async with online(registered, settings, pace):
        await (await registered.member.slash("imagine", prompt="a red fox")).until(lambda card: card.attachments)
        told = [each.message for each in caplog.records if "could not be registered" in each.message]
        assert len(told) == 1
        assert "Discord makes it wait" in told[0]
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "registration"]


def entry_point(town: Town) -> dict[str, Any]:
    return next(each for each in town.discord.commands.listing(None) if each["type"] == ENTRY_POINT)


async def test_the_entry_point_command_of_an_application_with_activities_is_kept_as_it_is(
    empty_town: Town, settings: Settings, pace: Pace
) -> None:
    made = empty_town.discord.commands.add_entry_point() | {"default_member_permissions": "2147483648"}
    empty_town.discord.state.commands[None][made["id"]] = made
    for _ in range(2):
        async with online(empty_town, settings, pace):
            await empty_town.ready()
            await (await empty_town.member.slash("imagine", prompt="a red fox")).until(lambda card: card.attachments)
            assert [each.status for each in registrations(empty_town)] == [200]
            assert entry_point(empty_town) | {"version": made["version"]} == made


async def test_sync_and_check_take_no_offence_at_an_entry_point_command(tmp_path: Path) -> None:
    async with Town(traffic_file()) as town:
        town.discord.commands.add_entry_point()
        code, output = await command_line(tmp_path, "sync", **town.settings())
        assert (code, output) == (0, "The commands are registered.\n")
        code, output = await command_line(tmp_path, "check", **town.settings())
        assert code == 0
        assert "ok       commands are registered" in output


async def test_sync_says_in_a_line_why_discord_refuses(tmp_path: Path) -> None:
    async with Town(traffic_file()) as town:
        refuse(town, "400")
        code, output = await command_line(tmp_path, "sync", **town.settings())
    assert code == WRONG
    assert len(output.splitlines()) == 1
    assert output.startswith(f"The commands are not registered. Discord at {town.discord.api_url} refuses: 400")
    assert "Entry Point command" in output


async def test_sync_and_check_do_not_wait_for_a_day(tmp_path: Path) -> None:
    async with Town(traffic_file()) as town:
        refuse(town, "long 429")
        town.discord.fail_next(429, method="GET", path="/commands", retry_after=3600)
        for command, seconds in (("check", 3600), ("sync", 86_400)):
            code, output = await command_line(tmp_path, command, **town.settings())
            assert code == BUSY
            assert f"busy     Discord at {town.discord.api_url} was asked too often; try again in {seconds} s" in output
            assert "Traceback" not in output


@pytest.mark.pace(register_again=(0.05, 0.05))
async def test_check_tells_why_the_bot_could_not_register(
    empty_town: Town, settings: Settings, pace: Pace, tmp_path: Path
) -> None:
    refuse(empty_town, "403")
    told = "wrong    commands could not be registered when `easel run` last tried: 403"
    async with online(empty_town, settings, pace):
        await empty_town.until(lambda: len(registrations(empty_town)) > 1)
        code, output = await command_line(tmp_path, "check", **(empty_town.settings() | {"DATA_DIR": str(settings.data_dir)}))
        assert code == WRONG
        assert told in output
        assert "Missing Access" in output
        empty_town.discord.clear_faults()
        await empty_town.ready()
        await empty_town.until(lambda: registrations(empty_town)[-1].status == 200)
    code, output = await command_line(tmp_path, "check", **(empty_town.settings() | {"DATA_DIR": str(settings.data_dir)}))
    assert (code, told in output) == (0, False)
