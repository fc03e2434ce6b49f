"""A small bot on an unmodified discord.py, for the sandbox's own tests."""

from __future__ import annotations

import asyncio
import contextlib
import io
from typing import TYPE_CHECKING, Any

import discord
import yarl
from discord import app_commands

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from sandbox.discord import Discord
from sandbox.discord.bell import Bell


class ExampleBot(discord.Client):
    """Registers what `extend` adds to its tree; presses and modals come to `on_press` and `on_submit`."""

    def __init__(self, extend: Callable[[ExampleBot], None], intents: discord.Intents) -> None:
        super().__init__(intents=intents, guild_ready_timeout=0.05, max_messages=None)
        self.tree = app_commands.CommandTree(self)
        self.handlers: dict[str, Callable[[discord.Interaction], Any]] = {}
        self.failures: list[BaseException] = []
        self.events: list[str] = []
        self.bell = Bell()
        self.tree.error(self._remember)
        extend(self)

    def note(self, event: str) -> None:
        self.events.append(event)
        self.bell.ring()

    async def happened(self, event: str) -> None:
        """Wait for an event that the bot notes."""
        await self.bell.until(lambda: event in self.events, 10)

    async def setup_hook(self) -> None:
        await self.tree.sync()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Don't wait five seconds between two identifies: the sandbox has no such limit."""

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        custom_id = (interaction.data or {}).get("custom_id")
        if custom_id in self.handlers:
            try:
                await self.handlers[custom_id](interaction)
            except discord.HTTPException as failure:
                self.failures.append(failure)

    async def on_ready(self) -> None:
        self.note("ready")

    async def on_resumed(self) -> None:
        self.note("resumed")

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        self.note(f"left {guild.name}")

    async def _remember(self, _interaction: discord.Interaction, failure: Exception) -> None:
        self.failures.append(getattr(failure, "original", failure))


@contextlib.asynccontextmanager
async def running(
    town_discord: Discord,
    extend: Callable[[ExampleBot], None],
    *,
    token: str | None = None,
    intents: discord.Intents | None = None,
) -> AsyncIterator[ExampleBot]:
    """The bot, connected, for the length of the block."""
    before = discord.http.Route.BASE, discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY, discord.asset.Asset.BASE
    _point_at(town_discord.api_url, yarl.URL(town_discord.gateway_url), town_discord.cdn_url)
    bot = ExampleBot(extend, intents or discord.Intents.none())
    task = asyncio.create_task(bot.start(token or town_discord.bot_token), name="example bot")
    try:
        await town_discord.state.bell.until(lambda: task.done() or town_discord.sessions, 10)
        if task.done():
            task.result()
        yield bot
    finally:
        await bot.close()
        with contextlib.suppress(asyncio.CancelledError):
            task.cancel()
            await task
        _point_at(*before)


def _point_at(api: str, gateway: yarl.URL, assets: str) -> None:
    """discord.py keeps its addresses in class attributes: the process's one bot at a time."""
    discord.http.Route.BASE = api
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = gateway
    discord.asset.Asset.BASE = assets


def picture(name: str = "cat.png", size: int = 0) -> discord.File:
    """A file that looks like a PNG of 64×32, padded to `size` bytes."""
    return discord.File(io.BytesIO(png(size)), name, description="a cat")


def png(size: int = 0) -> bytes:
    """The head of a PNG of 64×32, padded to `size` bytes."""
    head = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (64).to_bytes(4, "big") + (32).to_bytes(4, "big") + b"\x08\x02\x00\x00\x00"
    return head + b"x" * (size - len(head))


def layout(*items: discord.ui.Item[Any]) -> discord.ui.LayoutView:
    """A components V2 view that nothing in memory needs."""
    view = discord.ui.LayoutView(timeout=None)
    for item in items:
        view.add_item(item)
    view.stop()
    return view


def buttons(*custom_ids: str) -> discord.ui.View:
    """Classic rows of buttons, labelled by their custom ids."""
    view = discord.ui.View(timeout=None)
    for custom_id in custom_ids:
        view.add_item(discord.ui.Button(label=custom_id, custom_id=custom_id))
    view.stop()
    return view
