"""Discord's rate limits: what every answer tells of them, and what is refused beyond them."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
import pytest
from sandbox_api import Answer, Api
from sandbox_bot import ExampleBot, running

from sandbox.discord.model import Channel, Interaction
from sandbox.town import Town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

HELLO = {"content": "x"}


def extend(bot: ExampleBot) -> None:
    @bot.tree.command(description="Defers")
    async def think(interaction: discord.Interaction) -> None:
        await interaction.response.defer()


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    async with Town(midjourney=False) as town:
        yield town


@pytest.fixture
async def api(town: Town) -> AsyncIterator[Api]:
    async with aiohttp.ClientSession() as session:
        yield Api(town.discord, session)


def messages(channel: Channel) -> str:
    return f"/channels/{channel.id}/messages"


def webhook(api: Api, interaction: Interaction) -> str:
    return f"/webhooks/{api.discord.application['id']}/{interaction.token}"


async def deferred(town: Town, api: Api) -> Interaction:
    """An interaction whose first answer is "thinking"; nobody listens at the gateway, so it is sent by hand."""
    command = {"id": "1", "name": "think", "type": 1, "nsfw": False}
    interaction = town.discord.clients.command(town.member.user, town.channel, command, [], [])
    answer = await api.call("POST", f"/interactions/{interaction.id}/{interaction.token}/callback", {"type": 5}, headers={})
    assert answer.status == 204
    assert not [name for name in answer.headers if name.startswith("X-RateLimit")]
    return interaction


def assert_refused(answer: Answer, scope: str, within: float) -> None:
    """A 429 as Discord's, that is over within so many seconds."""
    assert answer.status == 429
    assert answer.data["global"] is (scope == "global")
    assert 0 < answer.data["retry_after"] <= within
    assert answer.headers["X-RateLimit-Scope"] == scope
    assert answer.data["retry_after"] <= int(answer.headers["Retry-After"]) <= within + 1
    assert answer.headers["Via"]


async def test_a_channel_takes_five_messages_in_five_seconds_and_says_so(town: Town, api: Api) -> None:
    answers = [await api.call("POST", messages(town.channel), HELLO) for _ in range(6)]
    assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["4", "3", "2", "1", "0", "0"]
    assert {answer.headers["X-RateLimit-Limit"] for answer in answers} == {"5"}
    assert len({answer.headers["X-RateLimit-Bucket"] for answer in answers}) == 1
    assert 4 < float(answers[0].headers["X-RateLimit-Reset-After"]) <= 5
    assert float(answers[0].headers["X-RateLimit-Reset"]) == pytest.approx(time.time() + 5, abs=1)
    assert [answer.status for answer in answers[:5]] == [200] * 5
    assert_refused(answers[5], "user", 5)
    assert len(town.cards()) == 5


async def test_another_channel_and_edits_have_room_of_their_own(town: Town, api: Api) -> None:
    sent = [await api.call("POST", messages(town.channel), HELLO) for _ in range(5)][-1]
    other = await api.call("POST", messages(town.other_channel), HELLO)
    assert (other.status, other.headers["X-RateLimit-Remaining"]) == (200, "4")
    assert other.headers["X-RateLimit-Bucket"] == sent.headers["X-RateLimit-Bucket"]
    edited = await api.call("PATCH", f"{messages(town.channel)}/{sent.data['id']}", HELLO)
    assert (edited.status, edited.headers["X-RateLimit-Remaining"]) == (200, "4")
    assert edited.headers["X-RateLimit-Bucket"] != sent.headers["X-RateLimit-Bucket"]


async def test_an_interaction_takes_five_edits_and_follow_ups_together(town: Town, api: Api) -> None:
    interaction = await deferred(town, api)
    path = webhook(api, interaction)
    answers = [await api.call("PATCH", f"{path}/messages/@original", HELLO, headers={}) for _ in range(3)]
    answers += [await api.call("POST", path, HELLO, headers={}) for _ in range(3)]
    assert [answer.status for answer in answers] == [200] * 5 + [429]
    assert_refused(answers[5], "user", 2)


