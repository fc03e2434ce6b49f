"""What happened to jobs, for whoever wants to hear of it besides the cards: the operator's messages."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from bot.jobs.model import Failure, JobId

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class JobFailed:
    """A job has failed, and that is on record."""

    job_id: JobId
    failure: Failure


@dataclass(frozen=True, slots=True)
class AnsweredElsewhere:
    """The interaction of a job has an answer that is none of ours: another process runs with the same token."""

    job_id: JobId


Event = JobFailed | AnsweredElsewhere
Listener = Callable[[Event], None]


class Events:
    """Tells every listener at once; a listener never waits, and its failure is nobody else's."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> None:
        """Call it for every event from now on."""
        self._listeners.append(listener)

    def tell(self, event: Event) -> None:
        """Something happened."""
        for listener in self._listeners:
            try:
                listener(event)
            except Exception:
                log.exception("A listener failed at %s", type(event).__name__)
