"""The tasks of requests that may have been accepted: found where they are certainly ours, and never claimed otherwise."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import Any

import pytest
from job_orders import KEY, NOON, submitted
from midjourney_service import GRID
from task_ledger import KNOWN, Ledger, ignore, running_job, watching

from bot.errors import StoreUnavailable
from bot.jobs import seeker as module
from bot.jobs.likeness import is_made_of
from bot.jobs.model import Failure, Job, State
from bot.jobs.records import Records
from bot.midjourney import ImagineRequest, TaskRecord, Unclear

pytestmark = pytest.mark.timeout(20)


FAILED = '{"code": "unclear"}'


async def given_up(ledger: Ledger, records: Records, **pace: float) -> bool:
    """Whether a doubtful job ends as unclear."""
    job = await submitted(records, 99)
    async with watching(ledger, records, **{"accepted_within": 0.1, **pace}) as watcher, asyncio.timeout(10):
        with pytest.raises(Unclear):
            await watcher.task_of(job)
    return (await records.job(job.id)).task_id is None


async def test_look_ups_that_were_not_answered_do_not_count(ledger: Ledger, records: Records) -> None:
    ledger.broken = 100
    job = await submitted(records, 1)
    ledger.add("mine")
    async with watching(ledger, records, accepted_within=0.3) as watcher, asyncio.timeout(10):
        assert await watcher.task_of(job) == "mine"


async def test_only_our_account_is_asked_for(ledger: Ledger, records: Records) -> None:
    job = await submitted(records, 1)
    ledger.add("mine")
    async with watching(ledger, records) as watcher, asyncio.timeout(10):
        await watcher.task_of(job)
    assert {asked["user_id"] for asked in ledger.asked} == {"us"}
    stored = await records.job(job.id)
    assert (stored.state, stored.task_id) == (State.RUNNING, "mine")


@pytest.mark.parametrize(
    "owner",
    [
        {"user_id": "them", "credential_id": "their key"},
        {"user_id": "us", "credential_id": "another program's"},
        {"user_id": "them", "credential_id": "our key"},
        {"user_id": "them"},
        {"credential_id": "their key"},
        {},
    ],
)
async def test_what_is_not_certainly_ours_is_never_claimed(ledger: Ledger, records: Records, owner: dict[str, Any]) -> None:
    ledger.add("theirs", owner=owner)
    assert await given_up(ledger, records)


@pytest.mark.parametrize("owner", [{"user_id": "us"}, {"credential_id": "our key"}])
async def test_one_name_is_enough_where_the_other_is_not_told(ledger: Ledger, records: Records, owner: dict[str, Any]) -> None:
    job = await submitted(records, 1)
    ledger.add("mine", owner=owner)
    async with watching(ledger, records) as watcher, asyncio.timeout(10):
        assert await watcher.task_of(job) == "mine"


async def test_before_the_account_is_known_nothing_is_claimed_and_nobody_waits_long(ledger: Ledger, records: Records) -> None:
    job = await submitted(records, 1)
    ledger.add("mine")
    async with watching(ledger, records, known=None) as watcher, asyncio.timeout(10):
        with pytest.raises(Unclear):
            await watcher.task_of(job)
    assert ledger.asked == []


async def test_another_token_s_account_is_forgotten(ledger: Ledger, records: Records) -> None:
    job = await submitted(records, 1)
    ledger.add("mine")
    async with watching(ledger, records, known={**KNOWN, "of": "an older token"}) as watcher, asyncio.timeout(10):
        with pytest.raises(Unclear):
            await watcher.task_of(job)


async def test_an_account_that_is_learnt_meanwhile_helps(ledger: Ledger, records: Records) -> None:
    doubtful = await submitted(records, 1)
    ledger.add("mine")
    record = ledger.add("known", prompt="fox 2")
    async with watching(ledger, records, known=None) as watcher, asyncio.timeout(10):
        running = asyncio.create_task(watcher.result(await running_job(records, 2, "known"), ignore))
        assert await watcher.task_of(doubtful) == "mine"
        record["response"] = GRID
        await running


async def test_two_tasks_that_could_be_meant_are_left_alone(ledger: Ledger, records: Records) -> None:
    ledger.add("one")
    ledger.add("other")
    assert await given_up(ledger, records)


async def test_what_the_service_added_to_the_request_does_not_matter(ledger: Ledger, records: Records) -> None:
    job = await submitted(records, 1, request=ImagineRequest(prompt="a  fox ", translation=True))
    record = ledger.add("mine", prompt=" a fox")
    record["request"] |= {"mode": "FAST", "image_id": None, "mask": None, "timeout": 480, "flavour": {"salt": 1}}
    async with watching(ledger, records) as watcher, asyncio.timeout(10):
        assert await watcher.task_of(job) == "mine"


async def test_a_task_is_only_taken_if_it_is_free_recent_and_the_same(ledger: Ledger, records: Records) -> None:
    holder = await submitted(records, 1)
    assert await records.queries.running(holder.id, "held")
    ledger.add("held")
    ledger.add("old", created_at=NOON - module.BEFORE - 1)
    ledger.add("young", created_at=NOON + 40 + module.AFTER + 1)
    ledger.add("different", prompt="a crow")
    ledger.add("action")["request"] |= {"action": "upscale1", "image_id": "1"}
    ledger.add("other kind")["type"] = "edits"
    assert await given_up(ledger, records)
    assert len(ledger.asked) > 1


async def test_jobs_with_the_same_words_are_not_sent_at_once(records: Records) -> None:
    first = await submitted(records, 1)
    (twin,) = await records.record([first.order], first.place, NOON, origin="2")
    assert await records.queries.answered(twin.id, NOON, message_id=2, channel_id=7, ephemeral=0)
    assert await records.submitting(twin.id, NOON + 59, twin_within=60, sent_with=KEY) is None
    assert (await records.job(twin.id)).state is State.QUEUED
    assert await records.queries.running(first.id, "t")
    assert await records.submitting(twin.id, NOON + 59, twin_within=60, sent_with=KEY) is not None


async def test_a_task_that_turns_up_after_its_job_was_given_up_is_held_all_the_same(ledger: Ledger, records: Records) -> None:
    job = await submitted(records, 1, time.time())
    async with watching(ledger, records, accepted_within=0.05) as watcher, asyncio.timeout(10):
        with pytest.raises(Unclear):
            await watcher.task_of(job)
        assert await records.queries.fail(job.id, FAILED, NOON, may_be_billed=1)
        watcher.seek_late(await records.job(job.id))
        ledger.add("late", created_at=time.time())
        found = await ledger.late.get()
    assert (found.id, found.state, found.task_id) == (job.id, State.RUNNING, "late")


@pytest.mark.parametrize("task_is_known", [True, False])
async def test_it_is_not_forgotten_if_the_store_is_away_in_that_moment(
    ledger: Ledger, records: Records, monkeypatch: pytest.MonkeyPatch, *, task_is_known: bool
) -> None:
    job = await submitted(records, 1, time.time())
    if task_is_known:
        assert await records.queries.running(job.id, "late")
    assert await records.queries.fail(job.id, FAILED, NOON, may_be_billed=1)
    given_up, read = await records.job(job.id), records.job
    away = [StoreUnavailable("the database: disk I/O error")]

    async def read_later(job_id: str) -> Job:
        if away:
            raise away.pop()
        return await read(job_id)

    monkeypatch.setattr(records, "job", read_later)
    async with watching(ledger, records) as watcher, asyncio.timeout(10):
        watcher.seek_late(given_up)
        ledger.add("late", created_at=time.time(), response=GRID)
        found = await ledger.late.get()
    assert (found.id, found.state, found.task_id) == (job.id, State.RUNNING, "late")


async def test_it_is_still_sought_after_a_restart(ledger: Ledger, records: Records) -> None:
    job = await submitted(records, 1, time.time())
    assert await records.queries.fail(job.id, FAILED, NOON, may_be_billed=1)
    ledger.add("late", created_at=time.time())
    async with watching(ledger, records), asyncio.timeout(10):
        assert (await ledger.late.get()).id == job.id


async def test_what_the_service_certainly_refused_is_not_sought(records: Records) -> None:
    job = await submitted(records, 1, time.time())
    assert await records.queries.fail(job.id, FAILED, NOON, may_be_billed=0)
    assert not await records.queries.claim(job.id, "late", given_up=True)
    assert await records.unclear_jobs(0.0) == []


async def test_a_late_task_is_left_alone_while_the_same_is_being_sent_again(records: Records) -> None:
    job = await submitted(records, 1)
    assert await records.queries.fail(job.id, FAILED, NOON, may_be_billed=1)
    again = await submitted(records, 2)
    assert not await records.queries.claim(job.id, "late", given_up=True)
    assert await records.queries.running(again.id, "other")
    assert await records.queries.claim(job.id, "late", given_up=True)


async def test_a_task_is_found_of_a_job_sent_before_the_service_told_the_time(ledger: Ledger, records: Records) -> None:
    ledger.behind = 300.0
    job = await submitted(records, 1, time.time())
    ledger.add("mine", created_at=time.time() - ledger.behind)
    async with watching(ledger, records) as watcher, asyncio.timeout(10):
        assert await watcher.task_of(job) == "mine"


async def test_a_task_is_found_behind_a_hundred_others(ledger: Ledger, records: Records) -> None:
    job = await submitted(records, 1)
    ledger.add("mine")
    for number in range(2 * module.PAGE):
        ledger.add(f"other{number}", prompt="a crow")
    async with watching(ledger, records) as watcher, asyncio.timeout(10):
        assert await watcher.task_of(job) == "mine"


async def test_a_service_that_caps_its_pages_is_read_to_the_end(ledger: Ledger, records: Records) -> None:
    ledger.cap = 7
    job = await submitted(records, 1)
    ledger.add("mine")
    for number in range(40):
        ledger.add(f"other{number}", prompt="a crow")
    async with watching(ledger, records) as watcher, asyncio.timeout(10):
        assert await watcher.task_of(job) == "mine"


async def test_pages_without_end_do_not_keep_a_known_task_waiting(ledger: Ledger, records: Records) -> None:
    ledger.endless = True
    job = await submitted(records, 1)
    async with watching(ledger, records) as watcher, asyncio.timeout(10):
        looking = asyncio.create_task(watcher.task_of(job))
        await ledger.asked_times(3)
        ledger.add("t", response=GRID, prompt="a crow")
        assert (await watcher.result(await running_job(records, 2, "t"), ignore)).complete
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)


async def test_a_job_that_is_given_up_while_its_task_is_claimed_does_not_stop_the_watcher(
    ledger: Ledger, records: Records, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    job = await submitted(records, 1)
    ledger.add("mine")
    ledger.add("t", response=GRID, prompt="a crow")
    claim = records.queries.claim
    async with watching(ledger, records) as watcher, asyncio.timeout(10):
        claimed = asyncio.Event()

        async def give_up_meanwhile(job_id: str, task_id: str, *, given_up: bool) -> bool:
            found.cancel()
            won = await claim(job_id, task_id, given_up=given_up)
            claimed.set()
            return won

        monkeypatch.setattr(records.queries, "claim", give_up_meanwhile)
        found = asyncio.create_task(watcher.task_of(job))
        await claimed.wait()
        assert (await watcher.result(await running_job(records, 2, "t"), ignore)).complete
    assert [each for each in caplog.records if each.name.startswith("bot.jobs") and each.levelname != "INFO"] == []


async def test_a_job_is_not_given_up_as_unclear_once_its_task_is_held(records: Records) -> None:
    job = await submitted(records, 1)
    assert not await records.queries.claim(job.id, "t", given_up=True)  # nobody has given it up
    assert await records.queries.claim(job.id, "t", given_up=False)
    assert not await records.fail(job.id, Failure("unclear", may_be_billed=True), NOON)
    assert (await records.job(job.id)).state is State.RUNNING
    assert await records.fail(job.id, Failure("task_failed"), NOON)


async def test_a_task_that_is_alone_at_first_is_not_taken_before_a_second_look(ledger: Ledger, records: Records) -> None:
    job = await submitted(records, 1)
    ledger.add("another program's")
    async with watching(ledger, records, seek_every=0.2, accepted_within=0.6) as watcher, asyncio.timeout(10):
        looking = asyncio.create_task(watcher.task_of(job))
        await ledger.asked_times(1)
        ledger.add("mine")  # the record of a job may come later than that of its twin
        with pytest.raises(Unclear):
            await looking
    assert (await records.job(job.id)).task_id is None


async def test_two_jobs_with_the_same_words_whose_times_lie_apart_are_found(ledger: Ledger, records: Records) -> None:
    earlier = await submitted(records, 1, NOON - 600)
    assert await records.queries.fail(earlier.id, FAILED, NOON, may_be_billed=1)
    job = await submitted(records, 2)
    ledger.add("mine")
    async with watching(ledger, records) as watcher, asyncio.timeout(10):
        watcher.seek_late(await records.job(earlier.id))
        assert await watcher.task_of(job) == "mine"


async def test_a_known_task_that_ends_after_its_job_was_given_up_is_taken_up(ledger: Ledger, records: Records) -> None:
    job = await submitted(records, 1, time.time())
    assert await records.queries.running(job.id, "t")
    assert await records.fail(job.id, Failure("unfinished", may_be_billed=True), NOON)
    record = ledger.add("t")
    async with watching(ledger, records), asyncio.timeout(10):
        await ledger.asked_times(3)
        assert ledger.late.empty()
        record["response"] = GRID
        found = await ledger.late.get()
    assert (found.id, found.state, found.failure) == (job.id, State.RUNNING, None)


async def test_a_job_that_was_sent_with_another_token_is_not_sought_under_this_one(ledger: Ledger, records: Records) -> None:
    job = await submitted(records, 1)
    ledger.add("mine")
    other = replace(job, sent_with="another token")
    async with watching(ledger, records, accepted_within=0.1) as watcher, asyncio.timeout(10):
        with pytest.raises(Unclear):
            await watcher.task_of(other)


async def test_an_index_of_none_and_of_zero_are_the_same(records: Records) -> None:
    order = (await submitted(records, 1)).order
    record = TaskRecord.model_validate({"id": "t", "type": "imagine", "request": {**order.request.body(), "video_index": 0}})
    assert is_made_of(record, order)
