"""The gateway packs its frames as the client asks for, and records them as what they say."""

from __future__ import annotations

import asyncio
import json
import sys
import zlib
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
import pytest
import zstandard
from sandbox_bot import ExampleBot, running

from sandbox.discord import compression
from sandbox.town import Town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

JSON = dict[str, Any]
FLUSHED = b"\x00\x00\xff\xff"
# discord.py in a process of its own, which asks for zstd where it has the package.
BOT = """
import sys, discord, yarl
from discord import app_commands
discord.http.Route.BASE, gateway, token = sys.argv[1:]
discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway)
bot = discord.Client(intents=discord.Intents.none())
tree = app_commands.CommandTree(bot)
@tree.command(description="Greets")
async def greet(interaction):
    await interaction.response.send_message("hello")
bot.setup_hook = tree.sync
bot.run(token, log_handler=None)
"""


def extend(bot: ExampleBot) -> None:
    @bot.tree.command(description="Greets")
    async def greet(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("hello")


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    async with Town(midjourney=False) as town:
        yield town


@asynccontextmanager
async def connected(town: Town, **query: str) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    async with aiohttp.ClientSession() as session, session.ws_connect(town.discord.gateway_url, params=query) as ws:
        yield ws


def identify(town: Town, **more: Any) -> JSON:
    return {"op": 2, "d": {"token": town.discord.bot_token, "intents": 1} | more}


async def test_a_zlib_stream_is_one_stream_for_the_whole_connection(town: Town) -> None:
    async with connected(town, compress="zlib-stream") as ws:
        frames = [await ws.receive_bytes(timeout=5)]
        await ws.send_json(identify(town))
        frames += [await ws.receive_bytes(timeout=5) for _ in range(2)]
    context = zlib.decompressobj()
    payloads = [json.loads(context.decompress(frame)) for frame in frames]
    assert [(payload["op"], payload["t"]) for payload in payloads] == [(10, None), (0, "READY"), (0, "GUILD_CREATE")]
    assert [frame[-4:] for frame in frames] == [FLUSHED] * 3
    with pytest.raises(zlib.error):
        zlib.decompress(frames[1])


async def test_a_resume_starts_a_new_stream_whose_replay_can_be_read(town: Town) -> None:
    async with connected(town, compress="zlib-stream") as ws:
        context = zlib.decompressobj()
        await ws.send_json(identify(town))
        ready = [json.loads(context.decompress(await ws.receive_bytes(timeout=5))) for _ in range(2)][1]
        await ws.close(code=4000)
    resume = {"token": town.discord.bot_token, "session_id": ready["d"]["session_id"], "seq": 1}
    async with connected(town, compress="zlib-stream") as ws:
        context = zlib.decompressobj()
        await ws.send_json({"op": 6, "d": resume})
        seen = [json.loads(context.decompress(await ws.receive_bytes(timeout=5)))["t"] for _ in range(3)]
    assert seen == [None, "GUILD_CREATE", "RESUMED"]


async def test_a_zstd_stream_is_one_stream_too(town: Town) -> None:
    async with connected(town, compress="zstd-stream") as ws:
        context = zstandard.ZstdDecompressor().decompressobj()
        await ws.send_json(identify(town))
        seen = [json.loads(context.decompress(await ws.receive_bytes(timeout=5)))["t"] for _ in range(3)]
    assert seen == [None, "READY", "GUILD_CREATE"]


@pytest.mark.parametrize("wanted", ["zstd-stream", "lzma-stream"])
async def test_a_compression_that_the_sandbox_lacks_gives_text(
    town: Town, wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compression, "HAS_ZSTD", False)
    async with connected(town, compress=wanted) as ws:
        await ws.send_json(identify(town, compress=True))
        seen = [(await ws.receive_json(timeout=5))["t"] for _ in range(3)]
    assert seen == [None, "READY", "GUILD_CREATE"]


async def test_identify_asks_for_large_payloads_to_be_packed_each_by_itself(town: Town) -> None:
    async with connected(town) as ws:
        await ws.send_json(identify(town, compress=True))
        assert (await ws.receive_json(timeout=5))["op"] == 10
        ready, guild = [await ws.receive(timeout=5) for _ in range(2)]
        await ws.send_json({"op": 1, "d": None})
        assert (await ws.receive_json(timeout=5))["op"] == 11
    assert [json.loads(zlib.decompress(guild.data))["t"], guild.type] == ["GUILD_CREATE", aiohttp.WSMsgType.BINARY]
    assert json.loads(ready.data if ready.type is aiohttp.WSMsgType.TEXT else zlib.decompress(ready.data))["t"] == "READY"


async def test_discord_py_reads_a_zlib_stream_and_resumes_it(town: Town) -> None:
    async with running(town.discord, extend) as bot:
        await town.ready()
        assert town.discord.sessions[0].socket.compress == "zlib-stream"
        assert (await town.member.slash("greet")).text == "hello"
        town.discord.drop_gateway(4000)
        await bot.happened("resumed")
        assert (await town.member.slash("greet")).text == "hello"
        assert town.discord.gateway.identified == 1


async def test_discord_py_with_zstandard_reads_a_zstd_stream(town: Town) -> None:
    addresses = town.discord.api_url, town.discord.gateway_url, town.discord.bot_token
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", BOT, *addresses)
    try:
        await town.ready()
        assert town.discord.sessions[0].socket.compress == "zstd-stream"
        assert (await town.member.slash("greet")).text == "hello"
    finally:
        process.kill()
        await process.wait()


async def test_packed_frames_are_recorded_as_their_json(tmp_path: Path) -> None:
    record = tmp_path / "traffic.jsonl"
    async with Town(record, midjourney=False) as town, connected(town, compress="zlib-stream") as ws:
        await ws.send_json(identify(town))
        for _ in range(3):
            await ws.receive_bytes(timeout=5)
    frames = [json.loads(line) for line in record.read_text().splitlines()]
    received = [frame["payload"]["t"] for frame in frames if frame.get("gateway") == "receive"]
    assert received == [None, "READY", "GUILD_CREATE"]
