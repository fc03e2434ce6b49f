"""Answers get lost: what was taken is found among strangers' tasks with the very same words, and nothing else is claimed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from bot_process import living
from readings import READINGS, read

from bot.client import Easel
from bot.errors import StoreUnavailable
from sandbox.town import Card, Reply, Town

WITHIN = 40.0


def painted(card: Card) -> bool:
    return bool(card.pictures) and card.has("U1")


def unclear(card: Card) -> bool:
    return "not known whether the service accepted this" in card.text


async def held_by(easel: Easel) -> list[str]:
    """The tasks that the bot's jobs hold."""
    rows = await easel._queries._db.read("SELECT task_id FROM jobs WHERE task_id IS NOT NULL")
    return [row["task_id"] for row in rows]


async def all_ours(town: Town, easel: Easel) -> bool:
    """Whether no job holds a task that another account or another program made."""
    return set(await held_by(easel)) <= {task.id for task in town.midjourney.tasks}


@pytest.mark.usefixtures("reading")
@pytest.mark.parametrize("how", ["504", "cut"])
async def test_a_picture_that_was_taken_unheard_is_found_among_strangers(town: Town, easel: Easel, how: str) -> None:
    if how == "cut":
        town.midjourney.cut_next()
    else:
        town.midjourney.fail_next(504, "timeout", accepted=True)
    await (await town.member.slash("imagine", prompt="a red fox")).until(painted)
    assert len(town.midjourney.tasks.others) == 1
    assert (town.midjourney.ledger.count("imagine"), len(town.midjourney.received("imagine"))) == (1, 1)
    assert await all_ours(town, easel)


@pytest.mark.usefixtures("reading")
@pytest.mark.pace(accepted_within=0.5)
async def test_what_was_never_taken_is_told_as_unclear_and_no_stranger_s_is_shown(town: Town, easel: Easel) -> None:
    town.midjourney.cut_next(accepted=False)
    card = await (await town.member.slash("imagine", prompt="a red fox")).until(unclear)
    assert (card.has("Try again"), card.pictures) == (True, [])
    assert (town.midjourney.ledger.count(), len(town.midjourney.received("imagine"))) == (0, 1)
    assert await held_by(easel) == []


@pytest.mark.usefixtures("reading")
@pytest.mark.settings(max_concurrent_jobs=0, max_jobs_per_user=0)
async def test_four_with_the_same_words_whose_answers_all_get_lost_get_one_each(town: Town, easel: Easel) -> None:
    town.midjourney.fail_next(504, "timeout", accepted=True, times=4)
    people = (town.member, town.neighbour, town.owner, town.member)
    replies = await asyncio.gather(*(person.slash("imagine", prompt="a red fox") for person in people))
    for reply in replies:
        await reply.until(painted, timeout=WITHIN)
    assert (town.midjourney.ledger.count(), len(town.midjourney.received("imagine"))) == (4, 4)
    assert len(set(await held_by(easel))) == 4
    assert await all_ours(town, easel)


@pytest.mark.usefixtures("reading")
@pytest.mark.pace(accepted_within=0.5)
async def test_the_twin_of_another_program_of_ours_is_not_claimed(town: Town, easel: Easel) -> None:
    other = town.midjourney.account.other_program()
    body = {"prompt": "a red fox", "action": "generate", "mode": "fast"}
    town.midjourney.add_task_of(other, "imagine", body)
    town.midjourney.cut_next(accepted=False)
    await (await town.member.slash("imagine", prompt="a red fox")).until(unclear)
    town.midjourney.add_task_of(other, "imagine", body | {"prompt": "a crow"})
    town.midjourney.cut_next()
    await (await town.member.slash("imagine", prompt="a crow")).until(painted)
    assert await all_ours(town, easel)


@pytest.mark.usefixtures("reading")
@pytest.mark.pace(accepted_within=0.3, seek_late_every=0.2)
async def test_a_task_that_turns_up_after_its_job_was_told_as_failed_is_delivered(town: Town) -> None:
    town.midjourney.records_late(2.0)
    town.midjourney.fail_next(504, "timeout", accepted=True)
    reply = await town.member.slash("imagine", prompt="a red fox")
    await reply.until(unclear)
    await reply.until(painted)
    assert (town.midjourney.ledger.count(), len(town.midjourney.received("imagine"))) == (1, 1)
    assert len(town.cards()) == 1


