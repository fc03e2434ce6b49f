"""What a run of the sandbox leaves alone, and how it lets itself be stopped."""

from __future__ import annotations

import asyncio
import errno
import signal
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from sandbox import folders, session
from sandbox.__main__ import parser

if TYPE_CHECKING:
    from pathlib import Path


async def begin(*arguments: str) -> None:
    """Begin as a run of the sandbox with this command line does, as far as folders go."""
    async with AsyncExitStack() as stack:
        session._keeper(stack, parser().parse_args(["--page", *arguments]))


@pytest.mark.parametrize("place", ["mybot", "state/mybot"])
@pytest.mark.parametrize("fresh", [(), ("--fresh",)])
async def test_a_bots_folder_that_was_there_before_is_left_alone(tmp_path: Path, place: str, fresh: tuple[str, ...]) -> None:
    home = tmp_path / place
    home.mkdir(parents=True)
    (home / "bot.py").write_text("precious")
    await begin("--state", str(tmp_path / "state"), "--bot-folder", str(home), *fresh)
    assert (home / "bot.py").read_text() == "precious"


async def test_a_bots_folder_of_our_own_goes_with_the_world_it_knew(tmp_path: Path) -> None:
    ours, elsewhere = tmp_path / "state" / "bot", tmp_path / "bot"
    for folder in (ours, elsewhere):
        folders.make(folder)
        (folder / "easel.db").write_text("of another world")
    await begin("--state", str(tmp_path / "state"), "--bot-folder", str(ours), "--fresh")
    assert not ours.exists()
    await begin("--state", str(tmp_path / "state"), "--bot-folder", str(elsewhere), "--fresh")
    assert (elsewhere / "easel.db").exists(), "what is not in the state's folder does not belong to it"


def test_what_is_wrong_with_a_port_is_said_as_it_is() -> None:
    taken = session._unready(OSError(errno.EADDRINUSE, "Address already in use"), 8765)
    assert "ports 8765 and 8766" in str(taken)
    forbidden = session._unready(PermissionError(errno.EACCES, "Permission denied"), 80)
    assert str(forbidden) == "The sandbox can't be opened: Permission denied."
    assert "taken" not in str(forbidden)


async def test_a_second_signal_ends_what_does_not_end_at_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    stopping = asyncio.Event()
    begun = asyncio.Event()

    async def stubborn(_wanted: object) -> int:
        try:
            begun.set()
            await asyncio.Event().wait()
        finally:
            stopping.set()
            await asyncio.Event().wait()
        return 0

    monkeypatch.setattr(session, "_session", stubborn)
    running = asyncio.create_task(session._until_stopped(parser().parse_args(["--page"]), same_within=0.0))
    async with asyncio.timeout(20):
        await begun.wait()
        signal.raise_signal(signal.SIGTERM)
        await stopping.wait()
    signal.raise_signal(signal.SIGTERM)
    # Not by a time-out, whose cancelling would be one more reason to end.
    ended, _ = await asyncio.wait({running}, timeout=20)
    running.cancel()
    assert ended
    assert await running == 0