async def test_all_interactions_of_a_channel_share_thirty_in_a_minute(town: Town, api: Api) -> None:
    answers = []
    for _ in range(7):
        path = webhook(api, await deferred(town, api)) + "/messages/@original"
        answers += [await api.call("PATCH", path, HELLO, headers={}) for _ in range(5)]
    assert [answer.status for answer in answers] == [200] * 30 + [429] * 5
    assert_refused(answers[30], "shared", 60)
    assert answers[30].headers["X-RateLimit-Limit"] == "30"
    assert (await api.call("POST", messages(town.channel), HELLO)).status == 200


async def test_old_messages_take_three_edits_in_six_seconds(town: Town, api: Api) -> None:
    sent = await api.call("POST", messages(town.channel), HELLO)
    path = f"{messages(town.channel)}/{sent.data['id']}"
    assert (await api.call("PATCH", path, HELLO)).status == 200
    town.discord.advance(3601)
    answers = [await api.call("PATCH", path, HELLO) for _ in range(4)]
    assert [answer.status for answer in answers] == [200] * 3 + [429]
    assert answers[3].code == 30046
    assert_refused(answers[3], "user", 6)


async def test_fifty_requests_in_a_second_are_the_limit_of_all_routes_but_an_interaction_s(town: Town, api: Api) -> None:
    path = f"/channels/{town.channel.id}"
    answers = await asyncio.gather(*(api.call("GET", path) for _ in range(120)))
    refused = [answer for answer in answers if answer.status == 429]
    assert refused
    assert_refused(refused[0], "global", 1)
    assert refused[0].headers["X-RateLimit-Global"] == "true"
    assert "X-RateLimit-Bucket" not in refused[0].headers
    assert (await deferred(town, api)).outcome == "deferred"


async def test_too_many_invalid_requests_are_banned_without_via(town: Town, api: Api) -> None:
    assert town.discord.limits.most_invalid == 10_000
    town.discord.limits.most_invalid = 3
    wrong: dict[str, Any] = {"Authorization": "Bot wrong"}
    answers = [await api.call("GET", "/users/@me", headers=wrong) for _ in range(3)]
    assert [answer.status for answer in answers] == [401] * 3
    with pytest.raises(ValueError, match="Expecting value"):
        await api.call("GET", "/users/@me")
    async with api.session.get(town.discord.api_url + "/users/@me", headers=api.headers) as response:
        assert (response.status, "Via" in response.headers, await response.text()) == (429, False, "error code: 1015")


async def test_shared_refusals_do_not_count_as_invalid(town: Town, api: Api) -> None:
    for _ in range(7):
        path = webhook(api, await deferred(town, api)) + "/messages/@original"
        answers = [await api.call("PATCH", path, HELLO, headers={}) for _ in range(5)]
    assert [answer.status for answer in answers] == [429] * 5
    town.discord.limits.most_invalid = 1
    assert (await api.call("GET", "/users/@me")).status == 200


async def test_a_generous_sandbox_refuses_nothing_but_tells_the_headers() -> None:
    async with Town(midjourney=False, strict_limits=False) as town, aiohttp.ClientSession() as session:
        api = Api(town.discord, session)
        answers = await asyncio.gather(*(api.call("POST", messages(town.channel), HELLO) for _ in range(60)))
        assert {answer.status for answer in answers} == {200}
        assert {answer.headers["X-RateLimit-Limit"] for answer in answers} == {"1000"}


async def test_discord_py_waits_as_long_as_it_is_told(town: Town) -> None:
    async with running(town.discord, extend) as bot:
        await town.ready()
        reply = await town.member.slash("think")
        hook = discord.Webhook.partial(bot.application_id, reply.interaction.token, client=bot)
        for number in range(7):
            await hook.edit_message("@original", content=str(number))
    assert reply.message.now.content == "6"
    edits = town.discord.exchanges("PATCH", "@original")
    assert [edit.status for edit in edits] == [200] * 7
