"""Jobs as rows: the only place that turns one into the other."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace

from bot.errors import DailyLimitReached, Gone, TooManyWaiting, UserError
from bot.jobs.kinds import KINDS
from bot.jobs.likeness import words_of
from bot.jobs.model import Failure, Job, JobId, Order, Place, State
from bot.midjourney import Answer
from bot.store import Asked, Load, Queries, Row
from bot.text import Text, _, _n, text_from

log = logging.getLogger(__name__)

UNCLEAR = "unclear"
"""The code of a failure of which it is not known whether there is a task."""
UNKNOWN_KEY = _("I no longer know what this button was for. The command starts a new one.")
WAITING_PER_USER = 20
SAME_PRESS = 5.0  # seconds in which the same press of the same person means the same job


class AlreadyPressed(UserError):
    """The same person pressed the same button of the same card a moment ago."""


class AlreadyRecorded(Exception):
    """The same origin asked before (an interaction that was dispatched twice): its cards are somebody else's to open."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one person may have; 0 is no limit."""

    per_day: int = 0
    waiting: int = WAITING_PER_USER


class Records:
    """The jobs in the store."""

    def __init__(self, queries: Queries, limits: Limits) -> None:
        self.queries = queries
        self._limits = limits

    async def record(self, orders: Sequence[Order], place: Place, now: float, *, origin: str) -> list[Job]:
        """Commit all orders of one origin, or none; all cards but the first are follow-ups of its interaction.

        `origin` names what asked for them, once and for ever: an interaction by its id.
        Raises AlreadyRecorded, AlreadyPressed, TooManyWaiting or DailyLimitReached.
        """
        places = [place, *(replace(place, original=False) for _ in orders[1:])]
        jobs = [Job(JobId(secrets.token_hex(8)), *each, State.QUEUED, now) for each in zip(orders, places, strict=True)]
        origins = [f"{origin}.{number}" for number in range(len(orders))]
        rows: list[tuple[str, Mapping[str, object]]] = []
        for job, each in zip(jobs, origins, strict=True):
            rows += [("jobs", {"origin": each, **_job_values(job)}), ("cards", {"job_id": job.id, **place_values(job.place)})]
        first, limits = orders[0], self._limits
        asked = Asked(
            user_id=first.user_id,
            since=now - now % 86400,
            press=first.press,
            press_since=now - SAME_PRESS,
            origins=origins,
            may_wait=limits.waiting,
            per_day=limits.per_day,
        )
        load = await self.queries.record(rows, asked=asked)
        if load.allowed:
            return jobs
        if load.same:
            raise AlreadyRecorded
        raise _refusal(load, limits, len(orders))

    async def job(self, job_id: str) -> Job:
        """The job as it stands; raises Gone."""
        row = await self.queries.job(job_id)
        job = _read(row) if row else None
        if job is None:
            raise Gone(UNKNOWN_KEY)
        return job

    async def open_jobs(self) -> list[Job]:
        """All jobs with something left to do, oldest first; what can't be read is set aside."""
        return _readable(await self.queries.open_jobs())

    async def jobs_at(self, message_id: int) -> list[Job]:
        """The jobs whose card is this message, newest last."""
        return _readable(await self.queries.jobs_at(message_id))

    async def job_of_medium(self, upstream_id: str) -> Job | None:
        """The job that made a picture or clip, by what the API calls it."""
        row = await self.queries.job_of_medium(upstream_id)
        return _read(row) if row else None

    async def unclear_jobs(self, since: float) -> list[Job]:
        """The jobs sent since then that were given up without knowing what becomes of them, or whether they were accepted."""
        return [job for job in _readable(await self.queries.unclear_jobs(since)) if job.order.kind.endpoint.has_task]

    async def submitting(self, job_id: JobId, now: float, *, twin_within: float, sent_with: str) -> Job | None:
        """A queued job is about to be sent; the job as it stands then.

        None if it was cancelled, or if another with the very same words was sent in the last `twin_within` seconds and is not
        known to be accepted: which task is whose could not be told.
        """
        row = await self.queries.submitting(job_id, now, now - twin_within, sent_with)
        return None if row is None else job_from(row)

    async def finish(self, job_id: JobId, answer: Answer, now: float) -> Job | None:
        """Keep an answer and the media in it; the job as it stands then, for the one caller that must deliver it."""
        media = [
            {
                "job_id": job_id,
                "position": position,
                "type": medium.type,
                "upstream_id": medium.upstream_id,
                "url": medium.url,
            }
            for position, medium in enumerate(answer.media)
        ]
        row = await self.queries.finish(job_id, json.dumps(answer.model_dump(mode="json")), now, media)
        return None if row is None else job_from(row)

    async def fail(self, job_id: JobId, failure: Failure, now: float) -> bool:
        """Keep why it failed; True for the one caller that must tell it. An unclear one is kept only while it has no task."""
        told, may_be_billed = json.dumps(asdict(failure)), int(failure.may_be_billed)
        unless_claimed = int(failure.code == UNCLEAR)
        return await self.queries.fail(job_id, told, now, may_be_billed=may_be_billed, unless_claimed=unless_claimed)


