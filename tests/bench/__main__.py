"""`make bench`: Easel beside a bare discord.py bot, each under the same load of `/imagine` in the sandbox.

A fresh town hosts each of them in turn. It shares the machine with the bot, so times compare and are not absolute.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import astuple, dataclass
from pathlib import Path

import psutil

from bot.config import Settings
from sandbox.discord.model import Channel
from sandbox.midjourney import Midjourney
from sandbox.town import Person, Reply, Town

BOTS = {"Easel": ("-m", "bot", "run"), "bare bot": (str(Path(__file__).with_name("bare_bot.py")),)}
OPTIONS = {"MAX_CONCURRENT_JOBS": "0", "MAX_JOBS_PER_USER": "0", "LOG_LEVEL": "WARNING"}
CHANNELS = 20
WARM_UP = 5  # jobs before the clock starts: imports, the first connections, the one picture that is drawn
READY_WITHIN, SETTLED_AFTER, ENDED_WITHIN = 30.0, 1.0, 10.0
DELIVERED_WITHIN = 60.0  # seconds from the last command of a run to the last picture
SAMPLE_EVERY = 0.05


@dataclass
class Measures:
    """What one run shows, as it stands in the table."""

    ack_p50_ms: float
    ack_p99_ms: float
    cpu_ms_per_job: float
    peak_rss_mb: float
    progress_edits_per_job: float


ROWS = ("ack p50, ms", "ack p99, ms", "CPU per job, ms", "peak RSS, MB", "progress edits per job")


def main(argv: Sequence[str] | None = None) -> int:
    """Run both bots and print the table; 1 where one of them didn't deliver everything in time."""
    parser = argparse.ArgumentParser(prog="make bench", description="Measure Easel beside a bare discord.py bot.")
    parser.add_argument("--jobs", type=int, default=200, metavar="N", help="how many /imagine (default: %(default)s)")
    parser.add_argument("--rate", type=float, default=50.0, metavar="R", help="how many a second (default: %(default)g)")
    wanted = parser.parse_args(argv)
    if wanted.jobs < 1 or wanted.rate <= 0:
        parser.error("--jobs and --rate must be positive")
    measured: dict[str, Measures] = {}
    for name, arguments in BOTS.items():
        try:
            measured[name] = asyncio.run(_measure(arguments, wanted.jobs, wanted.rate))
        except (TimeoutError, psutil.Error) as error:
            sys.stderr.write(f"{name} did not get through: {error!r}\n")
            return 1
        except ExceptionGroup as group:  # from the people
            sys.stderr.write(f"{name} did not serve everyone: {group.exceptions[0]!r} ({len(group.exceptions)} in all)\n")
            return 1
    _tell(measured, wanted.jobs, wanted.rate)
    return 0


async def _measure(arguments: Sequence[str], jobs: int, rate: float) -> Measures:
    async with AsyncExitStack() as stack:
        town = await stack.enter_async_context(Town(midjourney=False, strict_limits=False))
        town.midjourney = await stack.enter_async_context(Midjourney(cheap=True))
        # Before the bot comes, so that it hears of them as it does of any guild's channels.
        channels = [town.discord.state.add_channel(town.guild, f"easel-{number}") for number in range(CHANNELS)]
        people = _people(town, channels, WARM_UP + jobs)
        await stack.enter_async_context(asyncio.timeout(2 * READY_WITHIN + 2 * DELIVERED_WITHIN + jobs / rate))
        process = await stack.enter_async_context(_bot(arguments, town.settings()))
        await town.ready(timeout=READY_WITHIN)
        await _load(people[:WARM_UP], rate)
        await asyncio.sleep(SETTLED_AFTER)
        before = _cpu(process)
        async with _watched(process) as peak:
            replies = await _load(people[WARM_UP:], rate)
            # What a bot does after the picture is there belongs to the job, too.
            await asyncio.sleep(SETTLED_AFTER)
        used = _cpu(process) - before
    waits = sorted(_waited(reply) * 1000 for reply in replies)
    edits = sum(reply.edits - 1 for reply in replies)
    return Measures(_percentile(waits, 50), _percentile(waits, 99), used / jobs * 1000, max(peak) / 2**20, edits / jobs)


def _people(town: Town, channels: Sequence[Channel], count: int) -> list[Person]:
    return [town.newcomer(f"person{number}", channels[number % len(channels)]) for number in range(count)]


@asynccontextmanager
async def _bot(arguments: Sequence[str], settings: dict[str, str]) -> AsyncIterator[psutil.Process]:
    """A bot in a process of its own, away from any `.env`, for the length of an `async with`."""
    ours = {name: value for name, value in os.environ.items() if name.lower() not in Settings.model_fields}
    with tempfile.TemporaryDirectory(prefix="easel-bench-", ignore_cleanup_errors=True) as home:
        environment = ours | settings | OPTIONS | {"DATA_DIR": str(Path(home, "data"))}
        process = await asyncio.create_subprocess_exec(sys.executable, *arguments, cwd=home, env=environment)
        try:
            yield psutil.Process(process.pid)
        finally:
            await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(ENDED_WITHIN):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


async def _load(people: Sequence[Person], rate: float) -> list[Reply]:
    """One `/imagine` by each, evenly over time whatever the bot does; their replies, once all have their picture."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    async with asyncio.TaskGroup() as group:
        tasks = []
        for number, person in enumerate(people):
            await asyncio.sleep(max(0.0, started + number / rate - loop.time()))
            tasks.append(group.create_task(_imagine(person, number), name=f"imagine-{number}"))
    return [task.result() for task in tasks]


async def _imagine(person: Person, number: int) -> Reply:
    reply = await person.slash("imagine", prompt=f"a lighthouse in the fog, number {number}")
    await reply.until(lambda card: card.attachments, timeout=DELIVERED_WITHIN)
    return reply


@asynccontextmanager
async def _watched(process: psutil.Process) -> AsyncIterator[list[int]]:
    """The sizes in memory, in bytes, that the process has during the `async with`."""
    sizes: list[int] = []

    async def sample() -> None:
        while True:
            sizes.append(process.memory_info().rss)
            await asyncio.sleep(SAMPLE_EVERY)

    sampler = asyncio.create_task(sample(), name="memory")
    try:
        yield sizes
    finally:
        sampler.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await sampler


def _cpu(process: psutil.Process) -> float:
    """Seconds, all threads'."""
    times = process.cpu_times()
    return times.user + times.system


def _waited(reply: Reply) -> float:
    """Seconds from the dispatch of the interaction to its callback, by the sandbox's clock."""
    assert reply.interaction.answered_at is not None
    return reply.interaction.answered_at - reply.interaction.born_at


def _percentile(ordered: Sequence[float], percent: int) -> float:
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def _tell(measured: dict[str, Measures], jobs: int, rate: float) -> None:
    sys.stdout.write(f"{jobs} /imagine, {rate:g} a second\n\n{'':24}{'Easel':>10}{'bare bot':>10}{'ratio':>8}\n")
    for row, ours, bare in zip(ROWS, astuple(measured["Easel"]), astuple(measured["bare bot"]), strict=True):
        ratio = f"{ours / bare:.2f}" if bare else "–"
        sys.stdout.write(f"{row:24}{ours:10.2f}{bare:10.2f}{ratio:>8}\n")


if __name__ == "__main__":
    sys.exit(main())
