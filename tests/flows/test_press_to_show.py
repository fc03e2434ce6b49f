"""Where the bot has no place, only a press brings a new token: the card asks for one before the old token dies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from seeing import delivered

from bot.client import Easel
from bot.errors import StoreUnavailable
from bot.jobs.model import Job
from sandbox.discord.model import Permission
from sandbox.town import Card, Person, Reply, Town

EDIT = "/webhooks/.+/messages/"
SOON = 0.3  # seconds after which a card asks for a press, in place of thirteen minutes

PLACES = ["elsewhere", "private", "whispered"]

pytestmark = pytest.mark.pace(park_after=SOON)


def at(town: Town, place: str) -> Person:
    """Someone who has installed the bot for themselves, at a place without it."""
    if place == "whispered":
        everyone = town.elsewhere.guild
        assert everyone is not None
        everyone.roles[everyone.id].permissions &= ~Permission.USE_EXTERNAL_APPS
    return town.stranger.at(town.private) if place == "private" else town.stranger


def parked(card: Card) -> bool:
    """Whether the card asks for a press."""
    return card.has("Show")


@asynccontextmanager
async def parked_card(town: Town, person: Person) -> AsyncIterator[Reply]:
    """A card that asks for a press while its job is painted; after the block the painting goes on."""
    held = town.midjourney.hold_next("before_final")
    reply = await person.slash("imagine", prompt="a lighthouse")
    await held.reached()
    await reply.until(parked)
    yield reply
    held.release()


async def until_token_was_refused(town: Town, times: int = 1) -> None:
    """The bot has tried the picture with a dead token, and gave up."""
    await town.until(lambda: len([edit for edit in town.discord.exchanges("PATCH", EDIT) if edit.code == 50027]) >= times)


@pytest.mark.parametrize("place", PLACES)
async def test_a_press_brings_the_picture_that_came_too_late(town: Town, place: str) -> None:
    async with parked_card(town, at(town, place)) as reply:
        assert "Still painting" in reply.now.text
        assert reply.ephemeral == (place == "whispered")
        town.discord.expire_tokens()
    await until_token_was_refused(town)
    assert parked(reply.now)
    shown = await reply.press("Show")
    card = await shown.until(delivered)
    assert card.message is reply.message
    assert card.has("U1")
    assert town.midjourney.ledger.count() == 1


@pytest.mark.pace(park_again=0.1)
async def test_a_request_for_a_press_that_did_not_get_through_is_repeated(town: Town) -> None:
    held = town.midjourney.hold_next("after_accept")
    reply = await town.stranger.slash("imagine", prompt="a lighthouse")
    await held.reached()
    town.discord.cut_next("PATCH", EDIT)
    await reply.until(parked)
    held.release()


@pytest.mark.pace(park_again=0.1)
async def test_a_store_that_is_away_for_a_moment_does_not_keep_the_card_from_asking(
    town: Town, easel: Easel, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = town.midjourney.hold_next("after_accept")
    records = easel.services.jobs._parking._records
    read, failures = records.job, iter([StoreUnavailable("disk is full")] * 2)

    async def away_at_first(job_id: str) -> Job:
        task = asyncio.current_task()
        if task and task.get_name().startswith("park ") and (failure := next(failures, None)):
            raise failure
        return await read(job_id)

    monkeypatch.setattr(records, "job", away_at_first)
    reply = await town.stranger.slash("imagine", prompt="a lighthouse")
    await held.reached()
    await reply.until(parked)
    assert next(failures, None) is None
    held.release()


async def test_anyone_s_press_brings_it(town: Town) -> None:
    async with parked_card(town, at(town, "private")) as reply:
        town.discord.expire_tokens()
    await until_token_was_refused(town)
    await reply.press("Show", by=town.neighbour.at(town.private))
    await reply.until(delivered)


@pytest.mark.pace(card_every=0.05, park_after=3.0)  # which the token of the press shall not reach
async def test_after_a_press_while_it_still_paints_the_picture_comes_by_itself(town: Town) -> None:
    async with parked_card(town, at(town, "elsewhere")) as reply:
        town.discord.expire_tokens()
        shown = await reply.press("Show")
        assert shown.kind == "deferred"
        await shown.until(lambda card: card.has("Let go"))
    await reply.until(delivered)
    assert not [edit for edit in town.discord.exchanges("PATCH", EDIT) if edit.code == 50027], "the dead token was tried"


async def test_a_failure_that_came_too_late_is_shown_by_a_press(town: Town) -> None:
    town.midjourney.fail_task_next("task_failed", "The painter fell asleep")
    held = town.midjourney.hold_next("after_accept")
    reply = await at(town, "elsewhere").slash("imagine", prompt="a lighthouse")
    await held.reached()
    await reply.until(parked)
    town.discord.expire_tokens()
    held.release()
    await until_token_was_refused(town)
    await reply.press("Show")
    card = await reply.until(lambda card: card.has("Try again"))
    assert "The painter fell asleep" in card.text


async def test_a_picture_that_came_in_time_takes_the_place_of_the_request(town: Town) -> None:
    async with parked_card(town, at(town, "elsewhere")) as reply:
        pass
    card = await reply.until(delivered)
    assert not parked(card)
    assert card.has("U1")


@pytest.mark.parametrize("person", ["member", "dm"])
async def test_where_the_bot_has_a_place_no_press_is_asked_for(town: Town, person: str) -> None:
    held = town.midjourney.hold_next("before_final")
    asker = town.member.dm if person == "dm" else town.member
    reply = await asker.slash("imagine", prompt="a lighthouse")
    await held.reached()
    town.discord.expire_tokens()
    # A card elsewhere, asked for later, is parked: whatever would have parked this one has had its time.
    other = await at(town, "elsewhere").slash("translate", text="ein Leuchtturm")
    await other.until(lambda card: card.has("Imagine this"))
    held.release()
    card = await reply.until(delivered)
    assert not any(parked(state) for state in card.history)
