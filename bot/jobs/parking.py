"""Cards that only an interaction's token reaches: before it dies they ask for a press, which brings a new one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from bot.background import Background
from bot.errors import StoreUnavailable
from bot.jobs.model import TOKEN_LIFE, Job, JobId, Place
from bot.jobs.ports import Cards
from bot.jobs.records import Records
from bot.pace import Pace

log = logging.getLogger(__name__)


class Parking:
    """Has one timer for each such card; `discord_now` tells the time by Discord's clock, if it is known."""

    def __init__(
        self, records: Records, cards: Cards, background: Background, discord_now: Callable[[], float | None], pace: Pace
    ) -> None:
        self._records = records
        self._cards = cards
        self._background = background
        self._discord_now = discord_now
        self._pace = pace

    def later(self, job: Job) -> None:
        """Ask for a press on a job's card just before its token dies, if the card has no other way then."""
        if not job.place.has_bot or job.place.ephemeral:
            self._background.spawn(f"park {job.id}", self._park(job.id))

    async def _park(self, job_id: JobId) -> None:
        while True:
            try:
                return await self._ask_in_time(job_id)
            except StoreUnavailable as error:
                log.warning("The card of job %s waits for the store to ask for a press: %s", job_id, error)
                await asyncio.sleep(self._pace.park_again)

    async def _ask_in_time(self, job_id: JobId) -> None:
        place = (await self._records.job(job_id)).place
        if place.is_reached_by_bot:
            return
        while (left := seconds_left(place, self._discord_now(), self._pace)) > 0:  # noqa: ASYNC110  # a waking machine's clock jumps
            await asyncio.sleep(min(left, self._pace.look_at_clock))
        while place.may_be_reached_by_token(self._discord_now()):
            job = await self._records.job(job_id)
            if not job.is_open or job.let_go_at or job.place.token != place.token or await self._cards.ask_for_press(job):
                return
            await asyncio.sleep(self._pace.park_again)


def seconds_left(place: Place, discord_now: float | None, pace: Pace) -> float:
    """Until a card that only its token reaches asks for a press, and shows no progress any more.

    0 if the token's age is not known.
    """
    return 0.0 if discord_now is None else place.token_expires_at - (TOKEN_LIFE - pace.park_after) - discord_now
