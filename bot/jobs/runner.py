"""One job at the service: sent, told about, and if its answer got lost, looked up."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import aclosing, contextmanager, suppress
from dataclasses import replace
from functools import partial

from bot.jobs.model import Job, JobId, Order, Progress, State
from bot.jobs.records import Records
from bot.jobs.watcher import Watcher
from bot.midjourney import Answer, ApiError, MidjourneyClient, NotSent, Unclear
from bot.pace import Pace
from bot.prompts import expired_attachment

log = logging.getLogger(__name__)


class Cancelled(Exception):
    """Someone cancelled the job before it was sent."""


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
        self.watcher = Watcher(api, records, pace)
        self._pace = pace
        self._records = records
        self._api = api
        self._show = show
        self._discord_now = discord_now
        self._sending: set[JobId] = set()
        self._all_known = asyncio.Event()

    async def submit(self, job_id: JobId) -> Answer:
        """Send a queued job; its answer. Raises Cancelled, or the ApiError that it ended with."""
        job = await self._note_submission(job_id)
        try:
            if (now := self._discord_now()) and _attachment_is_dead(job.order, now):
                # If we crash after this line, recovery must not treat the job as maybe submitted.
                await self._records.queries.unsent(job_id)
                raise NotSent("expired_attachment")
            log.info("Job %s was submitted", job_id)
            return await (self._start_task(job) if job.order.kind.endpoint.has_task else self._ask(job))
        finally:
            self._known(job_id)

    async def follow(self, job: Job) -> Answer:
        """Find out what became of a job that was sent: by its task, or by looking for one. Raises an ApiError."""
        self._known(job.id)
        if not job.order.kind.endpoint.has_task:
            raise Unclear("unclear")
        self._show(job, Progress(note="asking" if job.task_id else "checking"))
        task_id = job.task_id or await self._look_for_task(job)
        job = replace(job, task_id=task_id, state=State.RUNNING)
        return await self.watcher.result(task_id, job.order.kind.endpoint.answer, partial(self._progress, job))

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
        """Wait for what is being sent to learn its task, at most so many seconds."""
        if self._sending:
            self._all_known.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(within):
                    await self._all_known.wait()

    async def _ask(self, job: Job) -> Answer:
        """What has no task can't be looked up: an unclear end is told as such, never repeated."""
        try:
            with self._patience(job) as end_patience:
                pause = partial(self._pause, job, end_patience)
                answer: Answer = await self._api.ask(job.order.kind.endpoint, job.order.request, pause=pause)
                return answer
        except Unclear as error:
            raise Unclear("unclear", error.message, trace_id=error.trace_id) from error

    async def _start_task(self, job: Job) -> Answer:
        try:
            with self._patience(job) as end_patience:
                pause = partial(self._pause, job, end_patience)
                stream = self._api.stream(job.order.kind.endpoint, job.order.request, pause=pause)
                async with aclosing(stream):
                    step: Answer
                    async for step in stream:
                        end_patience()
                        job = await self._hold(job, step.task_id)
                        if step.complete:
                            return step
                        self._progress(job, step)
        except Unclear as error:
            log.warning("Job %s lost its stream: %s (trace %s)", job.id, error.code, error.trace_id)
            with suppress(Unclear):
                job = await self._hold(job, error.task_id)
        return await self.follow(job)

    async def _hold(self, job: Job, task_id: str | None) -> Job:
        """Note the task as soon as it is known; raises Unclear if another job holds it."""
        if job.task_id or not task_id:
            return job
        if not await self._records.queries.running(job.id, task_id):
            raise Unclear("unclear", "The task belongs to another job.")
        self._known(job.id)
        return replace(job, state=State.RUNNING, task_id=task_id)

    async def _note_submission(self, job_id: JobId) -> Job:
        self._sending.add(job_id)
        try:
            job = await self._records.submitting(job_id, self._api.now())
            if job is None:
                raise Cancelled
        except BaseException:
            self._known(job_id)  # nothing will be sent
            raise
        return job

    async def _pause(self, job: Job, end_patience: Callable[[], None], _error: ApiError, seconds: float) -> None:
        """The service certainly did not take it: until the next try it waits as a queued job does."""
        end_patience()
        await self._records.queries.unsent(job.id)
        self._known(job.id)
        self._show(job, Progress(note="busy"))
        await asyncio.sleep(seconds)
        await self._note_submission(job.id)

    @contextmanager
    def _patience(self, job: Job) -> Iterator[Callable[[], None]]:
        """Tell of a service that stays silent, until the given function is called."""
        call_later = asyncio.get_running_loop().call_later
        timers = [
            call_later(self._pace.started_after, self._show, job, Progress()),
            call_later(self._pace.slow_after, self._show, job, Progress(note="slow")),
        ]

        def end() -> None:
            for timer in timers:
                timer.cancel()

        try:
            yield end
        finally:
            end()

    def _known(self, job_id: JobId) -> None:
        self._sending.discard(job_id)
        if not self._sending:
            self._all_known.set()

    def _progress(self, job: Job, step: Answer) -> None:
        self._show(job, Progress(percent=step.progress, preview_url=step.preview_url))


def _attachment_is_dead(order: Order, now: float) -> bool:
    """Whether any of the links in a body is a signed attachment that is dead by now."""
    return any(expired_attachment(value, now) for value in order.request.body().values() if isinstance(value, str))
