"""Load: N `/imagine` at R a second, all painted at once. What a job costs Easel, and what it costs a bare bot."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from bots import BOTS, WARM_UP, cpu_seconds, memory_watched, settled, warmed_up
from options import Options
from people import evenly, imagine, newcomers, open_town, percentile, waited
from table import Row, table

JOBS, RATE = 500, 50.0


@dataclass(frozen=True)
class Measures:
    """What one bot shows: milliseconds until each answer, milliseconds of CPU, MiB, edits before the one with the picture."""

    waits: list[float]
    cpu_per_job: float
    peak_memory: float
    edits_per_job: float


async def run(options: Options) -> str:
    """The table; raises Failed."""
    jobs, rate = options.jobs or JOBS, options.rate or RATE
    easel, bare = [await _measure(name, jobs, rate) for name in BOTS]
    rows = (
        Row("ack p50, ms", percentile(easel.waits, 50), percentile(bare.waits, 50)),
        Row("ack p99, ms", percentile(easel.waits, 99), percentile(bare.waits, 99), "≤ 100 ms"),
        Row("CPU per job, ms", easel.cpu_per_job, bare.cpu_per_job, "ratio ≤ 2"),
        Row("peak RSS, MiB", easel.peak_memory, bare.peak_memory),
        Row("progress edits per job", easel.edits_per_job, bare.edits_per_job),
    )
    return table(f"load: {jobs} /imagine, {rate:g} a second", ("Easel", "bare bot"), rows)


async def _measure(name: str, jobs: int, rate: float) -> Measures:
    async with open_town() as town:
        people = newcomers(town, WARM_UP + jobs)
        async with warmed_up(name, town, people[:WARM_UP]) as process:
            before = cpu_seconds(process)
            async with memory_watched(process) as sizes:
                replies = await evenly([partial(imagine, person) for person in people[WARM_UP:]], rate)
                await settled()
            used = cpu_seconds(process) - before
    edits = sum(reply.edits - 1 for reply in replies)
    return Measures([waited(reply) for reply in replies], used / jobs * 1000, max(sizes), edits / jobs)
