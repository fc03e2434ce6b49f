"""How far tasks are, asked for in one request for everybody."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import replace

import pytest
from job_orders import NOON
from midjourney_service import GRID, error_body
from task_ledger import Ledger, ignore, running_job, watching

from bot.jobs import watcher as module
from bot.jobs.records import Records
from bot.midjourney import ModerationRefused, Unclear

pytestmark = pytest.mark.timeout(20)


async def test_the_result_of_a_task_whose_record_shows_up_late(ledger: Ledger, records: Records) -> None:
    previews: list[int] = []
    async with watching(ledger, records) as watcher, asyncio.timeout(10):
        job = await running_job(records, 1, "t")
        result = asyncio.create_task(watcher.result(job, lambda step: previews.append(step.progress)))
        await ledger.asked_times(2)
        assert not result.done()
        record = ledger.add("t", response={**GRID, "progress": 40, "actions": [], "task_id": "t"})
        await ledger.asked_times(len(ledger.asked) + 3)
        assert not result.done()
        record["response"] = {**GRID, "task_id": "t"}
        record["finished_at"] = NOON + 60
        assert (await result).image_id == GRID["image_id"]
    assert previews
    assert set(previews) == {40}


async def test_a_task_that_failed_raises_what_it_failed_with(ledger: Ledger, records: Records) -> None:
    ledger.add("t", response={"success": False, **error_body("forbidden")})
    async with watching(ledger, records) as watcher, asyncio.timeout(10):
        with pytest.raises(ModerationRefused):
            await watcher.result(await running_job(records, 9, "t"), ignore)


async def test_one_request_asks_for_all(ledger: Ledger, records: Records) -> None:
    names = [f"t{number}" for number in range(30)]
    for name in names:
        ledger.add(name, response={**GRID, "task_id": name})
    async with watching(ledger, records) as watcher, asyncio.timeout(10):
        jobs = [await running_job(records, number, name) for number, name in enumerate(names, 1)]
        results = await asyncio.gather(*(watcher.result(job, ignore) for job in jobs))
    assert [result.task_id for result in results] == names
    assert [sorted(asked["ids"]) for asked in ledger.asked] == [sorted(names)]


async def test_more_than_a_page_takes_two_requests(ledger: Ledger, records: Records) -> None:
    names = [f"t{number}" for number in range(module.BATCH + 1)]
    for name in names:
        ledger.add(name, response={**GRID, "task_id": name})
    async with watching(ledger, records) as watcher, asyncio.timeout(10):
        jobs = [await running_job(records, number, name) for number, name in enumerate(names, 1)]
        await asyncio.gather(*(watcher.result(job, ignore) for job in jobs))
    assert [len(asked["ids"]) for asked in ledger.asked] == [module.BATCH, 1]


async def test_a_look_up_that_fails_is_asked_again(ledger: Ledger, records: Records) -> None:
    ledger.broken = 2
    ledger.add("t", response=GRID)
    async with watching(ledger, records) as watcher, asyncio.timeout(10):
        await watcher.result(await running_job(records, 9, "t"), ignore)
    assert len(ledger.asked) == 3


async def test_a_task_that_never_ends_is_given_up(ledger: Ledger, records: Records) -> None:
    ledger.add("t")
    async with watching(ledger, records, unfinished_for=0.05) as watcher, asyncio.timeout(10):
        with pytest.raises(Unclear) as raised:
            await watcher.result(await running_job(records, 9, "t"), ignore)
    assert (raised.value.task_id, raised.value.code) == ("t", "unfinished")


async def test_a_task_is_not_given_up_while_nobody_answers(ledger: Ledger, records: Records) -> None:
    ledger.broken = 20
    ledger.add("t", response=GRID)
    async with watching(ledger, records, unfinished_for=0.0) as watcher, asyncio.timeout(10):
        result = asyncio.create_task(watcher.result(await running_job(records, 9, "t"), ignore))
        await ledger.asked_times(2)
        assert watcher.silent
        assert (await result).image_id == GRID["image_id"]
        assert not watcher.silent


async def test_a_task_that_the_service_never_lists_is_given_up_soon(ledger: Ledger, records: Records) -> None:
    ledger.add("other", response=GRID)
    async with watching(ledger, records, unlisted_for=0.05) as watcher, asyncio.timeout(10):
        with pytest.raises(Unclear, match="does not list"):
            await watcher.result(await running_job(records, 9, "t"), ignore)
        assert (await watcher.result(await running_job(records, 8, "other"), ignore)).image_id == GRID["image_id"]


async def test_a_task_that_is_due_is_asked_for_more_often_than_a_fresh_one(ledger: Ledger, records: Records) -> None:
    ledger.add("fresh")
    ledger.add("due")
    fresh, due = await running_job(records, 1, "fresh"), await running_job(records, 2, "due")
    due = replace(due, sent_at=time.time() - 60)  # a fast picture takes 50 s as a rule
    async with watching(ledger, records, poll_idle=3600.0) as watcher, asyncio.timeout(10):
        waiting = [asyncio.create_task(watcher.result(job, ignore)) for job in (replace(fresh, sent_at=time.time()), due)]
        await ledger.asked_times(3)
        # While there is room in a question, the fresh one goes along.
        assert all(set(asked["ids"]) == {"fresh", "due"} for asked in ledger.asked)
        for each in waiting:
            each.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def test_nothing_is_asked_while_no_task_is_due(ledger: Ledger, records: Records) -> None:
    ledger.add("fresh")
    fresh = replace(await running_job(records, 1, "fresh"), sent_at=time.time())
    async with watching(ledger, records, poll_idle=3600.0) as watcher, asyncio.timeout(10):
        waiting = asyncio.create_task(watcher.result(fresh, ignore))
        ledger.add("other", response=GRID)
        late = replace(await running_job(records, 2, "other"), sent_at=time.time() - 60)
        await watcher.result(late, ignore)  # whose question is the only one there is
        assert len(ledger.asked) == 1
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)


async def learnt(records: Records) -> dict[str, str]:
    """What is kept of the account, once something is: a result doesn't wait for that."""
    while (stored := await records.queries.fact("account")) is None:  # noqa: ASYNC110 - a row rings no bell
        await asyncio.sleep(0.005)
    told: dict[str, str] = json.loads(stored)
    return told


