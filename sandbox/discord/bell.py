"""Waiting for something to become true, without polling."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Bell:
    """Rung at every change; who waits looks again at each ring."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        """Wake everyone who waits."""
        self._event.set()
        self._event = asyncio.Event()

    def next_ring(self) -> asyncio.Event:
        """Set at the next ring after this call, even if nobody waits for it by then."""
        return self._event

    def __reduce__(self) -> tuple[type[Bell], tuple[()]]:
        """A stored bell comes back with nobody waiting."""
        return Bell, ()

    async def until(self, probe: Callable[[], T], timeout: float | None) -> T:  # noqa: ASYNC109 - the time-out is the promise
        """What `probe` returns once it is true; raises TimeoutError after `timeout` seconds (None: never)."""
        async with asyncio.timeout(timeout):
            while not (found := probe()):
                await self._event.wait()
        return found
