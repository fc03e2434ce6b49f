"""Jobs as rows: the only place that turns one into the other."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bot.errors import DailyLimitReached, Gone, TooManyWaiting, UserError
from bot.jobs.model import Failure, Job, JobId, Kind, Order, Place, State
from bot.midjourney.models import ImageResult
from bot.store import Asked, Load, Queries, Row
from bot.text import _, _n

WAITING_PER_USER = 20
SAME_PRESS = 5.0  # seconds in which the same press of the same person means the same job


class AlreadyPressed(UserError):
    """The same person pressed the same button of the same card a moment ago."""


class AlreadyRecorded(Exception):
    """The same interaction was dispatched before: its card is somebody else's to answer."""


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

    async def record(self, orders: Sequence[Order], place: Place, now: float) -> list[Job]:
        """Commit all orders of one interaction, or none.

        Raises AlreadyRecorded, AlreadyPressed, TooManyWaiting or DailyLimitReached.
        """
        jobs = [Job(JobId(secrets.token_hex(8)), order, place, State.QUEUED, now) for order in orders]
        rows: list[tuple[str, Mapping[str, object]]] = []
        for job in jobs:
            rows += [("jobs", _job_values(job)), ("cards", {"job_id": job.id, **place_values(job.place)})]
        first, limits = orders[0], self._limits
        asked = Asked(
            user_id=first.user_id,
            since=now - now % 86400,
            press=first.press,
            press_since=now - SAME_PRESS,
            interaction_id=place.interaction_id,
            jobs=len(orders),
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
        if row is None:
            raise Gone(_("I no longer know what this button was for. The command starts a new one."))
        return job_from(row)

    async def submitting(self, job_id: JobId, now: float) -> Job | None:
        """A queued job is about to be sent; the job as it stands then, None where it was cancelled."""
        row = await self.queries.submitting(job_id, now)
        return None if row is None else job_from(row)

    async def finish(self, job_id: JobId, result: dict[str, Any], now: float) -> Job | None:
        """Keep a result and the picture in it; the job as it stands then, for the one caller that must deliver it."""
        picture = None
        actions: tuple[str, ...] = ()
        if result.get("image_id"):
            image = ImageResult.model_validate(result)
            actions = image.actions
            picture = {
                "image_id": image.image_id,
                "job_id": job_id,
                "image_url": image.image_url,
                "raw_image_url": image.raw_image_url,
                "width": image.raw_image_width,
                "height": image.raw_image_height,
                "created_at": now,
            }
        row = await self.queries.finish(job_id, json.dumps(result), now, picture, actions)
        return None if row is None else job_from(row)

    async def fail(self, job_id: JobId, failure: Failure, now: float) -> bool:
        """Keep why it failed; True for the one caller that must tell it."""
        return await self.queries.fail(job_id, json.dumps(asdict(failure)), now)


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
    values = asdict(place)
    return {name: int(value) if isinstance(value, bool) else value for name, value in values.items()}


def _job_values(job: Job) -> dict[str, object]:
    order = job.order
    return {
        "id": job.id,
        "interaction_id": job.place.interaction_id,
        "part": order.part,
        "kind": order.kind,
        "state": job.state,
        "user_id": order.user_id,
        "request": json.dumps(order.request),
        "prompt": order.prompt,
        "action": order.action,
        "image_id": order.image_id,
        "parent_url": order.parent_url,
        "press": order.press,
        "note": order.note,
        "created_at": job.created_at,
    }


def job_from(row: Row) -> Job:
    """A row of jobs joined with cards."""
    same = ("user_id", "prompt", "action", "image_id", "parent_url", "press", "note", "part")
    order = Order(kind=Kind(row["kind"]), request=json.loads(row["request"]), **{name: row[name] for name in same})
    plain = ("application_id", "token", "token_expires_at", "channel_id", "guild_id", "message_id", "file_limit", "locale")
    place = Place(
        interaction_id=row["card_interaction_id"],
        original=bool(row["original"]),
        ephemeral=bool(row["ephemeral"]),
        has_bot=bool(row["has_bot"]),
        **{name: row[name] for name in plain},
    )
    times = ("created_at", "answered_at", "sent_at", "finished_at", "delivered_at", "let_go_at", "task_id")
    return Job(
        id=JobId(row["id"]),
        order=order,
        place=place,
        state=State(row["state"]),
        result=row["result"] and json.loads(row["result"]),
        failure=Failure(**json.loads(row["failure"])) if row["failure"] else None,
        **{name: row[name] for name in times},
    )
