"""One job at the service: sent, told about, and if its answer got lost, looked up."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import aclosing, contextmanager, suppress
from dataclasses import replace
from functools import partial

from bot.errors import StoreUnavailable
from bot.jobs.account import Account
from bot.jobs.insisting import T, insist
from bot.jobs.model import Job, JobId, Order, Progress, State
from bot.jobs.records import Records
from bot.jobs.seeker import Seeker
from bot.jobs.usual import Usual
from bot.jobs.watcher import Watcher
from bot.midjourney import Answer, ApiError, Busy, MidjourneyClient, NotSent, Unclear
from bot.pace import Pace
from bot.prompts import expired_attachment

log = logging.getLogger(__name__)


class Cancelled(Exception):
    """Nothing was sent: someone cancelled the job, or the bot stops."""


class Runner:
    """Does the work of jobs; `show` takes their progress, `discord_now` tells the time by Discord's clock, if it is known."""

    def __init__(
        self,
        records: Records,
        api: MidjourneyClient,
        show: Callable[[Job, Progress], None],
        discord_now: Callable[[], float | None],
        pace: Pace,
    ) -> None:
        account = Account(records.queries, api.token_digest)
        self._usual = Usual()
        self.watcher = Watcher(api, Seeker(api, records, account, pace), account, self._usual, pace)
        self._pace = pace
        self._records = records
        self._api = api
        self._show = show
        self._discord_now = discord_now
        self._sending: set[JobId] = set()
        self._all_known = asyncio.Event()
        self._closing = False

    async def submit(self, job_id: JobId) -> Answer:
        """Send a queued job; its answer.

        Raises Cancelled, Busy (it is a queued job again), or the ApiError that it ended with.
        """
        job = await self._note_submission(job_id)
        try:
            if (now := self._discord_now()) and _attachment_is_dead(job.order, now):
                # If we crash after this line, recovery must not treat the job as maybe submitted.
                await self._records.queries.unsent(job_id)
                raise NotSent("expired_attachment")
            log.info("Job %s was submitted", job_id)
            return await (self._start_task(job) if job.order.kind.endpoint.is_submitted else self._ask(job))
        except Busy:
            await self._insist(job_id, lambda: self._records.queries.unsent(job_id))
            raise
        finally:
            self._known(job_id)

    async def unclear_jobs(self) -> list[Job]:
        """The jobs that were given up lately, and whose tasks may still turn up."""
        return await self._records.unclear_jobs(self._api.now() - self._pace.seek_late_for)

    async def seek_late(self, job_id: JobId) -> None:
        """A job was given up, though it may be billed: look for its task for a while."""
        try:
            job = await self._records.job(job_id)
        except StoreUnavailable as error:
            log.warning("The task of job %s is sought from the next start on: %s", job_id, error)
            return
        if job.order.kind.endpoint.has_task:
            self.watcher.seek_late(job)

    async def follow(self, job: Job) -> Answer:
        """Find out what became of a job that was sent: by its task, or by looking for one. Raises an ApiError."""
        self._known(job.id)
        if not job.order.kind.endpoint.has_task:
            raise Unclear("unclear")
        self._show(job, Progress(note="asking" if job.task_id else "checking"))
        task_id = job.task_id or await self._look_for_task(job)
        return await self._watch(replace(job, task_id=task_id, state=State.RUNNING))

    async def _watch(self, job: Job, steps: AsyncGenerator[Answer, None] | None = None) -> Answer:
        """Wait for the end of a task that is known, and show how far it is; its submission's answer may tell more `steps`."""
        ago, now = self._api.now() - (job.sent_at or self._api.now()), self._discord_now()
        taken = Progress(since=now and now - max(0.0, ago), usual=self._usual.of(job.order))
        timer = asyncio.get_running_loop().call_later(self._pace.started_after, self._show, job, taken)
        shown = Progress()

        def tell(step: Answer) -> None:
            nonlocal shown
            progress = Progress(percent=step.progress, preview_url=step.preview_url)
            if progress != shown:
                timer.cancel()
                shown = progress
                self._show(job, progress)

        reading = asyncio.create_task(self._read_on(job, steps, tell), name=f"steps of {job.id}") if steps else None
        try:
            return await self.watcher.result(job, tell)
        finally:
            timer.cancel()
            if reading:
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)

    async def _read_on(self, job: Job, steps: AsyncGenerator[Answer, None], tell: Callable[[Answer], None]) -> None:
        """Take the rest of an answer for progress; to lose it costs nothing, since the task is asked for all the same."""
        try:
            async for step in steps:
                if step.complete:
                    await self.watcher.meet(job.task_id or "")
                    self.watcher.ended(job.task_id or "", step)
                    return
                tell(step)
        except ApiError as error:
            log.debug("The answer to job %s ended early: %s", job.id, error)
        except Exception:
            log.exception("The answer to job %s broke", job.id)

    async def _look_for_task(self, job: Job) -> str:
        """The task of a doubtful job; if nobody answers that, its card soon offers another try."""

        call_later = asyncio.get_running_loop().call_later
        timer: asyncio.TimerHandle

        def tell() -> None:
            nonlocal timer
            if self.watcher.silent:
                self._show(job, Progress(note="silent"))
            else:
                timer = call_later(self._pace.silent_again, tell)

        timer = call_later(self._pace.silent_after, tell)
        try:
            return await self.watcher.task_of(job)
        finally:
            timer.cancel()

    async def settle(self, within: float) -> None:
        """Send nothing new, and wait for what is being sent to learn its task, at most so many seconds."""
        self._closing = True
        if self._sending:
            self._all_known.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(within):
                    await self._all_known.wait()

    async def _ask(self, job: Job) -> Answer:
        """Words are what the request itself is answered with; of what is doubtful then, a task may tell, if there is one."""
        try:
            with self._patience(job, long_after=self._pace.long_after) as end_patience:
                pause = partial(self._pause, job, end_patience)
                answer: Answer = await self._api.ask(job.order.kind.endpoint, job.order.request, pause=pause)
                return answer
        except Unclear as error:
            if job.order.kind.endpoint.has_task:
                log.warning("Job %s got no answer: %s (trace %s)", job.id, error.code, error.trace_id)
                return await self.follow(job)
            raise Unclear("unclear", error.message, trace_id=error.trace_id) from error

    async def _start_task(self, job: Job) -> Answer:
        """Submit; the first thing that is told names the task, and what else is told is read beside the asking."""
        endpoint = job.order.kind.endpoint
        with self._patience(job) as end_patience:
            pause = partial(self._pause, job, end_patience)
            async with aclosing(self._api.submit(endpoint, job.order.request, pause=pause)) as steps:
                step: Answer | None = None
                try:
                    step = await anext(steps, None)
                    end_patience()
                    job = await self._hold(job, step.task_id if step else None)
                except Unclear as error:
                    end_patience()
                    log.warning("Job %s lost its answer: %s (trace %s)", job.id, error.code, error.trace_id)
                    with suppress(Unclear):
                        job = await self._hold(job, error.task_id)
                if step and step.complete:
                    await self.watcher.meet(job.task_id or "")
                    return step
                if job.task_id:
                    return await self._watch(job, steps)
        return await self.follow(job)

    async def _hold(self, job: Job, task_id: str | None) -> Job:
        """Note the task as soon as it is known; raises Unclear if another job holds it."""
        if job.task_id or not task_id:
            return job
        if not await self._insist(job.id, lambda: self._records.queries.running(job.id, task_id)):
            raise Unclear("unclear", "The task belongs to another job.")
        self._known(job.id)
        return replace(job, state=State.RUNNING, task_id=task_id)

    async def _note_submission(self, job_id: JobId) -> Job:
        """Commit that it is about to be sent, once no other with the very same words is; raises Cancelled."""
        told = False
        while True:
            if self._closing:
                raise Cancelled  # the row waits for the next start
            self._sending.add(job_id)
            try:
                now, key = self._api.now(), self._api.token_digest
                if job := await self._records.submitting(job_id, now, twin_within=self._pace.twin_within, sent_with=key):
                    return job
                job = await self._records.job(job_id)
                if job.state is not State.QUEUED:
                    raise Cancelled
            except BaseException:
                self._known(job_id)  # nothing will be sent
                raise
            self._known(job_id)
            if not told:
                told = True
                self._show(job, Progress(note="twin"))
            await asyncio.sleep(self._pace.twin_again)

    async def _pause(self, job: Job, end_patience: Callable[[], None], _error: ApiError, seconds: float) -> None:
        """The service certainly did not take it: until the next try it waits as a queued job does."""
        end_patience()
        await self._insist(job.id, lambda: self._records.queries.unsent(job.id))
        self._known(job.id)
        self._show(job, Progress(note="away"))
        await asyncio.sleep(seconds)
        await self._note_submission(job.id)

    @contextmanager
    def _patience(self, job: Job, long_after: float | None = None) -> Iterator[Callable[[], None]]:
        """Tell of a service that stays silent, until the given function is called."""
        call_later = asyncio.get_running_loop().call_later
        timers = [
            call_later(self._pace.started_after, self._show, job, Progress()),
            call_later(self._pace.slow_after, self._show, job, Progress(note="slow")),
        ]
        if long_after is not None:
            timers.append(call_later(long_after, self._show, job, Progress(note="long")))

        def end() -> None:
            for timer in timers:
                timer.cancel()

        try:
            yield end
        finally:
            end()

    async def _insist(self, job_id: JobId, write: Callable[[], Awaitable[T]]) -> T:
        return await insist(job_id, write, again=self._pace.ask_again)

    def _known(self, job_id: JobId) -> None:
        self._sending.discard(job_id)
        if not self._sending:
            self._all_known.set()


def _attachment_is_dead(order: Order, now: float) -> bool:
    """Whether any of the links in a body is a signed attachment that is dead by now."""
    return any(expired_attachment(value, now) for value in order.request.body().values() if isinstance(value, str))
