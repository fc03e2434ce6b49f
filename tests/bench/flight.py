"""Flight: N jobs under way at the same moment, held before their end by the service. What they take of memory."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from bots import BOTS, MIB, WARM_UP, memory, memory_watched, settled, warmed_up
from options import Options
from people import AT_ONCE, Failed, all_of, command, delivered, newcomers, open_town
from table import Row, table

from sandbox.midjourney.faults import Held
from sandbox.town import Town

JOBS, RATE = 500, 50.0
PICTURE = MIB  # bytes at least: a bot that took whole pictures into memory should be seen to
ALL_UP_WITHIN = 60.0


@dataclass(frozen=True)
class Measures:
    """What one bot shows: MiB at rest, with all in flight, and at the highest; seconds from the release to the last picture."""

    at_rest: float
    in_flight: float
    peak: float
    landed_after: float


async def run(options: Options) -> str:
    """The table; raises Failed, also where not all were in flight at once, or not all were delivered then."""
    jobs, rate = options.jobs or JOBS, options.rate or RATE
    easel, bare = [await _measure(name, jobs, rate) for name in BOTS]
    each = [(one.in_flight - one.at_rest) * 1024 / jobs for one in (easel, bare)]
    rows = (
        Row("RSS before, MiB", easel.at_rest, bare.at_rest),
        Row("peak RSS in flight, MiB", easel.in_flight, bare.in_flight, "≤ 150 MB"),
        Row("  of it per job, KiB", *each),
        Row("peak RSS to the end, MiB", easel.peak, bare.peak, "≤ 150 MB"),
        Row("all delivered after, s", easel.landed_after, bare.landed_after),
    )
    title = f"flight: {jobs} jobs in flight at once, then all {jobs} delivered, each {PICTURE // MIB} MiB"
    return table(title, ("Easel", "bare bot"), rows)


async def _measure(name: str, jobs: int, rate: float) -> Measures:
    loop = asyncio.get_running_loop()
    async with open_town() as town:
        town.midjourney.weigh_pictures(raw=PICTURE)
        people = newcomers(town, WARM_UP + jobs)
        async with warmed_up(name, town, people[:WARM_UP]) as process:
            at_rest = memory(process)
            holds = [town.midjourney.hold_next("before_final", endpoint="imagine") for _ in range(jobs)]
            async with memory_watched(process) as sizes:
                replies = await all_of([partial(command, person) for person in people[WARM_UP:]], rate)
                await _all_up(town, holds)
                await settled()
                in_flight = max(sizes)
                released = loop.time()
                town.midjourney.release_all()
                await all_of([partial(delivered, reply) for reply in replies], AT_ONCE)
                landed_after = loop.time() - released
                await settled()
    return Measures(at_rest, in_flight, max(sizes), landed_after)


async def _all_up(town: Town, holds: Sequence[Held]) -> None:
    """Return once every task has been told of but for its end; raises Failed where that never is at one moment."""
    with suppress(TimeoutError):
        async with asyncio.timeout(ALL_UP_WITHIN):
            for held in holds:
                await held.reached(ALL_UP_WITHIN)
    in_flight = sum(not task.done for task in town.midjourney.tasks)
    if in_flight != len(holds):
        raise Failed(f"only {in_flight} of {len(holds)} jobs were in flight at once")
