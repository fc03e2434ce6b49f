"""What a page is told: a channel page by page, and only the latest of what it has no time to read."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from sandbox.discord import messages
from sandbox.discord.messages import Draft
from sandbox.supervisor import Supervisor
from sandbox.town import Town, Upload
from sandbox.web import Page, acts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

JSON = dict[str, Any]


@pytest.fixture
def page() -> Page:
    """The page."""
    return Page()


@pytest.fixture
async def town(page: Page) -> AsyncIterator[Town]:
    """A town whose page is open, and no bot."""
    async with Town(midjourney=False, routes=page.routes()) as town, page.open(town):
        yield town


@pytest.fixture
async def socket(town: Town, page: Page) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """A member's page."""
    url = page.url(town)
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{url}socket", origin=url.partition("/app/")[0], max_msg_size=0) as socket,
    ):
        yield socket


async def read(socket: aiohttp.ClientWebSocketResponse, kind: str) -> JSON:
    """The next frame of a kind."""
    async with asyncio.timeout(20):
        while (frame := json.loads((await socket.receive()).data))["type"] != kind:
            pass
    told: JSON = frame
    return told


async def test_a_channel_is_told_fifty_messages_at_a_time(town: Town, socket: aiohttp.ClientWebSocketResponse) -> None:
    await read(socket, "channel")
    for number in range(120):
        await town.neighbour.at(town.other_channel).say(f"message {number}")
    shown: list[str] = []
    await socket.send_json({"type": "open", "channel_id": town.other_channel.id})
    told = await read(socket, "channel")
    while True:
        shown = [message["content"] for message in told["messages"]] + shown
        if not told["more"]:
            break
        await socket.send_json({"type": "older", "channel_id": town.other_channel.id, "before": told["messages"][0]["id"]})
        told = await read(socket, "channel")
        assert told["older"]
    assert shown == [f"message {number}" for number in range(120)]


async def test_a_page_that_does_not_read_holds_nobody_up(town: Town, socket: aiohttp.ClientWebSocketResponse) -> None:
    await read(socket, "channel")
    cards = [await town.neighbour.say(f"card {number}") for number in range(80)]
    async with asyncio.timeout(20):
        for version in range(60):
            for card in cards:
                text = f"{version} " + "x" * 1900
                messages.edit(town.discord.state, card.message, Draft(text, [], [], [], 0, None))
            await asyncio.sleep(0)  # whoever writes to the page may do so, as far as it reads
    last: dict[str, str] = {}
    received = 0
    while len(last) < 80 or any(not content.startswith("59 ") for content in last.values()):
        frame = json.loads((await socket.receive()).data)
        received += 1
        found = frame["messages"] if frame["type"] == "channel" else [frame["message"]] if frame["type"] == "message" else []
        last |= {message["id"]: message["content"] for message in found}
        if frame["type"] == "channel":
            # Only the newest fifty are told anew; the others were not on the page's screen.
            last = {key: value for key, value in last.items() if key in {message["id"] for message in found}}
            if all(value.startswith("59 ") for value in last.values()):
                break
    assert received < 80 * 60, "only the latest of each was told"


async def test_a_page_that_does_not_read_does_not_keep_the_sandbox_from_ending() -> None:
    page = Page(gone_within=0.2)
    async with Town(midjourney=False, routes=page.routes()) as town, aiohttp.ClientSession() as session:
        async with page.open(town):
            url = page.url(town)
            stuck = await session.ws_connect(f"{url}socket", origin=url.partition("/app/")[0], max_msg_size=0)
            await read(stuck, "channel")
            (visitor,) = page.visitors
            connection = stuck._response.connection
            assert connection
            assert isinstance(connection.transport, asyncio.Transport)
            connection.transport.pause_reading()  # as a tab does that stands at a breakpoint
            for _ in range(300):
                visitor.notice("x" * 100_000)
            async with asyncio.timeout(20):
                while visitor._transport.get_write_buffer_size() < 100_000:  # noqa: ASYNC110 - no event tells of a full buffer
                    await asyncio.sleep(0)
            began = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - began < 10
        assert visitor._frames, "it had not read all"


