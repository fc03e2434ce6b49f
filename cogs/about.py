"""/about."""

from __future__ import annotations

import asyncio
import math

from discord import app_commands
from discord.ext import commands

from bot import README_URL, __version__
from bot.text import _
from bot.ui.cards.layout import about, stopped
from bot.ui.input.commands import described
from bot.ui.services import Interaction, language_for, services

NOT_MEASURED = _("Latency: not measured yet")


class About(commands.Cog):
    """The bot about itself."""

    @app_commands.command(description=described(_("Version, latency and how many jobs there are")))
    async def about(self, interaction: Interaction) -> None:
        """Answer privately."""
        async with asyncio.timeout(services(interaction).pace.count_within):
            every, busy = await services(interaction).jobs.count()
        latency = interaction.client.latency
        speed = _("Latency: {milliseconds} ms", milliseconds=round(latency * 1000)) if math.isfinite(latency) else NOT_MEASURED
        jobs = _("Jobs: {every} in all, {busy} under way", every=every, busy=busy)
        lines = (_("**Easel {version}**", version=__version__), speed, jobs)
        view = stopped(about(lines, README_URL, language_for(interaction)))
        await interaction.response.send_message(view=view, ephemeral=True)


async def setup(bot: commands.Bot) -> None:
    """Called by discord.py."""
    await bot.add_cog(About())
