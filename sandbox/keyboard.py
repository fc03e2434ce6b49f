"""Lines from standard input, without stopping the loop."""

from __future__ import annotations

import asyncio
import os
import sys

CHUNK = 65536


class Keyboard:
    """Reads lines from standard input; a waiting `line` can be cancelled, so that Ctrl-C ends it at once."""

    def __init__(self) -> None:
        self._read = b""

    async def line(self, prompt: str) -> str | None:
        """Show the prompt and wait for a line, without its end; None at the end of input."""
        sys.stdout.write(prompt)
        sys.stdout.flush()
        descriptor = sys.stdin.fileno()
        while b"\n" not in self._read:
            await _readable(descriptor)
            more = await asyncio.to_thread(os.read, descriptor, CHUNK)
            if not more:
                rest, self._read = self._read, b""
                return rest.decode(errors="replace") or None
            self._read += more
        line, _, self._read = self._read.partition(b"\n")
        return line.decode(errors="replace").rstrip("\r")


async def _readable(descriptor: int) -> None:
    """Wait for input; not in a thread, since one that waits in `read` can't be stopped."""
    loop = asyncio.get_running_loop()
    there = asyncio.Event()
    try:
        loop.add_reader(descriptor, there.set)
    except (PermissionError, NotImplementedError):
        return  # a plain file (epoll takes none) never makes us wait; on Windows the thread must do
    try:
        await there.wait()
    finally:
        loop.remove_reader(descriptor)