def _refusal(load: Load, limits: Limits, jobs: int) -> UserError:
    """Why so many more jobs are not recorded."""
    if load.twin:
        return AlreadyPressed(_("You pressed that button a moment ago: it is already on its way."))
    if load.waiting + jobs > limits.waiting:
        return TooManyWaiting(
            _n(
                "You already have {n} job waiting. Let it finish first.",
                "You already have {n} jobs waiting. Let some of them finish first.",
                load.waiting,
            )
        )
    anew = _("The count starts anew at midnight UTC.")
    left = limits.per_day - load.recent
    if left <= 0:
        return DailyLimitReached(_("Your jobs for today are used up; the limit is {limit}.", limit=limits.per_day), anew)
    return DailyLimitReached(
        _n("That makes {n} job.", "That makes {n} jobs.", jobs),
        _n("You have {n} job left for today.", "You have {n} jobs left for today.", left),
        anew,
    )


def place_values(place: Place) -> dict[str, object]:
    """A card's columns."""
    values = {each.name: getattr(place, each.name) for each in fields(place)}  # `asdict` copies deeply, ten times as slowly
    return {name: int(value) if isinstance(value, bool) else value for name, value in values.items()}


def _job_values(job: Job) -> dict[str, object]:
    order = job.order
    return {
        "id": job.id,
        "kind": order.kind.name,
        "state": job.state,
        "user_id": order.user_id,
        "request": json.dumps(order.request.body()),
        "prompt": order.prompt,
        "action": order.action,
        "image_id": order.image_id,
        "parent_url": order.parent_url,
        "press": order.press,
        "note": json.dumps(order.note.data()) if order.note else None,
        "words": words_of(order),
        "created_at": job.created_at,
    }


def _readable(rows: Sequence[Row]) -> list[Job]:
    return [job for row in rows if (job := _read(row))]


def _read(row: Row) -> Job | None:
    """The job of a row; None for one that can't be read, which must not keep the others from their work."""
    try:
        return job_from(row)
    except Exception:
        log.exception("Job %s can't be read; it is left as it is", row["id"])
        return None


def job_from(row: Row) -> Job:
    """A row of jobs joined with cards."""
    same = ("user_id", "prompt", "action", "image_id", "parent_url", "press")
    kind = KINDS[row["kind"]]
    request = kind.endpoint.request.model_validate_json(row["request"])
    order = Order(kind=kind, request=request, note=_note(row["note"]), **{name: row[name] for name in same})
    plain = ("application_id", "token", "token_expires_at", "channel_id", "guild_id", "message_id", "file_limit", "locale")
    place = Place(
        interaction_id=row["card_interaction_id"],
        original=bool(row["original"]),
        ephemeral=bool(row["ephemeral"]),
        has_bot=bool(row["has_bot"]),
        guild_locale=row["guild_locale"],
        **{name: row[name] for name in plain},
    )
    times = ("created_at", "answered_at", "sent_at", "finished_at", "delivered_at", "let_go_at", "task_id", "sent_with")
    return Job(
        id=JobId(row["id"]),
        order=order,
        place=place,
        state=State(row["state"]),
        result=kind.endpoint.answer.model_validate(json.loads(row["result"])) if row["result"] else None,
        failure=Failure(**json.loads(row["failure"])) if row["failure"] else None,
        **{name: row[name] for name in times},
    )


def _note(stored: str | None) -> Text | None:
    """What the grammar warned of; the first version stored it as English words."""
    if not stored:
        return None
    try:
        return text_from(json.loads(stored))
    except ValueError:
        return text_from(stored)
