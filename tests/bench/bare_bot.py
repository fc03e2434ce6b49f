"""What Easel is measured against: the same calls to Discord and the API, and nothing that outlives the process.

No database, no queue, no retries, no pacing: a command, a stream, a download, an upload.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import time
from pathlib import Path
from typing import Any

import aiohttp
import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

EDIT_EVERY = 3.0  # seconds of painting before progress is shown, and between two edits
LABELS = ("U1", "U2", "U3", "U4", "V1", "V2", "V3", "V4", "Again")
IN_A_ROW = 5


class BareBot(discord.Client):
    """`/imagine` in one function."""

    def __init__(self, api_url: str, api_token: str, folder: Path) -> None:
        super().__init__(
            intents=discord.Intents(guilds=True),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
        )
        self._api_url = api_url
        self._headers = {"Authorization": f"Bearer {api_token}", "Accept": "application/x-ndjson"}
        self._folder = folder
        self._http: aiohttp.ClientSession
        self._tree = app_commands.CommandTree(self)
        self._tree.add_command(app_commands.Command(name="imagine", description="Paint", callback=self._imagine))

    async def setup_hook(self) -> None:
        """Called by discord.py after the login."""
        self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        await self._tree.sync()

    async def close(self) -> None:
        """Called by discord.py at the end."""
        await self._http.close()
        await super().close()

    async def _imagine(self, interaction: discord.Interaction, prompt: str) -> None:
        await interaction.response.send_message(view=_view(f"**{prompt}**\nQueued"))
        shown_at = time.monotonic()
        result: dict[str, Any] = {}
        request = self._http.post(f"{self._api_url}/midjourney/imagine", json={"prompt": prompt}, headers=self._headers)
        async with request as response:
            response.raise_for_status()
            async for line in response.content:
                if not line.strip():
                    continue
                result = json.loads(line)
                if result["progress"] < 100 and time.monotonic() - shown_at >= EDIT_EVERY:
                    shown_at = time.monotonic()
                    await interaction.edit_original_response(
                        view=_view(f"**{prompt}**\n{result['progress']} %", result["image_url"])
                    )
        await self._deliver(interaction, prompt, result)

    async def _deliver(self, interaction: discord.Interaction, prompt: str, result: dict[str, Any]) -> None:
        file = self._folder / f"{interaction.id}.png"
        async with self._http.get(result["raw_image_url"]) as response:
            response.raise_for_status()
            data = await response.read()
        await asyncio.to_thread(file.write_bytes, data)
        view = _view(f"**{prompt}**", f"attachment://{file.name}", result["image_id"])
        await interaction.edit_original_response(view=view, attachments=[discord.File(file)])
        await asyncio.to_thread(file.unlink)


def _view(text: str, picture: str | None = None, image_id: str | None = None) -> discord.ui.LayoutView:
    container: discord.ui.Container[Any] = discord.ui.Container(discord.ui.TextDisplay(text))
    if picture:
        container.add_item(discord.ui.MediaGallery(discord.MediaGalleryItem(picture)))
    if image_id:
        buttons = [discord.ui.Button(label=label, custom_id=f"{label}:{image_id}") for label in LABELS]
        for start in range(0, len(buttons), IN_A_ROW):
            container.add_item(discord.ui.ActionRow(*buttons[start : start + IN_A_ROW]))
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(container)
    view.stop()  # nobody presses here, so discord.py need not keep it
    return view


def main() -> None:
    """Run until a signal ends the process."""
    Route.BASE = os.environ["DISCORD_API_URL"]
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(os.environ["DISCORD_GATEWAY_URL"])
    folder = Path(os.environ["DATA_DIR"])
    folder.mkdir(parents=True, exist_ok=True)
    bot = BareBot(os.environ["ACEDATACLOUD_API_BASE_URL"], os.environ["ACEDATACLOUD_API_TOKEN"], folder)
    bot.run(os.environ["DISCORD_TOKEN"], log_level=logging.WARNING)


if __name__ == "__main__":
    main()
