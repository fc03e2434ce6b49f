"""Asks `/tasks` for the truth: how far tasks are, and which tasks doubtful requests have made."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.clock import uptime
from bot.jobs.account import Account
from bot.jobs.model import Job
from bot.jobs.seeker import Seeker
from bot.jobs.usual import Usual
from bot.midjourney import Answer, ApiError, MidjourneyClient, TaskPage, TaskRecord, Unclear
from bot.pace import Pace

log = logging.getLogger(__name__)

BATCH = 50  # ids that one question names: more are not promised to be answered
NEAR, FAR = 0.5, 3.0  # of the usual time: between them the end may come at any moment

OnProgress = Callable[[Answer], None]


@dataclass(eq=False, slots=True)
class _Pending:
    """A known task whose end someone waits for; its answer is read as `model`.

    `answered_since` is when the service first answered a look-up for it, `unlisted_since` when first without it. It `teaches`
    whose tasks are ours if it was sent with the token of today.
    """

    future: asyncio.Future[Answer]
    model: type[Answer]
    on_progress: OnProgress
    started: float
    usual: float
    teaches: bool = False
    asked: float = field(default_factory=uptime)
    answered_since: float | None = None
    unlisted_since: float | None = None


class Watcher:
    """One loop that asks for everybody, below one request a second; `silent` while the service does not answer."""

    def __init__(self, api: MidjourneyClient, seeker: Seeker, account: Account, usual: Usual, pace: Pace) -> None:
        self._api = api
        self.seeker = seeker
        self._account = account
        self._usual = usual
        self._pace = pace
        self.silent = False
        self._pending: dict[str, _Pending] = {}
        self._named: str | None = None
        self._work = asyncio.Event()

    async def result(self, job: Job, on_progress: OnProgress) -> Answer:
        """Wait for the end of a job's task; what it made.

        `on_progress` gets each step that a record tells. Raises the ApiError that the task ended with, or Unclear if it is
        unknown or never ends.
        """
        task_id, future = job.task_id or "", asyncio.get_running_loop().create_future()
        started = uptime() - max(0.0, self._api.now() - (job.sent_at or self._api.now()))
        model, usual = job.order.kind.endpoint.answer, self._usual.of(job.order)
        pending = self._pending[task_id] = _Pending(future, model, on_progress, started, usual)
        pending.teaches = job.sent_with == self._api.token_digest
        self._work.set()
        try:
            async with asyncio.timeout(self._pace.never_answered_for):
                answer = await pending.future
        except TimeoutError:
            raise Unclear("unfinished", "The task did not end.", task_id=task_id) from None
        finally:
            if self._pending.get(task_id) is pending:
                del self._pending[task_id]
        self._usual.note(job.order, uptime() - started)
        return answer

    def ended(self, task_id: str, answer: Answer) -> None:
        """A task's end was told in another way than by `/tasks`."""
        if (pending := self._pending.get(task_id)) and not pending.future.done():
            pending.future.set_result(answer)

    async def meet(self, task_id: str) -> None:
        """A task of ours that nobody has asked for: while the account is not known, its record tells whose it is."""
        if await self._account.user_id() is None:
            self._named = task_id
            self._work.set()

    async def task_of(self, job: Job) -> str:
        """See `Seeker.task_of`."""
        self._work.set()
        return await self.seeker.task_of(job)

    def seek_late(self, job: Job) -> None:
        """See `Seeker.seek_late`."""
        self.seeker.seek_late(job)
        self._work.set()

    async def run(self) -> None:
        """Ask for as long as there is something to ask; runs until cancelled."""
        while True:
            while self._pending or self._named or self.seeker.has_work:
                self.silent = self.silent and bool(self._pending or self.seeker.is_busy)
                asked = await self._attempt(self._poll) | await self._attempt(self._seek)
                if not asked:
                    await self._rest()
            self.silent = False
            await self._work.wait()
            self._work.clear()

    async def _attempt(self, ask: Callable[[], Any]) -> bool:
        """Whether the service was asked; whatever goes wrong, the others must get their answers."""
        try:
            return bool(await ask())
        except ApiError as error:
            log.warning("Looking up tasks failed: %s (trace %s)", error.code, error.trace_id)
        except Exception:
            log.exception("Looking up tasks broke")
        await self._rest()
        return True

    async def _rest(self) -> None:
        """Until the next task is due, or until there is another one."""
        self._work.clear()
        try:
            async with asyncio.timeout(self._pace.poll_due / 2):
                await self._work.wait()
        except TimeoutError:
            return

    async def _ask(self, **query: Any) -> TaskPage:
        try:
            found = await self._api.tasks(**query)
        except ApiError:
            self.silent = True
            raise
        self.silent = False
        return found

    async def _seek(self) -> bool:
        return await self.seeker.look(self._ask, may_learn=bool(self._pending))

    async def _poll(self) -> bool:
        """Ask for the tasks that have waited longest for it, by their own measure; whether any is due."""
        now = uptime()
        waited = {
            task_id: (now - each.asked) / self._every(each, now)
            for task_id, each in self._pending.items()
            if not each.future.done()
        }
        asked = sorted(waited, key=waited.__getitem__, reverse=True)[:BATCH]
        named = self._named
        if named:
            asked = [named, *asked[: BATCH - 1]]
        elif not asked or waited[asked[0]] < 1:
            return False
        for task_id in waited.keys() & set(asked):
            self._pending[task_id].asked = now
        teaching = {task_id for task_id, each in self._pending.items() if each.teaches}
        listed = {record.id: record for record in (await self._ask(ids=asked)).items}
        for task_id in asked:
            if (pending := self._pending.get(task_id)) and not pending.future.done():
                self._settle(pending, listed.get(task_id))
        if self._named == named:
            self._named = None
        # Of the tasks that are asked for, only those of our present token tell whose it is.
        ours = [record for task_id, record in listed.items() if task_id == named or task_id in teaching]
        if ours:
            await self._account.learn(ours[0])
        return True

    def _every(self, pending: _Pending, now: float) -> float:
        """Seconds between two questions about a task."""
        share = (now - pending.started) / max(pending.usual, 0.001)
        return self._pace.poll_due if NEAR <= share < FAR else self._pace.poll_idle

    def _settle(self, pending: _Pending, record: TaskRecord | None) -> None:
        now = uptime()
        pending.answered_since = pending.answered_since or now
        if record is None:
            pending.unlisted_since = pending.unlisted_since or now
            if now - pending.unlisted_since >= self._pace.unlisted_for:
                pending.future.set_exception(Unclear("unfinished", "The service does not list the task."))
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
