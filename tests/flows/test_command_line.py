"""The commands an operator types, as processes of their own."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from bot_process import living
from recording import traffic_file

from sandbox.town import Town


async def start(
    *arguments: str, home: Path, module: str = "bot", stdin: int = asyncio.subprocess.DEVNULL, **environment: str
) -> asyncio.subprocess.Process:
    """Start `python -m bot …`, with no terminal on its standard input."""
    root = str(Path(__file__).parents[2])
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *arguments,
        cwd=home,
        env=os.environ | {"PYTHONPATH": root, "DATA_DIR": str(home / "data"), "LOG_LEVEL": "WARNING"} | environment,
        stdin=stdin,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def easel(home: Path, *arguments: str, lines: Sequence[str] = (), **environment: str) -> tuple[int, str]:
    """Run `python -m bot …`, with these lines on its standard input; its exit code and all it wrote."""
    process = await start(*arguments, home=home, stdin=asyncio.subprocess.PIPE, **environment)
    try:
        async with asyncio.timeout(90):
            output, _ = await process.communicate("".join(f"{line}\n" for line in lines).encode())
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


async def test_check_leaves_the_pictures_of_a_running_bot_alone(tmp_path: Path) -> None:
    async with living(tmp_path) as place:
        spool = tmp_path / "data" / "spool"
        half = spool / "a-job-raw.png.part"
        half.write_bytes(b"half of a picture")
        async with place.process(("-m", "bot", "check")) as beside:
            assert await beside.ended() == 0, beside.words
        assert half.exists()
        await place.kill()
        (spool / "closed-raw.png").write_bytes(b"of a job that a crash kept from being swept")
        await place.start()
        assert list(spool.iterdir()) == []


async def test_migrate_makes_the_database(tmp_path: Path) -> None:
    code, output = await easel(tmp_path, "migrate", DISCORD_TOKEN="a-token", ACEDATACLOUD_API_TOKEN="another")
    assert code == 0
    assert "up to date" in output
    assert (tmp_path / "data" / "easel.db").exists()


async def test_the_demo_paints_and_presses_unattended(tmp_path: Path) -> None:
    code, output = await easel(tmp_path, "demo", "--run", "/imagine a red fox", "--run", "press U2")
    assert code == 0, output
    assert len(list((tmp_path / "easel-demo" / "pictures").glob("*.png"))) == 2


async def test_the_demo_runs_the_lines_of_its_standard_input_at_the_prompt(tmp_path: Path) -> None:
    lines = ["/imagine a red fox", "", "PRESS [u2]", "press zoom out 2x", "press nothing like it", "Quit", "press U1"]
    code, output = await easel(tmp_path, "demo", "--terminal", "--fast", lines=lines)
    assert code == 1, output
    assert len(list((tmp_path / "easel-demo" / "pictures").glob("*.png"))) == 3
    assert "no card here has 'nothing like it'" in output
    assert "[Delete]" in output or "Delete]" in output
    assert "> press U1" not in output


async def test_the_sandbox_by_hand_tells_the_settings_of_the_bot_it_waits_for(tmp_path: Path) -> None:
    process = await start(home=tmp_path, module="sandbox")
    assert process.stdout is not None
    try:
        async with asyncio.timeout(30):
            lines = [(await process.stdout.readline()).decode() for _ in range(6)]
    finally:
        process.terminate()
        await process.communicate()
    names = [line.partition("=")[0] for line in lines]
    assert {"DISCORD_TOKEN", "DISCORD_API_URL", "ACEDATACLOUD_API_BASE_URL"} <= set(names)
    assert "aiting for a bot" in lines[-1]


async def test_the_sandbox_says_where_it_cannot_write_the_settings(tmp_path: Path) -> None:
    process = await start("--announce", "nowhere/file.json", home=tmp_path, module="sandbox")
    async with asyncio.timeout(30):
        output, _ = await process.communicate()
    assert process.returncode == 1
    assert output.decode().count("\n") == 1
    assert "nowhere/file.json" in output.decode()


async def test_a_browser_that_stays_holds_nothing_up(tmp_path: Path) -> None:
    window, browser = tmp_path / "window", tmp_path / "browser"
    os.mkfifo(window)
    # It lets go of the output, so that the sandbox's end can be seen beside it.
    browser.write_text(f"#!/bin/sh\nexec cat '{window}' >/dev/null 2>&1\n")
    browser.chmod(0o700)
    settings = {"BROWSER": f"{browser} %s", "DISPLAY": ":0"}
    sandbox = await start("--page", "--browser", "--bot", "true", home=tmp_path, module="sandbox", **settings)
    assert sandbox.stdout is not None
    try:
        async with asyncio.timeout(30):
            # Opened from both ends: the browser runs, until this is closed.
            with await asyncio.to_thread(window.open, "wb", buffering=0):
                while "The bot ended by itself" not in (line := (await sandbox.stdout.readline()).decode()):
                    assert line, "the sandbox ended by itself"
                sandbox.terminate()
                assert await sandbox.wait() == 0
    finally:
        if sandbox.returncode is None:
            sandbox.kill()
        await sandbox.communicate()


async def test_the_demo_forgets_nothing_where_nothing_is_kept(tmp_path: Path) -> None:
    for how in (("--terminal",), ("--tour",), ("--run", "/about")):
        code, output = await easel(tmp_path, "demo", "--fresh", *how)
        assert code == 2
        assert "--fresh" in output
        assert "usage: easel demo" in output
    assert not (tmp_path / "easel-demo").exists()


@pytest.mark.parametrize(("module", "arguments"), [("bot", ("demo",)), ("sandbox", ()), ("sandbox", ("--page",))])
async def test_what_the_pictures_are_drawn_with_is_asked_for_in_one_line(
    tmp_path: Path, module: str, arguments: tuple[str, ...]
) -> None:
    # Python reads this at its start: from then on the module counts as not installed.
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['numpy'] = None\n")
    path = os.pathsep.join([str(tmp_path), str(Path(__file__).parents[2])])
    process = await start(*arguments, home=tmp_path, module=module, PYTHONPATH=path)
    async with asyncio.timeout(30):
        output, _ = await process.communicate()
    assert process.returncode == 78
    assert output.decode().count("\n") == 1
    assert "pip install -e '.[demo]'" in output.decode()


async def test_the_docker_image_has_no_sandbox_and_says_in_one_line_how_to_get_the_demo(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    copied = [line.split()[1:-1] for line in (root / "Dockerfile").read_text().splitlines() if line.startswith("COPY ")]
    folders = {name for names in copied for name in names if (root / name).is_dir()}
    assert folders == {"bot", "cogs"}
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['sandbox'] = None\n")
    for how in ((), ("--tour",)):
        code, output = await easel(tmp_path, "demo", *how, PYTHONPATH=os.pathsep.join([str(tmp_path), str(root)]))
        assert code == 78
        assert output.count("\n") == 1
        assert "make demo" in output
    assert not (tmp_path / "easel-demo").exists()
