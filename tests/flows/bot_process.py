"""The bot as operators run it: a process of its own, in a town in this one, so that it can be killed for real."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Self

from acquainted import acquaint
from recording import traffic_file

from bot.config import Settings
from sandbox.town import Town

STARTED_WITHIN = 30.0
ENDED_WITHIN = 10.0
# `python -m bot run`, but tasks are looked up every second instead of every five: tests wait for that.
RUN = (
    "-c",
    "import sys; from bot import __main__; from bot.pace import Pace; sys.exit(__main__.main(['run'], Pace(poll_idle=0.5)))",
)


class BotProcess:
    """`python -m bot run`, for the length of an `async with`; what it writes is in the file `output`."""

    def __init__(self, home: Path, settings: dict[str, str], arguments: tuple[str, ...] = RUN) -> None:
        self.output = home / f"output-{len(list(home.glob('output-*')))}.txt"
        self._home = home
        self._arguments = arguments
        ours = {name: value for name, value in os.environ.items() if name.lower() not in Settings.model_fields}
        self._environment = ours | {"DATA_DIR": str(home / "data")} | settings

    async def __aenter__(self) -> Self:
        with self.output.open("wb") as output:
            # At home, so that no .env of the checkout counts.
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *self._arguments,
                cwd=self._home,
                env=self._environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        return self

    async def __aexit__(self, *_: object) -> None:
        # In order, where there is time for it: what a killed process has run is missing from the coverage.
        try:
            if self._process.returncode is None:
                await self.terminate()
        finally:
            await self.kill()

    @property
    def words(self) -> str:
        """What it wrote so far."""
        return self.output.read_text(encoding="utf-8")

    async def says(self, words: str, within: float = 60.0) -> None:
        """Wait until it has written these words; raises TimeoutError."""
        async with asyncio.timeout(within):
            while words not in await asyncio.to_thread(lambda: self.words):  # noqa: ASYNC110 - a file rings no bell
                await asyncio.sleep(0.02)

    async def ended(self, within: float = ENDED_WITHIN) -> int:
        """Its exit code; raises TimeoutError where it still runs after so many seconds."""
        async with asyncio.timeout(within):
            return await self._process.wait()

    async def terminate(self) -> int:
        """Ask it to stop, as `docker stop` does; its exit code."""
        self._process.terminate()
        return await self.ended()

    async def kill(self) -> None:
        """End it where it stands, if it still runs."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()


class Living:
    """A town and the bot that lives in it, which may die and come back to the same data."""

    def __init__(self, town: Town, home: Path, settings: dict[str, str]) -> None:
        self.town = town
        self._home = home
        self._settings = settings
        self._stack = AsyncExitStack()
        self.bot: BotProcess

    def process(self, arguments: tuple[str, ...] = RUN, **settings: str) -> Self:
        """Another process on the same data; it is started by `async with`. An empty setting counts as not set."""
        return BotProcess(self._home, self.town.settings() | self._settings | settings, arguments)

    async def start(self, arguments: tuple[str, ...] = RUN) -> None:
        """Start the bot and wait until it listens."""
        self.bot = await self._stack.enter_async_context(self.process(arguments))
        ready, ended = (asyncio.create_task(work) for work in (self.town.ready(STARTED_WITHIN), self.bot.ended(STARTED_WITHIN)))
        try:
            await asyncio.wait({ready, ended}, return_when=asyncio.FIRST_COMPLETED)
            listens = ready.done() and ready.exception() is None
            assert listens, f"the bot did not get ready:\n{self.bot.words}"
        finally:
            for task in (ready, ended):
                task.cancel()
            await asyncio.gather(ready, ended, return_exceptions=True)

    async def kill(self) -> None:
        """SIGKILL, and wait until Discord has noticed."""
        await self.bot.kill()
        await self.town.gone()

    async def close(self) -> None:
        """End every process."""
        await self._stack.aclose()


@asynccontextmanager
async def living(home: Path, *, record: bool = True, newcomer: bool = False, **settings: str) -> AsyncIterator[Living]:
    """A town with a bot that is ready; whatever happens, no process is left behind.

    `record=False` is for a town that says what Discord never says. A `newcomer` does not know yet which account is its own.
    """
    async with Town(traffic_file() if record else None) as town:
        if not newcomer:
            await acquaint(home / "data" / "easel.db", town.midjourney)
        place = Living(town, home, settings)
        try:
            await place.start()
            yield place
        finally:
            await place.close()
