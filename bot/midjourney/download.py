"""Fetching a result into a file: streamed, size-capped, and gone from the disk if it fails.

DownloadError
├── DownloadTooLarge   more bytes than allowed
├── DownloadGone       the link has died (403, 404, 410)
└── DownloadFailed     anything else: try again later
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import aiohttp

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

R = TypeVar("R")

CHUNK_SIZE = 512 * 1024
"""Bytes gathered before they are written: a thread for each network read would cost more than the disk."""
MAX_REDIRECTS = 3
TIMEOUT = aiohttp.ClientTimeout(total=300.0, connect=10.0, sock_connect=10.0, sock_read=30.0)


class DownloadError(Exception):
    """A result could not be fetched; nothing of it is left on the disk."""


class DownloadTooLarge(DownloadError):
    """The result has more bytes than allowed."""


class DownloadGone(DownloadError):
    """The link is dead."""


class DownloadFailed(DownloadError):
    """The result did not come, or not whole."""


async def download(session: aiohttp.ClientSession, url: str, path: Path, *, limit: int) -> int:
    """Stream `url` into `path` and return the number of bytes; a file of that name is always whole.

    Raises DownloadTooLarge above `limit` bytes, DownloadGone for a dead link, DownloadFailed otherwise. Nothing is left
    on failure and cancellation. No token is sent: links lead to other hosts than the API's.
    """
    if not url.lower().startswith(("http://", "https://")):
        raise DownloadFailed("the link is not http(s)")
    part = path.with_name(f"{path.name}.part")
    try:
        return await _fetch(session, url, path, part, limit)
    except BaseException as error:
        await _in_thread(lambda: part.unlink(missing_ok=True))
        if isinstance(error, aiohttp.ClientError | TimeoutError | OSError):
            reason = f" ({error.strerror})" if isinstance(error, OSError) and error.strerror else ""
            raise DownloadFailed(f"the download broke: {type(error).__name__}{reason}") from error
        raise


async def _fetch(session: aiohttp.ClientSession, url: str, path: Path, part: Path, limit: int) -> int:
    # Identity, so that Content-Length counts what arrives. aiohttp refuses the redirect that reaches max_redirects.
    headers = {"Accept-Encoding": "identity"}
    async with session.get(url, headers=headers, timeout=TIMEOUT, max_redirects=MAX_REDIRECTS + 1) as response:
        if response.status in {403, 404, 410}:
            raise DownloadGone(f"the link is dead ({response.status})")
        if response.status != 200 or response.content_type == "text/html":
            raise DownloadFailed(f"the link answered {response.status} {response.content_type}")
        if (response.content_length or 0) > limit:
            raise DownloadTooLarge(f"{response.content_length} bytes, {limit} allowed")
        size = 0
        buffer = bytearray()
        mode = "wb"
        async for chunk in response.content.iter_any():
            size += len(chunk)
            if size > limit:
                raise DownloadTooLarge(f"more than the {limit} bytes allowed")
            buffer += chunk
            if len(buffer) >= CHUNK_SIZE:
                await _in_thread(partial(_append, part, mode, buffer))
                buffer, mode = bytearray(), "ab"
        if size == 0:
            raise DownloadFailed("the link answered nothing")
        await _in_thread(partial(_append, part, mode, buffer, whole=path))
        return size


def _append(part: Path, mode: str, data: bytearray, *, whole: Path | None = None) -> None:
    """Opened anew for each chunk: so no file can be left open by a cancellation. The last one gives it its name."""
    with part.open(mode) as file:
        file.write(data)
    if whole is not None:
        part.rename(whole)


async def _in_thread(call: Callable[[], R]) -> R:
    """Run `call` in a thread; a cancellation waits for its end, so that nothing is written after the clean-up."""
    running = asyncio.create_task(asyncio.to_thread(call), name="download-disk")
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        raise
