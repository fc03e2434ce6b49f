"""Fetching the image URLs of a request, from this machine only."""

from __future__ import annotations

import asyncio

import aiohttp
from yarl import URL

from .errors import bad
from .scenes import Photo, photo

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
LARGEST = 32 * 1024 * 1024
TIMEOUT = aiohttp.ClientTimeout(total=10)


def is_loopback(url: str) -> bool:
    """Whether the sandbox may open the address."""
    try:
        return URL(url).host in LOOPBACK
    except ValueError:
        return False


async def fetch(session: aiohttp.ClientSession, url: str) -> bytes:
    """A loopback URL's bytes; raises Refusal `bad_request` where there are none, or too many."""
    try:
        async with session.get(url, timeout=TIMEOUT, allow_redirects=False) as response:
            if response.status != 200:
                raise bad(f"failed to fetch image: HTTP {response.status}")
            data = await response.content.read(LARGEST + 1)
            while len(data) <= LARGEST and (more := await response.content.read(LARGEST + 1)):
                data += more
    except (aiohttp.ClientError, TimeoutError) as error:
        raise bad("failed to fetch image: no answer") from error
    if len(data) > LARGEST:
        raise bad("failed to fetch image: too large")
    return data


async def fetch_photo(session: aiohttp.ClientSession, url: str) -> Photo | None:
    """The image behind a loopback URL, None for an address elsewhere; raises Refusal if it is no image."""
    if not is_loopback(url):
        return None
    data = await fetch(session, url)
    try:
        return await asyncio.to_thread(photo, data)
    except ValueError as error:
        raise bad("failed to fetch image: the address is not an image") from error
