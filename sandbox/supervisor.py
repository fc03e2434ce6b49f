"""The bot as a child of the sandbox: started, watched, killed and started again, and never left behind."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import shlex
import signal
import sys
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Mapping
    from pathlib import Path

PR_SET_PDEATHSIG = 1
LOG_LOOK = 20.0  # seconds between two looks at the log's size


class Supervisor:
    """Runs one command, in a session of its own and with an environment of its own; what it writes is appended to a log.

    On Linux the kernel ends it with this process, however that ends. Whoever does not end in `stopped_within` seconds is
    killed; of a log that grows past `log_most` bytes the newest quarter is kept.
    """

    def __init__(
        self,
        command: str,
        environment: Mapping[str, str],
        log: Path,
        *,
        folder: Path | None = None,
        stopped_within: float = 12.0,
        log_most: int = 2_000_000,
    ) -> None:
        self.command = shlex.split(command)
        self.log = log
        self._log_most = log_most
        self._stopped_within = stopped_within
        # Called whenever the bot has started or ended.
        self.listeners: list[Callable[[], None]] = []
        self._environment = dict(environment)
        self.folder = folder
        self._process: asyncio.subprocess.Process | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._wanted = False
        # Whoever starts the bot looks first whether it runs; two at once would both find that it doesn't.
        self._starting = asyncio.Lock()

    @property
    def state(self) -> Literal["running", "stopped"]:
        """Whether the bot runs."""
        return "running" if self._process is not None and self._process.returncode is None else "stopped"

    @property
    def exit_code(self) -> int | None:
        """The exit code of a bot that ended though nobody had asked it to."""
        return self._process.returncode if self._process is not None and self._wanted else None

    async def start(self) -> None:
        """Start the bot unless it runs; raises OSError if that is not possible."""
        async with self._starting:
            if self.state != "running":
                await asyncio.to_thread(_trim, self.log, self._log_most)
                self._process = await self._launch()
                self._wanted = True
                self._spawn(self._watch(self._process), "bot process")
                self._tell()

    async def _launch(self) -> asyncio.subprocess.Process:
        prepare = _die_with_us() if sys.platform == "linux" else None
        with self.log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *self.command,
                cwd=self.folder,
                env=os.environ | self._environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # So that the terminal's Ctrl-C and hang-up reach it as our SIGTERM, in order.
                start_new_session=True,
                preexec_fn=prepare,
            )

    async def kill(self) -> None:
        """End the bot where it stands."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        """Ask the bot to end, and see to it that it does."""
        try:
            async with asyncio.timeout(self._stopped_within):
                await self._end(signal.SIGTERM)
        except TimeoutError:
            await self.kill()

    async def close(self) -> None:
        """Stop the bot, and watching it."""
        await self.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def ended(self) -> int:
        """Wait until the bot ends though nobody has asked it to; its exit code."""
        ended = asyncio.Event()
        self.listeners.append(ended.set)
        try:
            while (code := self.exit_code) is None:
                await ended.wait()
                ended.clear()
            return code
        finally:
            self.listeners.remove(ended.set)

    async def started(self) -> None:
        """Wait until the bot runs."""
        started = asyncio.Event()
        self.listeners.append(started.set)
        try:
            while self.state != "running":
                await started.wait()
                started.clear()
        finally:
            self.listeners.remove(started.set)

    async def _end(self, how: signal.Signals) -> None:
        self._wanted = False
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(how)
            await self._process.wait()
        self._tell()

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        """Tell of its end, and keep its log from growing for ever meanwhile."""
        waiting = asyncio.ensure_future(process.wait())
        while not (await asyncio.wait({waiting}, timeout=LOG_LOOK))[0]:
            await asyncio.to_thread(_trim, self.log, self._log_most)
        self._tell()

    def _tell(self) -> None:
        for listen in list(self.listeners):
            listen()

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _die_with_us() -> Callable[[], None]:
    """What a child does between fork and exec, on Linux: have the kernel kill it at our end."""
    libc = ctypes.CDLL(None)
    parent = os.getpid()

    def prepare() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
        if os.getppid() != parent:
            os._exit(1)  # we ended before the kernel knew

    return prepare


def end_with_parent() -> None:
    """On Linux, have the kernel send this process a SIGTERM when the one that started it ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM))


def _trim(log: Path, most: int) -> None:
    """Keep a log's newest part; it is open for appending, so its writer goes on at the new end."""
    if log.exists() and log.stat().st_size > most:
        with log.open("r+b") as file:
            file.seek(-most // 4, os.SEEK_END)
            file.readline()
            newest = file.read()
            file.seek(0)
            file.write(newest)
            file.truncate()


def settings_lines(settings: Mapping[str, str]) -> Iterable[str]:
    """Settings as a shell reads them."""
    return (f"{name}={shlex.quote(value)}" for name, value in settings.items())
