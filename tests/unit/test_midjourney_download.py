"""A result is fetched whole or not at all."""

from __future__ import annotations

import asyncio
import random
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from midjourney_service import Service, client_for, serve

from bot.midjourney import DownloadError, DownloadFailed, DownloadGone, DownloadTooLarge, MidjourneyClient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PICTURE = random.Random(7).randbytes(1_500_000)


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
    assert await client.download(service.url + "fox.png", path, limit=len(PICTURE)) == len(PICTURE)
    assert path.read_bytes() == PICTURE
    assert "Authorization" not in service.received[0].headers


@pytest.mark.parametrize("counted", [True, False])
async def test_a_picture_over_the_limit_leaves_no_file(
    service: Service, client: MidjourneyClient, tmp_path: Path, counted: bool
) -> None:
    picture(service, counted=counted)
    with pytest.raises(DownloadTooLarge):
        await client.download(service.url, tmp_path / "fox.png", limit=len(PICTURE) - 1)
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
        await client.download(service.url, tmp_path / "fox.png", limit=99)
    assert left_in(tmp_path) == []


async def test_a_cut_download_leaves_no_file(service: Service, client: MidjourneyClient, tmp_path: Path) -> None:
    service.lines(PICTURE, cut=True, content_type="image/png", step=600_000)
    with pytest.raises(DownloadFailed):
        await client.download(service.url, tmp_path / "fox.png", limit=10**7)
    assert left_in(tmp_path) == []


async def test_a_cancelled_download_leaves_no_file_and_no_connection(
    service: Service, client: MidjourneyClient, tmp_path: Path
) -> None:
    picture(service, hang=True)
    part = tmp_path / "fox.png.part"
    fetching = asyncio.create_task(client.download(service.url, tmp_path / "fox.png", limit=10**7))
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
    fetching = asyncio.create_task(client.download(service.url, tmp_path / "fox.png", limit=10**7))
    await asyncio.wait_for(writing.wait(), 5)
    fetching.cancel()
    loop.call_later(0.05, go_on.set)
    with pytest.raises(asyncio.CancelledError):
        await fetching
    assert left_in(tmp_path) == []


async def test_three_redirects_are_followed_and_no_more(service: Service, client: MidjourneyClient, tmp_path: Path) -> None:
    for _ in range(3):
        redirect(service, "/next")
    picture(service)
    assert await client.download(service.url, tmp_path / "fox.png", limit=10**7) == len(PICTURE)
    for _ in range(4):
        redirect(service, "/next")
    with pytest.raises(DownloadFailed):
        await client.download(service.url, tmp_path / "hare.png", limit=10**7)


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/x", "file:///etc/hostname", "", "http://", "http://[bad"])
async def test_only_http_links_are_fetched(client: MidjourneyClient, tmp_path: Path, url: str) -> None:
    with pytest.raises(DownloadFailed):
        await client.download(url, tmp_path / "fox.png", limit=99)


async def test_a_redirect_to_a_file_is_not_followed(service: Service, client: MidjourneyClient, tmp_path: Path) -> None:
    redirect(service, "file:///etc/hostname")
    with pytest.raises(DownloadFailed):
        await client.download(service.url, tmp_path / "fox.png", limit=99)


async def test_a_disk_that_refuses_is_a_failed_download(service: Service, client: MidjourneyClient, tmp_path: Path) -> None:
    picture(service)
    with pytest.raises(DownloadFailed, match="No such file or directory") as failed:
        await client.download(service.url, tmp_path / "missing" / "fox.png", limit=10**7)
    assert service.url not in str(failed.value)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's disk that is always full")
async def test_a_full_disk_is_named(service: Service, client: MidjourneyClient, tmp_path: Path) -> None:
    (tmp_path / "fox.png.part").symlink_to("/dev/full")
    picture(service)
    with pytest.raises(DownloadFailed, match="No space left on device"):
        await client.download(service.url, tmp_path / "fox.png", limit=10**7)
    assert left_in(tmp_path) == []
