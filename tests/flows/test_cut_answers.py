"""The connection is cut while an interaction is answered: whether it arrived is asked, and nothing is left hanging."""

from __future__ import annotations

import pytest
from seeing import noted, painted

from sandbox.town import Town

CALLBACK = "/callback"


async def test_an_answer_that_arrived_though_the_connection_was_cut_is_found(town: Town) -> None:
    town.discord.cut_next("POST", CALLBACK, after=True)
    reply = await town.member.slash("imagine", prompt="a lighthouse")
    await painted(reply)
    assert len(town.cards()) == 1
    assert town.midjourney.ledger.count() == 1


@pytest.mark.parametrize("twice", [False, True], ids=["once", "and while it was looked for"])
async def test_an_answer_that_never_arrived_is_given_or_costs_nothing(town: Town, twice: bool) -> None:
    town.discord.cut_next("POST", CALLBACK)
    if twice:
        town.discord.cut_next("GET", "/messages/@original")
    reply = await town.member.slash("imagine", prompt="a lighthouse")
    await noted(town)
    assert town.midjourney.ledger.count() == (0 if reply.ephemeral else 1)
    assert len(town.cards()) == (0 if reply.ephemeral else 1)


async def test_a_follow_up_that_was_cut_does_not_stop_those_after_it(town: Town) -> None:
    asked = await town.member.slash("describe", url="https://example.com/fox.png")
    card = await asked.until(lambda state: state.has("Imagine all"))
    town.discord.cut_next("POST", "/webhooks/")
    reply = await card.press("Imagine all")
    for child in (reply, await reply.followup(0), await reply.followup(1)):
        await painted(child)
    await noted(town)
    assert town.midjourney.ledger.count("imagine") == 3


async def test_an_owner_s_message_that_was_cut_is_no_trouble(town: Town) -> None:
    town.discord.cut_next("POST", "/users/@me/channels")
    town.midjourney.balance = 0
    reply = await town.member.slash("imagine", prompt="a lighthouse")
    await reply.until(lambda card: "operator" in card.text)
    await noted(town)
