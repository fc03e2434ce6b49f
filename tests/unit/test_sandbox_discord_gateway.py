"""The gateway keeps sessions, replays what was missed, and closes on what Discord closes on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
import pytest
from sandbox_bot import ExampleBot, running

from sandbox.town import InteractionFailed, Town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

JSON = dict[str, Any]


def extend(bot: ExampleBot) -> None:
    @bot.tree.command(description="Greets")
    async def greet(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("hello")

    @bot.event
    async def on_message(message: discord.Message) -> None:
        bot.note(f"message {message.content!r}")

    @bot.event
    async def on_raw_message_delete(event: discord.RawMessageDeleteEvent) -> None:
        bot.note(f"deleted {event.message_id}")

    @bot.event
    async def on_guild_join(guild: discord.Guild) -> None:
        bot.note(f"joined {guild.name}")


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    async with Town(midjourney=False) as town:
        yield town


@pytest.fixture
async def bot(town: Town) -> AsyncIterator[ExampleBot]:
    intents = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)
    async with running(town.discord, extend, intents=intents) as bot:
        await bot.wait_until_ready()
        yield bot


async def test_guilds_arrive_with_their_channels(town: Town, bot: ExampleBot) -> None:
    assert [guild.name for guild in bot.guilds] == ["Town"]
    assert {channel.name for channel in bot.guilds[0].text_channels} == {"pictures", "gallery", "after-dark"}
    assert bot.guilds[0].me.id == int(town.discord.application["id"])


async def test_a_dropped_connection_is_resumed_and_replayed(town: Town, bot: ExampleBot) -> None:
    town.discord.drop_gateway(4000)
    await town.gone()
    reply = await town.member.slash("greet")
    assert reply.text == "hello"
    await bot.happened("resumed")
    assert town.discord.gateway.identified == 1


@pytest.mark.parametrize("way", ["reconnect", "cut"])
async def test_reconnects_and_cuts_are_resumed_too(town: Town, bot: ExampleBot, way: str) -> None:
    if way == "cut":
        town.discord.drop_gateway(None)
    else:
        town.discord.reconnect_gateway()
    await bot.happened("resumed")
    assert (await town.member.slash("greet")).text == "hello"


async def test_an_invalid_session_identifies_anew(town: Town, bot: ExampleBot) -> None:
    bot.events.clear()
    town.discord.invalidate_sessions()
    await town.until(lambda: town.discord.gateway.identified == 2)
    await bot.happened("ready")
    assert (await town.member.slash("greet")).text == "hello"


@pytest.mark.usefixtures("bot")
async def test_a_session_that_may_not_be_resumed_is_identified_anew(town: Town) -> None:
    town.discord.drop_gateway(4000, resumable=False)
    await town.until(lambda: town.discord.gateway.identified == 2)
    assert (await town.member.slash("greet")).text == "hello"


async def test_a_bot_that_is_gone_answers_nothing(town: Town) -> None:
    async with running(town.discord, extend):
        await town.ready()
    await town.gone()
    town.discord.clients.answer_time = 0.1
    with pytest.raises(InteractionFailed):
        await town.member.slash("greet")


async def test_messages_come_by_intent_and_without_content(town: Town, bot: ExampleBot) -> None:
    await town.member.say("secret")
    await bot.happened("message ''")
    said = await town.member.dm.say("open")
    await bot.happened("message 'open'")
    town.discord.delete_message(said.message)
    await bot.happened(f"deleted {said.message.id}")


async def test_leaving_and_joining_a_guild_is_told(town: Town, bot: ExampleBot) -> None:
    town.discord.remove_bot_from_guild(town.guild)
    await bot.happened("left Town")
    town.discord.add_bot_to_guild(town.guild)
    await bot.happened("joined Town")


async def test_a_wrong_token_closes_with_4004(town: Town) -> None:
    town.discord.gateway._bot_token = "another"
    with pytest.raises(discord.ConnectionClosed) as failure:
        async with running(town.discord, extend):
            await asyncio.sleep(0)
    assert failure.value.code == 4004


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        (["nonsense"], 4002),
        (['{"op": 77}'], 4001),
        (['{"op": 3, "d": {}}'], 4003),
        (['{"op": 2, "d": {"token": "no"}}'], 4004),
        (['{"op": 2, "d": {"token": "THE TOKEN", "intents": 0}}'] * 2, 4005),
        (['{"op": 1, "d": null}'] * 121, 4008),
    ],
)
async def test_bad_frames_close_the_connection(town: Town, frames: list[str], code: int) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(town.discord.gateway_url) as ws:
        assert (await ws.receive_json(timeout=5))["op"] == 10
        for frame in frames:
            await ws.send_str(frame.replace("THE TOKEN", town.discord.bot_token))
        async for _ in ws:
            pass
        assert ws.close_code == code


async def test_an_unknown_session_is_invalid(town: Town) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(town.discord.gateway_url) as ws:
        await ws.receive_json(timeout=5)
        await ws.send_json({"op": 6, "d": {"token": town.discord.bot_token, "session_id": "x", "seq": 3}})
        assert await ws.receive_json(timeout=5) == {"op": 9, "d": False, "s": None, "t": None}


@pytest.mark.usefixtures("bot")
async def test_two_sessions_both_hear_an_interaction(town: Town) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(town.discord.gateway_url) as ws:
        await ws.send_json({"op": 2, "d": {"token": town.discord.bot_token, "intents": 0}})
        await town.until(lambda: len(town.discord.sessions) == 2)
        await town.member.slash("greet")
        seen = [(await ws.receive_json(timeout=5))["t"] for _ in range(3)]
    assert seen == [None, "READY", "INTERACTION_CREATE"]


@pytest.mark.parametrize(("code", "kept"), [(1000, 0), (4000, 1)])
async def test_a_client_that_closes_with_1000_gives_its_session_up(town: Town, code: int, kept: int) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(town.discord.gateway_url) as ws:
        await ws.send_json({"op": 2, "d": {"token": town.discord.bot_token, "intents": 0}})
        await town.until(lambda: town.discord.sessions)
        await ws.close(code=code)
    await town.gone()
    assert len(town.discord.gateway.sessions) == kept


@pytest.mark.parametrize(("origin", "status"), [("http://evil.example", 403), ("null", 403), (None, 101), ("own", 101)])
async def test_another_page_may_not_come_in(town: Town, origin: str | None, status: int) -> None:
    url = town.discord.gateway_url
    own = url.replace("ws://", "http://").removesuffix("/gateway/")
    headers = {} if origin is None else {"Origin": own if origin == "own" else origin}
    async with aiohttp.ClientSession() as session:
        try:
            async with session.ws_connect(url, headers=headers):
                seen = 101
        except aiohttp.WSServerHandshakeError as error:
            seen = error.status
    assert seen == status


async def test_each_world_has_a_token_of_its_own() -> None:
    async with Town() as one, Town() as other:
        tokens = {one.discord.bot_token, other.discord.bot_token, one.midjourney.token, other.midjourney.token}
        assert len(tokens) == 4
