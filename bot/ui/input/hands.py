"""Interactions in hand: those that are being answered, which get a moment to finish when the bot stops."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from bot.text import _
from bot.ui.input.answering import tell
from bot.ui.services import Interaction

log = logging.getLogger(__name__)

RESTARTING = _("I am being restarted just now. Try again in a moment.")


class Hands:
    """Knows the task of every interaction that is being answered."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._stopping = False

    async def take(self, interaction: Interaction) -> bool:
        """Take up an interaction, whose answering is the current task; False if the bot stops and has said so."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  # this is a coroutine
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if self._stopping:
            await tell(interaction, RESTARTING)
        return not self._stopping

    async def finish(self, within: float) -> None:
        """Refuse what comes from now on, and wait for what is in hand, at most so many seconds."""
        self._stopping = True
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=within)

    async def close(self) -> None:
        """End what is still in hand: its rows stay as they are, so that the next start finds out what became of them."""
        left = set(self._tasks)
        for task in left:
            task.cancel()
        if left:
            log.warning("%d interactions were still in hand", len(left))
            await asyncio.gather(*left, return_exceptions=True)