@pytest.mark.usefixtures("reading")
@pytest.mark.parametrize("how", ["500", "cut"])
async def test_a_description_whose_answer_got_lost_is_recovered_and_paid_for_once(town: Town, how: str) -> None:
    if how == "cut":
        town.midjourney.cut_next(endpoint="describe")
    else:
        town.midjourney.fail_next(500, accepted=True, endpoint="describe")
    card = await (await town.member.slash("describe", url="https://example.com/fox.png")).until(lambda c: c.has("Imagine all"))
    assert "somebody else" not in card.text
    assert (town.midjourney.ledger.count("describe"), len(town.midjourney.received("describe"))) == (1, 1)


@pytest.mark.newcomer
@pytest.mark.usefixtures("reading")
async def test_the_very_first_job_is_told_as_unclear_where_nothing_tells_whose_its_task_is(town: Town, easel: Easel) -> None:
    town.midjourney.cut_next()
    await (await town.member.slash("imagine", prompt="a red fox")).until(unclear)
    assert await held_by(easel) == []


@pytest.mark.newcomer
@pytest.mark.usefixtures("reading")
@pytest.mark.pace(seek_late_every=0.2)
async def test_the_very_first_job_is_delivered_once_another_tells_whose_tasks_are_ours(town: Town, easel: Easel) -> None:
    town.midjourney.cut_next()
    first = await town.member.slash("imagine", prompt="a red fox")
    await first.until(unclear)
    await (await town.neighbour.slash("imagine", prompt="a crow")).until(painted)
    await first.until(painted)
    assert town.midjourney.ledger.count() == 2
    assert await all_ours(town, easel)


async def _killed_in_the_second_of_submission(tmp_path: Path, reading: str, command: str, **options: str) -> tuple[Reply, int]:
    async with living(tmp_path) as place:
        read(place.town.midjourney, reading)
        held = place.town.midjourney.hold_next("after_accept", endpoint=command)
        reply = await place.town.member.slash(command, **options)
        await held.reached()
        await place.kill()
        await place.start()
        held.release()
        await reply.until(lambda card: painted(card) or card.has("Imagine all"), timeout=WITHIN)
        assert len(place.town.cards()) == 1
        assert len(place.town.midjourney.tasks.others) == 1
        return reply, place.town.midjourney.ledger.count(command)


@pytest.mark.parametrize("reading", READINGS)
async def test_a_picture_survives_kill_9_in_the_second_of_its_submission(
    tmp_path: Path, record_property: Callable[[str, object], None], reading: str
) -> None:
    record_property("reading", reading)
    _reply, billed = await _killed_in_the_second_of_submission(tmp_path, reading, "imagine", prompt="a red fox")
    assert billed == 1


@pytest.mark.parametrize("reading", READINGS)
async def test_a_description_survives_kill_9_in_its_midst(
    tmp_path: Path, record_property: Callable[[str, object], None], reading: str
) -> None:
    record_property("reading", reading)
    url = "https://example.com/fox.png"
    reply, billed = await _killed_in_the_second_of_submission(tmp_path, reading, "describe", url=url)
    assert billed == 1
    assert "somebody else" not in reply.now.text


@pytest.mark.pace(accepted_within=0.5, seek_late_every=0.2, card_every=0.01, channel_every=0.01)
async def test_a_failure_that_is_still_on_its_way_does_not_close_the_picture_that_turned_up(town: Town, easel: Easel) -> None:
    town.midjourney.records_late(1.5)
    town.midjourney.fail_next(504, "timeout", accepted=True)
    reply = await town.member.slash("imagine", prompt="a red fox")
    await reply.until(lambda card: "Looking up" in card.text)
    async with town.discord.hold("PATCH", "/messages/") as held:  # the card is about to say that it is unclear
        await held.reached()
        async with asyncio.timeout(WITHIN):
            while not await easel._queries._db.read("SELECT 1 FROM jobs WHERE state = 'finished'"):  # noqa: ASYNC110 - rows ring no bell
                await asyncio.sleep(0.02)
    await reply.until(painted)
    assert town.midjourney.ledger.count() == 1


async def test_a_store_that_fails_at_the_start_resumes_no_job_twice(
    town: Town, easel: Easel, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = town.midjourney.hold_next("after_line:2")
    reply = await town.member.slash("imagine", prompt="a red fox")
    await held.reached()
    jobs, resumed = easel.services.jobs, []

    async def away(_since: float) -> list[object]:
        raise StoreUnavailable("it is busy")

    monkeypatch.setattr(jobs._records.queries, "unclear_jobs", away)
    monkeypatch.setattr(jobs, "_resume", resumed.append)
    with pytest.raises(StoreUnavailable):
        await jobs.start()
    assert resumed == []
    held.release()
    await reply.until(painted)
