"""What those who answer interactions work with, in place of the client itself."""

from __future__ import annotations

from dataclasses import dataclass

import discord
from discord.ext import commands

from bot.jobs.service import Jobs
from bot.pace import Pace
from bot.text import Language
from bot.ui.access import Access
from bot.ui.languages import Languages
from bot.ui.output.delivery import DiscordCards


@dataclass(frozen=True, slots=True)
class Services:
    """Made once, by the client's constructor."""

    access: Access
    jobs: Jobs
    cards: DiscordCards
    languages: Languages
    pace: Pace


class Client(commands.Bot):
    """A client that has services; `bot.client` makes it."""

    services: Services


Interaction = discord.Interaction[Client]


def services(interaction: Interaction) -> Services:
    """The services of the client that got this interaction."""
    return interaction.client.services


def language_for(interaction: Interaction) -> Language:
    """The language of what this person alone sees."""
    return services(interaction).languages.of(str(interaction.locale))
