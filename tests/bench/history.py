"""History: start-up and presses with a million stored pictures, beside the same with next to none.

The two databases take turns, and the middle one of the rounds counts: so a machine that is busier at one moment than at
another treats them alike.
"""

from __future__ import annotations

import asyncio
import math
import shutil
import sys
import tempfile
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

from archive import fill, stored_pictures
from bots import READY_WITHIN, WARM_UP, running, settled
from options import Options
from people import Failed, all_of, delivered, imagine, newcomers, open_town, percentile, waited
from table import Row, table

from sandbox.town import Person, Reply, Town

PRESSES, RATE = 500, 25.0
PICTURES = 1_000_000
ROUNDS = 5  # each is one start of each
CARDS = 10  # that are pressed on
GONE_WITHIN = 15.0


@dataclass
class Side:
    """One of the two databases, and what Easel shows with it: milliseconds until it was at the gateway, until each answer.

    `presses` has a list a round.
    """

    home: Path
    starts: list[float] = field(default_factory=list)
    presses: list[list[float]] = field(default_factory=list)
    abouts: list[float] = field(default_factory=list)

    @property
    def database(self) -> Path:
        """Where Easel keeps it."""
        return self.home / "data" / "easel.db"

    def press(self, percent: int) -> float:
        """How long so many percent of a round's presses waited at most, in the middle one of the rounds."""
        return median(percentile(waits, percent) for waits in self.presses)


async def run(options: Options) -> str:
    """The table; raises Failed."""
    presses, rate = math.ceil((options.jobs or PRESSES) / ROUNDS), options.rate or RATE
    with tempfile.TemporaryDirectory(prefix="easel-bench-", ignore_cleanup_errors=True) as folder:
        few, many = Side(Path(folder, "few")), Side(Path(folder, "many"))
        async with open_town() as town:
            # Each presses once: the same person's same press is taken for a double one for some seconds.
            people = newcomers(town, 2 * CARDS + 2 * ROUNDS * (WARM_UP + presses))
            cards = await _paint(town, few.home, people[: 2 * CARDS])
            await asyncio.to_thread(_make_history, few, many, options.pictures or PICTURES, people)
            columns = tuple(f"{stored_pictures(side.database):,}" for side in (many, few))
            fresh = iter(people[2 * CARDS :])
            for _ in range(ROUNDS):
                for side in (few, many):
                    await _measure(town, side, cards, list(islice(fresh, WARM_UP + presses)), rate)
    rows = (
        Row("start to gateway, ms", median(many.starts), median(few.starts), "as fast"),
        Row("press of U1 p50, ms", many.press(50), few.press(50), "as fast"),
        Row("press of U1 p99, ms", many.press(99), few.press(99), "as fast"),
        Row("/about, ms", median(many.abouts), median(few.abouts)),
    )
    title = f"history: stored pictures; {ROUNDS} starts, {ROUNDS * presses} presses of U1, about {rate:g} a second"
    return table(title, columns, rows)


async def _paint(town: Town, home: Path, people: Sequence[Person]) -> list[Reply]:
    """The first grids, and one press on each: what is pressed on later, and what the history is copied from."""
    await asyncio.to_thread(home.mkdir)
    painters, pressers = people[:CARDS], people[CARDS:]
    async with running("Easel", home, town.settings()):
        await town.ready(timeout=READY_WITHIN)
        cards = await all_of([partial(imagine, person) for person in painters], RATE)
        await all_of(_presses(cards, pressers), RATE)
        await settled()
    await town.gone(timeout=GONE_WITHIN)
    return cards


def _make_history(few: Side, many: Side, pictures: int, people: Sequence[Person]) -> None:
    sys.stderr.write(f"history: storing {pictures:,} pictures\n")
    shutil.copytree(few.home, many.home)
    fill(many.database, pictures, [person.id for person in people])


async def _measure(town: Town, side: Side, cards: Sequence[Reply], people: Sequence[Person], rate: float) -> None:
    """One start, and everybody's press."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    async with running("Easel", side.home, town.settings()):
        await town.ready(timeout=READY_WITHIN)
        side.starts.append((loop.time() - started) * 1000)
        asks = _presses(cards, people)
        await all_of(asks[:WARM_UP], rate)
        await settled()
        about = await people[0].slash("about")
        side.abouts.append(waited(about))
        if f"{stored_pictures(side.database)} in all" not in about.text:
            raise Failed(f"other pictures are stored than it knows of: {about.text}")
        side.presses.append([waited(reply) for reply in await all_of(asks[WARM_UP:], rate)])
        await settled()
    await town.gone(timeout=GONE_WITHIN)


def _presses(cards: Sequence[Reply], people: Sequence[Person]) -> list[partial[Coroutine[Any, Any, Reply]]]:
    return [partial(_press, cards[number % len(cards)], person) for number, person in enumerate(people)]


async def _press(card: Reply, person: Person) -> Reply:
    return await delivered(await card.press("U1", by=person))
