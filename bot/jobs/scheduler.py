"""Whose job runs next: round robin between people, within the limits."""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from typing import NamedTuple

from bot.jobs.model import JobId


class Turn(NamedTuple):
    """A job that may run, and whose slot it takes."""

    job_id: JobId
    user_id: int


class Scheduler:
    """A queue in memory that serves the rows; `total` and `per_user` limit what runs at once, 0 is no limit."""

    def __init__(self, total: int, per_user: int) -> None:
        self._total = total
        self._per_user = per_user
        self._waiting: OrderedDict[int, deque[JobId]] = OrderedDict()
        self._running: Counter[int] = Counter()

    def add(self, job_id: JobId, user_id: int) -> None:
        """Put a job at the end of its person's queue."""
        self._waiting.setdefault(user_id, deque()).append(job_id)

    def drop(self, job_id: JobId, user_id: int) -> bool:
        """Take a job out of the queue; False if it was not in it."""
        queue = self._waiting.get(user_id)
        if queue is None or job_id not in queue:
            return False
        queue.remove(job_id)
        if not queue:
            del self._waiting[user_id]
        return True

    def occupy(self, user_id: int) -> None:
        """Count a job that runs already (after a restart, and beyond the limits if need be)."""
        self._running[user_id] += 1

    def release(self, user_id: int) -> None:
        """A running job of this person is over."""
        self._running[user_id] -= 1
        if not self._running[user_id]:
            del self._running[user_id]

    def take(self) -> Turn | None:
        """The next job that may run, counted as running from now on; None while there is none."""
        if self._total and self._running.total() >= self._total:
            return None
        for user_id, queue in self._waiting.items():
            if self._per_user and self._running[user_id] >= self._per_user:
                continue
            job_id = queue.popleft()
            if queue:
                self._waiting.move_to_end(user_id)
            else:
                del self._waiting[user_id]
            self.occupy(user_id)
            return Turn(job_id, user_id)
        return None

    def has_room(self, user_id: int) -> bool:
        """Whether a job of this person would start at once."""
        full = self._total and self._running.total() >= self._total
        own = self._per_user and self._running[user_id] >= self._per_user
        return not full and not own and not self._waiting

    def position(self, user_id: int) -> int:
        """The place that a new job of this person would get in the queue."""
        turn = len(self._waiting.get(user_id, ()))
        return 1 + turn + sum(min(len(queue), turn + 1) for user, queue in self._waiting.items() if user != user_id)

    def positions(self) -> dict[JobId, int]:
        """The place of every waiting job if all slots opened one after the other; 1 is next."""
        places: dict[JobId, int] = {}
        queues = [list(queue) for queue in self._waiting.values()]
        for turn in range(max(map(len, queues), default=0)):
            for queue in queues:
                if turn < len(queue):
                    places[queue[turn]] = len(places) + 1
        return places
