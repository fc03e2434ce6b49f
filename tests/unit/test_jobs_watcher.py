"""The truth about tasks, asked for in one request for everybody."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from job_orders import NOON, open_records, submitted
from midjourney_service import GRID, client_for, error_body

from bot.jobs import watcher as module
from bot.jobs.model import State
from bot.jobs.records import Records
from bot.jobs.watcher import Watcher
from bot.midjourney import ImageResult, ModerationRefused, Unclear
from bot.pace import Pace

pytestmark = pytest.mark.timeout(20)


class Ledger:
    """The `/tasks` of a service: its records, newest first, and what it was asked."""

    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = []
        self.asked: list[dict[str, Any]] = []
        self.broken = 0
        self.cap = 1000  # records on a page, whatever is asked for
        self.endless = False  # lists tasks of strangers without end
        self.behind = 0.0  # seconds that its clock is behind ours
        self._changed = asyncio.Condition()

    def add(self, task_id: str, *, created_at: float = NOON, prompt: str = "a fox", response: Any = None) -> dict[str, Any]:
        record = {
            "id": task_id,
            "type": "imagine",
            "request": {"action": "generate", "prompt": prompt, "mode": "fast"},
            "created_at": created_at,
            "response": response,
        }
        self.records.insert(0, record)
        return record

    async def handle(self, request: web.Request) -> web.Response:
        asked = await request.json()
        async with self._changed:
            self.asked.append(asked)
            self._changed.notify_all()
        if self.broken:
            self.broken -= 1
            return web.json_response(error_body("invalid_token"), status=401)
        if "ids" in asked:
            found = [record for record in self.records if record["id"] in asked["ids"]]
        else:
            found = [record for record in self.records if record["created_at"] >= asked["created_at_min"]]
        start = asked.get("offset", 0)
        page = found[start : start + min(asked["limit"], self.cap)]
        if self.endless and "ids" not in asked:
            page = [{"id": f"{start + n}", "created_at": time.time(), "request": {}} for n in range(asked["limit"])]
            return web.json_response({"items": page})
        date = formatdate(time.time() - self.behind, usegmt=True)
        return web.json_response({"items": page, "count": len(found)}, headers={"Date": date})

    async def asked_times(self, count: int) -> None:
        async with asyncio.timeout(10), self._changed:
            await self._changed.wait_for(lambda: len(self.asked) >= count)


@pytest.fixture
async def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
async def records(tmp_path: Path) -> AsyncIterator[Records]:
    async with open_records(tmp_path) as opened:
        yield opened


@asynccontextmanager
async def watching(ledger: Ledger, records: Records, **pace: float) -> AsyncIterator[Watcher]:
    app = web.Application()
    app.router.add_post("/midjourney/tasks", ledger.handle)
    async with TestServer(app, host="127.0.0.1") as server, client_for(str(server.make_url("/"))) as client:
        watcher = Watcher(client, records, replace(Pace(poll_every=0.005), **pace))
        running = asyncio.create_task(watcher.run())
        try:
            yield watcher
        finally:
            assert not running.done()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


def ignore(_: ImageResult) -> None:
    pass


async def test_the_result_of_a_task_whose_record_shows_up_late(ledger: Ledger, records: Records) -> None:
    previews: list[int] = []
    async with watching(ledger, records) as watcher, asyncio.timeout(10):
        result = asyncio.create_task(watcher.result("t", ImageResult, lambda progress: previews.append(progress.progress)))
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
            await watcher.result("t", ImageResult, ignore)


async def test_one_request_asks_for_all(ledger: Ledger, records: Records) -> None:
    names = [f"t{number}" for number in range(30)]
    for name in names:
        ledger.add(name, response={**GRID, "task_id": name})
    async with watching(ledger, records) as watcher, asyncio.timeout(10):
        results = await asyncio.gather(*(watcher.result(name, ImageResult, ignore) for name in names))
    assert [result.task_id for result in results] == names
    assert [sorted(asked["ids"]) for asked in ledger.asked] == [sorted(names)]


async def test_more_than_a_page_takes_two_requests(ledger: Ledger, records: Records) -> None:
    names = [f"t{number}" for number in range(module.PAGE + 1)]
    for name in names:
        ledger.add(name, response={**GRID, "task_id": name})
    async with watching(ledger, records) as watcher, asyncio.timeout(10):
        await asyncio.gather(*(watcher.result(name, ImageResult, ignore) for name in names))
    assert [len(asked["ids"]) for asked in ledger.asked] == [module.PAGE, 1]


async def test_a_look_up_that_fails_is_asked_again(ledger: Ledger, records: Records) -> None:
    ledger.broken = 2
    ledger.add("t", response=GRID)
    async with watching(ledger, records) as watcher, asyncio.timeout(10):
        await watcher.result("t", ImageResult, ignore)
    assert len(ledger.asked) == 3


async def test_a_task_that_never_ends_is_given_up(ledger: Ledger, records: Records) -> None:
    ledger.add("t")
    async with watching(ledger, records, unfinished_for=0.05) as watcher, asyncio.timeout(10):
        with pytest.raises(Unclear) as raised:
            await watcher.result("t", ImageResult, ignore)
    assert (raised.value.task_id, raised.value.code) == ("t", "unfinished")


async def test_a_task_is_not_given_up_while_nobody_answers(ledger: Ledger, records: Records) -> None:
    ledger.broken = 20
    ledger.add("t", response=GRID)
    async with watching(ledger, records, unfinished_for=0.0) as watcher, asyncio.timeout(10):
        result = asyncio.create_task(watcher.result("t", ImageResult, ignore))
        await ledger.asked_times(2)
        assert watcher.silent
        assert (await result).image_id == GRID["image_id"]
        assert not watcher.silent


async def test_a_task_that_the_service_never_lists_is_given_up_soon(ledger: Ledger, records: Records) -> None:
    ledger.add("other", response=GRID)
    async with watching(ledger, records, unlisted_for=0.05) as watcher, asyncio.timeout(10):
        with pytest.raises(Unclear, match="does not list"):
            await watcher.result("t", ImageResult, ignore)
        assert (await watcher.result("other", ImageResult, ignore)).image_id == GRID["image_id"]


async def test_look_ups_that_were_not_answered_do_not_count(ledger: Ledger, records: Records) -> None:
    ledger.broken = 20
    job = await submitted(records, 1)
    ledger.add("mine")
    async with watching(ledger, records, accepted_within=0.0) as watcher, asyncio.timeout(10):
        assert await watcher.task_of(job) == "mine"


async def test_two_jobs_that_ask_the_same_take_two_tasks(ledger: Ledger, records: Records) -> None:
    jobs = [await submitted(records, number) for number in (1, 2)]
    async with watching(ledger, records) as watcher, asyncio.timeout(10):
        found = [asyncio.create_task(watcher.task_of(job)) for job in jobs]
        await ledger.asked_times(2)
        ledger.add("first")
        await asyncio.wait(found, return_when=asyncio.FIRST_COMPLETED)
        await ledger.asked_times(len(ledger.asked) + 2)
        assert sum(task.done() for task in found) == 1
        ledger.add("second")
        task_ids = await asyncio.gather(*found)
    assert set(task_ids) == {"first", "second"}
    for job, task_id in zip(jobs, task_ids, strict=True):
        stored = await records.job(job.id)
        assert (stored.state, stored.task_id) == (State.RUNNING, task_id)


async def test_a_task_is_only_taken_if_it_is_free_recent_and_the_same(ledger: Ledger, records: Records) -> None:
    holder, job = await submitted(records, 1), await submitted(records, 2)
    assert await records.queries.running(holder.id, "held")
    ledger.add("held")
    ledger.add("old", created_at=NOON - module.BEFORE - 1)
    ledger.add("different", prompt="a crow")
    async with watching(ledger, records, accepted_within=0.2) as watcher, asyncio.timeout(10):
        with pytest.raises(Unclear):
            await watcher.task_of(job)
    assert (await records.job(job.id)).state is State.SUBMITTING


async def test_a_task_is_found_of_a_job_sent_before_the_service_told_the_time(ledger: Ledger, records: Records) -> None:
    ledger.behind = 300.0
    job = await submitted(records, 1, time.time())
    ledger.add("mine", created_at=time.time() - ledger.behind)
    async with watching(ledger, records) as watcher, asyncio.timeout(10):
        assert await watcher.task_of(job) == "mine"


async def test_a_task_is_found_behind_a_hundred_others(ledger: Ledger, records: Records) -> None:
    job = await submitted(records, 1)
    ledger.add("mine")
    for number in range(module.PAGE + 20):
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
        await ledger.asked_times(module.PAGES)
        ledger.add("t", response=GRID, prompt="a crow")
        assert (await watcher.result("t", ImageResult, ignore)).image_id == GRID["image_id"]
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)


async def test_a_job_that_is_given_up_while_its_task_is_claimed_does_not_stop_the_watcher(
    ledger: Ledger, records: Records, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    job = await submitted(records, 1)
    ledger.add("mine")
    ledger.add("t", response=GRID, prompt="a crow")
    claim = records.queries.running
    async with watching(ledger, records) as watcher, asyncio.timeout(10):
        claimed = asyncio.Event()

        async def give_up_meanwhile(job_id: str, task_id: str) -> bool:
            found.cancel()
            won = await claim(job_id, task_id)
            claimed.set()
            return won

        monkeypatch.setattr(records.queries, "running", give_up_meanwhile)
        found = asyncio.create_task(watcher.task_of(job))
        await claimed.wait()
        assert (await watcher.result("t", ImageResult, ignore)).image_id == GRID["image_id"]
    assert [each for each in caplog.records if each.name == module.__name__ and each.levelname != "INFO"] == []
