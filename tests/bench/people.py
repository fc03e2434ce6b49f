"""A town with people in it who all want something, and how long they wait for it."""

from __future__ import annotations

import asyncio
import itertools
import math
import random
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from sandbox.midjourney import Midjourney
from sandbox.town import Person, Reply, Town

T = TypeVar("T")

CHANNELS = 20
DELIVERED_WITHIN = 60.0  # seconds from a command or a release to the picture
AT_ONCE = math.inf
SEED = 1

_numbers = itertools.count()


class Failed(Exception):
    """The bot did not do what the case measures; the words say what was missing."""


@asynccontextmanager
async def open_town() -> AsyncIterator[Town]:
    """Both services, as cheap as they can be: they share the machine with the bot."""
    async with Town(midjourney=False, strict_limits=False) as town, Midjourney(cheap=True) as service:
        town.midjourney = service
        yield town


def newcomers(town: Town, count: int) -> list[Person]:
    """So many people in some channels; to be called before the bot comes, so that it hears of them as of any guild's."""
    channels = [town.discord.state.add_channel(town.guild, f"easel-{number}") for number in range(CHANNELS)]
    return [town.newcomer(f"person{number}", channels[number % CHANNELS]) for number in range(count)]


async def all_of(asks: Sequence[Callable[[], Coroutine[Any, Any, T]]], rate: float) -> list[T]:
    """Ask about `rate` times a second whatever becomes of it; what each got. Raises Failed where someone got nothing.

    The moments are random, as people's are, and the same in every run: even ones would fall in step with the service,
    whose lines come evenly, and then measure how well the two meet.
    """
    loop = asyncio.get_running_loop()
    chance = random.Random(SEED)
    due = loop.time()
    tasks = []
    for number, ask in enumerate(asks):
        await asyncio.sleep(max(0.0, due - loop.time()))
        tasks.append(asyncio.create_task(ask(), name=f"person-{number}"))
        due += chance.expovariate(rate)
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    errors = [answer for answer in answers if isinstance(answer, BaseException)]
    if errors:
        raise Failed(f"{len(errors)} of {len(answers)} people were not served, the first one: {errors[0]!r}")
    return [answer for answer in answers if not isinstance(answer, BaseException)]


async def command(person: Person) -> Reply:
    """`/imagine`, answered."""
    return await person.slash("imagine", prompt=f"a lighthouse in the fog, number {next(_numbers)}")


async def imagine(person: Person) -> Reply:
    """`/imagine`, its picture delivered."""
    return await delivered(await command(person))


async def delivered(reply: Reply) -> Reply:
    """The reply, once its picture is on it."""
    await reply.until(lambda card: card.attachments, timeout=DELIVERED_WITHIN)
    return reply


def waited(reply: Reply) -> float:
    """Milliseconds from the dispatch of the interaction to its callback, by the sandbox's clock."""
    assert reply.interaction.answered_at is not None
    return (reply.interaction.answered_at - reply.interaction.born_at) * 1000


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that so many percent do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]
