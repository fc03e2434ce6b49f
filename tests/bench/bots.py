"""The measured bots, each in a process of its own, and what the system tells of them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import psutil
from people import Failed, all_of, imagine

from bot.config import Settings
from sandbox.town import Person, Town

BOTS = {"Easel": ("-m", "bot", "run"), "bare bot": (str(Path(__file__).with_name("bare_bot.py")),)}
OPTIONS = {"MAX_CONCURRENT_JOBS": "0", "MAX_JOBS_PER_USER": "0", "LOG_LEVEL": "ERROR"}  # everybody may spend here
WARM_UP = 5  # jobs before anything is measured: imports, the first connections, the one picture that is drawn
READY_WITHIN, SETTLED_AFTER, ENDED_WITHIN = 30.0, 1.0, 15.0
SAMPLE_EVERY = 0.05
MIB = 2**20


@asynccontextmanager
async def running(name: str, home: Path, settings: dict[str, str]) -> AsyncIterator[psutil.Process]:
    """A bot for the length of an `async with`, its data in `home/data`. What takes too long inside is raised as Failed."""
    ours = {key: value for key, value in os.environ.items() if key.lower() not in Settings.model_fields}
    environment = ours | settings | OPTIONS | {"DATA_DIR": str(home / "data")}
    # At home, so that no .env of the checkout counts.
    process = await asyncio.create_subprocess_exec(sys.executable, *BOTS[name], cwd=home, env=environment)
    try:
        yield psutil.Process(process.pid)
    except (TimeoutError, psutil.Error) as error:
        raise Failed(f"{name} did not get through: {error!r}") from error
    except Failed as failed:
        raise Failed(f"{name}: {failed}") from failed
    finally:
        await _end(process)


@asynccontextmanager
async def warmed_up(name: str, town: Town, people: Sequence[Person]) -> AsyncIterator[psutil.Process]:
    """A new bot that is at work in the town, after the first pictures of these people."""
    with tempfile.TemporaryDirectory(prefix="easel-bench-", ignore_cleanup_errors=True) as home:
        async with running(name, Path(home), town.settings()) as process:
            await town.ready(timeout=READY_WITHIN)
            await all_of([partial(imagine, person) for person in people], rate=len(people))
            await settled()
            yield process


async def settled() -> None:
    """Give a bot the moment in which it ends what it does after a picture was delivered: that belongs to the job, too."""
    await asyncio.sleep(SETTLED_AFTER)


async def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(ENDED_WITHIN):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def cpu_seconds(process: psutil.Process) -> float:
    """What all its threads have used since it was started."""
    times = process.cpu_times()
    return float(times.user + times.system)


def memory(process: psutil.Process) -> float:
    """MiB that are resident now."""
    return float(process.memory_info().rss) / MIB


@asynccontextmanager
async def memory_watched(process: psutil.Process) -> AsyncIterator[list[float]]:
    """The sizes in memory, in MiB, that the process has during the `async with`."""
    sizes = [memory(process)]

    async def sample() -> None:
        while True:
            sizes.append(memory(process))
            await asyncio.sleep(SAMPLE_EVERY)

    sampler = asyncio.create_task(sample(), name="memory")
    try:
        yield sizes
    finally:
        sampler.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await sampler
