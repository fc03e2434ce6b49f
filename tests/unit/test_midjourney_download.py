"""A result is fetched whole or not at all."""

from __future__ import annotations

import asyncio
import os
import random
import threading
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from midjourney_service import Service, client_for, serve
from yarl import URL

from bot.midjourney import DownloadError, DownloadFailed, DownloadGone, DownloadTooLarge, MidjourneyClient
from bot.midjourney.addresses import Address, is_public

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PICTURE = b"\x89PNG\r\n\x1a\n" + random.Random(7).randbytes(1_500_000)


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with serve() as running:
        yield running


@pytest.fixture
async def client(service: Service) -> AsyncIterator[MidjourneyClient]:
    async with client_for(service.url) as opened:
        yield opened


def picture(service: Service, data: bytes = PICTURE, *, counted: bool = True, hang: bool = False) -> None:
    async def handle(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "image/png"})
        if counted:
            response.content_length = len(data)
        await response.prepare(request)
        await response.write(data[: len(data) // 2] if hang else data)
        if hang:
            try:
                await asyncio.sleep(60)
            finally:
                service.gone.set()
        return response

    service.answers.append(handle)


def left_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def redirect(service: Service, to: str) -> None:
    async def handle(_: web.Request) -> web.StreamResponse:
        raise web.HTTPFound(to)

    service.answers.append(handle)


@pytest.mark.parametrize("counted", [True, False])
async def test_a_picture_arrives_whole_and_without_our_token(
    service: Service, client: MidjourneyClient, tmp_path: Path, counted: bool
) -> None:
    picture(service, counted=counted)
    path = tmp_path / "fox.png"
    path.write_bytes(b"what was there before")
    assert await client.download(service.url + "fox.jpeg", tmp_path / "fox", limit=len(PICTURE)) == path
    assert path.read_bytes() == PICTURE
    assert "Authorization" not in service.received[0].headers


@pytest.mark.parametrize("counted", [True, False])
async def test_a_picture_over_the_limit_leaves_no_file(
    service: Service, client: MidjourneyClient, tmp_path: Path, counted: bool
) -> None:
    picture(service, counted=counted)
    with pytest.raises(DownloadTooLarge):
        await client.download(service.url, tmp_path / "fox", limit=len(PICTURE) - 1)
    assert left_in(tmp_path) == []


@pytest.mark.parametrize(
    ("status", "content_type", "kind"),
    [
        (403, "text/plain", DownloadGone),
        (404, "text/html", DownloadGone),
        (410, "text/plain", DownloadGone),
        (500, "text/plain", DownloadFailed),
        (204, "image/png", DownloadFailed),
        (200, "text/html", DownloadFailed),
        (200, "image/png", DownloadFailed),
    ],
)
async def test_an_answer_that_is_no_picture_is_told_apart(
    service: Service, client: MidjourneyClient, tmp_path: Path, status: int, content_type: str, kind: type[DownloadError]
) -> None:
    service.text("" if content_type == "image/png" else "gone", status=status, content_type=content_type)
    with pytest.raises(kind):
        await client.download(service.url, tmp_path / "fox", limit=99)
    assert left_in(tmp_path) == []


async def test_a_cut_download_leaves_no_file(service: Service, client: MidjourneyClient, tmp_path: Path) -> None:
    service.lines(PICTURE, cut=True, content_type="image/png", step=600_000)
    with pytest.raises(DownloadFailed):
        await client.download(service.url, tmp_path / "fox", limit=10**7)
    assert left_in(tmp_path) == []


async def test_a_cancelled_download_leaves_no_file_and_no_connection(
    service: Service, client: MidjourneyClient, tmp_path: Path
) -> None:
    picture(service, hang=True)
    part = tmp_path / "fox.part"
    fetching = asyncio.create_task(client.download(service.url, tmp_path / "fox", limit=10**7))
    async with asyncio.timeout(5):
        while not await asyncio.to_thread(part.exists):  # noqa: ASYNC110  # a file tells of itself in no other way
            await asyncio.sleep(0.01)
    fetching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await fetching
    assert left_in(tmp_path) == []
    await asyncio.wait_for(service.gone.wait(), 5)


async def test_a_cancellation_waits_for_the_disk(
    service: Service, client: MidjourneyClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writing, go_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()
    path_type = type(tmp_path)
    genuine = path_type.open

    def slow(self: Path, mode: str) -> object:
        loop.call_soon_threadsafe(writing.set)
        go_on.wait(5)
        return genuine(self, mode)

    monkeypatch.setattr(path_type, "open", slow)
    picture(service)
    fetching = asyncio.create_task(client.download(service.url, tmp_path / "fox", limit=10**7))
    await asyncio.wait_for(writing.wait(), 5)
    fetching.cancel()
    loop.call_later(0.05, go_on.set)
    with pytest.raises(asyncio.CancelledError):
        await fetching
    assert left_in(tmp_path) == []


async def test_five_redirects_are_followed_and_no_more(service: Service, client: MidjourneyClient, tmp_path: Path) -> None:
    for _ in range(5):
        redirect(service, "/next")
    picture(service)
    assert (await client.download(service.url, tmp_path / "fox", limit=10**7)).read_bytes() == PICTURE
    for _ in range(6):
        redirect(service, "/next")
    with pytest.raises(DownloadFailed):
        await client.download(service.url, tmp_path / "hare", limit=10**7)


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/x", "file:///etc/hostname", "", "http://", "http://[bad"])
async def test_only_http_links_are_fetched(client: MidjourneyClient, tmp_path: Path, url: str) -> None:
    with pytest.raises(DownloadFailed):
        await client.download(url, tmp_path / "fox", limit=99)


async def test_a_redirect_to_a_file_is_not_followed(service: Service, client: MidjourneyClient, tmp_path: Path) -> None:
    redirect(service, "file:///etc/hostname")
    with pytest.raises(DownloadFailed):
        await client.download(service.url, tmp_path / "fox", limit=99)


async def test_a_disk_that_refuses_is_a_failed_download(service: Service, client: MidjourneyClient, tmp_path: Path) -> None:
    picture(service)
    with pytest.raises(DownloadFailed, match="No such file or directory") as failed:
        await client.download(service.url, tmp_path / "missing" / "fox", limit=10**7)
    assert service.url not in str(failed.value)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's disk that is always full")
async def test_a_full_disk_is_named(service: Service, client: MidjourneyClient, tmp_path: Path) -> None:
    (tmp_path / "fox.part").symlink_to("/dev/full")
    picture(service)
    with pytest.raises(DownloadFailed, match="No space left on device"):
        await client.download(service.url, tmp_path / "fox", limit=10**7)
    assert left_in(tmp_path) == []


@pytest.mark.parametrize(
    ("head", "suffix"),
    [
        (b"\x89PNG\r\n\x1a\n", ".png"),
        (b"\xff\xd8\xff\xe0", ".jpg"),
        (b"GIF89a", ".gif"),
        (b"RIFF\x00\x01\x02\x03WEBP", ".webp"),
        (b"\x00\x00\x00\x18ftypmp42", ".mp4"),
    ],
)
async def test_a_file_is_called_what_it_is(
    service: Service, client: MidjourneyClient, tmp_path: Path, head: bytes, suffix: str
) -> None:
    picture(service, head + b"x" * 100)
    file = await client.download(service.url + "fox.png?width=9", tmp_path / "fox", limit=999)
    assert file.name == "fox" + suffix
    assert left_in(tmp_path) == [file.name]


@pytest.mark.parametrize(
    "body",
    [
        b'{"error": {"code": "not_yet"}}',
        b"<?xml version='1.0'?><Error/>",
        b"<svg xmlns='x'></svg>",
        b"<!doctype html>",
        b"gone",
        b"RIFF",
    ],
)
async def test_what_is_no_picture_is_none_whatever_it_is_called(
    service: Service, client: MidjourneyClient, tmp_path: Path, body: bytes
) -> None:
    picture(service, body)
    with pytest.raises(DownloadFailed):
        await client.download(service.url + "fox.png", tmp_path / "fox", limit=999)
    assert left_in(tmp_path) == []


async def test_a_file_is_on_the_disk_before_it_has_its_name(
    service: Service, client: MidjourneyClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []
    genuine = os.fsync

    def noted(descriptor: int) -> None:
        seen.append(left_in(tmp_path))
        genuine(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    picture(service)
    await client.download(service.url, tmp_path / "fox", limit=10**7)
    assert seen == [["fox.part"], ["fox.png"]]


async def test_a_trickle_is_given_up(service: Service, tmp_path: Path) -> None:
    async def handle(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(PICTURE[:100])
        while True:
            await asyncio.sleep(0.02)
            await response.write(b"x" * 20)

    service.answers.append(handle)
    async with client_for(service.url, download_window=0.1) as client:
        with pytest.raises(DownloadFailed, match="too slow"):
            await asyncio.wait_for(client.download(service.url, tmp_path / "fox", limit=10**7), 10)
    assert left_in(tmp_path) == []


PRIVATE = [
    "127.0.0.1",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[2002:7f00:1::]",
    "[64:ff9b::7f00:1]",
    "10.0.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",  # noqa: S104 - asked, not listened at
    "224.0.0.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "127.1",
    "localhost",
    "localhost.",
    "[fe80::1%25lo]",
]


@pytest.mark.parametrize("host", PRIVATE)
async def test_a_redirect_into_this_network_is_not_followed(
    service: Service, client: MidjourneyClient, tmp_path: Path, host: str
) -> None:
    async with serve() as inside:
        picture(inside)
        redirect(service, f"http://{host}:{URL(inside.url).port}/secret.png")
        with pytest.raises(DownloadFailed):
            await client.download(service.url, tmp_path / "fox", limit=10**7)
        assert inside.received == []


@pytest.mark.parametrize("host", PRIVATE)
async def test_a_link_into_this_network_is_not_followed(client: MidjourneyClient, tmp_path: Path, host: str) -> None:
    async with serve() as inside:
        with pytest.raises(DownloadFailed):
            await client.download(f"http://{host}:{URL(inside.url).port}/secret.png", tmp_path / "fox", limit=10**7)
        assert inside.received == []


async def test_a_name_is_asked_once_and_what_was_found_is_connected_to(service: Service, tmp_path: Path) -> None:
    asked: list[str] = []

    def reachable(address: Address) -> bool:
        asked.append(str(address))
        return address.is_loopback

    async with serve() as other, client_for(service.url, reachable=reachable) as client:
        picture(other)
        redirect(service, f"http://localhost:{URL(other.url).port}/fox.png")
        file = await client.download(service.url, tmp_path / "fox", limit=10**7)
    assert file.read_bytes() == PICTURE
    assert set(asked) <= {"127.0.0.1", "::1"}
    assert asked


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "2a00:1450:4001:830::200e"])
def test_the_public_internet_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "address", ["192.168.1.1", "172.16.0.1", "198.18.0.1", "192.0.0.8", "192.88.99.1", "255.255.255.255", "fc00::1", "fe80::1",
                "2001:db8::1", "2001::1", "3fff::1", "ff02::1", "::"]
)  # fmt: skip
def test_what_is_not_on_it_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))