async def test_the_account_is_learnt_from_a_record_of_ours(ledger: Ledger, records: Records) -> None:
    ledger.add("t", response=GRID, owner={"user_id": "we", "credential_id": "key"})
    async with watching(ledger, records, known=None) as watcher, asyncio.timeout(10):
        await watcher.result(await running_job(records, 1, "t"), ignore)
        stored = await learnt(records)
    assert (stored["user_id"], stored["credential_id"]) == ("we", "key")
    assert "made-up-token" not in str(stored)


async def test_a_record_that_names_less_takes_nothing_away(ledger: Ledger, records: Records) -> None:
    ledger.add("t", response=GRID, owner={"user_id": "us"})
    ledger.add("u", response=GRID, owner={})
    async with watching(ledger, records) as watcher, asyncio.timeout(10):
        await watcher.result(await running_job(records, 1, "t"), ignore)
        await watcher.result(await running_job(records, 2, "u"), ignore)
        stored = json.loads(await records.queries.fact("account") or "{}")
    assert (stored["user_id"], stored["credential_id"]) == ("us", "our key")


async def test_a_task_of_another_token_teaches_nothing(ledger: Ledger, records: Records) -> None:
    ledger.add("old", response=GRID, owner={"user_id": "an older account"})
    ledger.add("new", response=GRID, owner={"user_id": "this account"})
    async with watching(ledger, records, known=None) as watcher, asyncio.timeout(10):
        old = replace(await running_job(records, 1, "old"), sent_with="another token")
        await asyncio.gather(watcher.result(old, ignore), watcher.result(await running_job(records, 2, "new"), ignore))
        assert (await learnt(records))["user_id"] == "this account"


async def test_a_second_wait_for_a_task_does_not_take_it_from_the_first(ledger: Ledger, records: Records) -> None:
    record = ledger.add("t")
    job = await running_job(records, 1, "t")
    async with watching(ledger, records) as watcher, asyncio.timeout(10):
        first = asyncio.create_task(watcher.result(job, ignore))
        await ledger.asked_times(1)
        second = asyncio.create_task(watcher.result(job, ignore))
        await ledger.asked_times(3)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        record["response"] = GRID
        assert (await second).complete
