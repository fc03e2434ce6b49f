"""Writes that must not be lost: repeated for as long as the store is away."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.errors import StoreUnavailable
from bot.jobs.model import JobId

log = logging.getLogger(__name__)

T = TypeVar("T")


async def insist(job_id: JobId, write: Callable[[], Awaitable[T]], *, again: float) -> T:
    """Repeat it every `again` seconds, but only what may pass: anything else would hold its job for ever."""
    while True:
        try:
            return await write()
        except StoreUnavailable as error:
            log.warning("What became of job %s could not be recorded yet: %s", job_id, error)
            await asyncio.sleep(again)
