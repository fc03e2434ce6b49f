"""Where the way out leads through a proxy, both services are reached through it."""

from __future__ import annotations

from pathlib import Path

import pytest
from bot_process import Living
from forward_proxy import forwarding
from recording import traffic_file
from test_command_line import easel
from yarl import URL

from sandbox.town import Town

TOKENS = {"DISCORD_TOKEN": "a-token", "ACEDATACLOUD_API_TOKEN": "another"}
ELSEWHERE = {
    "DISCORD_API_URL": "https://discord.example/api",
    "DISCORD_GATEWAY_URL": "wss://gateway.example/",
    "ACEDATACLOUD_API_BASE_URL": "https://painter.example",
}


def through(https: str, http: str = "", no: str = "") -> dict[str, str]:
    """The environment of who has these proxies and no others: small letters win, even if there is nothing in them."""
    named = {"https_proxy": https, "http_proxy": http, "no_proxy": no}
    return named | {name.upper(): value for name, value in named.items()}


async def test_both_services_and_the_gateway_are_asked_through_the_proxy(tmp_path: Path) -> None:
    async with Town(traffic_file()) as town:
        urls = {name: URL(value) for name, value in town.settings().items() if name.endswith("_URL")}
        hosts = {"DISCORD_API_URL": "discord", "DISCORD_GATEWAY_URL": "gateway", "ACEDATACLOUD_API_BASE_URL": "painter"}
        async with forwarding(**{hosts[name]: url.port or 80 for name, url in urls.items()}) as proxy:
            assert town.midjourney is not None
            town.midjourney._runs._url = "http://painter.example"  # where its pictures are
            settings = {name: str(url.with_host(f"{hosts[name]}.example").with_port(None)) for name, url in urls.items()}
            settings |= through("", proxy.url.replace("//", "//somebody:a-secret@"))
            place = Living(town, tmp_path, settings | {"LOG_LEVEL": "DEBUG"})
            try:
                await place.start()
                reply = await town.member.slash("imagine", prompt="a red fox")
                await reply.until(lambda card: card.attachments)
                assert "a-secret" not in place.bot.words
            finally:
                await place.close()
    assert set(proxy.asked) == {"discord.example", "gateway.example", "painter.example"}
    assert proxy.credentials == {"Basic c29tZWJvZHk6YS1zZWNyZXQ="}


async def test_check_tells_that_the_proxy_refuses_and_not_its_password(tmp_path: Path) -> None:
    async with forwarding(407) as proxy:
        environment = TOKENS | ELSEWHERE | through(proxy.url.replace("//", "//a:b@"))
        code, output = await easel(tmp_path, "check", **environment)
    assert code == 1
    told = [line for line in output.splitlines() if line.startswith("wrong ")]
    assert len(told) == 2
    assert all("407" in line for line in told)
    assert "a:b" not in output
    assert "Traceback" not in output
    assert set(proxy.asked) == {"discord.example", "painter.example"}


@pytest.mark.parametrize("command", ["run", "check", "sync", "migrate"])
async def test_proxies_that_can_not_be_used_are_named_in_one_line(tmp_path: Path, command: str) -> None:
    for environment, name in (
        (through("socks5://somebody:a-secret@proxy.example"), "HTTPS_PROXY: "),
        (through("http://proxy.example", no="gateway.example"), "HTTP_PROXY, HTTPS_PROXY, NO_PROXY: "),
    ):
        code, output = await easel(tmp_path, command, **(TOKENS | ELSEWHERE | environment))
        assert code == 78
        assert output.startswith(name)
        assert output.count("\n") == 1
        assert "a-secret" not in output


async def test_a_bot_whose_services_are_on_this_machine_needs_no_proxy(tmp_path: Path) -> None:
    async with Town(traffic_file()) as town, forwarding() as proxy:
        environment = town.settings() | through("socks5://127.0.0.1:1", proxy.url)
        code, output = await easel(tmp_path, "check", **environment)
    assert code == 0, output
    assert proxy.asked == []