async def test_who_starts_a_bot_that_cannot_be_started_is_told_so(page: Page, tmp_path: Path) -> None:
    nobody = Supervisor(str(tmp_path / "nobody"), {}, tmp_path / "bot.log")
    async with (
        Town(midjourney=False, routes=page.routes()) as town,
        page.open(town, nobody),
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{page.url(town)}socket", origin=page.url(town).partition("/app/")[0]) as socket,
    ):
        for _ in range(2):
            await socket.send_json({"type": "bot", "do": "start"})
            told = (await read(socket, "notice"))["text"]
            assert told == f"The bot can't be started: {tmp_path / 'nobody'}: No such file or directory."


async def test_a_number_beyond_all_bounds_is_refused(
    town: Town, socket: aiohttp.ClientWebSocketResponse, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = {"id": "1", "name": "count", "options": [{"name": "to", "type": 10}]}
    monkeypatch.setattr(acts, "find", lambda *_: command)
    options = [{"name": "to", "type": 10, "value": 10**400}]
    await socket.send_json({"type": "slash", "ref": "a", "channel_id": town.channel.id, "command_id": "1", "options": options})
    told = await read(socket, "interaction")
    assert (told["ref"], told["outcome"]) == ("a", "refused")


async def test_an_upload_becomes_a_messages_file(town: Town, page: Page, socket: aiohttp.ClientWebSocketResponse) -> None:
    await read(socket, "channel")
    query = {"channel": town.channel.id, "name": "my notes.txt"}
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{page.url(town)}upload", params=query, data=b"notes") as response:
            file = await response.json()
        await socket.send_json({"type": "say", "channel_id": town.channel.id, "content": "", "attachments": [file["id"]]})
        said = (await read(socket, "message"))["message"]
        assert said["attachments"][0]["filename"] == "my_notes.txt"
        assert "ephemeral" not in said["attachments"][0]
        async with session.get(said["attachments"][0]["url"]) as response:
            assert await response.read() == b"notes"
            # It comes from where the page comes from, and must do nothing there.
            assert response.headers["Content-Security-Policy"] == "sandbox"
            assert response.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_reply_shows_what_it_answers_to(town: Town, socket: aiohttp.ClientWebSocketResponse) -> None:
    await read(socket, "channel")
    card = await town.neighbour.say("first  line\nsecond", Upload(b"x", "x.txt"))
    await read(socket, "message")
    reply = {"type": "say", "channel_id": town.channel.id, "content": "indeed", "reply_to": card.message.id}
    await socket.send_json(reply)
    told = (await read(socket, "message"))["message"]
    assert told["client"]["reference"]["text"] == "first line second"
    town.discord.delete_message(card.message)
    assert (await read(socket, "gone"))["message_id"] == card.message.id
    await socket.send_json({"type": "open", "channel_id": town.channel.id})
    shown = (await read(socket, "channel"))["messages"]
    assert shown[0]["client"]["reference"] | {"author": None} == {
        "message_id": card.message.id,
        "author": None,
        "text": "",
        "deleted": True,
    }


async def test_each_person_sees_the_places_that_are_theirs(town: Town, socket: aiohttp.ClientWebSocketResponse) -> None:
    places = {}
    for person in (town.member, town.stranger, town.neighbour, town.barred):
        await socket.send_json({"type": "be", "person_id": person.user.id})
        told = await read(socket, "hello")
        while told["you"]["id"] != person.user.id:
            told = await read(socket, "hello")
        channels = [(channel["name"], channel["nsfw"]) for guild in told["guilds"] for channel in guild["channels"]]
        places[person] = channels, [(channel["name"], channel["here"]) for channel in told["dms"]]
    town_channels = [("pictures", False), ("gallery", False), ("after-dark", True)]
    assert places[town.member] == (town_channels, [("Easel", "dm")])
    assert places[town.neighbour] == (town_channels, [("Easel", "dm"), ("Stranger", "user-installed")])
    assert places[town.stranger] == ([("chat", False)], [("Easel", "dm"), ("Neighbour", "user-installed")])
    assert places[town.barred] == (town_channels, [])
