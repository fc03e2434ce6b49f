"""Ends: N jobs in flight, each painted for 10 to 90 seconds. How long after its end a bot that asks is told of it.

Told means asked and answered: from the moment in which the image service has finished a task to the first look-up that names
it. What comes then, a download and an upload, the other cases measure.
"""

from __future__ import annotations

import asyncio
import random
from functools import partial

from bots import WARM_UP, warmed_up
from options import Options
from people import AT_ONCE, Failed, all_of, command, delivered, newcomers, open_town, percentile

from sandbox.midjourney import Held, Midjourney

SIZES = ((50, "p50 ≤ 1.5 s, p95 ≤ 3 s"), (500, "p50 ≤ 8 s"))
RATE = 50.0
SHORTEST, LONGEST = 10.0, 90.0  # seconds; the sheet's times of a fast picture


async def run(options: Options) -> str:
    """The table; raises Failed where a job was not delivered."""
    sizes = [(options.jobs, "")] if options.jobs else SIZES
    lines = [
        "ends: seconds from a task's end to the look-up that tells of it",
        "",
        f"{'jobs in flight':30}{'p50':>8}{'p95':>8}  aim",
    ]
    for jobs, aim in sizes:
        waits = await _measure(jobs, options)
        lines.append(f"{jobs:<30}{percentile(waits, 50):8.2f}{percentile(waits, 95):8.2f}  {aim}".rstrip())
    return "\n".join(lines) + "\n"


async def _measure(jobs: int, options: Options) -> list[float]:
    chance = random.Random(options.seed)
    loop = asyncio.get_running_loop()
    async with open_town() as town:
        people = newcomers(town, WARM_UP + jobs)
        async with warmed_up("Easel", town, people[:WARM_UP]):
            holds = [town.midjourney.hold_next("before_final", endpoint="imagine") for _ in range(jobs)]
            replies = await all_of([partial(command, person) for person in people[WARM_UP:]], options.rate or RATE)
            await _all_up(holds)
            for held in holds:
                loop.call_later(chance.uniform(SHORTEST, LONGEST), held.release)
            await asyncio.sleep(LONGEST)
            await all_of([partial(delivered, reply) for reply in replies], AT_ONCE)
        return _waits(town.midjourney, {held.task_id for held in holds})


async def _all_up(holds: list[Held]) -> None:
    try:
        for held in holds:
            await held.reached(60)
    except TimeoutError:
        raise Failed("not all jobs were in flight at once") from None


def _waits(midjourney: Midjourney, measured: set[str | None]) -> list[float]:
    asked = [(seen.at, set(seen.body.get("ids", ()))) for seen in midjourney.received("tasks")]
    waits = []
    for task in midjourney.tasks:
        if task.id in measured and task.finished_at is not None:
            told = next((at for at, ids in asked if at >= task.finished_at and task.id in ids), None)
            if told is None:
                raise Failed("a task's end was never asked for")
            waits.append(told - task.finished_at)
    return waits
