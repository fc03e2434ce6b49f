"""/translate."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from bot.jobs.kinds import TRANSLATE
from bot.jobs.model import Order
from bot.midjourney import TranslateRequest
from bot.prompts import MAX_PROMPT, PromptError
from bot.text import _
from bot.ui.input.answering import begin
from bot.ui.input.commands import described
from bot.ui.services import Interaction


class Translate(commands.Cog):
    """Prompts in any language."""

    @app_commands.command(description=described(_("Translate a prompt into English")))
    @app_commands.describe(text=described(_("The prompt in any language")))
    async def translate(self, interaction: Interaction, text: app_commands.Range[str, 1, 4000]) -> None:
        """Ask for the English text."""
        if not text.strip():
            raise PromptError(_("There is nothing to translate: type some words."))
        content = text.strip()[:MAX_PROMPT]
        order = Order(kind=TRANSLATE, user_id=interaction.user.id, request=TranslateRequest(content=content), prompt=content)
        await begin(interaction, order)


async def setup(bot: commands.Bot) -> None:
    """Called by discord.py."""
    await bot.add_cog(Translate())
