"""Asks `/tasks` for the truth: about tasks whose stream broke, and about submissions that may have been accepted."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from bot.jobs.model import Job
from bot.jobs.records import Records
from bot.midjourney import ApiError, ImageResult, MidjourneyClient, TaskRecord, Unclear

log = logging.getLogger(__name__)

PAGE = 100
BEFORE = 60.0  # seconds before a job was sent in which its task may have been created: clocks differ
LOOK_UP = 60.0  # seconds in which an accepted task must show up
GIVE_UP = 3600.0  # seconds after which a task that never ends is given up

OnProgress = Callable[[ImageResult], None]


class Watcher:
    """One loop that polls for everybody, in one request for all pending tasks."""

    def __init__(self, api: MidjourneyClient, records: Records, *, interval: float = 5.0) -> None:
        self._api = api
        self._records = records
        self._interval = interval
        self._pending: dict[str, tuple[asyncio.Future[ImageResult], OnProgress]] = {}
        self._doubtful: dict[str, tuple[asyncio.Future[str], Job]] = {}
        self._work = asyncio.Event()

    async def result(self, task_id: str, on_progress: OnProgress) -> ImageResult:
        """Wait for a task to end; raises the ApiError it ended with, or Unclear where it never does."""
        future: asyncio.Future[ImageResult] = asyncio.get_running_loop().create_future()
        self._pending[task_id] = (future, on_progress)
        self._work.set()
        try:
            async with asyncio.timeout(GIVE_UP):
                return await future
        except TimeoutError:
            raise Unclear("timeout", "The task did not end.", task_id=task_id) from None
        finally:
            self._pending.pop(task_id, None)

    async def task_of(self, job: Job) -> str:
        """Find the task a doubtful submission created, and hold it; raises Unclear where none shows up in a minute."""
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._doubtful[job.id] = (future, job)
        self._work.set()
        try:
            async with asyncio.timeout(LOOK_UP):
                return await future
        except TimeoutError:
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
                try:
                    await self._poll()
                    await self._look_up()
                except ApiError as error:
                    log.warning("Looking up tasks failed: %s (trace %s)", error.code, error.trace_id)
                except Exception:
                    # One odd record must not leave all the others without their answer.
                    log.exception("Looking up tasks broke")
                await asyncio.sleep(self._interval)

    async def _poll(self) -> None:
        ids = list(self._pending)
        for start in range(0, len(ids), PAGE):
            for record in await self._api.tasks(ids=ids[start : start + PAGE]):
                if record.id in self._pending:
                    self._settle(record, *self._pending[record.id])

    @staticmethod
    def _settle(record: TaskRecord, future: asyncio.Future[ImageResult], on_progress: OnProgress) -> None:
        if future.done():
            return
        if failure := record.failure:
            future.set_exception(failure)
        elif result := record.image_result:
            future.set_result(result)
        elif progress := record.progress:
            on_progress(progress)

    async def _look_up(self) -> None:
        if not self._doubtful:
            return
        since = min((job.sent_at or time.time()) for _, job in self._doubtful.values()) - BEFORE
        offset = 0
        while self._doubtful:
            page = await self._api.tasks(created_at_min=since, offset=offset, limit=PAGE)
            ids = [record.id for record in page if record.id]
            held = await self._records.queries.held_tasks(ids) if ids else set()
            for record in page:
                if record.id and record.id not in held:
                    await self._claim(record)
            if len(page) < PAGE:
                return
            offset += PAGE

    async def _claim(self, record: TaskRecord) -> None:
        for future, job in list(self._doubtful.values()):
            sent = job.order.request.items()
            if (
                not future.done()
                and (record.created_at or 0) >= (job.sent_at or 0) - BEFORE
                and sent <= record.request.items()
                and await self._records.queries.running(job.id, record.id)
            ):
                log.info("Job %s was found as task %s", job.id, record.id)
                if not future.done():  # the asker may have given up while the row was written
                    future.set_result(record.id)
                return
