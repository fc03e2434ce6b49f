"""One run of the sandbox: both services opened, the bot started, and then a page, a prompt line, or lines to run."""

from __future__ import annotations

import asyncio
import errno
import json
import math
import os
import signal
import sys
import threading
import webbrowser
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from sandbox import folders
from sandbox.console import Console
from sandbox.errors import Unready, reason
from sandbox.keeping import Keeper
from sandbox.midjourney import Midjourney
from sandbox.supervisor import Supervisor, end_with_parent, settings_lines
from sandbox.town import Town
from sandbox.web import Page

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

READY_WITHIN = 60.0
FAILED, INTERRUPTED = 1, 130
# Seconds between two steps of progress, and the edge of a grid in pixels.
PERSON_LIKE, QUICK, REAL = (1.2, 1024), (0.05, 512), (5.0, 1024)


def run(wanted: argparse.Namespace) -> int:
    """Open everything, do what is wanted, close everything; the exit code. Raises Unready if something can't be opened."""
    if wanted.with_parent:
        end_with_parent()
    return asyncio.run(_until_stopped(wanted))


async def _until_stopped(wanted: argparse.Namespace, *, same_within: float = 1.0) -> int:
    """A signal ends what runs in good order: the bot first, then the services that it talks to.

    Each later one gives up what is being waited for just then, and goes on with the next. Two within `same_within` seconds
    are one.
    """
    loop = asyncio.get_running_loop()
    work = asyncio.create_task(_session(wanted), name="session")
    stopped = -math.inf

    def stop() -> None:
        nonlocal stopped
        # The terminal's own and a forwarded one come together, and are one.
        if loop.time() - stopped >= same_within:
            stopped = loop.time()
            work.cancel()

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            loop.add_signal_handler(getattr(signal, name), stop)
    try:
        return await work
    except asyncio.CancelledError:
        return 0 if wanted.page else INTERRUPTED


async def _session(wanted: argparse.Namespace) -> int:
    async with AsyncExitStack() as stack:
        keeper = _keeper(stack, wanted)
        page = Page(keeper.token if keeper else None)
        town = await _open(stack, wanted, page, keeper)
        settings = town.settings()
        if wanted.announce:
            await asyncio.to_thread(announce, wanted.announce, settings)
        supervisor = None
        if wanted.page:
            supervisor = _supervisor(wanted, settings)
            await stack.enter_async_context(page.open(town, supervisor))
        elif wanted.bot:
            supervisor = _supervisor(wanted, settings)
        if supervisor is None and not wanted.announce:
            tell(*settings_lines(settings))
        if supervisor is not None:
            stack.push_async_callback(supervisor.close)
            await _start(supervisor)
        if wanted.page:
            return await _serve(wanted, page, town, supervisor)
        return await _talk(wanted, town, supervisor)


def _keeper(stack: AsyncExitStack, wanted: argparse.Namespace) -> Keeper | None:
    if wanted.state is None:
        return None
    keeper = Keeper(wanted.state, fresh=wanted.fresh)
    stack.callback(keeper.close)
    if keeper.forgot:
        tell(keeper.forgot)
    bot_folder: Path | None = wanted.bot_folder
    if keeper.is_fresh and bot_folder is not None and wanted.state.resolve() in bot_folder.resolve().parents:
        # What the bot knows is of another world.
        folders.clear(bot_folder)
    return keeper


async def _open(stack: AsyncExitStack, wanted: argparse.Namespace, page: Page, keeper: Keeper | None) -> Town:
    attended = not (wanted.run or wanted.tour)
    pace, size = QUICK if wanted.fast or not attended else REAL if wanted.slow else PERSON_LIKE
    town = Town(
        wanted.traffic,
        midjourney=False,
        kept=keeper.load("town") if keeper else None,
        directory=keeper.files if keeper else None,
        port=wanted.port,
        routes=page.routes() if wanted.page else (),
    )
    try:
        await stack.enter_async_context(town)
        # Not the town's own, since pictures for a person to look at are larger.
        service = Midjourney(traffic=town.traffic, pace=pace, size=size, port=wanted.port and wanted.port + 1)
        town.midjourney = await stack.enter_async_context(service)
        if keeper is not None:
            if (kept := keeper.load("pictures")) is not None:
                service.restore(kept)
            parts = {"town": town.kept, "pictures": service.kept}
            await stack.enter_async_context(keeper.keeping(town.discord.state.bell, parts))
    except OSError as error:
        raise _unready(error, wanted.port) from error
    return town


