"""The commands an operator types, as processes of their own."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from bot_process import living
from recording import traffic_file

from sandbox.town import Town


async def start(*arguments: str, home: Path, **environment: str) -> asyncio.subprocess.Process:
    """Start `python -m bot …`, with no terminal on its standard input."""
    root = str(Path(__file__).parents[2])
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *arguments,
        cwd=home,
        env=os.environ | {"PYTHONPATH": root, "DATA_DIR": str(home / "data"), "LOG_LEVEL": "WARNING"} | environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def easel(home: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    """Run `python -m bot …`; its exit code and all it wrote."""
    process = await start(*arguments, home=home, **environment)
    try:
        async with asyncio.timeout(90):
            output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return process.returncode, output.decode()


async def test_check_says_what_is_in_order_and_warns_of_unlimited_spending(tmp_path: Path) -> None:
    async with Town(traffic_file()) as town:
        code, before = await easel(tmp_path, "check", **town.settings())
        assert code == 0
        assert "not registered yet" in before
        assert "ALLOWED_GUILD_IDS" in before
        assert (await easel(tmp_path, "sync", **town.settings()))[0] == 0
        code, after = await easel(tmp_path, "check", DAILY_JOBS_PER_USER="5", **town.settings())
        assert code == 0
        assert "commands are registered" in after
        assert "ALLOWED_GUILD_IDS" not in after


async def test_check_names_the_token_that_is_wrong(tmp_path: Path) -> None:
    async with Town(traffic_file()) as town:
        wrong = {"DISCORD_TOKEN": "nobody-knows-this", "ACEDATACLOUD_API_TOKEN": "nor-this"}
        code, output = await easel(tmp_path, "check", **(town.settings() | wrong))
    assert code == 1
    assert "wrong    DISCORD_TOKEN" in output
    assert "wrong    ACEDATACLOUD_API_TOKEN" in output
    assert "nobody-knows-this" not in output


async def test_check_and_sync_work_beside_a_running_bot(tmp_path: Path) -> None:
    async with living(tmp_path) as place:
        for command in ("check", "sync"):
            async with place.process(("-m", "bot", command)) as beside:
                assert await beside.ended() == 0, beside.words
        async with place.process(("-m", "bot", "check")) as beside:
            assert await beside.ended() == 0, beside.words
            assert "a bot is running on it" in beside.words
            assert "commands are registered" in beside.words
        await (await place.town.member.slash("imagine", prompt="a red fox")).until(lambda card: card.attachments)


async def test_migrate_makes_the_database(tmp_path: Path) -> None:
    code, output = await easel(tmp_path, "migrate", DISCORD_TOKEN="a-token", ACEDATACLOUD_API_TOKEN="another")
    assert code == 0
    assert "up to date" in output
    assert (tmp_path / "data" / "easel.db").exists()


async def test_the_demo_paints_and_presses_unattended(tmp_path: Path) -> None:
    code, output = await easel(tmp_path, "demo", "--run", "/imagine a red fox", "--run", "press U2")
    assert code == 0, output
    assert len(list((tmp_path / "easel-demo" / "pictures").glob("*.png"))) == 2
