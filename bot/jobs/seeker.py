"""Searches for the tasks of doubtful jobs: those that may have been accepted though no answer told so."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from bot.clock import uptime
from bot.jobs.account import Account
from bot.jobs.likeness import is_made_of, words_of
from bot.jobs.model import Job, JobId
from bot.jobs.records import Records
from bot.midjourney import Answer, MidjourneyClient, TaskPage, TaskRecord, Unclear
from bot.pace import Pace

log = logging.getLogger(__name__)

PAGE = 50
BEFORE = 15.0  # seconds before a job was sent in which its task may have been created: clocks differ
AFTER = 120.0  # and after its answer was waited for: a queue in front of the service

FoundLate = Callable[[Job], None]


@dataclass(eq=False, slots=True)
class _Sought:
    """A job that may have a task; without a `future` nobody waits any more, but it may still turn up.

    `looked_since` is when a search for it was first complete, `found` are the tasks of the search under way that may be its,
    `free` those of the last one that no other job held.
    """

    job: Job
    words: str
    future: asyncio.Future[str] | None
    began: float = field(default_factory=uptime)
    looked_since: float | None = None
    found: list[str] = field(default_factory=list)
    free: frozenset[str] = frozenset()


class Seeker:
    """Walks through the account's own tasks, a page at a call of `look`, for all doubtful jobs at once."""

    def __init__(self, api: MidjourneyClient, records: Records, account: Account, pace: Pace) -> None:
        self._api = api
        self._records = records
        self._account = account
        self._pace = pace
        self._doubtful: dict[JobId, _Sought] = {}
        self._late: dict[JobId, _Sought] = {}
        self._known: dict[str, Job] = {}
        self._walk: list[_Sought] = []
        self._offset = 0
        self._next_walk = self._next_late_walk = 0.0
        self._found_late: FoundLate = lambda _job: None

    def take_up(self, given_up: Sequence[Job], found_late: FoundLate) -> None:
        """Seek the tasks of jobs that were given up lately, too; `found_late` is told which of them goes on."""
        self._found_late = found_late
        for job in given_up:
            self.seek_late(job)

    def seek_late(self, job: Job) -> None:
        """A job was given up: its task may turn up, or if that is known, end all the same."""
        if job.task_id:
            self._known[job.task_id] = job
        else:
            self._late[job.id] = _Sought(job, words_of(job.order) or "", None)

    @property
    def is_busy(self) -> bool:
        """Whether somebody waits for a task to be found."""
        return bool(self._doubtful)

    @property
    def has_work(self) -> bool:
        """Whether there is anything to seek, now or later."""
        return bool(self._doubtful or self._late or self._known)

    async def task_of(self, job: Job) -> str:
        """Find the task that a doubtful request created, and hold it; raises Unclear if none is certain to be its."""
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._doubtful[job.id] = _Sought(job, words_of(job.order) or "", future)
        self._next_walk = 0.0
        try:
            async with asyncio.timeout(self._pace.unanswered_for):
                return await future
        except (TimeoutError, Unclear):
            # It may have been found in the very moment in which the waiting ended.
            if task_id := (await self._records.job(job.id)).task_id:
                return task_id
            raise Unclear("unclear", "No task was found.") from None
        finally:
            self._doubtful.pop(job.id, None)

    async def look(self, ask: Callable[..., Awaitable[TaskPage]], *, may_learn: bool) -> bool:
        """Read the next page, if it is time; whether the service was asked. `ask` is `MidjourneyClient.tasks`.

        `may_learn` tells whether the account, while it is unknown, may soon become known.
        """
        self._forget_old()
        if self._offset == 0 and uptime() < self._next_walk:
            return False
        late = uptime() >= self._next_late_walk
        if late and self._known and self._offset == 0:
            await self._ask_known(ask)
        sought = [*self._doubtful.values(), *(self._late.values() if late else ())]
        user_id = await self._account.user_id()
        if user_id is None or not sought:
            self._end_walk()
            self._give_up([each for each in sought if not may_learn or uptime() - each.began >= self._pace.accepted_within])
            return False
        if self._offset == 0:
            self._walk = sought
            for each in sought:
                each.found.clear()
        since = min(self._sent(each.job) for each in self._walk) - BEFORE
        page = await ask(user_id=user_id, created_at_min=since, offset=self._offset, limit=PAGE)
        self._sort(page.items)
        self._offset += len(page.items)
        older = any(record.created_at is not None and record.created_at < since for record in page.items)
        if not page.items or older or (page.count is not None and self._offset >= page.count):
            walk = self._walk
            self._end_walk()
            await self._decide(walk)
        return True

    def _end_walk(self) -> None:
        now, self._offset, self._walk = uptime(), 0, []
        if now >= self._next_late_walk:
            # An hour's tasks are many: who is waited for must not wait behind them each time.
            self._next_late_walk = now + self._pace.seek_late_every
        self._next_walk = now + self._pace.seek_every if self._doubtful else self._next_late_walk

    def _sort(self, page: tuple[TaskRecord, ...]) -> None:
        for record in page:
            if record.id and self._account.owns(record):
                for each in self._walk:
                    if self._may_be(record, each.job):
                        each.found.append(record.id)

    def _may_be(self, record: TaskRecord, job: Job) -> bool:
        sent = self._sent(job)
        in_time = sent - BEFORE <= (record.created_at or 0) <= sent + sum(self._window(job))
        # Another token may be another account's.
        ours = job.sent_with in {None, self._api.token_digest}
        return in_time and ours and is_made_of(record, job.order)

    async def _decide(self, walk: list[_Sought]) -> None:
        """After all pages: a task is claimed where no other job and no other task could be meant, twice in a row.

        Twice, for a job's own record may come later than that of another program's twin.
        """
        named = {task_id for each in walk for task_id in each.found}
        held = await self._records.queries.held_tasks(sorted(named)) if named else set()
        for each in walk:
            free, before, given_up = frozenset(each.found) - held, each.free, each.future is None
            each.free = free
            if len(free) != 1 or free != before or not self._is_alone(each):
                continue
            if await self._records.queries.claim(each.job.id, *free, given_up=given_up):
                await self._tell(each, *free)
        # A job that was not yet there when the search began has not been looked for.
        self._give_up([each for each in walk if self._is_over(each)])

    async def _tell(self, sought: _Sought, task_id: str) -> None:
        log.info("The task of job %s was found", sought.job.id)
        log.debug("Job %s has task %s", sought.job.id, task_id)
        if sought.future is None:
            self._late.pop(sought.job.id, None)
            self._known[task_id] = sought.job  # for as long as the store may not tell how it stands
            found = await self._records.job(sought.job.id)
            del self._known[task_id]
            self._found_late(found)
        elif not sought.future.done():  # the asker may have given up while the row was written: then `Jobs.fail` sees it
            sought.future.set_result(task_id)

    async def _ask_known(self, ask: Callable[..., Awaitable[TaskPage]]) -> None:
        """Tasks that were given up as never ending, or as not listed: what has come of them since is delivered after all."""
        for record in (await ask(ids=list(self._known)[-PAGE:])).items:
            job = self._known.get(record.id)
            outcome = record.outcome(job.order.kind.endpoint.answer) if job else None
            if job is None or outcome is None:
                continue
            if isinstance(outcome, Answer):
                await self._records.queries.reopen(job.id)
                found = await self._records.job(job.id)
                if found.is_open:
                    log.info("The task of job %s has ended after all", job.id)
                    self._found_late(found)
            del self._known[record.id]  # not before: if the store is away, it is asked for again

    def _is_alone(self, sought: _Sought) -> bool:
        """Whether no other job with the very same words was sent so near that the task could be its."""
        near = sum(self._window(sought.job)) + BEFORE
        others = (*self._doubtful.values(), *self._late.values())
        return not any(
            other.words == sought.words and abs(self._sent(other.job) - self._sent(sought.job)) <= near
            for other in others
            if other.job.id != sought.job.id
        )

    def _window(self, job: Job) -> tuple[float, float]:
        """Seconds in which a request may be answered, and in which its task may be created after that."""
        return self._pace.first_timeout if job.order.kind.endpoint.is_submitted else self._pace.text_timeout, AFTER

    def _is_over(self, sought: _Sought) -> bool:
        """Whether a task would have shown up by now; a description's may, only when it is done."""
        sought.looked_since = sought.looked_since or uptime()
        if uptime() - sought.looked_since < self._pace.accepted_within:
            return False
        endpoint = sought.job.order.kind.endpoint
        return endpoint.is_submitted or self._api.now() - self._sent(sought.job) >= self._pace.text_timeout

    def _give_up(self, sought: list[_Sought]) -> None:
        for each in sought:
            if each.future and not each.future.done():
                each.future.set_exception(Unclear("unclear", "No task was found."))

    def _forget_old(self) -> None:
        oldest = self._api.now() - self._pace.seek_late_for
        for job_id in [job_id for job_id, each in self._late.items() if self._sent(each.job) < oldest]:
            del self._late[job_id]
        for task_id in [task_id for task_id, job in self._known.items() if self._sent(job) < oldest]:
            del self._known[task_id]

    def _sent(self, job: Job) -> float:
        """When the job was sent; no later than now, which it seems if the service's clock was not known yet."""
        now = self._api.now()
        return min(job.sent_at or now, now)
