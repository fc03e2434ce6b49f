"""Jobs of which nobody knows whether their card is there: asked until it is known, and else told of by another way."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from typing import Protocol

from bot.background import Background
from bot.jobs.model import Failure, Job, JobId, Progress
from bot.jobs.ports import AnsweredByAnother, Cards, Posted, Unknowable
from bot.jobs.records import Records
from bot.pace import Pace

log = logging.getLogger(__name__)


class Queue(Protocol):
    """What becomes of a job once it is known."""

    def outlook(self, job: Job) -> Progress:
        """What its first card says."""

    async def answered(self, job: Job, posted: Posted) -> None:
        """Its card is there: it may run."""

    async def abandon(self, job_id: JobId) -> None:
        """It has none: it never runs."""

    async def fail(self, job_id: JobId, failure: Failure) -> None:
        """It never runs, and its person must be told so."""


class Unanswered:
    """Finds out, in the background; knows who could not be told yet."""

    def __init__(self, records: Records, cards: Cards, tasks: Background, queue: Queue, pace: Pace) -> None:
        self._records = records
        self._cards = cards
        self._tasks = tasks
        self._queue = queue
        self._pace = pace
        self._untold: defaultdict[int, set[JobId]] = defaultdict(set)

    def find(self, job: Job) -> None:
        """Find out whether this job's card is there, however long it takes."""
        self._tasks.spawn(f"find answer {job.id}", self._find(job))

    async def open(self, job: Job) -> None:
        """Open the first card of a job that no interaction asked for."""
        try:
            await self._open(job)
        except Exception:
            log.warning("Whether the card of job %s was opened is not known", job.id, exc_info=True)
            self.find(job)

    async def _open(self, job: Job) -> None:
        if posted := await self._cards.open(job, self._queue.outlook(job)):
            await self._queue.answered(job, posted)
        else:
            await self._queue.abandon(job.id)

    async def _find(self, job: Job) -> None:
        while True:
            try:
                return await self._ask(job)
            except Exception:
                log.warning("Whether job %s has a card is not known yet", job.id, exc_info=True)
                await asyncio.sleep(self._pace.ask_again)

    async def _ask(self, job: Job) -> None:
        try:
            posted = await self._cards.find(job)
        except AnsweredByAnother:
            posted = None
        except Unknowable:
            # It never runs; its person is told so by the first way there is.
            self.tell_later(job)
            await self._queue.fail(job.id, Failure("unanswered"))
            return
        if posted:
            await self._queue.answered(job, posted)
        elif job.place.token is None:
            await self._open(job)
        else:
            await self._queue.abandon(job.id)

    def tell_later(self, job: Job) -> None:
        """Its person must hear of it, at their next command if no other way is there before."""
        self._untold[job.order.user_id].add(job.id)

    async def untold(self, user_id: int) -> list[Job]:
        """A person's jobs that never ran, and that they could not be told of yet."""
        jobs = [await self._records.job(job_id) for job_id in self._untold.pop(user_id, ())]
        untold = [job for job in jobs if not job.delivered_at]
        if untold:
            self._untold[user_id] = {job.id for job in untold}
        return untold

    async def told(self, job: Job) -> None:
        """A person has heard of such a job."""
        await self._records.queries.close(job.id, time.time(), state=job.state, delivered=True)
        self._untold[job.order.user_id].discard(job.id)
