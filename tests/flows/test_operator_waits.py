"""An operator whose network is down hears so within seconds, in plain lines that name what can't be reached."""

from __future__ import annotations

import asyncio
from pathlib import Path

from recording import traffic_file
from test_command_line import easel
from test_operator_mistakes import closed_port, discord_away

from sandbox.town import Town

SOON = 15.0


async def test_sync_tells_that_discord_is_away(tmp_path: Path) -> None:
    async with Town(traffic_file()) as town:
        code, output = await easel(tmp_path, "sync", **(town.settings() | discord_away()))
    assert code == 1
    assert "can't be reached" in output
    assert "Traceback" not in output


async def test_check_tells_soon_that_the_image_service_is_away(tmp_path: Path) -> None:
    async with Town(traffic_file()) as town, asyncio.timeout(SOON):
        away = f"http://127.0.0.1:{closed_port()}"
        code, output = await easel(tmp_path, "check", **(town.settings() | {"ACEDATACLOUD_API_BASE_URL": away}))
    assert code == 1
    assert "ok       Discord token" in output
    complaint = next(line for line in output.splitlines() if line.startswith("wrong"))
    assert away in complaint
    assert "ACEDATACLOUD_API_TOKEN" not in complaint, "the token is not what is wrong"
