"""A generation's life: recorded, answered, scheduled, submitted, watched, finished; `deliveries` sees to the rest."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from bot.background import Background
from bot.errors import StoreUnavailable
from bot.jobs.deliveries import Deliveries
from bot.jobs.events import Events, JobFailed
from bot.jobs.insisting import insist
from bot.jobs.kinds import Lane
from bot.jobs.media import MediaMessages
from bot.jobs.model import Failure, Job, JobId, Order, Place, Progress, State
from bot.jobs.parking import Parking
from bot.jobs.ports import Cards, Posted
from bot.jobs.records import UNCLEAR, Records
from bot.jobs.room import Room
from bot.jobs.runner import Cancelled, Runner
from bot.jobs.scheduler import Scheduler, Turn
from bot.jobs.spool import Spool
from bot.jobs.unanswered import Unanswered
from bot.midjourney import Answer, ApiError, Busy, MidjourneyClient, Unclear
from bot.pace import Pace

log = logging.getLogger(__name__)

Work = Callable[[], Awaitable[Answer]]


class Jobs:
    """What cogs and presses call; owns the scheduler, the watcher and every running job."""

    def __init__(
        self,
        records: Records,
        api: MidjourneyClient,
        cards: Cards,
        spool: Spool,
        events: Events,
        discord_now: Callable[[], float | None],
        pace: Pace,
        *,
        total: int,
        per_user: int,
    ) -> None:
        self._pace = pace
        self._records = records
        self._api = api
        self._cards = cards
        self._spool = spool
        self._events = events
        self._discord_now = discord_now
        self._room = Room(pace)
        self._runner = Runner(records, api, self._show, discord_now, pace)
        self._lanes = {lane: Scheduler(total, per_user) for lane in Lane}
        self._tasks = Background()
        self._background = Background()
        self._deliveries = Deliveries(records, cards, spool, pace)
        self.unanswered = Unanswered(records, cards, self._tasks, self, pace)
        self._parking = Parking(records, cards, self._background, discord_now, pace)
        self.media = MediaMessages(records.queries)
        self._let_go: set[JobId] = set()
        self._progress: dict[JobId, Progress] = {}
        self._closing = False

    # ── opening and closing

    async def start(self) -> None:
        """Take up where the last process stopped."""
        jobs, unclear = await self._records.open_jobs(), await self._runner.unclear_jobs()
        await self._spool.take_up({job.id for job in jobs})
        for job in jobs:
            self._resume(job)
        # What may fail is above all of this, for it is called again then.
        self._runner.watcher.seeker.take_up(unclear, self._resume)
        self._background.spawn("watcher", self._runner.watcher.run())
        self._background.spawn("places", self._refresh_places())
        self._wake()

    def _resume(self, job: Job) -> None:
        lane = self._lanes[job.order.kind.lane]
        if job.let_go_at:
            self._let_go.add(job.id)
        match job.state:
            case State.QUEUED if job.answered_at:
                lane.add(job.id, job.order.user_id)
                self._parking.later(job)
            case State.QUEUED:
                self.unanswered.find(job)
            case State.SUBMITTING | State.RUNNING:
                lane.occupy(job.order.user_id)
                self._parking.later(job)
                self._run(Turn(job.id, job.order.user_id), lane, partial(self._runner.follow, job))
            case _:
                if job.place.message_id is None:
                    self.unanswered.tell_later(job)
                self._deliveries.soon(job.id)

    async def close(self) -> None:
        """Start nothing new, give submissions a moment to learn their task, and let go of the rest until next time."""
        self._closing = True
        await self._runner.settle(self._pace.settled_within)
        await self._background.close()
        await self._tasks.close()
        await self._deliveries.close()

    # ── what people do

    async def record(self, orders: Sequence[Order], place: Place, *, origin: str) -> list[Job]:
        """Commit jobs before anything is answered or sent; raises what `Records.record` raises."""
        return await self._records.record(orders, place, time.time(), origin=origin)

    async def open(self, order: Order, place: Place, *, origin: str) -> Job:
        """Record a job that no interaction asked for, and open its card with the bot's own token.

        Raises what `Records.record` raises. Where it is not known whether the card was opened, that is found out as after
        a restart. The job as it stands then.
        """
        [job] = await self.record([order], place, origin=origin)
        await self.unanswered.open(job)
        return await self.job(job.id)

    def outlook(self, job: Job) -> Progress:
        """What would be said of a job if it were added to the queue now."""
        lane = self._lanes[job.order.kind.lane]
        return self._waiting(None if lane.has_room(job.order.user_id) else lane.position(job.order.user_id))

    def _waiting(self, position: int | None) -> Progress:
        """At a place in the queue, or (None) at none: it can start at once, or is not known to wait."""
        trouble = position is not None and self._runner.watcher.silent
        return Progress(position=position, note="trouble" if trouble else None)

    async def answered(self, job: Job, posted: Posted) -> None:
        """The card is there: the job may run."""
        where = {"message_id": posted.message_id, "channel_id": posted.channel_id, "ephemeral": int(posted.ephemeral)}
        if await self._records.queries.answered(job.id, time.time(), **where):
            self._lanes[job.order.kind.lane].add(job.id, job.order.user_id)
            self._wake()
            self._parking.later(job)

    async def abandon(self, job_id: JobId) -> None:
        """Its interaction could not be answered: it never runs and costs nothing."""
        await self._records.queries.cancel(job_id, time.time())
        log.info("Job %s was dropped: its interaction was not answered", job_id)

    async def job(self, job_id: str) -> Job:
        """A job as it stands; raises Gone."""
        return await self._records.job(job_id)

    async def job_of_picture(self, image_id: str) -> Job | None:
        """The job that made a picture, while its row is there."""
        return await self._records.job_of_medium(image_id)

    async def waiting_at(self, message_id: int) -> Job | None:
        """A job that is over but whose card, this message, does not say so yet."""
        for job in await self._records.jobs_at(message_id):
            untold = job.state is State.FAILED and not job.delivered_at
            if not job.let_go_at and (untold or job.state in {State.FINISHED, State.UNDELIVERABLE}):
                return job
        return None

    async def renew(self, job_id: JobId, values: Mapping[str, object]) -> Job:
        """A press on the card brought a new token: keep it, and deliver what waits. The job as it stands then."""
        await self._records.queries.renew(job_id, values)
        job = await self.job(job_id)  # it may have ended since the press came
        if job.state in {State.FINISHED, State.UNDELIVERABLE, State.FAILED} and not job.delivered_at:
            self._deliveries.soon(job.id)
        elif job.is_open:
            self._parking.later(job)
        return job

    def progress(self, job: Job) -> Progress:
        """How far an open job is, as far as is known."""
        places = self._lanes[job.order.kind.lane].positions()
        return self._progress.get(job.id, self._waiting(places.get(job.id)))

    async def cancel(self, job: Job) -> Job:
        """Drop a job that waits; let one go that runs. The job as it stands then."""
        now = time.time()
        if await self._records.queries.cancel(job.id, now):
            self._lanes[job.order.kind.lane].drop(job.id, job.order.user_id)
        elif await self._records.queries.let_go(job.id, now):
            self._let_go.add(job.id)
        return await self.job(job.id)

    async def count(self) -> tuple[int, int]:
        """How many jobs there are in all, and how many are open."""
        return await self._records.queries.count()

    # ── running

    def _wake(self) -> None:
        """Start whatever may run."""
        for lane in self._lanes.values():
            while not self._closing and (turn := lane.take()):
                self._run(turn, lane, partial(self._runner.submit, turn.job_id))

    def _run(self, turn: Turn, lane: Scheduler, work: Work) -> None:
        self._tasks.spawn(f"job {turn.job_id}", self._hold_slot(turn, lane, work))

    async def _hold_slot(self, turn: Turn, lane: Scheduler, work: Work) -> None:
        """Do the work of a job whose turn it is, and give its slot back whatever happens."""
        try:
            if failure := await self._do(turn, lane, work):
                await self.fail(turn.job_id, failure)
        finally:
            self._progress.pop(turn.job_id, None)
            lane.release(turn.user_id)
            self._wake()

    async def _do(self, turn: Turn, lane: Scheduler, work: Work) -> Failure | None:
        """Work a job to its end, or until it must wait for room; what it failed with, if it did."""
        job_id = turn.job_id
        try:
            await self._finish(job_id, await work())
        except Cancelled:
            self._room.forget(job_id)
            log.info("Job %s was not sent: it was cancelled, or the bot is stopping", job_id)
        except Busy as error:
            if wait := self._room.pause(job_id, error.retry_after):
                log.warning("Job %s waits %.0f s for room at the image service (trace %s)", job_id, wait, error.trace_id)
                self._tasks.spawn(f"room for {job_id}", self._wait_for_room(turn, lane, wait))
                return None
            return _failure(error)
        except ApiError as error:
            return _failure(error)
        except Exception:
            log.exception("Job %s broke", job_id)
            return await self._follow_up(job_id)
        return None

    async def _wait_for_room(self, turn: Turn, lane: Scheduler, wait: float) -> None:
        """Without a slot: the service may have room for others meanwhile."""
        now = self._discord_now()
        try:
            self._show(await self.job(turn.job_id), Progress(note="busy", until=now and now + wait))
        except StoreUnavailable as error:
            log.warning("Job %s waits for room, which its card could not say: %s", turn.job_id, error)
        await asyncio.sleep(wait)
        lane.add(turn.job_id, turn.user_id)
        self._wake()

    async def _follow_up(self, job_id: JobId) -> Failure | None:
        """Whatever we stumbled over, the picture may be paid for: look for it until it or a failure is on record."""
        while True:
            try:
                job = await self.job(job_id)
                if job.state is State.FINISHED:
                    self._ended(job_id)
                    return None
                sent = job.state in {State.SUBMITTING, State.RUNNING}
                if not sent or not job.order.kind.endpoint.has_task:
                    return Failure("internal", job_id, may_be_billed=sent)
                await self._finish(job_id, await self._runner.follow(job))
            except ApiError as error:
                return _failure(error)
            except StoreUnavailable as error:
                log.warning("Job %s waits for the store: %s", job_id, error)
                await asyncio.sleep(self._pace.ask_again)
            except Exception:
                log.exception("Job %s broke again", job_id)
                return Failure("internal", job_id, may_be_billed=True)
            else:
                return None

    def _show(self, job: Job, progress: Progress) -> None:
        if job.id not in self._let_go:
            self._progress[job.id] = progress
            self._cards.show(job, progress)

    async def _refresh_places(self) -> None:
        shown: dict[JobId, Progress] = {}
        while True:
            await asyncio.sleep(self._pace.places_every)
            waiting = {
                job_id: self._waiting(place) for lane in self._lanes.values() for job_id, place in lane.positions().items()
            }
            try:
                for job_id in (each for each, now in waiting.items() if shown.get(each, replace(now, note=None)) != now):
                    self._cards.show(await self.job(job_id), waiting[job_id])
            except Exception:
                log.exception("Places in the queue could not be shown")
            shown = waiting

    # ── the end

    async def _finish(self, job_id: JobId, answer: Answer) -> None:
        """Put it on record, however long the store takes to take it: it is paid for."""
        if job := await insist(
            job_id, lambda: self._records.finish(job_id, answer, self._api.now()), again=self._pace.ask_again
        ):
            log.info("Job %s finished", job_id)
            self._ended(job_id, job)

    async def fail(self, job_id: JobId, failure: Failure) -> None:
        """Put it on record, however long the store takes to take it: an open row would wait for the next start."""
        if await insist(job_id, lambda: self._records.fail(job_id, failure, self._api.now()), again=self._pace.ask_again):
            log.warning("Job %s failed: %s (trace %s)", job_id, failure.code, failure.trace_id)
            self._events.tell(JobFailed(job_id, failure))
            self._ended(job_id)
            if failure.may_be_billed:
                await self._runner.seek_late(job_id)
        elif failure.code == UNCLEAR and (job := await self.job(job_id)).state is State.RUNNING:
            # Its task was found in the very moment in which it was given up.
            self._resume(job)

    def _ended(self, job_id: JobId, job: Job | None = None) -> None:
        self._let_go.discard(job_id)
        self._room.forget(job_id)
        if not self._closing:
            self._deliveries.soon(job_id, job)


def _failure(error: ApiError) -> Failure:
    """A refusal and a reported failure cost nothing; what nobody knows may."""
    may_be_billed = isinstance(error, Unclear)
    return Failure(error.code, error.message, error.trace_id, may_be_billed=may_be_billed, family=error.family)
