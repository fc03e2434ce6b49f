"""The gateway drops, resumes and throws sessions away: no job notices, no press is lost, none is done twice."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from bot_process import BotProcess, Living, living
from recording import traffic_file

from bot.client import Easel
from sandbox.town import Card, Reply, Town


def painted(card: Card) -> bool:
    """Whether the picture is there."""
    return bool(card.attachments) and card.has("U1")


@pytest.fixture
def _no_pause_before_identify(monkeypatch: pytest.MonkeyPatch) -> None:
    """discord.py waits five seconds, for a limit that the sandbox doesn't have."""

    async def at_once(_easel: Easel, _shard_id: int | None, *, initial: bool = False) -> None:
        del initial

    monkeypatch.setattr(Easel, "before_identify_hook", at_once)


@asynccontextmanager
async def running(town: Town) -> AsyncIterator[Reply]:
    """A job that is painted during the block, and must be delivered after it, once."""
    held = town.midjourney.hold_next("before_final")
    reply = await town.member.slash("imagine", prompt="a lighthouse")
    await held.reached()
    yield reply
    held.release()
    card = await reply.until(painted)
    assert len(card.attachments) == 1
    assert town.midjourney.ledger.count(prompt="a lighthouse") == 1


@pytest.mark.parametrize("how", ["dropped", "asked to reconnect"])
async def test_a_command_from_while_the_gateway_was_away_is_replayed_and_answered_once(town: Town, how: str) -> None:
    async with running(town):
        if how == "dropped":
            town.discord.drop_gateway(4000)
        else:
            town.discord.reconnect_gateway()
        other = await town.neighbour.slash("imagine", prompt="a harbour")
        await other.until(painted)
        assert town.discord.gateway.identified == 1, "the session was not resumed"
        assert town.midjourney.ledger.count(prompt="a harbour") == 1
    assert len(town.cards()) == 2


@pytest.mark.usefixtures("_no_pause_before_identify")
@pytest.mark.parametrize("how", ["invalid session", "dropped for good"])
async def test_a_new_session_finds_the_work_as_it_was(town: Town, how: str) -> None:
    async with running(town) as reply:
        if how == "invalid session":
            town.discord.invalidate_sessions()
        else:
            town.discord.drop_gateway(4000, resumable=False)
        await town.until(lambda: town.discord.gateway.identified == 2 and len(town.discord.sessions) == 1)
        assert not reply.now.has("U1")
        await (await town.neighbour.slash("imagine", prompt="a harbour")).until(painted)
    upscaled = await reply.now.press("U1")
    await upscaled.until(lambda card: card.attachments)
    assert town.midjourney.ledger.count() == 3
    assert len(town.cards()) == 3


async def test_an_event_that_discord_py_trips_over_does_not_end_the_bot(tmp_path: Path) -> None:
    async with living(tmp_path, record=False) as place, running(place.town) as reply:
        place.town.discord.gateway.emit("INTERACTION_CREATE", {"id": "1", "type": 2})
        await place.town.until(lambda: place.town.discord.gateway.identified == 2)
        await place.town.ready()
        other = await place.town.member.slash("imagine", prompt="a harbour")
        await other.until(painted)
        assert not reply.now.has("U1")
        assert "connecting again" in place.bot.words


async def test_discord_is_waited_for_at_the_start(tmp_path: Path) -> None:
    async with living(tmp_path) as place:
        reply = await kill_with_a_picture(place)
        place.town.discord.fail_next(503, method="GET", path="/users/@me")
        await place.start()
        assert "Discord can't be reached" in place.bot.words
        await (await reply.now.press("U1")).until(lambda card: card.attachments)


async def test_a_gateway_that_is_away_at_the_start_is_told_in_one_line_each_time(tmp_path: Path) -> None:
    came = asyncio.Semaphore(0)

    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()
        came.release()

    async with Town(traffic_file()) as town, await asyncio.start_server(hang_up, "127.0.0.1", 0) as gateway:
        port = gateway.sockets[0].getsockname()[1]
        async with BotProcess(tmp_path, town.settings() | {"DISCORD_GATEWAY_URL": f"ws://127.0.0.1:{port}/"}) as bot:
            async with asyncio.timeout(30):
                while not re.search("Discord can't be reached|connecting again", bot.words):
                    await came.acquire()
            assert await bot.terminate() == 0
            assert "Discord can't be reached" in bot.words
            assert "Traceback" not in bot.words, bot.words


async def kill_with_a_picture(place: Living) -> Card:
    """The card of a finished job; the bot that made it is dead."""
    card = await (await place.town.member.slash("imagine", prompt="a lighthouse")).until(painted)
    await place.kill()
    return card


FATAL = {
    4004: "DISCORD_TOKEN: Discord closed the connection for good (4004). It does not accept the token",
    4010: "Discord closed the connection for good (4010): it was asked for a shard",
    4011: "Discord closed the connection for good (4011): the bot is in more servers than one connection",
    4012: "Discord closed the connection for good (4012): it no longer serves the gateway's version",
    4013: "Discord closed the connection for good (4013): it does not know an intent",
    4014: "Discord closed the connection for good (4014): the bot asked for an intent that the application may not have",
}


@pytest.mark.parametrize("code", FATAL)
async def test_a_connection_that_discord_closes_for_good_is_told_in_one_line_with_what_to_do(tmp_path: Path, code: int) -> None:
    async with living(tmp_path, LOG_LEVEL="ERROR") as place:
        place.town.discord.drop_gateway(code)
        assert await place.bot.ended() == 78
        assert len(place.bot.words.splitlines()) == 1, place.bot.words
        assert place.bot.words.startswith(FATAL[code])
        assert ("DISCORD_TOKEN" in place.bot.words) is (code == 4004)
