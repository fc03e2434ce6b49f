"""A second client library, which shares no code with discord.py, works in the sandbox as well: it is Discord, not a mirror."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO

import hikari
import pytest
from hikari.impl import MessageActionRowBuilder
from PIL import Image
from recording import traffic_file

from sandbox.town import Town

# hikari reads the bot's id out of its token, as Discord's have it in front.
TOKEN = base64.b64encode(b"1410000000000000001").decode().rstrip("=") + ".made.up"


def png() -> bytes:
    file = BytesIO()
    Image.new("RGB", (64, 32), "teal").save(file, "PNG")
    return file.getvalue()


async def register(event: hikari.StartingEvent) -> None:
    """Register one slash command everywhere."""
    rest = event.app.rest
    application = await rest.fetch_application()
    command = rest.slash_command_builder("draw", "Draws")
    command.add_option(hikari.CommandOption(type=hikari.OptionType.STRING, name="what", description="What", is_required=True))
    await rest.set_application_commands(application.id, [command])


async def draw(interaction: hikari.CommandInteraction) -> None:
    """Defer, then edit the answer with a picture and a button."""
    await interaction.create_initial_response(hikari.ResponseType.DEFERRED_MESSAGE_CREATE)
    row = MessageActionRowBuilder()
    row.add_interactive_button(hikari.ButtonStyle.PRIMARY, "again", label="Again")
    picture = hikari.Bytes(png(), "picture.png", mimetype="image/png")
    assert interaction.options
    await interaction.edit_initial_response(f"drew {interaction.options[0].value}", attachment=picture, component=row)


async def press(interaction: hikari.ComponentInteraction) -> None:
    """Answer a press with a message only its person sees, then change the card."""
    await interaction.create_initial_response(
        hikari.ResponseType.MESSAGE_CREATE, f"pressed {interaction.custom_id}", flags=hikari.MessageFlag.EPHEMERAL
    )
    await interaction.message.edit(content="drew it again", components=[])


@asynccontextmanager
async def running(town: Town) -> AsyncIterator[hikari.GatewayBot]:
    """A hikari bot that listens in the town."""
    bot = hikari.GatewayBot(TOKEN, rest_url=town.discord.api_url, banner=None, logs=None, suppress_optimization_warning=True)
    failures: list[Exception] = []

    async def on_interaction(event: hikari.InteractionCreateEvent) -> None:
        if isinstance(event.interaction, hikari.CommandInteraction):
            await draw(event.interaction)
        elif isinstance(event.interaction, hikari.ComponentInteraction):
            await press(event.interaction)

    async def on_failure(event: hikari.ExceptionEvent) -> None:
        failures.append(event.exception)

    bot.subscribe(hikari.StartingEvent, register)
    bot.subscribe(hikari.InteractionCreateEvent, on_interaction)
    bot.subscribe(hikari.ExceptionEvent, on_failure)
    await bot.start(check_for_updates=False)
    try:
        yield bot
    finally:
        await bot.close()
    assert failures == []


@pytest.fixture
async def place() -> AsyncIterator[Town]:
    async with Town(traffic_file(), midjourney=False, bot_token=TOKEN) as town:
        yield town


async def test_hikari_defers_edits_with_a_file_and_a_button_and_answers_a_press(place: Town) -> None:
    place.discord.state.application_name = "Sketcher"
    async with running(place) as bot:
        await place.ready()
        assert (await bot.rest.fetch_application()).name == "Sketcher"
        card = await place.member.slash("draw", what="a fox")
        assert card.kind == "deferred"
        card = await card.until(lambda card: card.has("Again"))
        assert card.text == "drew a fox"
        assert await place.fetch(card.pictures[0].url) == png()
        answer = await card.press("Again")
        assert (answer.text, answer.ephemeral) == ("pressed again", True)
        card = await card.until(lambda card: card.text == "drew it again")
        assert not card.has("Again")


async def test_hikari_knows_the_guild_its_channels_and_their_history(place: Town) -> None:
    place.discord.state.add_channel(place.guild, "after-dark", nsfw=True)
    async with running(place) as bot:
        await place.ready()
        said = await place.member.say("hello")
        guild = await bot.rest.fetch_guild(int(place.guild.id))
        assert guild.name == "Town"
        channel = await bot.rest.fetch_channel(int(place.channel.id))
        assert isinstance(channel, hikari.GuildTextChannel)
        history = await channel.fetch_history()
        assert [message.id for message in history] == [int(said.message.id)]
        reply = await channel.send("welcome", reply=history[0])
        assert reply.referenced_message is not None
        assert reply.referenced_message.id == history[0].id
        cached = bot.cache.get_guild_channels_view_for_guild(guild.id)
        assert {str(entry.name): getattr(entry, "is_nsfw", None) for entry in cached.values()} == {
            "pictures": False,
            "gallery": False,
            "after-dark": True,
        }


async def test_hikari_s_dropped_connection_is_resumed_through_a_new_zlib_stream(place: Town) -> None:
    async with running(place) as bot:
        await place.ready()
        assert [session.socket.compress for session in place.discord.sessions if session.socket] == ["zlib-stream"]
        place.discord.reconnect_gateway()
        await bot.wait_for(hikari.ShardResumedEvent, timeout=20)
        await (await place.member.slash("draw", what="a fox")).until(lambda card: card.has("Again"))
        assert place.discord.gateway.identified == 1
