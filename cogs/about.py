"""/about."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot import __version__
from bot.client import Easel
from bot.ui.answering import tell

README = "https://github.com/easel-bot/easel#readme"


class About(commands.Cog):
    """The bot about itself."""

    @app_commands.command(description="Version, latency and how many jobs there are")
    async def about(self, interaction: discord.Interaction[Easel]) -> None:
        """Answer privately."""
        every, busy = await interaction.client.jobs.count()
        latency = interaction.client.latency
        milliseconds = f"{latency * 1000:.0f} ms" if latency == latency and latency < 1000 else "not measured yet"  # NaN
        await tell(
            interaction,
            f"Easel {__version__}. Latency: {milliseconds}. Jobs: {every} in all, {busy} under way. How it works: {README}",
        )


async def setup(bot: Easel) -> None:
    """Called by discord.py."""
    await bot.add_cog(About())
