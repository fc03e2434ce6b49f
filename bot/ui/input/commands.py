"""What commands and options are for, in the languages that there are: Discord shows each person theirs."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.text import ENGLISH, Text
from bot.ui.cards.markdown import clip
from bot.ui.languages import Languages

DESCRIPTION, NAME = 100, 32  # units


def described(text: Text) -> app_commands.locale_str:
    """A description, or a menu's name, that is translated when the commands are registered."""
    return app_commands.locale_str(ENGLISH.render(text), text=text)


class Translator(app_commands.Translator):
    """Gives discord.py the words for each of Discord's locales; None if there is no catalogue."""

    def __init__(self, languages: Languages) -> None:
        self._languages = languages

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        """Called by discord.py for every name and description, while it makes the payload to be registered."""
        text, language = string.extras.get("text"), self._languages.of(locale.value)
        if not isinstance(text, Text) or language is ENGLISH:
            return None
        is_name = context.location is app_commands.TranslationContextLocation.command_name
        return clip(language.render(text), NAME if is_name else DESCRIPTION)
