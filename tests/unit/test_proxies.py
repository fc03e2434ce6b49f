"""The way out leads through a proxy if the environment says so, and never to what runs on this very machine."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp import web
from forward_proxy import forwarding
from midjourney_service import GRID, Service, client_for, serve
from yarl import URL

from bot.errors import ConfigError
from bot.midjourney import DownloadFailed, ImagineRequest
from bot.midjourney.endpoints import IMAGINE
from bot.proxies import Proxies, from_environment

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


def port_of(service: Service) -> int:
    return URL(service.url).port or 0


async def picture(_: web.Request) -> web.StreamResponse:
    return web.Response(body=PNG, content_type="image/png")


@pytest.fixture
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.mark.usefixtures("_no_proxies")
def test_each_scheme_has_its_proxy_and_some_hosts_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert from_environment().of("https://api.example/") is None
    monkeypatch.setenv("HTTP_PROXY", "http://plain.example:3128")
    monkeypatch.setenv("https_proxy", "http://user:word@tunnel.example:3128")
    monkeypatch.setenv("NO_PROXY", "inside.example,.lan")
    proxies = from_environment()
    assert proxies.of("http://api.example/") == proxies.of("ws://gateway.example/") == "http://plain.example:3128"
    assert proxies.of("https://api.example/") == proxies.of("wss://gateway.example/") == "http://user:word@tunnel.example:3128"
    assert not any(map(proxies.of, ("https://inside.example/", "https://x.lan/", "https://y.inside.example/")))
    assert not any(map(proxies.of, ("http://127.0.0.1:80/", "http://localhost/", "https://[::1]/", "http://127.9.9.9/")))
    assert "word" not in repr(proxies)


@pytest.mark.usefixtures("_no_proxies")
@pytest.mark.parametrize("value", ["socks5://word@proxy.example", "http://word:99999999", "proxy.example:3128"])
@pytest.mark.parametrize("name", ["HTTP_PROXY", "HTTPS_PROXY"])
def test_a_proxy_that_can_t_be_used_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=f"^{name}: ") as raised:
        from_environment()
    assert "word" not in str(raised.value)


async def test_calls_and_downloads_go_through_it(tmp_path: Path) -> None:
    async with serve() as service, forwarding(api=port_of(service), pictures=port_of(service)) as proxy:
        service.answer(GRID)
        service.answers.append(picture)
        async with client_for("http://api.example", proxies=Proxies({"http": proxy.url})) as client:
            assert (await client.ask(IMAGINE, ImagineRequest(prompt="a fox"))).complete
            file = await client.download("http://pictures.example/fox", tmp_path / "fox", limit=1000)
    assert proxy.asked == ["api.example", "pictures.example"]
    assert file.read_bytes() == PNG


async def test_an_address_that_is_written_out_is_checked_all_the_same(tmp_path: Path) -> None:
    async with (
        serve() as service,
        forwarding(api=port_of(service)) as proxy,
        client_for("http://api.example", proxies=Proxies({"http": proxy.url})) as client,
    ):
        with pytest.raises(DownloadFailed, match="no public address"):
            await client.download("http://10.0.0.1/secret", tmp_path / "secret", limit=1000)
    assert proxy.asked == []
