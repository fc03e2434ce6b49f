"""Another machine's clock, as far as its answers tell it."""

from __future__ import annotations

import time

import pytest

from bot import clock
from bot.clock import RemoteClock


class Machine:
    """A machine whose uptime a test moves on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.up = 1000.0
        monkeypatch.setattr(clock, "uptime", lambda: self.up)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(monkeypatch)


def test_uptime_only_goes_forward() -> None:
    first = clock.uptime()
    assert clock.uptime() >= first


def test_nothing_is_known_before_the_first_answer() -> None:
    assert RemoteClock("Discord").now() is None


def test_it_goes_on_from_the_last_reading(machine: Machine) -> None:
    remote = RemoteClock("Discord")
    remote.read(5000.0)
    machine.up += 7
    assert remote.now() == 5007.0


def test_an_answer_that_was_long_on_its_way_does_not_set_it_back(machine: Machine) -> None:
    remote = RemoteClock("Discord")
    remote.read(5000.0)
    remote.read(4000.0)
    assert remote.now() == 5000.0
    remote.read(5002.0)
    assert remote.now() == 5002.0
    machine.up += clock.TRUSTED_FOR + 1
    remote.read(5500.0)  # it was slower than this machine's
    assert remote.now() == 5500.0


def test_a_difference_of_over_a_minute_is_logged_once(machine: Machine, caplog: pytest.LogCaptureFixture) -> None:
    near, ahead, behind = RemoteClock("Near"), RemoteClock("Ahead"), RemoteClock("Behind")
    for _ in range(2):
        near.read(time.time() - 50)
        ahead.read(time.time() + 960)
        behind.read(time.time() - 960)
        machine.up += clock.TRUSTED_FOR + 1
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 2
    assert "960 s behind Ahead's" in told[0]
    assert "960 s ahead of Behind's" in told[1]
