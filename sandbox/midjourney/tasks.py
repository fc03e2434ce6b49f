"""The service's tasks: what runs, what has run, and what `/tasks` tells of it."""

from __future__ import annotations

import time
import uuid
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from .accounts import REMEMBERED, Account
from .bell import Bell
from .errors import Refusal
from .readings import Readings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

Line = dict[str, Any] | bytes
# What the service adds to the request in a record of it.
DEFAULTS: dict[str, dict[str, Any]] = {
    "imagine": {
        "action": "generate",
        "mode": "fast",
        "image_id": None,
        "mask": None,
        "translation": False,
        "split_images": False,
        "timeout": 480,
        "callback_url": None,
        "version": None,
        "hd": None,
        "quality": "1",
        "style_reference": False,
        "moodboard": False,
    },
    "describe": {"callback_url": None},
    "edits": {"action": "generate", "mask": None, "mode": None, "callback_url": None},
    "videos": {
        "action": "generate",
        "end_image_url": None,
        "mode": "fast",
        "resolution": "720p",
        "loop": None,
        "video_index": 0,
    },
}


@dataclass(slots=True, eq=False)
class Task:
    """One accepted picture or video; times in unix seconds.

    `streamed` is true while a connection listens that has got `written` lines, `pushes` where progress goes to the callback.
    """

    type: str
    request: dict[str, Any]
    streamed: bool = False
    pushes: bool = False
    written: int = 0
    record_delay: float = 0.0
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    trace_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    created_at: float = field(default_factory=time.time)
    started_at: float | None = None
    finished_at: float | None = None
    response: dict[str, Any] | None = None
    status: int = 200
    lines: list[Line] = field(default_factory=list)
    done: bool = False
    account: Account = field(default_factory=Account)
    bell: Bell = field(default_factory=Bell)

    @property
    def visible_at(self) -> float:
        """When `/tasks` begins to know it."""
        return self.created_at + self.record_delay

    def add(self, line: Line) -> None:
        """One more line for all who follow; the last one told is the record's response."""
        self.lines.append(line)
        if isinstance(line, dict):
            self.response = line
        self.bell.ring()

    def end(self) -> None:
        """No more lines will come."""
        self.done = True
        if self.response and (self.response.get("progress") == 100 or self.response.get("success") is False):
            self.finished_at = time.time()
        self.bell.ring()

    def is_done(self) -> bool:
        """Whether no more lines will come."""
        return self.done

    async def follow(self) -> AsyncIterator[Line]:
        """Every line from the first, until the end."""
        told = 0
        while True:
            while told < len(self.lines):
                told += 1
                yield self.lines[told - 1]
            if self.done:
                return
            await self.bell.until(partial(self._has_more, told), timeout=3600)

    def _has_more(self, told: int) -> bool:
        return self.done or len(self.lines) > told

    def record(self, readings: Readings) -> dict[str, Any]:
        """The task as `/tasks` tells it."""
        request = self.request if readings.request_as_sent else DEFAULTS.get(self.type, {}) | self.request
        record: dict[str, Any] = {"id": self.id, "type": self.type, "trace_id": self.trace_id, "request": request}
        record["created_at"] = round(self.created_at, 3)
        if self.started_at is not None:
            record["started_at"] = _told(self.started_at, readings)
        if self.response is not None and (self.done or readings.record_progress):
            record["response"] = self.response
        if self.finished_at is not None:
            record["elapsed" if self.type == "imagine" else "duration"] = self.finished_at - self.created_at
            record["finished_at"] = _told(self.finished_at, readings)
        if readings.iso_times:
            record |= {"_id": self.id[:24], "email": "somebody@example.com"}
        return record | (self.account.told() if readings.records_name_account else {})


def _told(moment: float, readings: Readings) -> float | str:
    return datetime.fromtimestamp(moment, UTC).isoformat() if readings.iso_times else round(moment, 3)


def ended(task: Task, response: dict[str, Any]) -> Task:
    """A task that has this result, and is over."""
    task.started_at = task.created_at + 0.001
    task.add(response | {"task_id": task.id})
    task.finished_at = time.time()
    task.done = True
    return task


class Tasks:
    """All tasks of ours, oldest first; other people's, and those of other programs of ours, are listed beside them."""

    def __init__(self) -> None:
        self._all: dict[str, Task] = {}
        self.others: deque[Task] = deque(maxlen=REMEMBERED)

    def __iter__(self) -> Iterator[Task]:
        return iter(self._all.values())

    def __len__(self) -> int:
        return len(self._all)

    def __getitem__(self, task_id: str) -> Task:
        return self._all[task_id]

    @property
    def newest(self) -> Task:
        """The task accepted last; raises IndexError if there is none."""
        return list(self._all.values())[-1]

    def add(self, task: Task) -> Task:
        """Make a task known."""
        self._all[task.id] = task
        return task

    def abandon(self) -> list[Task]:
        """End those that were under way when their service ended, as failed; which they are."""
        left = [task for task in self if not task.done]
        for task in left:
            task.status = 500
            error = {"code": "task_failed", "message": "The service was restarted."}
            task.add({"success": False, "task_id": task.id, "trace_id": task.trace_id, "error": error})
            task.end()
        return left

    def answer(self, body: dict[str, Any], readings: Readings, account: Account) -> dict[str, Any]:
        """The success body of `/tasks` for a checked request."""
        visible = [task for task in (*self, *self.others) if task.visible_at <= time.time()]
        if body["action"] == "retrieve":
            key, value = ("id", body["id"]) if body.get("id") else ("trace_id", body["trace_id"])
            return next((task.record(readings) for task in visible if getattr(task, key) == value), {})
        found = sorted(_selected(visible, body, readings, account), key=lambda task: task.created_at, reverse=True)
        start, limit = body.get("offset", 0), min(body.get("limit", 12), readings.listing_limit)
        return {"items": [task.record(readings) for task in found[start : start + limit]], "count": len(found)}


def _selected(tasks: list[Task], body: dict[str, Any], readings: Readings, account: Account) -> list[Task]:
    """What matches all that a listing asks for."""
    for field_name, key in (("ids", "id"), ("trace_ids", "trace_id")):
        if field_name in body:
            asked = set(body[field_name][: readings.ids_limit])
            tasks = [task for task in tasks if getattr(task, key) in asked]
    owners = {key: body[key] for key in ("user_id", "application_id") if body.get(key)}
    if readings.owner_filter:
        tasks = [task for task in tasks if all(getattr(task.account, key) == value for key, value in owners.items())]
    if not owners and not {"ids", "trace_ids"} & body.keys():
        kept = {"everybody": tasks, "own": [task for task in tasks if task.account.user_id == account.user_id], "nothing": []}
        tasks = kept[readings.listing]
    low, high = body.get("created_at_min", 0), body.get("created_at_max", float("inf"))
    return [task for task in tasks if low <= task.created_at <= high and body.get("type") in {None, task.type}]


class Pace:
    """At most one look-up an interval, for the whole token."""

    TOLERANCE = 0.03

    def __init__(self, interval: float) -> None:
        self.interval = interval
        self.refused = 0
        self._last = float("-inf")

    def take(self) -> None:
        """Raises Refusal `too_many_requests` where the last look-up is too near."""
        now = time.monotonic()
        left = self.interval - (now - self._last)
        if left > self.TOLERANCE:
            self.refused += 1
            raise Refusal("too_many_requests", retry_after=max(1, round(left)))
        self._last = now
