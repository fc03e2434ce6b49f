"""Progress edits at a pace Discord allows: the latest state of each card, and the end never behind them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from bot.background import Background
from bot.clock import uptime
from bot.jobs.model import Job, JobId, Progress
from bot.pace import Pace

log = logging.getLogger(__name__)

BURST = 5  # edits that may come at once after a quiet time

Edit = Callable[[Job, Progress], Awaitable[None]]


class _Budget:
    """The edits a channel has left for progress: Discord counts ends too, so they spend as well, but never wait."""

    def __init__(self, every: float) -> None:
        self._every = every
        self._left = float(BURST)
        self._counted_at = uptime()

    def spend(self) -> None:
        """An edit is made; more than a whole burst is never owed, or progress would stand still for long."""
        self._left = max(self._count() - 1, -float(BURST))

    def wait(self) -> float:
        """Seconds until there is one left."""
        return max(0.0, 1 - self._count()) * self._every

    def _count(self) -> float:
        now = uptime()
        self._left = min(float(BURST), self._left + (now - self._counted_at) / self._every)
        self._counted_at = now
        return self._left


class _Channel:
    """What waits to be shown in a channel, and how much may be."""

    def __init__(self, every: float) -> None:
        self.every = every
        self.latest: dict[JobId, tuple[Job, Progress]] = {}
        self.edited: dict[JobId, float] = {}
        self.news = asyncio.Event()
        self.budget = _Budget(every)

    async def has_news(self) -> bool:
        """Wait for something to show; False if nothing came for as long as the whole budget takes to come back."""
        try:
            while not self.latest:
                self.news.clear()
                async with asyncio.timeout(self.every * 2 * BURST):
                    await self.news.wait()
        except TimeoutError:
            return bool(self.latest)  # in the very moment in which the waiting ended
        return True


class Pacer:
    """One worker a channel that takes the card which has waited longest."""

    def __init__(self, edit: Edit, pace: Pace) -> None:
        self._edit = edit
        self._pace = pace
        self._channels: dict[int, _Channel] = {}
        self._locks: dict[JobId, asyncio.Lock] = {}
        self._tasks = Background()

    def show(self, job: Job, progress: Progress) -> None:
        """Remember the newest state of a card; it is shown when its turn comes."""
        channel_id = job.place.channel_id
        channel = self._channels.get(channel_id)
        if channel is None:
            channel = self._channels[channel_id] = _Channel(self._pace.channel_every)
            self._tasks.spawn(f"progress in {channel_id}", self._work(channel_id, channel))
        channel.latest[job.id] = (job, progress)
        channel.news.set()

    async def end(self, job_id: JobId, channel_id: int) -> bool:
        """Drop what waits for a card, which its caller edits next, and wait for the edit under way; whether there was one."""
        if channel := self._channels.get(channel_id):
            channel.latest.pop(job_id, None)
            channel.edited.pop(job_id, None)
            channel.budget.spend()
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
                if (wait := channel.edited.get(job_id, 0) + self._pace.card_every - uptime()) > 0:
                    await asyncio.sleep(wait)
                while (wait := channel.budget.wait()) > 0:  # noqa: ASYNC110  # longer with every end that comes meanwhile
                    await asyncio.sleep(wait)
                if entry := channel.latest.pop(job_id, None):
                    channel.edited[job_id] = uptime()
                    channel.budget.spend()
                    await self._show_now(*entry)
        finally:
            del self._channels[channel_id]

    async def _show_now(self, job: Job, progress: Progress) -> None:
        lock = self._locks[job.id] = asyncio.Lock()
        try:
            async with lock, asyncio.timeout(self._pace.progress_timeout):
                await self._edit(job, progress)
        except Exception:  # the next one may get through, and the end is delivered on its own
            log.debug("Progress of job %s was not shown", job.id, exc_info=True)
        finally:
            del self._locks[job.id]
