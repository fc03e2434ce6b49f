"""Media that go into messages of their own, beside the card: noted before they are sent, and once they are there."""

from __future__ import annotations

import time
from collections.abc import Sequence

from bot.jobs.model import Job
from bot.store import Queries


class MediaMessages:
    """What the store knows of such messages; media are named by their places in the answer."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    async def posted(self, job: Job) -> frozenset[int]:
        """Which of a job's media are in messages of their own already."""
        return frozenset(position for position, _ in await self._queries.posted_media(job.id))

    async def is_posted(self, job: Job, message_id: int) -> bool:
        """Whether a message holds media of this job."""
        return any(message_id == each for _, each in await self._queries.posted_media(job.id))

    async def announce(self, job: Job, positions: Sequence[int]) -> bool:
        """Committed before they are sent; False if an earlier try may have sent them."""
        return await self._queries.post_media(job.id, positions, time.time())

    async def note(self, job: Job, positions: Sequence[int], message_id: int) -> None:
        """The message is there; 0 if nobody can tell whether it is."""
        await self._queries.note_media(job.id, positions, message_id)
