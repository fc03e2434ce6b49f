"""A finger is slow: what it pressed was overtaken by the end of the job, or by the death of a token."""

from __future__ import annotations

import asyncio

import pytest
from seeing import delivered, noted

from sandbox.town import Card, Reply, Town

EDIT = "/webhooks/.+/messages/"
SOON = 0.3  # seconds after which a card asks for a press, in place of thirteen minutes


def parked(card: Card) -> bool:
    """Whether the card asks for a press."""
    return card.has("Show")


async def press_late(town: Town, shown: Card, label: str) -> Reply:
    """Press a button that stood on an earlier state of the message."""
    button = shown.button(label)
    interaction = town.discord.clients.press(shown.person.user, shown.message, button.raw)
    return await shown.person.outcome(interaction, answered=True)


@pytest.mark.pace(park_after=SOON)
async def test_a_press_in_the_moment_in_which_the_token_dies_brings_the_picture(town: Town) -> None:
    painting = town.midjourney.hold_next("before_final")
    reply = await town.stranger.slash("imagine", prompt="a lighthouse")
    await painting.reached()
    await reply.until(parked)
    town.discord.expire_tokens()
    async with town.discord.hold("PATCH", EDIT) as upload:
        painting.release()
        await upload.reached()
        pressed = await reply.press("Show")
        assert pressed.kind == "deferred"
    await reply.until(delivered, timeout=5)


@pytest.mark.pace(park_after=2.0, card_every=0.05)
async def test_a_card_asks_again_before_the_token_of_a_press_dies(town: Town) -> None:
    painting = town.midjourney.hold_next("before_final")
    reply = await town.stranger.slash("imagine", prompt="a lighthouse")
    await painting.reached()
    await reply.until(parked)
    pressed = await reply.press("Show")
    await pressed.until(lambda card: card.has("Let go"))
    await pressed.until(parked, timeout=10)
    painting.release()


@pytest.mark.parametrize("label", ["Let go", pytest.param("Show", marks=pytest.mark.pace(park_after=SOON))])
async def test_a_press_that_the_picture_overtook_leaves_the_picture(town: Town, label: str) -> None:
    painting = town.midjourney.hold_next("before_final")
    reply = await town.stranger.slash("imagine", prompt="a lighthouse")
    await painting.reached()
    before = await reply.until(lambda card: card.has(label))
    painting.release()
    await reply.until(delivered)
    await noted(town)
    await press_late(town, before, label)
    assert delivered(reply.now), reply.now.describe()
    assert reply.now.has("U1")


@pytest.mark.pace(park_after=SOON)
async def test_a_picture_that_comes_while_a_press_is_being_answered_stays(town: Town) -> None:
    painting = town.midjourney.hold_next("before_final")
    reply = await town.stranger.slash("imagine", prompt="a lighthouse")
    await painting.reached()
    shown = await reply.until(parked)
    async with town.discord.hold("POST", "/callback") as answer:
        press = asyncio.create_task(shown.press("Show"))
        await answer.reached()
        painting.release()
        await reply.until(delivered)
    await press
    await noted(town)
    assert reply.now.has("U1"), reply.now.describe()  # progress shows a picture too
