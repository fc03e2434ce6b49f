"""What discord.py can't go on with is left behind, not left open."""

from __future__ import annotations

from pathlib import Path

from bot_process import living
from seeing import painted


async def test_the_connection_that_broke_is_closed_before_the_next_one_opens(tmp_path: Path) -> None:
    async with living(tmp_path, record=False) as place:
        place.town.discord.gateway.emit("INTERACTION_CREATE", {"id": "1", "type": 2})
        await place.town.until(lambda: place.town.discord.gateway.identified == 2)
        await place.town.ready()
        await painted(await place.town.member.slash("imagine", prompt="a harbour"))
        assert len(place.town.discord.sessions) == 1
