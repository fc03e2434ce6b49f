"""Keeping a second process out of a database.

Two files are locked: one beside the database, which is there before the database is, and the database file itself, so that
the door stays shut if somebody deletes the first. Both locks are `flock`s, which SQLite's own don't see. Closing any
descriptor of the database file would drop SQLite's locks on it, so these are closed after its connections.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
from contextlib import ExitStack
from pathlib import Path

from bot.clock import uptime

log = logging.getLogger(__name__)

ASK_EVERY = 0.2  # seconds between tries


class Lock:
    """The lock on one database file, of this process or of another."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptors = ExitStack()

    async def take(self, *, wait: float = 0.0) -> bool:
        """Try for so many seconds to be alone; whether that was had."""
        ends = uptime() + wait
        told = False
        while not (held := await asyncio.to_thread(self._take)) and uptime() < ends:
            if not told:
                log.info("Another process has the database; waiting up to %.0f s for it to leave", wait)
                told = True
            await asyncio.sleep(ASK_EVERY)
        return held

    def _take(self) -> bool:
        return self.add(self._path.with_name(self._path.name + ".lock")) and self.add(self._path)

    def add(self, file: Path) -> bool:
        """Lock one more file, which is made if it is missing; False if another process has it. Blocks."""
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            self.release()
            return False
        self._descriptors.callback(os.close, descriptor)
        return True

    def release(self) -> None:
        """Let others in."""
        self._descriptors.close()
