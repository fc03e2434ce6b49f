"""/about."""

from __future__ import annotations

import asyncio
import math

import discord
from discord import app_commands
from discord.ext import commands

from bot import README_URL, __version__
from bot.client import Easel
from bot.ui.answering import stopped
from bot.ui.cards import about


class About(commands.Cog):
    """The bot about itself."""

    @app_commands.command(description="Version, latency and how many jobs there are")
    async def about(self, interaction: discord.Interaction[Easel]) -> None:
        """Answer privately."""
        async with asyncio.timeout(2):
            every, busy = await interaction.client.jobs.count()
        latency = interaction.client.latency
        speed = f"{latency * 1000:.0f} ms" if math.isfinite(latency) else "not measured yet"
        lines = (f"**Easel {__version__}**", f"Latency: {speed}", f"Jobs: {every} in all, {busy} under way")
        await interaction.response.send_message(view=stopped(about("\n".join(lines), README_URL)), ephemeral=True)


async def setup(bot: Easel) -> None:
    """Called by discord.py."""
    await bot.add_cog(About())
