"""Asks `/tasks` for the truth: about tasks whose stream broke, and about submissions that may have been accepted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.clock import uptime
from bot.jobs.model import Job
from bot.jobs.records import Records
from bot.midjourney import Answer, ApiError, MidjourneyClient, TaskPage, TaskRecord, Unclear
from bot.pace import Pace

log = logging.getLogger(__name__)

PAGE = 100
PAGES = 3  # read in a row, until known tasks are asked for again
BEFORE = 60.0  # seconds before a job was sent in which its task may have been created: clocks differ

OnProgress = Callable[[Answer], None]


@dataclass(eq=False, slots=True)
class _Pending:
    """A known task whose end someone waits for; its answer is read as `model`.

    `answered_since` is when the service first answered a look-up for it, `unlisted_since` when first without it.
    """

    future: asyncio.Future[Answer]
    model: type[Answer]
    on_progress: OnProgress
    answered_since: float | None = None
    unlisted_since: float | None = None


@dataclass(eq=False, slots=True)
class _Doubtful:
    """A job that may have a task; `looked_since` is when the service first answered a look-up for it."""

    future: asyncio.Future[str]
    job: Job
    looked_since: float | None = None


class Watcher:
    """One loop that polls for everybody, in one request for all pending tasks; `silent` while the service does not answer."""

    def __init__(self, api: MidjourneyClient, records: Records, pace: Pace) -> None:
        self._api = api
        self._records = records
        self._pace = pace
        self.silent = False
        self._pending: dict[str, _Pending] = {}
        self._doubtful: dict[str, _Doubtful] = {}
        self._work = asyncio.Event()
        self._offset = 0
        self._sought: list[_Doubtful] = []

    async def result(self, task_id: str, model: type[Answer], on_progress: OnProgress) -> Answer:
        """Wait for a task to end; its answer, read as `model`.

        Raises the ApiError it ended with, or Unclear if it is unknown or never ends.
        """
        pending = self._pending[task_id] = _Pending(asyncio.get_running_loop().create_future(), model, on_progress)
        self._work.set()
        try:
            async with asyncio.timeout(self._pace.never_answered_for):
                return await pending.future
        except TimeoutError:
            raise Unclear("unfinished", "The task did not end.", task_id=task_id) from None
        finally:
            self._pending.pop(task_id, None)

    async def task_of(self, job: Job) -> str:
        """Find the task a doubtful submission created, and hold it; raises Unclear if none shows up in a minute."""
        doubtful = self._doubtful[job.id] = _Doubtful(asyncio.get_running_loop().create_future(), job)
        self._work.set()
        try:
            async with asyncio.timeout(self._pace.unanswered_for):
                return await doubtful.future
        except (TimeoutError, Unclear):
            # It may have been found in the very moment in which the waiting ended.
            if task_id := (await self._records.job(job.id)).task_id:
                return task_id
            raise Unclear("unclear", "No task was found.") from None
        finally:
            self._doubtful.pop(job.id, None)

    async def run(self) -> None:
        """Poll for as long as there is something to ask; runs until cancelled."""
        while True:
            await self._work.wait()
            self._work.clear()
            while self._pending or self._doubtful:
                for ask in (self._poll, self._look_up):
                    try:
                        await ask()
                    except ApiError as error:
                        log.warning("Looking up tasks failed: %s (trace %s)", error.code, error.trace_id)
                    except Exception:
                        # One odd record must not leave all the others without their answer.
                        log.exception("Looking up tasks broke")
                await asyncio.sleep(self._pace.poll_every)
            self.silent = False

    async def _ask(self, **query: Any) -> TaskPage:
        try:
            found = await self._api.tasks(**query)
        except ApiError:
            self.silent = True
            raise
        self.silent = False
        return found

    async def _poll(self) -> None:
        ids = list(self._pending)
        for start in range(0, len(ids), PAGE):
            asked = ids[start : start + PAGE]
            listed = {record.id: record for record in (await self._ask(ids=asked)).items}
            for task_id in asked:
                if (pending := self._pending.get(task_id)) and not pending.future.done():
                    self._settle(pending, listed.get(task_id))

    def _settle(self, pending: _Pending, record: TaskRecord | None) -> None:
        now = uptime()
        pending.answered_since = pending.answered_since or now
        if record is None:
            pending.unlisted_since = pending.unlisted_since or now
            if now - pending.unlisted_since >= self._pace.unlisted_for:
                pending.future.set_exception(Unclear("unclear", "The service does not list the task."))
            return
        pending.unlisted_since = None
        outcome = record.outcome(pending.model)
        if isinstance(outcome, ApiError):
            pending.future.set_exception(outcome)
        elif outcome is not None:
            pending.future.set_result(outcome)
        elif now - pending.answered_since >= self._pace.unfinished_for:
            pending.future.set_exception(Unclear("unfinished", "The task did not end.", task_id=record.id))
        elif progress := record.progress(pending.model):
            pending.on_progress(progress)

    async def _look_up(self) -> None:
        if not self._doubtful:
            self._offset = 0
            return
        if self._offset == 0:
            self._sought = list(self._doubtful.values())
        since = min(self._sent(each.job) for each in self._doubtful.values()) - BEFORE
        for _ in range(PAGES):
            page, more = await self._ask_page(since)
            ids = [record.id for record in page if record.id]
            held = await self._records.queries.held_tasks(ids) if ids else set()
            for record in page:
                if record.id and record.id not in held:
                    await self._claim(record)
            if not more:
                # Only who was sought on all pages of this walk was looked for.
                self._offset = 0
                self._give_up(self._sought)
                return
            self._offset += len(page)

    async def _ask_page(self, since: float) -> tuple[Sequence[TaskRecord], bool]:
        """The next page of what was created since, and whether there may be more: the service may cap a page."""
        page = await self._ask(created_at_min=since, offset=self._offset, limit=PAGE)
        seen = self._offset + len(page.items)
        older = any(record.created_at is not None and record.created_at < since for record in page.items)
        return page.items, bool(page.items) and not older and (page.count is None or seen < page.count)

    def _sent(self, job: Job) -> float:
        """When the job was sent; no later than now, which it seems if the service's clock was not known yet."""
        now = self._api.now()
        return min(job.sent_at or now, now)

    def _give_up(self, sought: list[_Doubtful]) -> None:
        now = uptime()
        for doubtful in sought:
            doubtful.looked_since = doubtful.looked_since or now
            if now - doubtful.looked_since >= self._pace.accepted_within and not doubtful.future.done():
                doubtful.future.set_exception(Unclear("unclear", "No task was found."))

    async def _claim(self, record: TaskRecord) -> None:
        for doubtful in list(self._doubtful.values()):
            job, future = doubtful.job, doubtful.future
            sent = job.order.request.body().items()
            if (
                not future.done()
                and (record.created_at or 0) >= self._sent(job) - BEFORE
                and sent <= record.request.items()
                and await self._records.queries.running(job.id, record.id)
            ):
                log.info("Job %s was found as task %s", job.id, record.id)
                if not future.done():  # the asker may have given up while the row was written
                    future.set_result(record.id)
                return
