"""What people type for a button."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
import pytest
from sandbox_bot import ExampleBot, buttons, running

from sandbox.console import Console
from sandbox.names import find, plain
from sandbox.town import Button, Card, ClientRefused, Town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


def extend(bot: ExampleBot) -> None:
    @bot.tree.command(description="Show buttons")
    async def show(interaction: discord.Interaction, names: str) -> None:
        await interaction.response.send_message(names, view=buttons(*names.split("|")))

    @bot.tree.command(description="Show a link, or nothing to press")
    async def tell(interaction: discord.Interaction, url: str = "") -> None:
        view = discord.ui.View(timeout=None)
        if url:
            view.add_item(discord.ui.Button(label="Full size", url=url))
        await interaction.response.send_message("told", view=view, ephemeral=not url)


@pytest.fixture
async def cards() -> AsyncIterator[list[Card]]:
    """Two cards, the latest first."""
    async with Town(midjourney=False) as town, running(town.discord, extend):
        await town.ready()
        old = await town.member.slash("show", names="Zoom Out 2×|Delete")
        yield [await town.member.slash("show", names="U1|U2|Vary (Strong)|Vary (Subtle)"), old]


@pytest.mark.parametrize("typed", ["[u2]", ' "U2" ', "‘U2’", "U2️"])
def test_what_stands_around_a_name_does_not_count(typed: str) -> None:
    assert plain(typed) == "u2"


@pytest.mark.parametrize(
    ("typed", "label"),
    [("zoom out 2x", "Zoom Out 2×"), ("zoom", "Zoom Out 2×"), ("vary (st", "Vary (Strong)"), ("DEL", "Delete"), ("u1", "U1")],
)
async def test_a_button_is_found_by_a_name_or_its_beginning(cards: list[Card], typed: str, label: str) -> None:
    _, found = find(cards, typed)
    assert isinstance(found, Button)
    assert found.label == label


@pytest.mark.parametrize(
    ("typed", "words"),
    [("vary", r"\[Vary \(Strong\)\] or \[Vary \(Subtle\)\]"), ("x", r"latest are: \[U1\], \[U2\]"), ("", "no card here has")],
)
async def test_what_is_not_clear_is_explained(cards: list[Card], typed: str, words: str) -> None:
    with pytest.raises(ClientRefused, match=words):
        find(cards, typed)
    with pytest.raises(ClientRefused, match="no card yet"):
        find([], "U1")


async def test_a_card_with_nothing_to_press_is_passed_over(cards: list[Card]) -> None:
    notice = await cards[0].person.slash("tell")
    with pytest.raises(ClientRefused, match=r"latest are: \[U1\], \[U2\]"):
        find([notice, *cards], "nosuch")
    with pytest.raises(ClientRefused, match="no card here has a button"):
        find([notice], "nosuch")


async def test_a_link_is_shown_where_a_button_would_be_pressed(
    cards: list[Card], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    console = Console(cards[0].person.town, tmp_path)
    await console.do("/tell url:http://127.0.0.1/full.png")
    assert "[Full size]" in capsys.readouterr().out
    assert await console.do("press full size") is None
    assert "http://127.0.0.1/full.png" in capsys.readouterr().out
