"""A channel's history is paged, checked and kept from whom it is kept from, as Discord does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp
import discord
import pytest
from sandbox_api import Api
from sandbox_bot import ExampleBot, running

from sandbox.discord import Permission
from sandbox.town import Card, Town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

EVERYTHING = discord.Intents(guilds=True, guild_messages=True)


def extend(bot: ExampleBot) -> None:
    @bot.event
    async def on_raw_bulk_message_delete(event: discord.RawBulkMessageDeleteEvent) -> None:
        bot.note(f"deleted {len(event.message_ids)}")


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    async with Town(midjourney=False, strict_limits=False) as town:
        yield town


@pytest.fixture
async def api(town: Town) -> AsyncIterator[Api]:
    async with aiohttp.ClientSession() as session:
        yield Api(town.discord, session)


@pytest.fixture
async def nine(town: Town) -> list[Card]:
    """Nine messages, whose texts are their numbers."""
    return [await town.member.say(str(number)) for number in range(9)]


async def seen(town: Town, api: Api, **query: Any) -> list[str]:
    """The numbers of the messages on a page."""
    ids = {message.id: message.now.content for message in town.channel.messages.values()}
    pairs = "&".join(f"{name}={value}" for name, value in query.items())
    answer = await api.call("GET", f"/channels/{town.channel.id}/messages?{pairs}")
    assert answer.status == 200
    return [ids[message["id"]] for message in answer.data]


async def test_a_page_is_newest_first_whichever_side_it_is_of(town: Town, api: Api, nine: list[Card]) -> None:
    five = nine[5].message.id
    assert await seen(town, api) == list("876543210")
    assert await seen(town, api, limit=2) == list("87")
    assert await seen(town, api, before=five, limit=3) == list("432")
    assert await seen(town, api, after=nine[2].message.id, limit=3) == list("543")
    assert await seen(town, api, around=five, limit=5) == list("76543")
    assert await seen(town, api, around=five, limit=2) == list("54")
    assert await seen(town, api, around=five, limit=1) == ["5"]
    town.discord.delete_message(nine[5].message)
    assert await seen(town, api, around=five, limit=5) == list("7643")


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=ten", "before=x", "after=-1", "around="])
async def test_a_wrong_query_is_refused_at_its_place(town: Town, api: Api, query: str) -> None:
    answer = await api.call("GET", f"/channels/{town.channel.id}/messages?{query}")
    assert answer.refused == (400, 50035)
    assert answer.errors(query.partition("=")[0])


async def test_who_may_not_read_the_history_sees_nothing_of_it(town: Town, api: Api, nine: list[Card]) -> None:
    path = f"/channels/{town.channel.id}/messages"
    town.discord.deny_bot(town.channel, Permission.READ_MESSAGE_HISTORY)
    assert (await api.call("GET", path)).data == []
    assert (await api.call("GET", f"{path}/{nine[0].message.id}")).refused == (403, 50013)
    reply = {"content": "x", "message_reference": {"message_id": nine[0].message.id}}
    assert (await api.call("POST", path, reply)).refused == (403, 160002)
    town.discord.remove_bot_from_channel(town.channel)
    assert (await api.call("GET", path)).refused == (403, 50001)
    assert (await api.call("GET", f"/channels/{town.discord.state.new_id()}/messages")).refused == (404, 10003)


async def test_a_reply_shows_what_it_answers_until_that_is_gone(town: Town, api: Api, nine: list[Card]) -> None:
    path = f"/channels/{town.channel.id}/messages"
    answered, reference = nine[4].message, {"message_id": nine[4].message.id}
    sent = await api.call("POST", path, {"content": "yes", "message_reference": reference})
    assert sent.data["message_reference"]["message_id"] == answered.id
    assert (sent.data["type"], sent.data["referenced_message"]["id"]) == (19, answered.id)
    again = await api.call("POST", path, {"content": "so", "message_reference": {"message_id": sent.data["id"]}})
    assert "referenced_message" not in again.data["referenced_message"]
    town.discord.delete_message(answered)
    assert (await api.call("GET", f"{path}/{sent.data['id']}")).data["referenced_message"] is None
    refused = await api.call("POST", path, {"content": "x", "message_reference": reference})
    assert refused.errors("message_reference") == ["REPLIES_UNKNOWN_MESSAGE"]
    lenient = {"content": "x", "message_reference": reference | {"fail_if_not_exists": False}}
    assert (await api.call("POST", path, lenient)).data["type"] == 0


async def test_many_messages_are_deleted_at_once_where_the_bot_may(town: Town, api: Api, nine: list[Card]) -> None:
    path = f"/channels/{town.channel.id}/messages/bulk-delete"
    ids = [card.message.id for card in nine[:3]]
    assert (await api.call("POST", path, {"messages": ids})).refused == (403, 50013)
    role = next(role for role in town.guild.roles.values() if role.bot_id)
    role.permissions |= Permission.MANAGE_MESSAGES
    assert (await api.call("POST", path, {"messages": ids[:1]})).refused == (400, 50016)
    assert (await api.call("POST", path, {"messages": [*ids, "4194304"]})).refused == (400, 50034)
    async with running(town.discord, extend, intents=EVERYTHING) as bot:
        await bot.wait_until_ready()
        assert (await api.call("POST", path, {"messages": ids})).status == 204
        await bot.happened("deleted 3")
    assert await seen(town, api) == list("876543")


async def test_discord_py_walks_through_a_history_of_several_pages(town: Town) -> None:
    for number in range(230):
        await town.member.say(str(number))
    async with running(town.discord, extend, intents=EVERYTHING) as bot:
        await bot.wait_until_ready()
        channel = bot.get_channel(int(town.channel.id))
        assert isinstance(channel, discord.TextChannel)
        newest = [message.id async for message in channel.history(limit=None)]
        oldest = [message.id async for message in channel.history(limit=None, oldest_first=True)]
    assert newest == [int(key) for key in reversed(town.channel.messages)]
    assert oldest == newest[::-1]
