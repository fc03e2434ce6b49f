"""Who may come near the page: those who know its token, on this machine, from the page itself."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import aiohttp
import pytest
from yarl import URL

from sandbox.town import Town
from sandbox.web import Page, app

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """An open page with files of its own."""
    (tmp_path / "index.html").write_text("<!doctype html>")
    (tmp_path / "main.js").write_text("export {};")
    (tmp_path / "notes.txt").write_text("not for everyone")
    monkeypatch.setattr(app, "STATIC", tmp_path)
    page = Page()
    async with Town(midjourney=False, routes=page.routes()) as town, page.open(town):
        yield page.url(town)


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """A browser of sorts."""
    async with aiohttp.ClientSession() as session:
        yield session


async def test_files_are_served_with_their_types_and_without_a_cache(url: str, session: aiohttp.ClientSession) -> None:
    for name, kind in (("", "text/html"), ("main.js", "text/javascript")):
        async with session.get(url + name) as response:
            assert (response.status, response.content_type) == (200, kind)
            assert response.headers["Cache-Control"] == "no-store"
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert response.headers["Referrer-Policy"] == "no-referrer"
            policy = response.headers["Content-Security-Policy"]
            assert policy.startswith("default-src 'none'; script-src 'self';")
            assert "unsafe" not in policy


@pytest.mark.parametrize("name", ["nothing.js", "notes.txt", "%2e%2e%2fapp.py", "..%2f..%2fapp.py", "main.js/x"])
async def test_nothing_else_is_served(url: str, session: aiohttp.ClientSession, name: str) -> None:
    async with session.get(URL(url + name, encoded=True)) as response:
        assert response.status == 404


async def test_a_wrong_token_finds_nothing(url: str, session: aiohttp.ClientSession) -> None:
    wrong = url.rstrip("/")[:-1] + "/"
    for name in ("", "socket", "main.js"):
        async with session.get(wrong + name) as response:
            assert response.status == 404
    async with session.post(f"{wrong}upload?channel=1&name=x", data=b"x") as response:
        assert response.status == 404


async def test_a_name_that_was_bent_to_this_machine_is_refused(url: str, session: aiohttp.ClientSession) -> None:
    for host in ("evil.example", "evil.example:80", "127.0.0.1.evil.example", ""):
        async with session.get(url, headers={"Host": host}) as response:
            assert response.status in (400, 403)
    for host in ("127.0.0.1:1234", "localhost", "[::1]:80"):
        async with session.get(url, headers={"Host": host}) as response:
            assert response.status == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", None, "http://127.0.0.1:1"])
async def test_another_pages_socket_is_refused(url: str, session: aiohttp.ClientSession, origin: str | None) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await session.ws_connect(f"{url}socket", origin=origin)
    assert refused.value.status == 403


async def test_another_page_uploads_nothing(url: str, session: aiohttp.ClientSession) -> None:
    async with session.post(f"{url}upload?channel=1&name=x", data=b"x", headers={"Origin": "http://evil.example"}) as response:
        assert response.status == 403


async def test_a_file_that_is_too_large_is_refused(url: str, session: aiohttp.ClientSession) -> None:
    async with session.ws_connect(f"{url}socket", origin=url.partition("/app/")[0]) as socket:
        channel = (await socket.receive_json())["open"]
    async with session.post(
        f"{url}upload?channel={channel}&name=large.bin", data=io.BytesIO(bytes(12 * 1024 * 1024))
    ) as response:
        assert response.status == 413
        assert "10 MiB" in await response.text()
