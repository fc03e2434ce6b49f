"""Fetching a result into a file: streamed, size-capped, and gone from the disk if it fails.

DownloadError
├── DownloadTooLarge   more bytes than allowed
├── DownloadGone       the link has died (403, 404, 410)
└── DownloadFailed     anything else: try again later
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import aiohttp
from yarl import URL

from bot import __version__
from bot.midjourney.addresses import AddressRefused, CheckedResolver, Reachable, check_literal, check_unresolved
from bot.proxies import Proxies

R = TypeVar("R")

CHUNK_SIZE: Final = 512 * 1024
"""Bytes gathered before they are written: a thread for each network read would cost more than the disk."""
MAX_REDIRECTS: Final = 5
SLOWEST: Final = 20 * 1024
"""Bytes a second, on the average of a window: what comes more slowly keeps a place from those behind it."""
TIMEOUT: Final = aiohttp.ClientTimeout(total=300.0, connect=10.0, sock_connect=10.0, sock_read=20.0)
HEAD: Final = 12
"""Bytes from which it can be told what a file is."""
_REDIRECTS: Final = {301, 302, 303, 307, 308}


class DownloadError(Exception):
    """A result could not be fetched; nothing of it is left on the disk."""


class DownloadTooLarge(DownloadError):
    """The result has more bytes than allowed."""


class DownloadGone(DownloadError):
    """The link is dead."""


class DownloadFailed(DownloadError):
    """The result did not come, or not whole, or is neither a picture nor a clip."""


def suffix_of(head: bytes) -> str | None:
    """What a file is by its first bytes (at least `HEAD`), as the end of a name; None for no picture and no clip."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return ".png"
    if head.startswith(b"\xff\xd8\xff"):
        return ".jpg"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return ".gif"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return ".webp"
    return ".mp4" if head[4:8] == b"ftyp" else None


class Downloads:
    """Fetches results from the public internet, and from the API's own origin wherever that is.

    `reachable` says of an address whether it may be asked; the session is the API's, for what lies beside the API. In
    `window` seconds at least `SLOWEST` bytes a second must come.
    """

    def __init__(
        self, api: URL, session: aiohttp.ClientSession, reachable: Reachable, proxies: Proxies, *, window: float
    ) -> None:
        self._api = api.origin() if api.absolute and api.host else None
        self._session = session
        self._reachable = reachable
        self._proxies = proxies
        self._window = window
        resolver = CheckedResolver(aiohttp.DefaultResolver(), reachable)
        self._public = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, resolver=resolver),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": f"Easel/{__version__}"},
        )

    async def close(self) -> None:
        """Close the connections that are its own."""
        await self._public.close()

    async def fetch(self, url: str, stem: Path, *, limit: int) -> Path:
        """Stream `url` into a file that is called `stem` and what it is by its first bytes; a file of that name is whole.

        Raises DownloadTooLarge above `limit` bytes, DownloadGone for a dead link, DownloadFailed otherwise. Nothing is
        left on failure and cancellation. No token is sent: links lead to other hosts than the API's.
        """
        part = stem.with_name(f"{stem.name}.part")
        try:
            async with self._open(url) as response:
                return await self._save(response, stem, part, limit)
        except BaseException as error:
            await _in_thread(lambda: part.unlink(missing_ok=True))
            if isinstance(error, aiohttp.ClientError | TimeoutError | OSError | ValueError):
                reason = f" ({error.strerror})" if isinstance(error, OSError) and error.strerror else ""
                reason = f" ({error})" if isinstance(error, AddressRefused) else reason
                raise DownloadFailed(f"the download broke: {type(error).__name__}{reason}") from error
            raise

    @asynccontextmanager
    async def _open(self, link: str) -> AsyncIterator[aiohttp.ClientResponse]:
        """The answer behind at most `MAX_REDIRECTS` redirects; each of their hosts is checked."""
        url = URL(link)
        for _ in range(1 + MAX_REDIRECTS):
            if url.scheme not in ("http", "https") or not url.host:
                raise DownloadFailed("the link is not http(s)")
            session, proxy = self._session, self._proxies.of(url)
            if url.origin() != self._api:
                if proxy is None:
                    check_literal(url.host, self._reachable)
                    session = self._public
                else:
                    check_unresolved(url.host, self._reachable)
            # Identity, so that Content-Length counts what arrives.
            headers = {"Accept-Encoding": "identity"}
            async with session.get(url, headers=headers, timeout=TIMEOUT, allow_redirects=False, proxy=proxy) as response:
                if response.status not in _REDIRECTS:
                    yield response
                    return
                url = url.join(URL(response.headers.get("Location", "")))
        raise DownloadFailed(f"the link was redirected more than {MAX_REDIRECTS} times")

    async def _save(self, response: aiohttp.ClientResponse, stem: Path, part: Path, limit: int) -> Path:
        if response.status in {403, 404, 410}:
            raise DownloadGone(f"the link is dead ({response.status})")
        if response.status != 200:
            raise DownloadFailed(f"the link answered {response.status}")
        if (response.content_length or 0) > limit:
            raise DownloadTooLarge(f"{response.content_length} bytes, {limit} allowed")
        head, size = b"", 0
        buffer = bytearray()
        mode = "wb"
        async for chunk in self._chunks(response):
            size += len(chunk)
            if size > limit:
                raise DownloadTooLarge(f"more than the {limit} bytes allowed")
            if len(head) < HEAD:
                head = (head + chunk)[:HEAD]
                if len(head) == HEAD and suffix_of(head) is None:
                    break
            buffer += chunk
            if len(buffer) >= CHUNK_SIZE:
                await _in_thread(partial(_append, part, mode, buffer))
                buffer, mode = bytearray(), "ab"
        suffix = suffix_of(head)
        if suffix is None:
            raise DownloadFailed("what the link leads to is neither a picture nor a clip")
        whole = stem.with_name(stem.name + suffix)
        await _in_thread(partial(_append, part, mode, buffer, whole=whole))
        return whole

    async def _chunks(self, response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
        """What comes, as long as enough of it comes in each window."""
        clock = asyncio.get_running_loop().time
        ends, came = clock() + self._window, 0
        async for chunk in response.content.iter_any():
            came += len(chunk)
            if clock() >= ends:
                if came < SLOWEST * self._window:
                    raise DownloadFailed("the download was too slow")
                ends, came = clock() + self._window, 0
            yield chunk


def _append(part: Path, mode: str, data: bytearray, *, whole: Path | None = None) -> None:
    """Opened anew for each chunk: so no file can be left open by a cancellation.

    The last one gives it its name, and only when all of it is on the disk: a power cut must leave no half file of that name.
    """
    with part.open(mode) as file:
        file.write(data)
        if whole is not None:
            file.flush()
            os.fsync(file.fileno())
    if whole is not None:
        part.rename(whole)
        folder = os.open(whole.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


async def _in_thread(call: Callable[[], R]) -> R:
    """Run `call` in a thread; a cancellation waits for its end, so that nothing is written after the clean-up."""
    running = asyncio.create_task(asyncio.to_thread(call), name="download-disk")
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        raise
