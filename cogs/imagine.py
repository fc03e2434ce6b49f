"""/imagine."""

from __future__ import annotations

from typing import Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot import prompts
from bot.text import _
from bot.ui.input.answering import begin
from bot.ui.input.attachments import image_url
from bot.ui.input.commands import described
from bot.ui.input.presses import imagine_order
from bot.ui.services import Interaction

Version = Literal["5.2", "6", "6.1", "7", "8", "8.1", "8.2"]


class Imagine(commands.Cog):
    """Pictures from words."""

    @app_commands.command(description=described(_("Paint four pictures from a few words")))
    @app_commands.describe(
        prompt=described(_("What to paint, with parameters such as --ar 16:9 at the end")),
        aspect=described(_("Width to height, such as 16:9")),
        version=described(_("The Midjourney model")),
        mode=described(_("How fast; faster costs more")),
        translate=described(_("Translate the prompt into English first")),
        image=described(_("A picture to start from")),
    )
    async def imagine(
        self,
        interaction: Interaction,
        prompt: app_commands.Range[str, 1, 6000],
        aspect: app_commands.Range[str, 1, 20] | None = None,
        version: Version | None = None,
        mode: Literal["fast", "relax", "turbo"] | None = None,
        translate: bool | None = None,  # options are keywords in Discord
        image: discord.Attachment | None = None,
    ) -> None:
        """Check the prompt, record the job and answer with its card."""
        url = image_url(image) if image else None
        built = prompts.build(prompt, aspect=aspect, version=version, mode=mode, translate=translate, image_url=url)
        await begin(interaction, imagine_order(interaction, built))


async def setup(bot: commands.Bot) -> None:
    """Called by discord.py."""
    await bot.add_cog(Imagine())
