"""`easel demo` as someone starts it: its page, what it keeps, and how it ends."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from page_client import painted, visiting
from test_command_line import start

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

WITHIN = 40.0


def free_port() -> int:
    """A port that is free, as is the next one."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port


class Demo:
    """A demo that runs; `url` is where its page is."""

    def __init__(self, process: asyncio.subprocess.Process, home: Path) -> None:
        self.process = process
        self.home = home
        self.url = ""

    async def announced(self) -> None:
        """Wait until it says where its page is."""
        assert self.process.stdout is not None
        async with asyncio.timeout(WITHIN):
            while not self.url:
                line = (await self.process.stdout.readline()).decode()
                assert line, "the demo ended by itself"
                found = re.search(r"http://127\.0\.0\.1:\d+/app/\S+", line)
                self.url = found[0] if found else ""

    def family(self) -> list[psutil.Process]:
        """It and all that it has started."""
        demo = psutil.Process(self.process.pid)
        return [demo, *demo.children(recursive=True)]

    async def end(self, how: signal.Signals) -> int:
        """Send it a signal; its exit code, once nothing of it is left."""
        family = self.family()
        assert len(family) >= 3, "demo, sandbox and bot"
        self.process.send_signal(how)
        async with asyncio.timeout(WITHIN):
            code = await self.process.wait()
        _, left = await asyncio.to_thread(psutil.wait_procs, family, 10)
        assert not left
        return code


@asynccontextmanager
async def demo(home: Path, *arguments: str) -> AsyncIterator[Demo]:
    """The demo's page, which is up; whatever happens, nothing is left behind."""
    process = await start("demo", "--fast", "--port", str(free_port()), *arguments, home=home)
    running = Demo(process, home)
    try:
        await running.announced()
        yield running
    finally:
        if process.returncode is None:
            family = running.family()
            for member in family:
                with suppress(psutil.NoSuchProcess):  # the bot ends with its demo
                    member.kill()
            await process.wait()


async def ended(*arguments: str, home: Path) -> tuple[int, str]:
    """A demo that ends by itself; its exit code and what it said."""
    process = await start("demo", *arguments, home=home)
    async with asyncio.timeout(WITHIN):
        output, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, output.decode()


async def test_what_was_painted_is_there_the_next_time_and_its_buttons_work(tmp_path: Path) -> None:
    async with demo(tmp_path) as first:
        async with visiting(first.url) as visit:
            told = await visit.slash("imagine", prompt="a red fox")
            card = await visit.message(told["message_id"], painted)
        assert await first.end(signal.SIGTERM) == 0
    async with demo(tmp_path) as second:
        assert second.url.rpartition("/app/")[2] == first.url.rpartition("/app/")[2], "an open page finds its way back"
        async with visiting(second.url) as visit:
            old = visit.messages[card["id"]]
            async with visit.session.get(old["attachments"][0]["url"]) as response:
                assert response.status == 200
            pressed = await visit.press(old, "U2")
            await visit.message(pressed["message_id"], painted)
            async with visit.session.get(f"{second.url}socket") as response:
                assert response.status in (400, 403), "no one comes in without an Origin"
        # What a terminal sends when it is closed.
        assert await second.end(signal.SIGHUP) == 0
        log = (tmp_path / "easel-demo" / "bot.log").read_text()
        assert "Traceback" not in log
    async with demo(tmp_path, "--fresh") as third:
        async with visiting(third.url) as visit:
            assert not visit.messages
        assert await third.end(signal.SIGINT) == 0


async def test_the_bot_is_killed_and_started_again_from_the_page(tmp_path: Path) -> None:
    async with demo(tmp_path) as running, visiting(running.url) as visit:
        told = await visit.slash("imagine", prompt="a red fox")
        card = await visit.message(told["message_id"], painted)
        await visit.send("bot", do="kill")
        await visit.next("bot", lambda frame: frame["bot"]["process"] == "stopped" and not frame["bot"]["online"])
        await visit.send("bot", do="start")
        await visit.next("bot", lambda frame: frame["bot"]["process"] == "running" and frame["bot"]["online"])
        pressed = await visit.press(card, "V1")
        await visit.message(pressed["message_id"], painted)


@pytest.mark.parametrize("whom", ["demo", "sandbox"])
async def test_nothing_is_left_behind_by_who_is_killed(tmp_path: Path, whom: str) -> None:
    async with demo(tmp_path) as running:
        family = running.family()
        family[0 if whom == "demo" else 1].kill()
        await running.process.wait()
        _, left = await asyncio.to_thread(psutil.wait_procs, family, 15)
        assert not left


async def test_a_second_demo_in_the_same_folder_says_so(tmp_path: Path) -> None:
    async with demo(tmp_path):
        code, output = await ended("--port", str(free_port()), home=tmp_path)
    assert code == 1
    assert output.count("\n") == 1
    assert "Another sandbox is using" in output


@pytest.mark.parametrize("which", [0, 1])
async def test_a_port_that_is_taken_is_named(tmp_path: Path, which: int) -> None:
    port = free_port()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port + which))
        taken.listen()
        code, output = await ended("--port", str(port), home=tmp_path)
    assert code == 1
    assert output.count("\n") == 1
    assert str(port) in output
    assert "--port" in output


async def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "easel-demo").write_text("in the way")
    code, output = await ended(home=tmp_path)
    assert code == 1
    assert output.count("\n") == 1
    assert "easel-demo" in output


async def test_who_finds_the_bots_database_damaged_is_told_how_to_begin_anew(tmp_path: Path) -> None:
    data = tmp_path / "easel-demo" / "bot" / "data"
    async with demo(tmp_path) as before:
        async with visiting(before.url):
            pass  # the bot is there, and so is its database
        assert await before.end(signal.SIGTERM) == 0
    (data / "easel.db").write_bytes(b"no database" * 1000)
    async with demo(tmp_path) as running:
        assert running.process.stdout is not None
        async with asyncio.timeout(WITHIN):
            while "The bot ended by itself" not in (line := (await running.process.stdout.readline()).decode()):
                assert line, "the demo ended by itself"
        assert "--fresh" in line
    async with demo(tmp_path, "--fresh") as anew, visiting(anew.url):
        pass


async def test_damaged_things_are_not_used(tmp_path: Path) -> None:
    folder = tmp_path / "easel-demo"
    folder.mkdir()
    (folder / "town.kept").write_bytes(b"no such thing")
    process = await start("demo", "--fast", "--port", str(free_port()), home=tmp_path)
    running = Demo(process, tmp_path)
    assert process.stdout is not None
    first = (await process.stdout.readline()).decode()
    await running.announced()
    assert "starting afresh" in first
    assert await running.end(signal.SIGTERM) == 0
