"""Lines from standard input, without stopping the loop."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import os
import sys
import threading
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from types import TracebackType

CHUNK = 65536


class Keyboard:
    """Reads lines from standard input, for the length of a `with`; a waiting `line` can be cancelled.

    `attended` tells whether a person types them: then there is a prompt, and where Python has readline, a history.
    """

    def __init__(self) -> None:
        self.attended = sys.stdin.isatty() and sys.stdout.isatty()
        self._read = b""
        self._has_history = False
        self._terminal: Any = None

    def __enter__(self) -> Self:
        if self.attended:
            with contextlib.suppress(ImportError):
                importlib.import_module("readline")  # from here on, input() has a history
                self._terminal = importlib.import_module("termios").tcgetattr(sys.stdin.fileno())
                self._has_history = True
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._terminal is not None:
            # A line that was cancelled leaves the terminal as readline has set it: without echo.
            termios = importlib.import_module("termios")
            termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, self._terminal)

    async def line(self, prompt: str) -> str | None:
        """Wait for a line, without its end; None at the end of input. A person is shown the prompt."""
        if self._has_history:
            return await _from_thread(prompt)
        if self.attended:
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


async def _from_thread(prompt: str) -> str | None:
    """Ask by `input()`, in a thread that may be left waiting for a line that never comes."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[str | None] = loop.create_future()

    def settle(line: str | None) -> None:
        if not answer.done():
            answer.set_result(line)

    def ask() -> None:
        line = None
        with contextlib.suppress(EOFError, OSError):
            line = input(prompt)
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, line)

    threading.Thread(target=ask, name="keyboard", daemon=True).start()
    return await answer


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
