"""What is recorded, what is refused, and jobs as rows."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from job_orders import NOON, open_records, order, picture, place, submitted

from bot.errors import DailyLimitReached, Gone, TooManyWaiting
from bot.jobs.kinds import IMAGINE, TRANSLATE
from bot.jobs.model import Failure, Job, State
from bot.jobs.records import AlreadyPressed, AlreadyRecorded, Limits, Records, job_from
from bot.midjourney import ImagineRequest, TranslateRequest
from bot.text import _


async def test_a_job_comes_back_as_it_was_recorded(records: Records) -> None:
    full = order(
        kind=IMAGINE,
        request=ImagineRequest(prompt="ü 🦊", action="upscale1", image_id="12", hd=True),
        prompt="ü 🦊",
        action="upscale1",
        image_id="12",
        parent_url="https://discord.com/channels/1/2/3",
        press="3:upscale1",
        note=_("A note."),
    )
    where = place(2**63 - 1, original=False, ephemeral=True, has_bot=True, message_id=4, file_limit=5, locale="de")
    jobs = await records.record([full, order(kind=TRANSLATE, request=TranslateRequest(content="ü"))], where, NOON, origin="1")
    for job in jobs:
        assert await records.job(job.id) == job
    rows = await records.queries.open_jobs()
    assert [job_from(row) for row in rows] == jobs
    assert len({job.id for job in jobs}) == 2


async def test_every_later_step_comes_back_too(records: Records) -> None:
    job = await submitted(records, 1)
    assert (job.state, job.answered_at, job.sent_at, job.place.message_id) == (State.SUBMITTING, NOON, NOON, 1)
    assert await records.queries.running(job.id, "task")
    assert await records.queries.let_go(job.id, NOON + 1)
    result = picture("99", actions=["upscale1"], unheard_of={"deep": 1})
    assert await records.finish(job.id, result, NOON + 2)
    await records.queries.close(job.id, NOON + 3, state="finished", delivered=True)
    expected = replace(
        job,
        state=State.DELIVERED,
        task_id="task",
        let_go_at=NOON + 1,
        finished_at=NOON + 2,
        delivered_at=NOON + 3,
        result=result,
    )
    assert await records.job(job.id) == expected
    row = await records.queries.job_of_medium("99")
    assert row is not None
    assert job_from(row) == expected


async def test_a_failure_comes_back(records: Records) -> None:
    job = await submitted(records, 1)
    failure = Failure("internal", "A reference", "trace")
    assert await records.fail(job.id, failure, NOON)
    assert not await records.fail(job.id, failure, NOON)
    assert (await records.job(job.id)).failure == failure


async def test_an_unknown_job_is_gone(records: Records) -> None:
    with pytest.raises(Gone):
        await records.job("nobody")


async def test_the_same_interaction_is_recorded_once(records: Records) -> None:
    tries = [records.record([order(), order()], place(1), NOON, origin=str(1)) for _ in range(3)]
    ended = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(each, AlreadyRecorded) for each in ended) == 2
    assert await records.queries.count() == (2, 2)


async def test_an_interaction_is_recorded_as_a_whole_or_not_at_all(records: Records) -> None:
    await records.record([order()], place(1), NOON, origin=str(1))
    with pytest.raises(AlreadyRecorded):
        await records.record([order(), order()], place(1), NOON, origin=str(1))
    assert await records.queries.count() == (1, 1)


async def test_at_most_twenty_wait(records: Records) -> None:
    await records.record([order() for n in range(19)], place(1), NOON, origin=str(1))
    with pytest.raises(TooManyWaiting, match="19 jobs"):
        await records.record([order(), order()], place(2), NOON, origin=str(2))
    twentieth = (await records.record([order()], place(3), NOON, origin=str(3)))[0]
    with pytest.raises(TooManyWaiting):
        await records.record([order()], place(4), NOON, origin=str(4))
    await records.record([order(user_id=6)], place(5), NOON, origin=str(5))
    assert await records.queries.cancel(twentieth.id, NOON)
    await records.record([order()], place(6), NOON, origin=str(6))


async def test_a_job_that_runs_does_not_wait(records: Records) -> None:
    await records.record([order() for n in range(19)], place(1), NOON, origin=str(1))
    await submitted(records, 2)
    await records.record([order()], place(3), NOON, origin=str(3))


async def test_the_daily_limit_starts_anew_at_midnight_and_spares_what_was_refused(tmp_path: Path) -> None:
    midnight = NOON + 43200
    async with open_records(tmp_path, Limits(per_day=2)) as records:
        failed = await submitted(records, 1)
        await submitted(records, 2)
        with pytest.raises(DailyLimitReached, match="used up; the limit is 2\\."):
            await submitted(records, 3, midnight - 1)
        await submitted(records, 4, user_id=6)
        assert await records.fail(failed.id, Failure("busy"), NOON)
        await submitted(records, 5, midnight - 1)
        with pytest.raises(DailyLimitReached):
            await submitted(records, 6, midnight - 1)
        doubtful = await submitted(records, 7, midnight)
        assert await records.fail(doubtful.id, Failure("unclear", may_be_billed=True), midnight)
        await submitted(records, 8, midnight)
        with pytest.raises(DailyLimitReached):
            await submitted(records, 9, midnight)


async def test_more_at_once_than_are_left_for_today_is_told_with_what_is_left(tmp_path: Path) -> None:
    async with open_records(tmp_path, Limits(per_day=3)) as records:
        await submitted(records, 1)
        with pytest.raises(DailyLimitReached, match=r"makes 4 jobs\. You have 2 jobs left for today"):
            await records.record([order() for n in range(4)], place(2), NOON, origin=str(2))
        await submitted(records, 3)
        await submitted(records, 4)


async def press(records: Records, interaction_id: int, now: float, user_id: int = 5, name: str = "3:upscale1") -> Job:
    return (await records.record([order(user_id, press=name)], place(interaction_id), now, origin=str(interaction_id)))[0]


async def test_a_second_press_within_five_seconds_is_the_same_press(records: Records) -> None:
    await press(records, 1, NOON)
    with pytest.raises(AlreadyPressed):
        await press(records, 2, NOON + 4.9)
    await press(records, 3, NOON + 1, user_id=6)
    await press(records, 4, NOON + 1, name="3:upscale2")
    await press(records, 5, NOON + 5)


async def test_of_two_presses_at_once_one_counts(records: Records) -> None:
    ended = await asyncio.gather(press(records, 1, NOON), press(records, 2, NOON), return_exceptions=True)
    assert sum(isinstance(each, AlreadyPressed) for each in ended) == 1
    assert sum(isinstance(each, Job) for each in ended) == 1


async def test_a_command_has_no_twin(records: Records) -> None:
    for interaction_id in (1, 2):
        await records.record([order(press=None)], place(interaction_id), NOON, origin=str(interaction_id))
