"""What people type for a button."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
import pytest
from sandbox_bot import ExampleBot, buttons, running

from sandbox.names import find, plain
from sandbox.town import Button, Card, ClientRefused, Town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


def extend(bot: ExampleBot) -> None:
    @bot.tree.command(description="Show buttons")
    async def show(interaction: discord.Interaction, names: str) -> None:
        await interaction.response.send_message(names, view=buttons(*names.split("|")))


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
