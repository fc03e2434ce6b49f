"""The way out leads through a proxy if the environment says so, and never to what runs on this very machine."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp import web
from forward_proxy import forwarding
from midjourney_service import GRID, Service, client_for, serve
from yarl import URL

from bot.errors import ConfigError
from bot.midjourney import DownloadFailed, ImagineRequest, NotSent
from bot.midjourney.addresses import AddressRefused, check_unresolved, is_public
from bot.midjourney.endpoints import IMAGINE
from bot.proxies import Proxies, from_environment
from bot.redaction import Redactor

API, GATEWAY = "https://discord.example/api", "wss://gateway.example/"
MALFORMED = [
    "socks5://word@proxy.example",
    "http://word:99999999",
    "http://",
    "http://:3128",
    "http://two word",
    "http://word..example",
    "http://somebody:w/word@proxy.example:port",
    "http://some%3Abody:word@proxy.example",
    "http://somebody:word\u20ac@proxy.example",
    "http://word\udcff",
]
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
@pytest.mark.parametrize("value", MALFORMED)
@pytest.mark.parametrize("name", ["HTTP_PROXY", "HTTPS_PROXY"])
def test_a_proxy_that_can_t_be_used_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=f"^{name}: ") as raised:
        from_environment()
    assert "word" not in str(raised.value)
    assert "\n" not in str(raised.value)
    # Nor is it needed by who goes nowhere: a demo.
    assert from_environment("http://127.0.0.1:80/api", "ws://localhost/").urls == {}
    monkeypatch.setenv("NO_PROXY", "*")
    assert from_environment(API, GATEWAY).of(API) is None


@pytest.mark.usefixtures("_no_proxies")
@pytest.mark.parametrize("value", ["proxy.example:3128", " http://proxy.example:3128/\n", "http://proxy.example:3128/x?y"])
def test_a_proxy_may_be_written_carelessly(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", value)
    assert from_environment().of(API) == "http://proxy.example:3128"


@pytest.mark.parametrize(
    "host", ["127.0.0.1:1", "127.9.9.9", "[::1]:1", "[::ffff:127.0.0.1]", "[::]", "localhost", "LOCALHOST.", "api.localhost"]
)
def test_this_machine_is_never_reached_through_a_proxy(host: str) -> None:
    assert Proxies({"http": "http://proxy.example"}).of(f"http://{host}/x") is None


def test_no_proxy_may_name_a_port_or_an_address() -> None:
    proxies = Proxies({"http": "http://proxy.example", "no": "one.example:8080, 2600::1"})
    assert proxies.of("http://one.example:8080/") is proxies.of("http://[2600::1]/") is None
    assert proxies.of("http://one.example:8081/") == "http://proxy.example"


def test_discords_api_and_its_gateway_can_not_go_two_ways() -> None:
    proxy = "http://proxy.example"
    assert Proxies().shared(API, GATEWAY) is None
    assert Proxies({"https": proxy}).shared(API, GATEWAY) == proxy
    with pytest.raises(ConfigError, match=f"NO_PROXY: {API} and {GATEWAY} must be reached in the same way"):
        Proxies({"https": proxy, "no": "gateway.example"}).shared(API, GATEWAY)


@pytest.mark.usefixtures("_no_proxies")
@pytest.mark.parametrize("password", ["b", "a-secret%40", "n\u00e4chste"])
def test_a_password_is_blotted_out_of_a_proxys_url(monkeypatch: pytest.MonkeyPatch, password: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://a:{password}@proxy.example:3128")
    proxies = from_environment()
    told = Redactor(proxies.secrets()).text(f"407, url='{proxies.of(API)}'")
    assert told == "407, url='http:[redacted]proxy.example:3128'"


LITERALS = "127.0.0.1 127.1 2130706433 0x7f000001 0177.0.0.1 10.0.0.1 127.0.0.1. 169.254.169.254 ::1 ::ffff:10.0.0.1 fe80::1%lo"
INNER_NAMES = "localhost localhost. a.localhost router metadata metadata.google.internal Printer.Local nas.lan x.home.arpa"


@pytest.mark.parametrize("host", f"{LITERALS} {INNER_NAMES}".split())
def test_what_is_written_out_and_not_public_is_refused(host: str) -> None:
    with pytest.raises(AddressRefused):
        check_unresolved(host, is_public)


@pytest.mark.parametrize("host", ["cdn.example", "8.8.8.8", "2606:4700::1111", "1e100.net", "local.example"])
def test_what_may_be_public_is_left_to_the_proxy(host: str) -> None:
    check_unresolved(host, is_public)


async def test_calls_and_downloads_go_through_it(tmp_path: Path) -> None:
    async with serve() as service, forwarding(api=port_of(service), pictures=port_of(service)) as proxy:
        service.answer(GRID)
        service.answers.append(picture)
        async with client_for("http://api.example", proxies=Proxies({"http": proxy.url})) as client:
            assert (await client.ask(IMAGINE, ImagineRequest(prompt="a fox"))).complete
            file = await client.download("http://pictures.example/fox", tmp_path / "fox", limit=1000)
    assert proxy.asked == ["api.example", "pictures.example"]
    assert file.read_bytes() == PNG


@pytest.mark.parametrize("host", ["10.0.0.1", "2130706433", "127.1", "[::ffff:10.0.0.1]", "router", "127.0.0.1"])
async def test_what_is_written_out_is_checked_all_the_same(tmp_path: Path, host: str) -> None:
    async with (
        serve() as service,
        forwarding(api=port_of(service)) as proxy,
        client_for("http://api.example", proxies=Proxies({"http": proxy.url})) as client,
    ):
        service.answer({}, status=302, headers={"Location": f"http://{host}/secret"})
        for link in (f"http://{host}/secret", "http://api.example/fox"):
            with pytest.raises(DownloadFailed, match="no public"):
                await client.download(link, tmp_path / "secret", limit=1000)
    assert proxy.asked == ["api.example"]


@pytest.mark.parametrize("refusal", [403, 407, 502])
async def test_what_the_proxy_opens_no_way_for_was_certainly_not_sent(refusal: int) -> None:
    async with forwarding(refusal) as proxy:
        url = proxy.url.replace("//", "//somebody:a-secret@")
        async with client_for("https://api.example", proxies=Proxies({"https": url}), retry_budget=0.0) as client:
            with pytest.raises(NotSent, match=f"the proxy answered {refusal}") as raised:
                await client.ask(IMAGINE, ImagineRequest(prompt="a fox"))
    assert set(proxy.asked) == {"api.example"}
    assert proxy.credentials == {"Basic c29tZWJvZHk6YS1zZWNyZXQ="}
    assert "secret" not in str(raised.value)


async def test_a_proxy_that_is_away_leaves_nothing_sent_and_no_password_told() -> None:
    async with forwarding() as proxy:
        url = proxy.url.replace("//", "//somebody:a-secret@")
    async with client_for("https://api.example", proxies=Proxies({"https": url}), retry_budget=0.0) as client:
        with pytest.raises(NotSent) as raised:
            await client.ask(IMAGINE, ImagineRequest(prompt="a fox"))
    assert "secret" not in str(raised.value)
