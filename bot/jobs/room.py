"""Waiting for room: a service that is full is asked again, after growing pauses or when it says, but not for ever."""

from __future__ import annotations

import random

from bot.clock import uptime
from bot.jobs.model import JobId
from bot.pace import Pace


class Room:
    """The pauses of the jobs that found none; each waits on its own, in the queue."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._waits: dict[JobId, tuple[float, int]] = {}

    def pause(self, job_id: JobId, retry_after: float | None) -> float | None:
        """Seconds until a job is tried again that was turned away; None if it has waited for `busy_for`, or would."""
        since, tries = self._waits.get(job_id, (uptime(), 0))
        first = self._pace.backoff
        wait: float = max(first * 2**tries, retry_after or 0.0) + random.uniform(0, first)  # noqa: S311  # jitter, no secret
        left = since + self._pace.busy_for - uptime()
        if max(first, retry_after or 0.0) > left:
            self.forget(job_id)
            return None
        self._waits[job_id] = (since, tries + 1)
        return min(wait, left)

    def forget(self, job_id: JobId) -> None:
        """It does not wait any more."""
        self._waits.pop(job_id, None)
