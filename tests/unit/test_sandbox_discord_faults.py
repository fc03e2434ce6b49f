"""The sandbox fails as told: statuses, cuts, delays, requests held and let go."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
import pytest
from sandbox_api import Api
from sandbox_bot import ExampleBot, running

from sandbox.town import Town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import discord


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    async with Town(midjourney=False, strict_limits=False) as town:
        yield town


@pytest.fixture
async def api(town: Town) -> AsyncIterator[Api]:
    async with aiohttp.ClientSession() as session:
        yield Api(town.discord, session)


async def send(town: Town, api: Api, content: str = "x") -> int:
    return (await api.call("POST", f"/channels/{town.channel.id}/messages", {"content": content})).status


async def test_a_status_is_answered_before_or_after_the_work(town: Town, api: Api) -> None:
    town.discord.fail_next(502, path="/messages")
    assert await send(town, api) == 502
    assert town.cards() == []
    town.discord.fail_next(502, method="POST", path="/messages", after=True)
    assert await send(town, api) == 502
    assert len(town.cards()) == 1
    assert await send(town, api) == 200
    assert [exchange.injected for exchange in town.discord.requests] == [True, True, False]


async def test_only_what_matches_fails_and_only_so_often(town: Town, api: Api) -> None:
    town.discord.fail_next(503, method="PATCH")
    town.discord.fail_next(404, path="/messages$", code=10003, times=2)
    answers = [await send(town, api) for _ in range(3)]
    assert answers == [404, 404, 200]
    town.discord.clear_faults()
    assert (await api.call("PATCH", "/nowhere", {})).status == 404


async def test_a_told_429_says_how_long(town: Town, api: Api) -> None:
    town.discord.fail_next(429, retry_after=0.25)
    answer = await api.call("GET", "/users/@me")
    assert (answer.status, answer.data["retry_after"], answer.headers["Via"]) == (429, 0.25, "1.1 sandbox")


@pytest.mark.parametrize(("after", "sent"), [(False, 0), (True, 1)])
async def test_a_cut_connection_gives_no_answer(town: Town, api: Api, after: bool, sent: int) -> None:
    town.discord.cut_next("POST", "/messages", after=after)
    with pytest.raises(aiohttp.ClientError):
        await send(town, api)
    assert len(town.cards()) == sent
    assert town.discord.requests[-1].status == 0


async def test_a_delayed_request_comes_later(town: Town, api: Api) -> None:
    town.discord.delay_next(0.05, path="/users")
    await api.call("GET", "/users/@me")
    assert town.discord.requests[-1].took >= 0.05


async def test_a_held_request_waits_for_its_release(town: Town, api: Api) -> None:
    async with town.discord.hold("POST", "/messages") as held:
        sending = asyncio.create_task(send(town, api))
        await held.reached()
        assert town.cards() == []
        assert not sending.done()
        held.release()
        assert await sending == 200
    assert len(town.cards()) == 1


@pytest.mark.parametrize(("after", "sent"), [(False, 0), (True, 1)])
async def test_who_hangs_up_while_held_loses_what_was_not_yet_done(town: Town, api: Api, after: bool, sent: int) -> None:
    async with town.discord.hold("POST", "/messages", after=after) as held:
        sending = asyncio.create_task(send(town, api))
        await held.reached()
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        await api.session.close()
        await asyncio.sleep(0.02)
    exchange = town.discord.exchanges("POST", "/messages")[0]
    await town.until(lambda: exchange.took)
    assert len(town.cards()) == sent


async def test_discord_py_tries_again_after_a_502(town: Town) -> None:
    def extend(bot: ExampleBot) -> None:
        @bot.tree.command(description="Greets")
        async def greet(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("hello")

    async with running(town.discord, extend) as bot:
        await town.ready()
        town.discord.fail_next(502, path="/callback", after=True)
        assert (await town.member.slash("greet")).text == "hello"
        await town.until(lambda: len(town.discord.exchanges("POST", "/callback")) == 2)
        await town.until(lambda: town.discord.requests[-1].status == 400)
    assert [failure.code for failure in bot.failures] in ([], [40060])
