"""Where the way out leads through a proxy, both services are reached through it."""

from __future__ import annotations

from pathlib import Path

import pytest
from bot_process import Living
from forward_proxy import forwarding
from recording import traffic_file
from yarl import URL

from sandbox.town import Town


async def test_both_services_and_the_gateway_are_asked_through_the_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Town(traffic_file()) as town:
        urls = {name: URL(value) for name, value in town.settings().items() if name.endswith("_URL")}
        hosts = {"DISCORD_API_URL": "discord", "DISCORD_GATEWAY_URL": "gateway", "ACEDATACLOUD_API_BASE_URL": "painter"}
        async with forwarding(**{hosts[name]: url.port or 80 for name, url in urls.items()}) as proxy:
            monkeypatch.setenv("HTTP_PROXY", proxy.url)
            monkeypatch.delenv("NO_PROXY", raising=False)
            settings = {name: str(url.with_host(f"{hosts[name]}.example").with_port(None)) for name, url in urls.items()}
            place = Living(town, tmp_path, settings)
            try:
                await place.start()
                reply = await town.member.slash("translate", text="ein roter Fuchs")
                await reply.until(lambda card: card.has("Imagine this"))
            finally:
                await place.close()
    assert set(proxy.asked) == {"discord.example", "gateway.example", "painter.example"}
