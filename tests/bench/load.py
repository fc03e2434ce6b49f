"""Load: N `/imagine` at R a second, all painted at once. What a job costs Easel, and what it costs a bare bot.

The two take turns, so that a machine that is busier at one moment than at another treats them alike.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import partial

from bots import BOTS, WARM_UP, cpu_seconds, memory_watched, settled, warmed_up
from options import Options
from people import all_of, imagine, newcomers, open_town, percentile, waited
from table import Row, table

JOBS, RATE = 900, 50.0
ROUNDS = 6  # each is a new town and a new process; many, since a virtual machine is faster now and slower then


@dataclass
class Side:
    """What one bot shows: milliseconds until each answer, seconds of CPU, MiB at most, edits before those with the picture."""

    waits: list[float] = field(default_factory=list)
    cpu: float = 0.0
    memory: float = 0.0
    edits: int = 0


async def run(options: Options) -> str:
    """The table; raises Failed."""
    jobs, rate = math.ceil((options.jobs or JOBS) / ROUNDS), options.rate or RATE
    sides = {name: Side() for name in BOTS}
    for _ in range(ROUNDS):
        for name, side in sides.items():
            await _measure(name, side, jobs, rate)
    easel, bare = sides.values()
    done = ROUNDS * jobs
    rows = (
        Row("ack p50, ms", percentile(easel.waits, 50), percentile(bare.waits, 50)),
        Row("ack p99, ms", percentile(easel.waits, 99), percentile(bare.waits, 99), "≤ 100 ms"),
        Row("CPU per job, ms", easel.cpu / done * 1000, bare.cpu / done * 1000, "ratio ≤ 2"),
        Row("peak RSS, MiB", easel.memory, bare.memory),
        Row("progress edits per job", easel.edits / done, bare.edits / done),
    )
    return table(f"load: {done} /imagine, about {rate:g} a second", ("Easel", "bare bot"), rows)


async def _measure(name: str, side: Side, jobs: int, rate: float) -> None:
    async with open_town() as town:
        people = newcomers(town, WARM_UP + jobs)
        async with warmed_up(name, town, people[:WARM_UP]) as process:
            before = cpu_seconds(process)
            async with memory_watched(process) as sizes:
                replies = await all_of([partial(imagine, person) for person in people[WARM_UP:]], rate)
                await settled()
            side.cpu += cpu_seconds(process) - before
    side.waits += [waited(reply) for reply in replies]
    side.memory = max(side.memory, *sizes)
    side.edits += sum(reply.edits - 1 for reply in replies)
