"""A service without room is waited for in the queue, without a slot, and the card says until when."""

from __future__ import annotations

import re

import pytest

from bot.client import Easel
from bot.errors import StoreUnavailable
from bot.jobs.model import Job
from sandbox.town import Card, Town


def painted(card: Card) -> bool:
    return bool(card.pictures) and card.has("U1")


def waits(card: Card) -> bool:
    return "busy" in card.text and "tried again" in card.text


@pytest.mark.settings(max_concurrent_jobs=1)
async def test_a_minute_s_pause_is_told_and_holds_no_slot(town: Town) -> None:
    town.midjourney.fail_next(429, "too_many_requests", retry_after=60)
    reply = await town.member.slash("imagine", prompt="a red fox")
    card = await reply.until(waits)
    moment = re.search(r"<t:(\d+):R>", card.text)
    assert moment is not None
    assert 50 < int(moment[1]) - town.discord.state.now() < 62
    await (await town.neighbour.slash("imagine", prompt="a crow")).until(painted)
    assert waits(reply.now)
    assert "nothing was billed" in (await reply.now.press("Cancel")).text
    assert len(town.midjourney.received("imagine")) == 2


@pytest.mark.parametrize("code", ["too_many_requests", "rate_limited"])
@pytest.mark.parametrize("command", ["imagine", "describe"])
async def test_it_goes_on_when_there_is_room(town: Town, command: str, code: str) -> None:
    town.midjourney.fail_next(429, code, retry_after=1, endpoint=command, times=2)
    options = {"prompt": "a red fox"} if command == "imagine" else {"url": "https://example.com/fox.png"}
    reply = await town.member.slash(command, **options)
    await reply.until(waits)
    await reply.until(lambda card: painted(card) or card.has("Imagine all"))
    assert (len(town.midjourney.received(command)), town.midjourney.ledger.count(command)) == (3, 1)


@pytest.mark.pace(backoff=0.01, busy_for=0.5)
async def test_after_a_while_it_is_told_and_no_tries_are_claimed_that_were_not_made(town: Town) -> None:
    town.midjourney.fail_next(429, "too_many_requests", times=1000)
    card = await (await town.member.slash("imagine", prompt="a red fox", mode="relax")).until(lambda card: "⚠️" in card.text)
    assert "busy" in card.text
    assert "othing was billed" in card.text
    assert "times" not in card.text
    assert card.has("Try again")
    assert len(town.midjourney.received("imagine")) > 3


async def test_a_pause_that_is_too_long_is_told_at_once(town: Town) -> None:
    town.midjourney.fail_next(429, "too_many_requests", retry_after=3600)
    card = await (await town.member.slash("imagine", prompt="a red fox")).until(lambda card: "⚠️" in card.text)
    assert "busy" in card.text
    assert "times" not in card.text
    assert len(town.midjourney.received("imagine")) == 1


@pytest.mark.pace(started_after=0.05, slow_after=0.1, long_after=0.3, card_every=0.01, channel_every=0.01)
async def test_words_that_take_long_are_waited_for_and_the_card_says_so(town: Town) -> None:
    town.midjourney.slow_next(1.5, endpoint="describe")
    reply = await town.member.slash("describe", url="https://example.com/fox.png")
    await reply.until(lambda card: "longer than usual" in card.text)
    await reply.until(lambda card: card.has("Imagine all"))
    assert town.midjourney.ledger.count("describe") == 1


@pytest.mark.pace(twin_again=0.3)
async def test_the_same_words_of_somebody_else_wait_until_the_first_are_known_to_be_taken(town: Town) -> None:
    held = town.midjourney.hold_next("before_accept")
    first = await town.member.slash("imagine", prompt="a red fox")
    await held.reached()
    second = await town.neighbour.slash("imagine", prompt="a  red fox")
    await second.until(lambda card: "very same" in card.text)
    assert len(town.midjourney.received("imagine")) == 1
    held.release()
    for reply in (first, second):
        await reply.until(painted)
    assert town.midjourney.ledger.count("imagine") == 2


@pytest.mark.pace(backoff=0.1)
async def test_a_store_that_is_away_for_a_moment_keeps_no_job_from_its_next_try(
    town: Town, easel: Easel, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, failures = easel.services.jobs._records.job, iter([StoreUnavailable("it is busy")])

    async def away_once(job_id: str) -> Job:
        if failure := next(failures, None):
            raise failure
        return await read(job_id)

    town.midjourney.fail_next(429, "too_many_requests")
    monkeypatch.setattr(easel.services.jobs, "job", away_once)
    await (await town.member.slash("imagine", prompt="a red fox")).until(painted)
    assert len(town.midjourney.received("imagine")) == 2
