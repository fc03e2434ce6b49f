"""Progress at Discord's pace."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from time import monotonic

import pytest
from job_orders import NOON, PLACE, order

from bot.jobs.model import Job, JobId, Progress, State
from bot.pace import Pace
from bot.ui.output.pacing import Pacer

pytestmark = pytest.mark.timeout(20)


def job(name: str, channel_id: int = 7) -> Job:
    return Job(JobId(name), order(), replace(PLACE, channel_id=channel_id), State.RUNNING, NOON)


class Channel:
    """Takes the edits down, and answers them while `open` is set."""

    def __init__(self) -> None:
        self.edits: list[tuple[str, int, float]] = []
        self.open = asyncio.Event()
        self.open.set()
        self.fails = False
        self._changed = asyncio.Condition()

    async def edit(self, job: Job, progress: Progress) -> None:
        async with self._changed:
            self.edits.append((job.id, progress.percent, monotonic()))
            self._changed.notify_all()
        await self.open.wait()
        if self.fails:
            raise ConnectionError

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(10), self._changed:
            await self._changed.wait_for(condition)

    @property
    def shown(self) -> list[tuple[str, int]]:
        return [(name, percent) for name, percent, _ in self.edits]


HURRIED = Pace(card_every=0.02, channel_every=0.001)
FIVE_AT_ONCE = replace(HURRIED, channel_every=0.04)  # then one each 0.04 seconds


@asynccontextmanager
async def pacer_of(channel: Channel, pace: Pace = HURRIED) -> AsyncIterator[Pacer]:
    pacer = Pacer(channel.edit, pace)
    try:
        yield pacer
    finally:
        await pacer.close()


async def test_only_the_latest_state_is_shown() -> None:
    channel = Channel()
    async with pacer_of(channel) as pacer:
        channel.open.clear()
        pacer.show(job("a"), Progress(percent=0))
        await channel.until(lambda: len(channel.edits) == 1)
        for percent in range(1, 50):
            pacer.show(job("a"), Progress(percent=percent))
        channel.open.set()
        await channel.until(lambda: len(channel.edits) == 2)
    assert channel.shown == [("a", 0), ("a", 49)]
    assert channel.edits[1][2] - channel.edits[0][2] >= 0.019


async def test_the_card_that_waited_longest_comes_first() -> None:
    channel = Channel()
    async with pacer_of(channel) as pacer:
        for round_ in range(3):
            for name in "abc":
                pacer.show(job(name), Progress(percent=round_))
            await channel.until(lambda count=3 * (round_ + 1): len(channel.edits) == count)
    assert [name for name, _ in channel.shown] == list("abc" * 3)


async def test_a_channel_has_a_bounded_number_of_edits() -> None:
    channel = Channel()
    async with pacer_of(channel, FIVE_AT_ONCE) as pacer:
        for number in range(10):
            pacer.show(job(str(number)), Progress())
        await channel.until(lambda: len(channel.edits) == 10)
    assert channel.edits[-1][2] - channel.edits[0][2] >= 5 * 0.04 * 0.9


async def test_a_slow_channel_does_not_hold_up_another() -> None:
    channel = Channel()
    async with pacer_of(channel) as pacer:
        channel.open.clear()
        pacer.show(job("a", 1), Progress())
        pacer.show(job("b", 2), Progress())
        await channel.until(lambda: len(channel.edits) == 2)


async def test_the_end_waits_for_the_edit_under_way_and_drops_what_waits() -> None:
    channel = Channel()
    async with pacer_of(channel) as pacer:
        channel.open.clear()
        pacer.show(job("a"), Progress(percent=1))
        await channel.until(lambda: len(channel.edits) == 1)
        pacer.show(job("a"), Progress(percent=2))
        pacer.show(job("b"), Progress(percent=3))
        end = asyncio.create_task(pacer.end(JobId("a"), 7))
        for _ in range(5):
            await asyncio.sleep(0)
        assert not end.done()
        channel.open.set()
        async with asyncio.timeout(10):
            await end
        await channel.until(lambda: len(channel.edits) == 2)
    assert channel.shown == [("a", 1), ("b", 3)]


async def test_the_end_of_a_card_that_was_never_shown_waits_for_nothing() -> None:
    channel = Channel()
    async with pacer_of(channel) as pacer:
        pacer.show(job("a"), Progress())
        async with asyncio.timeout(10):
            await pacer.end(JobId("a"), 7)
            await pacer.end(JobId("unknown"), 8)
        pacer.show(job("b"), Progress())
        await channel.until(lambda: len(channel.edits) == 1)
    assert channel.shown == [("b", 0)]


async def test_an_edit_that_fails_does_not_stop_the_next() -> None:
    channel = Channel()
    channel.fails = True
    async with pacer_of(channel) as pacer:
        for percent in range(2):
            pacer.show(job("a"), Progress(percent=percent))
            await channel.until(lambda count=percent + 1: len(channel.edits) == count)
    assert channel.shown == [("a", 0), ("a", 1)]


async def test_progress_gives_way_to_ends() -> None:
    channel = Channel()
    async with pacer_of(channel, FIVE_AT_ONCE) as pacer:
        pacer.show(job("a"), Progress(percent=1))
        await channel.until(lambda: len(channel.edits) == 1)
        for number in range(1000):
            await pacer.end(JobId(f"ended {number}"), 7)
        pacer.show(job("b"), Progress(percent=2))
        await channel.until(lambda: len(channel.edits) == 2)
    # They used up five edits and owe five; more than that is forgiven, or progress would stand still for forty seconds.
    assert channel.edits[1][2] - channel.edits[0][2] >= 6 * 0.04 * 0.9
