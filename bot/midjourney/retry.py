"""Trying again, only if it is safe.

Not built on tenacity: the budget that a `Retry-After` must fit into, and the pause in which a job goes back to its
queue and its card says "still trying", would each need a hook there; as a loop they are these few lines.
"""

from __future__ import annotations

import asyncio
import logging
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from bot.midjourney.errors import ApiError, Busy, NotSent, Unclear

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")

log = logging.getLogger(__name__)

WAITS = 5


@dataclass(frozen=True, slots=True)
class Backoff:
    """Waits of `first` × 1, 2, 4, 8, 16 seconds plus up to `first` of jitter, within `budget` seconds in all."""

    first: float = 1.0
    budget: float = 36.0

    async def run(
        self,
        attempt: Callable[[], Awaitable[T]],
        *,
        pause: Callable[[ApiError, float], Awaitable[None]] | None = None,
        doubtful: int = 0,
        patient: bool = False,
    ) -> T:
        """Await `attempt()` until it succeeds, fails for good, or no further wait fits; then its error is raised.

        `NotSent` is tried again, but Busy only if the call is `patient`; so are the first `doubtful` failures that are
        Unclear, which only calls that bill nothing may ask for. A longer `Retry-After` is honoured if it fits the budget,
        else the error is raised at once. `pause(error, seconds)` is awaited in place of each wait; what it raises ends the
        tries.
        """
        clock = asyncio.get_running_loop().time
        deadline = clock() + self.budget
        for count in range(WAITS):
            try:
                return await attempt()
            except ApiError as error:
                if isinstance(error, Unclear) and doubtful > 0:
                    doubtful -= 1
                elif not isinstance(error, NotSent) or (isinstance(error, Busy) and not patient):
                    raise
                wait = max(self.first * 2**count, error.retry_after or 0.0)
                left = deadline - clock()
                if wait > left:
                    raise
                wait = min(wait + random.uniform(0, self.first), left)  # noqa: S311  # jitter, no secret
                log.info("Call is tried again in %.1f s after %s (trace %s)", wait, error.code, error.trace_id)
                failure = error
            await (asyncio.sleep(wait) if pause is None else pause(failure, wait))
        return await attempt()
