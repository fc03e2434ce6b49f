"""Ends on their way to their cards: each is tried until it is shown, or certain never to be."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from dataclasses import replace

from bot.background import Background
from bot.clock import uptime
from bot.jobs.model import Job, JobId, State
from bot.jobs.ports import Cards, Outcome
from bot.jobs.records import Records
from bot.jobs.spool import Spool
from bot.pace import Pace

log = logging.getLogger(__name__)


class Deliveries:
    """One deliverer at a time for each job; whoever asks again meanwhile hurries that one."""

    def __init__(self, records: Records, cards: Cards, spool: Spool, pace: Pace) -> None:
        self._records = records
        self._cards = cards
        self._spool = spool
        self._pace = pace
        self._hurry: dict[JobId, asyncio.Event] = {}
        self._tasks = Background()

    def soon(self, job_id: JobId, job: Job | None = None) -> None:
        """Deliver in the background; a delivery that pauses between two tries goes on at once.

        `job` is the row if it was just read; it is read anew for every later try, and if a press came meanwhile.
        """
        if hurry := self._hurry.get(job_id):
            hurry.set()
            return
        self._hurry[job_id] = asyncio.Event()
        self._tasks.spawn(f"deliver {job_id}", self._deliver(job_id, job))

    async def close(self) -> None:
        """Stop; what is not delivered is taken up at the next start."""
        await self._tasks.close()

    async def _deliver(self, job_id: JobId, job: Job | None) -> None:
        hurry = self._hurry[job_id]
        began, pauses = uptime(), self._pace.deliver_again
        attempt = 0
        try:
            while True:
                known = None if attempt or hurry.is_set() else job
                hurry.clear()
                done = await self._try(job_id, known, first=attempt == 0, last=uptime() - began > self._pace.deliver_for)
                if done and not hurry.is_set():  # set: a press came while the try found no way
                    return
                with suppress(TimeoutError):
                    async with asyncio.timeout(pauses[min(attempt, len(pauses) - 1)]):
                        await hurry.wait()
                attempt += 1
        finally:
            del self._hurry[job_id]

    async def _try(self, job_id: JobId, known: Job | None, *, first: bool, last: bool) -> bool:
        """One try; True when nothing is left to do before the next press."""
        try:
            job = known or await self._records.job(job_id)
            if job.delivered_at or job.is_open:  # its task turned up after all: there will be another end
                return True
            if job.let_go_at:
                await self._close(job, Outcome.UNDELIVERABLE)
                return True
            try:
                outcome = await self._cards.deliver(job)
            except Exception as error:
                log.warning("Job %s could not be delivered yet: %r", job_id, error, exc_info=log.isEnabledFor(logging.DEBUG))
                if last:
                    await self._excuse(replace(job, state=State.UNDELIVERABLE))
                    await self._close(job, Outcome.UNDELIVERABLE)
                elif first:
                    await self._excuse(job)
                return last
            if outcome is Outcome.KEPT_OUT:
                if not last:
                    return False
                outcome = Outcome.UNDELIVERABLE
            if outcome is not Outcome.WAITING:
                await self._close(job, outcome)
        except Exception:  # the store's, mostly: it may be there again at the next try
            log.exception("Job %s stumbled on its way to its card", job_id)
            return last
        return True

    async def _close(self, job: Job, outcome: Outcome) -> None:
        """Commit first, forget then: a crash between the two delivers the same picture again."""
        log.info("Job %s: %s", job.id, outcome.name.lower())
        delivered = outcome is Outcome.DELIVERED
        if await self._records.queries.close(job.id, time.time(), state=job.state, delivered=delivered):
            await self._spool.forget(job.id)

    async def _excuse(self, job: Job) -> None:
        try:
            await self._cards.delayed(job)
        except Exception:
            log.warning("The card of job %s could not be told of its delay", job.id, exc_info=True)