def _unready(error: OSError, port: int) -> Unready:
    if error.errno == errno.EADDRINUSE:
        return Unready(f"The sandbox needs ports {port} and {port + 1}, and one of them is taken: choose others with --port.")
    return Unready(f"The sandbox can't be opened: {reason(error)}.")


def _supervisor(wanted: argparse.Namespace, settings: dict[str, str]) -> Supervisor | None:
    return Supervisor(wanted.bot, settings, wanted.bot_log, folder=wanted.bot_folder) if wanted.bot else None


async def _start(supervisor: Supervisor) -> None:
    try:
        if supervisor.folder is not None:
            await asyncio.to_thread(folders.make, supervisor.folder)
        await asyncio.to_thread(supervisor.log.parent.mkdir, parents=True, exist_ok=True)
        await supervisor.start()
    except OSError as error:
        raise Unready(f"The bot can't be started: {reason(error)}.") from error


async def _serve(wanted: argparse.Namespace, page: Page, town: Town, supervisor: Supervisor | None) -> int:
    """Serve the page until a signal comes; say where it is."""
    url = page.url(town)
    tell(f"The sandbox is at {url}", "Ctrl-C stops it." if sys.stdin.isatty() else "SIGTERM stops it.")
    if wanted.browser and _has_desktop():
        # Nobody waits for it, not even at the end: some browsers come back only when they are closed.
        threading.Thread(target=webbrowser.open, args=(url,), name="browser", daemon=True).start()
    anew = " If it does so each time, --fresh forgets what was kept." if wanted.state else ""
    while supervisor is not None:
        code = await supervisor.ended()
        tell(f"The bot ended by itself, with exit code {code}: see {supervisor.log}. The page can start it again.{anew}")
        await supervisor.started()
    await asyncio.Event().wait()
    return 0


async def _talk(wanted: argparse.Namespace, town: Town, supervisor: Supervisor | None) -> int:
    """Run the lines, or ask a person for some; the exit code."""
    console = Console(town, wanted.pictures)
    if supervisor is None:
        tell("Waiting for a bot…")
    talking = asyncio.create_task(_conversation(wanted, town, console, waits=supervisor is None), name="conversation")
    ending = asyncio.create_task(supervisor.ended() if supervisor else asyncio.Event().wait(), name="the bot's end")
    try:
        await asyncio.wait({talking, ending}, return_when=asyncio.FIRST_COMPLETED)
        if talking.done():
            return talking.result()
        tell(f"The bot ended by itself, with exit code {ending.result()}; so does the sandbox. See {wanted.bot_log}.")
        return FAILED
    finally:
        talking.cancel()
        ending.cancel()
        await asyncio.gather(talking, ending, return_exceptions=True)


async def _conversation(wanted: argparse.Namespace, town: Town, console: Console, *, waits: bool) -> int:
    patience = None if waits and not (wanted.run or wanted.tour) else READY_WITHIN
    try:
        await town.ready(timeout=patience)
    except TimeoutError:
        console.tell(f"No bot with commands came to the gateway within {READY_WITHIN:g} s.")
        return FAILED
    if wanted.run:
        return await console.run(wanted.run)
    return await console.tour() if wanted.tour else await console.talk()


def announce(file: Path, settings: dict[str, str]) -> None:
    """Write the settings so that a reader finds all of them or no file; raises Unready if that is not possible."""
    partial = file.with_name(f"{file.name}.partial")
    try:
        partial.write_text(json.dumps(settings), encoding="utf-8")
        partial.replace(file)
    except OSError as error:
        raise Unready(f"The settings can't be written to {file}: {error.strerror}") from error


def tell(*lines: str) -> None:
    """Say something to whoever started this."""
    print(*lines, sep="\n", flush=True)  # noqa: T201 - a terminal is what this is for


def _has_desktop() -> bool:
    return bool(sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
