"""A child that is watched, and whose log does not grow for ever."""

from __future__ import annotations

import asyncio
import os
import shlex
import sys
from typing import TYPE_CHECKING

import psutil
import pytest

from sandbox.supervisor import Supervisor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


def command(code: str) -> str:
    """A bot of a few words."""
    return shlex.join([sys.executable, "-c", code])


@pytest.fixture
async def sleeper(tmp_path: Path) -> AsyncIterator[Supervisor]:
    """A bot that sleeps."""
    sleeper = Supervisor(command("import time; time.sleep(60)"), {}, tmp_path / "bot.log")
    await sleeper.start()
    yield sleeper
    await sleeper.close()


async def test_who_ends_by_itself_is_noticed(tmp_path: Path) -> None:
    bot = Supervisor(
        command("import os; print(os.environ['WHO'], flush=True); raise SystemExit(3)"), {"WHO": "me"}, tmp_path / "l"
    )
    await bot.start()
    async with asyncio.timeout(20):
        assert await bot.ended() == 3
    assert (bot.state, (tmp_path / "l").read_text()) == ("stopped", "me\n")
    await bot.close()


async def test_who_is_killed_has_not_ended_by_itself(sleeper: Supervisor) -> None:
    told: list[str] = []
    sleeper.listeners.append(lambda: told.append(sleeper.state))
    await sleeper.kill()
    assert (sleeper.state, sleeper.exit_code) == ("stopped", None)
    waiting = asyncio.create_task(sleeper.started())
    await sleeper.start()
    await sleeper.start()
    async with asyncio.timeout(20):
        await waiting
    assert sleeper.state == "running"
    assert {"stopped", "running"} <= set(told)


async def test_who_is_started_twice_at_once_runs_once(tmp_path: Path) -> None:
    bot = Supervisor(command("import time; time.sleep(59)"), {}, tmp_path / "bot.log")
    try:
        await asyncio.gather(bot.start(), bot.start(), bot.start())
        running = [child for child in psutil.Process().children() if child.cmdline()[-1:] == bot.command[-1:]]
        assert len(running) == 1
    finally:
        await bot.close()


async def test_who_does_not_want_to_stop_is_killed(tmp_path: Path) -> None:
    deaf = tmp_path / "deaf"
    os.mkfifo(deaf)
    code = (
        f"import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); open({str(deaf)!r}, 'w').close(); time.sleep(60)"
    )
    bot = Supervisor(command(code), {}, tmp_path / "bot.log", stopped_within=0.2)
    await bot.start()
    async with asyncio.timeout(20):
        await asyncio.to_thread(deaf.read_bytes)
        await bot.close()
    assert bot.state == "stopped"


async def test_a_log_keeps_its_newest_part(tmp_path: Path) -> None:
    log = tmp_path / "bot.log"
    log.write_text("".join(f"line {number}\n" for number in range(1000)))
    bot = Supervisor(command("print('new')"), {}, log, log_most=400)
    await bot.start()
    async with asyncio.timeout(20):
        await bot.ended()
    lines = log.read_text().splitlines()
    assert lines[-2:] == ["line 999", "new"]
    assert len(lines) < 15
    await bot.close()
