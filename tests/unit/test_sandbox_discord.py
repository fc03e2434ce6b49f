"""An unmodified discord.py lives in the sandbox: from login to the last press."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
import pytest
from discord import ui
from sandbox_bot import ExampleBot, buttons, layout, picture, png, running

from sandbox.town import InteractionFailed, Reply, Town, Upload

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


def extend(bot: ExampleBot) -> None:
    @bot.tree.command(description="Paint")
    async def paint(interaction: discord.Interaction, prompt: str, image: discord.Attachment | None = None) -> None:
        await interaction.response.defer()
        told = f"{prompt} with {image.filename} {image.width}×{image.height}" if image else prompt
        await interaction.edit_original_response(content=told, attachments=[picture()], view=buttons("U1", "U2"))

    @bot.tree.command(description="A card")
    async def card(interaction: discord.Interaction, whisper: bool = False) -> None:
        gallery = ui.MediaGallery(discord.MediaGalleryItem("attachment://cat.png", description="a sleeping cat"))
        beside = ui.Section(ui.TextDisplay("beside"), accessory=ui.Button(label="Facts", custom_id="facts"))
        row = ui.ActionRow(ui.Button(emoji="🔄", custom_id="reroll"), ui.Button(label="Full size", url="https://example.com/x"))
        menu = ui.Select(custom_id="more", options=[discord.SelectOption(label="Pan left", value="left")])
        box = ui.Container(ui.TextDisplay("**a fox**"), beside, gallery, ui.Separator(), row, ui.ActionRow(menu))
        await interaction.response.send_message(view=layout(box), file=picture(), ephemeral=whisper)

    @bot.tree.command(description="Says nothing")
    async def silence(interaction: discord.Interaction) -> None:
        """Never answers."""

    @bot.tree.context_menu(name="Describe this image")
    async def describe(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"{len(message.attachments)} image", ephemeral=True)

    async def u2(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("upscaled")
        await interaction.followup.send("and more", ephemeral=True)

    async def reroll(interaction: discord.Interaction) -> None:
        field = ui.Label(text="Prompt", component=ui.TextInput(custom_id="prompt", default="a fox"))
        await interaction.response.send_modal(ui.Modal(title="Edit first", custom_id="edit", timeout=1).add_item(field))

    async def edit(interaction: discord.Interaction) -> None:
        told = interaction.data["components"][0]["component"]["value"]
        await interaction.response.edit_message(view=layout(ui.TextDisplay(told)), attachments=[])

    async def more(interaction: discord.Interaction) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(view=layout(ui.TextDisplay(interaction.data["values"][0])))

    bot.handlers |= {"U2": u2, "reroll": reroll, "edit": edit, "more": more}


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with Town(tmp_path / "traffic.jsonl", midjourney=False) as town, running(town.discord, extend) as bot:
        await town.ready()
        yield town
        # 40060 is what the doubled interaction earns; nothing else may go wrong.
        assert [failure for failure in bot.failures if getattr(failure, "code", None) != 40060] == []


def shows(text: str):  # noqa: ANN201 - a predicate for `until`
    return lambda card: text in card.text


async def test_a_bot_logs_in_and_registers_its_commands(town: Town) -> None:
    assert set(town.discord.clients.offered(town.member.user, town.channel)) == {"paint", "card", "silence"}
    assert town.settings()["DISCORD_API_URL"] == town.discord.api_url
    assert [exchange.path for exchange in town.discord.exchanges("GET")] == ["/users/@me", "/oauth2/applications/@me"]


async def test_a_deferred_answer_becomes_a_picture_with_buttons(town: Town) -> None:
    reply = await town.member.slash("paint", prompt="a fox")
    assert reply.kind == "deferred"
    card = await reply.until(shows("a fox"))
    assert [button.label for button in card.buttons] == ["U1", "U2"]
    assert (card.pictures[0].filename, card.pictures[0].alt) == ("cat.png", "a cat")
    assert await card.picture() == png()
    assert card.edits == 1
    assert [state.text for state in card.history] == ["", "a fox"]


async def test_an_attachment_reaches_the_bot_with_its_size(town: Town) -> None:
    reply = await town.member.slash("paint", prompt="this", image=Upload(png(), "my cat.png"))
    await reply.until(shows("this with my_cat.png 64×32"))


async def test_a_press_is_answered_with_a_new_message_and_a_follow_up(town: Town) -> None:
    card = await (await town.member.slash("paint", prompt="a fox")).until(shows("a fox"))
    reply = await card.press("U2", by=town.neighbour)
    assert reply.kind == "message"
    assert reply.text == "upscaled"
    assert reply.message is not card.message
    assert reply.message.reference is card.message
    follow_up = await reply.followup()
    assert follow_up.ephemeral
    assert reply.followups[0].text == "and more"


async def test_a_card_of_components_v2_is_read_as_a_person_does(town: Town) -> None:
    card = await town.member.slash("card")
    assert card.kind == "message"
    assert card.text == "**a fox**\nbeside"
    assert [button.words for button in card.buttons] == ["Facts", "🔄", "Full size"]
    assert card.pictures[0].alt == "a sleeping cat"
    assert await card.picture() == png()
    assert card.has("Pan left")


async def test_a_modal_is_filled_and_changes_the_card_it_came_from(town: Town) -> None:
    card = await town.member.slash("card")
    opened = await card.press("🔄")
    assert opened.kind == "modal"
    assert opened.modal.field("Prompt").value == "a fox"
    reply = await opened.modal.submit(prompt="a wolf")
    assert reply.kind == "updated"
    assert reply.message is card.message
    assert (reply.text, reply.attachments) == ("a wolf", [])


async def test_choosing_in_a_menu_edits_the_card(town: Town) -> None:
    card = await town.member.slash("card")
    reply = await card.choose("Pan left")
    assert reply.kind == "deferred"
    await reply.until(shows("left"))
    assert len(card.now.attachments) == 1


async def test_an_ephemeral_card_is_for_one_person_and_no_channel_route(town: Town) -> None:
    card = await town.member.slash("card", whisper=True)
    assert card.ephemeral
    assert town.cards() == []
    with pytest.raises(Exception, match="only the one it was for"):
        await card.press("🔄", by=town.neighbour)


async def test_a_context_menu_sees_the_message_it_was_used_on(town: Town) -> None:
    message = await town.neighbour.say("look", Upload(png()))
    reply = await town.member.context_menu("Describe this image", message)
    assert reply.text == "1 image"


async def test_dms_and_user_installs_reach_the_bot(town: Town) -> None:
    for person in (town.member.dm, town.stranger, town.stranger.at(town.private)):
        reply: Reply = await person.slash("paint", prompt="a fox")
        await reply.until(shows("a fox"))
    assert [card.text for card in town.dms_of(town.member)] == ["a fox"]


async def test_nothing_is_offered_where_the_bot_is_not(town: Town) -> None:
    with pytest.raises(AssertionError, match="not offered here"):
        await town.member.at(town.elsewhere).slash("paint", prompt="a fox")


async def test_the_same_interaction_may_come_twice(town: Town) -> None:
    reply = await town.member.slash("card", twice=True)
    await town.until(lambda: len(town.discord.exchanges("POST", "/callback")) == 2 and town.discord.requests[-1].status)
    assert sorted(e.code or 0 for e in town.discord.exchanges("POST", "/callback")) == [0, 40060]
    assert reply.kind == "message"


async def test_an_unanswered_command_fails_before_the_person(town: Town) -> None:
    town.discord.clients.answer_time = 0.05
    with pytest.raises(InteractionFailed):
        await town.member.slash("silence")
    assert (await town.member.slash("silence", answered=False)).kind == "failed"


async def test_links_die_after_a_day_and_are_signed_anew(town: Town) -> None:
    card = await (await town.member.slash("paint", prompt="a fox")).until(shows("a fox"))
    old = card.pictures[0].url
    town.discord.advance(25 * 3600)
    with pytest.raises(Exception, match="404"):
        await town.fetch(old)
    assert await card.picture() == png()
