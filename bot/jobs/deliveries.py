"""Ends on their way to their cards: each is tried until it is shown, or certain never to be."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from dataclasses import replace

from bot.errors import Gone
from bot.jobs.model import Job, JobId, State
from bot.jobs.ports import Cards, Outcome
from bot.jobs.records import Records
from bot.jobs.tasks import Tasks

log = logging.getLogger(__name__)

AT_ONCE = 8  # each streams from disk
PAUSES = (2.0, 5.0, 15.0, 60.0, 300.0, 900.0)  # seconds between tries
GIVE_UP = 86400.0  # seconds after the end of a job; what failed for a day won't come right by itself


class Deliveries:
    """One deliverer at a time for each job; whoever asks again meanwhile hurries that one."""

    def __init__(self, records: Records, cards: Cards) -> None:
        self._records = records
        self._cards = cards
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._hurry: dict[JobId, asyncio.Event] = {}
        self._tasks = Tasks()

    def soon(self, job_id: JobId) -> None:
        """Deliver in the background; a delivery that pauses between two tries goes on at once."""
        if hurry := self._hurry.get(job_id):
            hurry.set()
            return
        self._hurry[job_id] = asyncio.Event()
        self._tasks.spawn(f"deliver {job_id}", self._deliver(job_id))

    async def close(self) -> None:
        """Stop; what is not delivered is taken up at the next start."""
        await self._tasks.close()

    async def _deliver(self, job_id: JobId) -> None:
        hurry = self._hurry[job_id]
        attempt = 0
        try:
            while True:
                hurry.clear()
                job = await self._records.job(job_id)
                done = await self._try(job)
                if done and not hurry.is_set():  # set: a press came while the try found no way
                    return
                if not done and attempt == 0:
                    await self._excuse(job)
                with suppress(TimeoutError):
                    async with asyncio.timeout(PAUSES[min(attempt, len(PAUSES) - 1)]):
                        await hurry.wait()
                attempt += 1
        except Gone:
            log.warning("Job %s is gone", job_id)
        finally:
            del self._hurry[job_id]

    async def _try(self, job: Job) -> bool:
        """One try; True when nothing is left to do before the next press."""
        if job.delivered_at:
            return True
        now = time.time()
        if job.let_go_at:
            await self._records.queries.close(job.id, now, delivered=False)
            return True
        try:
            async with self._slots:
                outcome = await self._cards.deliver(job)
        except Exception as error:
            log.warning("Job %s could not be delivered yet: %r", job.id, error, exc_info=log.isEnabledFor(logging.DEBUG))
            if now - (job.finished_at or now) < GIVE_UP:
                return False
            outcome = Outcome.UNDELIVERABLE
            await self._excuse(replace(job, state=State.UNDELIVERABLE))
        if outcome is not Outcome.WAITING:
            await self._records.queries.close(job.id, time.time(), delivered=outcome is Outcome.DELIVERED)
        log.info("Job %s: %s", job.id, outcome.name.lower())
        return True

    async def _excuse(self, job: Job) -> None:
        try:
            await self._cards.delayed(job)
        except Exception:
            log.warning("The card of job %s could not be told of its delay", job.id, exc_info=True)
