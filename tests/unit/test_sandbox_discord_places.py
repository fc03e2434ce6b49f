"""Where commands are offered: age-restricted ones only where adults may see them; administrators may use everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
import pytest
from discord import app_commands
from sandbox_bot import ExampleBot, running

from sandbox.discord.model import Permission, Role
from sandbox.town import Person, Town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


def extend(bot: ExampleBot) -> None:
    @bot.tree.command(description="For adults", nsfw=True)
    async def bold(interaction: discord.Interaction) -> None:
        nsfw = getattr(interaction.channel, "nsfw", None)
        await interaction.response.send_message(f"nsfw {nsfw}")

    @bot.tree.command(description="For moderators")
    @app_commands.default_permissions(manage_messages=True)
    async def tidy(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("tidied")


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    async with Town(midjourney=False) as town:
        town.discord.state.add_channel(town.guild, "after-dark", nsfw=True)
        async with running(town.discord, extend):
            await town.ready()
            yield town


def after_dark(person: Person) -> Person:
    """The same person in the age-restricted channel."""
    return person.at(next(channel for channel in person.town.discord.state.channels.values() if channel.nsfw))


async def test_an_age_restricted_command_is_offered_in_such_a_channel_and_in_a_dm(town: Town) -> None:
    assert (await after_dark(town.member).slash("bold")).text == "nsfw True"
    assert (await town.member.dm.slash("bold")).text == "nsfw None"
    with pytest.raises(AssertionError, match="not offered here"):
        await town.member.slash("bold")


async def test_an_age_restricted_command_is_not_offered_to_minors(town: Town) -> None:
    minor = town.newcomer("minor", adult=False)
    for place in (minor, minor.dm, after_dark(minor)):
        with pytest.raises(AssertionError, match="not offered here"):
            await place.slash("bold")


async def test_an_administrator_may_use_what_others_may_not(town: Town) -> None:
    role = Role(town.discord.state.new_id(), "Administrators", Permission.ADMINISTRATOR, 3)
    town.guild.roles[role.id] = role
    administrator = town.newcomer("administrator")
    with pytest.raises(AssertionError, match="not offered here"):
        await administrator.slash("tidy")
    town.guild.members[administrator.user.id].add(role.id)
    assert (await administrator.slash("tidy")).text == "tidied"
