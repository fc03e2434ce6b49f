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
BURST = 5  # edits that may come at once after a quiet time

Edit = Callable[[Job, Progress], Awaitable[None]]


class _Channel:
    """What waits to be shown in a channel, and how much may be."""

    def __init__(self) -> None:
        self.latest: dict[JobId, tuple[Job, Progress]] = {}
        self.edited: dict[JobId, float] = {}
        self.news = asyncio.Event()
        self.budget = AsyncLimiter(BURST, 60 / CHANNEL_PER_MINUTE * BURST)

    async def has_news(self) -> bool:
        """Wait for something to show; False where nothing came for as long as the whole budget takes to come back."""
        try:
            while not self.latest:
                self.news.clear()
                async with asyncio.timeout(self.budget.time_period):
                    await self.news.wait()
        except TimeoutError:
            return bool(self.latest)  # in the very moment in which the waiting ended
        return True


class Pacer:
    """One worker a channel that takes the card which has waited longest."""

    def __init__(self, edit: Edit) -> None:
        self._edit = edit
        self._channels: dict[int, _Channel] = {}
        self._locks: dict[JobId, asyncio.Lock] = {}
        self._tasks = Tasks()

    def show(self, job: Job, progress: Progress) -> None:
        """Remember the newest state of a card; it is shown when its turn comes."""
        channel_id = job.place.channel_id
        channel = self._channels.get(channel_id)
        if channel is None:
            channel = self._channels[channel_id] = _Channel()
            self._tasks.spawn(f"progress in {channel_id}", self._work(channel_id, channel))
        channel.latest[job.id] = (job, progress)
        channel.news.set()

    async def end(self, job_id: JobId, channel_id: int) -> bool:
        """Drop what waits for a card, and wait for the edit that is under way; whether there was one."""
        if channel := self._channels.get(channel_id):
            channel.latest.pop(job_id, None)
            channel.edited.pop(job_id, None)
        lock = self._locks.get(job_id)
        if lock is None:
            return False
        async with lock:
            return True

    async def close(self) -> None:
        """Stop showing progress."""
        await self._tasks.close()

    async def _work(self, channel_id: int, channel: _Channel) -> None:
        """Show what comes, until nothing came for so long that the channel's budget is whole again."""
        try:
            while await channel.has_news():
                job_id = min(channel.latest, key=lambda each: channel.edited.get(each, 0))
                if (wait := channel.edited.get(job_id, 0) + CARD_EVERY - time.monotonic()) > 0:
                    await asyncio.sleep(wait)
                await channel.budget.acquire()
                if entry := channel.latest.pop(job_id, None):
                    channel.edited[job_id] = time.monotonic()
                    await self._show_now(*entry)
        finally:
            del self._channels[channel_id]

    async def _show_now(self, job: Job, progress: Progress) -> None:
        lock = self._locks[job.id] = asyncio.Lock()
        try:
            async with lock, asyncio.timeout(20):
                await self._edit(job, progress)
        except Exception:  # the next one may get through, and the end is delivered on its own
            log.debug("Progress of job %s was not shown", job.id, exc_info=True)
        finally:
            del self._locks[job.id]
