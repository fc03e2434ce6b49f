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

    async def until(self, probe: Callable[[], T], timeout: float) -> T:  # noqa: ASYNC109 - the time-out is the promise
        """What `probe` returns once it is true; raises TimeoutError after `timeout` seconds."""
        async with asyncio.timeout(timeout):
            while not (found := probe()):
                await self._event.wait()
        return found
