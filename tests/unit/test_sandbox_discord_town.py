"""People in the town can do what a Discord client lets them, and nothing else."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import discord
import pytest
from discord import app_commands, ui
from sandbox_bot import ExampleBot, buttons, picture, png, running

from sandbox.discord import images
from sandbox.town import Card, ClientRefused, Town, Upload
from sandbox.traffic import Traffic

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


def extend(bot: ExampleBot) -> None:
    words = app_commands.Group(name="words", description="Words")

    @words.command(description="Adds")
    @app_commands.choices(mode=[app_commands.Choice(name=name, value=name.lower()) for name in ("Fast", "Very fast")])
    async def add(
        interaction: discord.Interaction,
        text: app_commands.Range[str, 2, 5],
        count: app_commands.Range[int, 1, 3] = 1,
        mode: app_commands.Choice[str] | None = None,
        loud: bool = False,
    ) -> None:
        await interaction.response.send_message(f"{text} {count} {mode.value if mode else '-'} {loud}")

    @add.autocomplete("count")
    async def suggest(_interaction: discord.Interaction, current: str) -> list[app_commands.Choice[int]]:
        return [app_commands.Choice(name=f"{current}!", value=1)]

    @bot.tree.command(description="Buttons")
    async def panel(interaction: discord.Interaction) -> None:
        view = buttons("go", "other")
        view.children[1].disabled = True
        view.add_item(ui.Button(label="Site", url="https://example.com"))
        view.stop()
        embed = (
            discord.Embed(title="Title", description="Words").add_field(name="N", value="V").set_image(url="attachment://a.png")
        )
        await interaction.response.send_message("top", view=view, embed=embed, file=picture("a.png"))

    @bot.tree.command(description="A form")
    async def form(interaction: discord.Interaction) -> None:
        modal = ui.Modal(title="Form", custom_id="form", timeout=1)
        modal.add_item(ui.TextDisplay("Please"))
        modal.add_item(ui.Label(text="Your name", component=ui.TextInput(custom_id="name", min_length=2, max_length=4)))
        kinds = [discord.SelectOption(label="A", value="a", default=True), discord.SelectOption(label="B", value="b")]
        modal.add_item(ui.Label(text="Kind", component=ui.Select(custom_id="kind", options=kinds)))
        await interaction.response.send_modal(modal)

    @bot.tree.command(description="For moderators")
    @app_commands.default_permissions(manage_messages=True)
    @app_commands.guild_only()
    async def tidy(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("tidied", ephemeral=True)

    async def submitted(interaction: discord.Interaction) -> None:
        values = [entry.get("component", {}) for entry in interaction.data["components"]]
        await interaction.response.send_message(f"{values[1]['value']} {values[2]['values']}")

    async def go(interaction: discord.Interaction) -> None:
        await interaction.response.edit_message(content="gone", view=None)

    bot.handlers |= {"form": submitted, "go": go}
    bot.tree.add_command(words)


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    async with Town(midjourney=False) as town, running(town.discord, extend) as bot:
        await town.ready()
        yield town
        assert bot.failures == []


async def test_options_are_typed_and_sent_as_declared(town: Town) -> None:
    reply = await town.member.slash("words add", text="hello", count=2, mode="Fast", loud=True)
    assert reply.text == "hello 2 fast True"


@pytest.mark.parametrize(
    "options", [{}, {"text": "x"}, {"text": "toolong"}, {"text": "ok", "count": 4}, {"text": "ok", "mode": "Slow"}, {"text": 3}]
)
async def test_the_client_refuses_what_does_not_fit(town: Town, options: dict[str, Any]) -> None:
    with pytest.raises(ClientRefused):
        await town.member.slash("words add", **options)


async def test_what_could_have_been_chosen_is_told_in_a_sentence(town: Town) -> None:
    with pytest.raises(ClientRefused) as refused:
        await town.member.slash("words add", text="ok", mode="Slow")
    assert str(refused.value) == "mode has no 'Slow'; it offers Fast, Very fast"
    with pytest.raises(AssertionError, match=r"^the menu has no 'Nope'; it offers nothing$"):
        await town.member.context_menu("Nope", await town.member.say("hello"))


async def test_unknown_commands_and_options_are_the_tests_fault(town: Town) -> None:
    for command, options in (("nothing", {}), ("words add", {"nothing": 1}), ("words nothing", {})):
        with pytest.raises(AssertionError):
            await town.member.slash(command, **options)


async def test_commands_are_offered_by_permission_and_context(town: Town) -> None:
    assert (await town.moderator.slash("tidy")).ephemeral
    for person in (town.member, town.moderator.dm, town.stranger):
        with pytest.raises(AssertionError, match="not offered"):
            await person.slash("tidy")


async def test_a_message_is_read_in_order(town: Town) -> None:
    card = await town.member.slash("panel")
    assert card.text == "top\nTitle\nWords\nN\nV"
    assert [button.style for button in card.buttons] == ["secondary", "secondary", "link"]
    assert await card.picture() == png()
    assert "[Site]" in card.describe()


async def test_disabled_buttons_and_links_are_not_sent(town: Town) -> None:
    card = await town.member.slash("panel")
    for what in ("other", "Site"):
        with pytest.raises(ClientRefused):
            await card.press(what)
    with pytest.raises(AssertionError, match="no button 'nothing'"):
        await card.press("nothing")


async def test_a_press_goes_to_what_is_shown_now(town: Town) -> None:
    card = await town.member.slash("panel")
    reply = await card.press(lambda button: button.custom_id == "go")
    assert (reply.kind, reply.text.splitlines()[0]) == ("updated", "gone")
    with pytest.raises(AssertionError):
        await card.press("go")
    town.discord.delete_message(card.message)
    assert card.now.deleted
    with pytest.raises(ClientRefused, match="deleted"):
        await card.press("go")


async def test_a_form_keeps_what_was_filled_in(town: Town) -> None:
    modal = (await town.member.slash("form")).modal
    assert modal.text == "Form\nYour name\nKind"
    for wrong in ({}, {"name": "x"}, {"name": "toolong"}):
        with pytest.raises(ClientRefused):
            await modal.submit(wrong)
    with pytest.raises(AssertionError):
        await modal.submit(nothing="x")
    assert (await modal.submit({"Your name": "Ada"})).text == "Ada ['a']"
    assert (await (await town.member.slash("form")).modal.submit(your_name="Ada", kind=["b"])).text == "Ada ['b']"


async def test_suggestions_come_as_one_types(town: Town) -> None:
    assert await town.member.suggestions("words add", "count", "1", text="ok") == ["1!"]


async def test_waiting_in_vain_tells_what_is_shown(town: Town) -> None:
    card = await town.member.slash("panel")
    with pytest.raises(AssertionError, match=r"(?s)not seen in 0\.01 s.*\[Site\]"):
        await card.until(lambda _: False, timeout=0.01)
    with pytest.raises(AssertionError, match="no follow-up"):
        await card.followup(timeout=0.01)
    with pytest.raises(AssertionError, match="no modal"):
        _ = card.modal


async def test_people_say_things_and_newcomers_come(town: Town) -> None:
    said = await town.newcomer("ada").at(town.other_channel).say("look", Upload(png(), "x.png"))
    assert isinstance(said, Card)
    assert (said.text, said.pictures[0].filename) == ("look", "x.png")
    assert town.cards(town.other_channel) == []


PICTURES = {
    "image/png": (png(), (64, 32)),
    "image/gif": (b"GIF89a" + bytes([3, 0, 2, 0]), (3, 2)),
    "image/jpeg": (b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08\x00\x02\x00\x03\x03", (3, 2)),
    "image/webp": (b"RIFF\0\0\0\0WEBPVP8X" + b"\0" * 8 + bytes([2, 0, 0, 1, 0, 0]), (3, 2)),
}


@pytest.mark.parametrize("kind", PICTURES)
def test_pictures_are_known_by_their_first_bytes(kind: str) -> None:
    data, size = PICTURES[kind]
    assert images.sniff(data, "x") == (kind, *size)


def test_other_files_are_known_by_name() -> None:
    assert images.sniff(gzip.compress(b"x"), "a.txt") == ("text/plain; charset=utf-8", None, None)
    assert images.sniff(b"", "a")[0] is None


def test_each_service_has_its_own_traffic(tmp_path: Path) -> None:
    traffic = Traffic(tmp_path / "t.jsonl")
    for service in ("discord", "midjourney"):
        traffic.exchange(service, "GET", "/", request=("", b""), status=200, response=("", b"{}"))
    traffic.close()
    assert {path.name for path in tmp_path.iterdir()} == {"t.jsonl", "t.midjourney.jsonl"}
    assert not Traffic().recording
