"""Whose turn it is."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from bot.jobs.model import JobId
from bot.jobs.scheduler import Scheduler

ANNA, BERT, CLEO = 1, 2, 3


def filled(scheduler: Scheduler, *jobs: tuple[str, int]) -> Scheduler:
    for name, user_id in jobs:
        scheduler.add(JobId(name), user_id)
    return scheduler


def take_all(scheduler: Scheduler) -> list[str]:
    taken = []
    while (turn := scheduler.take()) is not None:
        taken.append(turn.job_id)
    return taken


def test_one_who_asks_for_twenty_does_not_keep_others_waiting() -> None:
    twenty = [(f"a{n}", ANNA) for n in range(20)]
    scheduler = filled(Scheduler(0, 0), *twenty, ("b0", BERT), ("c0", CLEO), ("b1", BERT))
    assert take_all(scheduler) == ["a0", "b0", "c0", "a1", "b1", *(f"a{n}" for n in range(2, 20))]


def test_no_more_run_than_the_limits_allow() -> None:
    scheduler = filled(Scheduler(3, 2), *((f"a{n}", ANNA) for n in range(4)), *((f"b{n}", BERT) for n in range(2)))
    assert take_all(scheduler) == ["a0", "b0", "a1"]
    scheduler.release(BERT)
    assert take_all(scheduler) == ["b1"]
    scheduler.release(BERT)
    assert take_all(scheduler) == []  # Anna has her two
    scheduler.release(ANNA)
    assert take_all(scheduler) == ["a2"]


def test_jobs_that_run_already_count_even_beyond_the_limits() -> None:
    scheduler = filled(Scheduler(1, 1), ("a", ANNA))
    scheduler.occupy(BERT)
    scheduler.occupy(BERT)
    assert scheduler.take() is None
    scheduler.release(BERT)
    assert scheduler.take() is None
    scheduler.release(BERT)
    assert scheduler.take() == ("a", ANNA)


def test_a_dropped_job_is_not_taken() -> None:
    scheduler = filled(Scheduler(0, 0), ("a", ANNA), ("b", ANNA), ("c", BERT))
    assert scheduler.drop(JobId("a"), ANNA)
    assert not scheduler.drop(JobId("a"), ANNA)
    assert not scheduler.drop(JobId("c"), ANNA)
    assert scheduler.drop(JobId("c"), BERT)
    assert not scheduler.drop(JobId("x"), CLEO)
    assert take_all(scheduler) == ["b"]
    assert not scheduler.drop(JobId("b"), ANNA)


USERS = st.integers(1, 4)


@given(st.lists(USERS, max_size=25), st.lists(st.integers(0, 24), max_size=5))
def test_positions_are_the_order_in_which_jobs_are_taken(users: list[int], dropped: list[int]) -> None:
    scheduler = filled(Scheduler(0, 0), *((str(number), user) for number, user in enumerate(users)))
    for number in dropped:
        if number < len(users):
            scheduler.drop(JobId(str(number)), users[number])
    places = scheduler.positions()
    assert take_all(scheduler) == sorted(places, key=lambda job: places[job])
    assert sorted(places.values()) == list(range(1, len(places) + 1))
    assert scheduler.positions() == {}


class Slots:
    """A scheduler under test, with everything that was asked of it."""

    def __init__(self, total: int, per_user: int) -> None:
        self.scheduler = Scheduler(total, per_user)
        self.total, self.per_user = total, per_user
        self.owners: dict[str, int] = {}
        self.gone: list[str] = []
        self.running: list[int] = []

    def add(self, user_id: int) -> None:
        name = str(len(self.owners))
        self.owners[name] = user_id
        self.scheduler.add(JobId(name), user_id)

    def take(self, _: int = 0) -> bool:
        if (turn := self.scheduler.take()) is None:
            return False
        assert turn.user_id == self.owners[turn.job_id]
        self.gone.append(turn.job_id)
        self.running.append(turn.user_id)
        assert not self.total or len(self.running) <= self.total
        assert not self.per_user or max(Counter(self.running).values()) <= self.per_user
        return True

    def end(self, _: int = 0) -> None:
        if self.running:
            self.scheduler.release(self.running.pop(0))

    def drop(self, user_id: int) -> None:
        waiting = next((job for job, owner in self.owners.items() if owner == user_id and job not in self.gone), None)
        if waiting is not None:
            assert self.scheduler.drop(JobId(waiting), user_id)
            self.gone.append(waiting)


@given(st.lists(st.tuples(st.sampled_from(["add", "add", "take", "end", "drop"]), USERS), max_size=80), st.data())
def test_every_job_is_taken_or_dropped_once_and_never_beyond_the_limits(
    steps: list[tuple[str, int]], data: st.DataObject
) -> None:
    slots = Slots(total=data.draw(st.integers(0, 4)), per_user=data.draw(st.integers(0, 3)))
    for step, user_id in steps:
        getattr(slots, step)(user_id)
    while slots.take() or slots.running:
        slots.end()
    assert sorted(slots.gone) == sorted(slots.owners)
    assert slots.scheduler.positions() == {}
