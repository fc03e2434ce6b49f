"""Waiting for something to become true, without polling."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Bell:
    """Rung whenever something changed; waiters look again."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        """Let every waiter look again."""
        event, self._event = self._event, asyncio.Event()
        event.set()

    def __reduce__(self) -> tuple[type[Bell], tuple[()]]:
        """A stored bell comes back with nobody waiting."""
        return Bell, ()

    async def until(self, true: Callable[[], bool], timeout: float = 10.0) -> None:  # noqa: ASYNC109 - part of the helper's promise
        """Return once `true()`; raises TimeoutError after `timeout` seconds."""
        async with asyncio.timeout(timeout):
            while not true():
                await self._event.wait()
