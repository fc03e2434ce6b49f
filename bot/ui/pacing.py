"""Progress edits at a pace Discord allows: the latest state of each card, and the end never behind them."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from aiolimiter import AsyncLimiter

from bot.jobs.model import Job, JobId, Progress
from bot.jobs.tasks import Tasks

log = logging.getLogger(__name__)

CARD_EVERY = 3.0  # seconds between edits of one card
CHANNEL_PER_MINUTE = 20

Edit = Callable[[Job, Progress], Awaitable[None]]


class Pacer:
    """One worker a channel that takes the card which has waited longest."""

    def __init__(self, edit: Edit) -> None:
        self._edit = edit
        self._latest: dict[int, dict[JobId, tuple[Job, Progress]]] = {}
        self._limits: dict[int, AsyncLimiter] = {}
        self._edited: dict[JobId, float] = {}
        self._locks: dict[JobId, asyncio.Lock] = {}
        self._tasks = Tasks()

    def show(self, job: Job, progress: Progress) -> None:
        """Remember the newest state of a card; it is shown when its turn comes."""
        channel = job.place.channel_id
        waiting = self._latest.get(channel)
        if waiting is None:
            waiting = self._latest[channel] = {}
            self._tasks.spawn(f"progress in {channel}", self._work(channel))
        waiting[job.id] = (job, progress)

    async def end(self, job_id: JobId, channel_id: int) -> None:
        """Drop what waits for a card, and wait for the edit that is under way."""
        self._latest.get(channel_id, {}).pop(job_id, None)
        self._edited.pop(job_id, None)
        if lock := self._locks.get(job_id):
            async with lock:
                pass

    async def close(self) -> None:
        """Stop showing progress."""
        await self._tasks.close()

    async def _work(self, channel: int) -> None:
        limit = self._limits.setdefault(channel, AsyncLimiter(5, 60 / CHANNEL_PER_MINUTE * 5))
        waiting = self._latest[channel]
        try:
            while waiting:
                now = time.monotonic()
                job_id = min(waiting, key=lambda each: self._edited.get(each, 0))
                if (wait := self._edited.get(job_id, 0) + CARD_EVERY - now) > 0:
                    await asyncio.sleep(wait)
                await limit.acquire()
                if entry := waiting.pop(job_id, None):
                    await self._show_now(*entry)
        finally:
            del self._latest[channel]

    async def _show_now(self, job: Job, progress: Progress) -> None:
        self._edited[job.id] = time.monotonic()
        lock = self._locks[job.id] = asyncio.Lock()
        try:
            async with lock, asyncio.timeout(20):
                await self._edit(job, progress)
        except Exception:  # the next one may get through, and the end is delivered on its own
            log.debug("Progress of job %s was not shown", job.id, exc_info=True)
        finally:
            del self._locks[job.id]
