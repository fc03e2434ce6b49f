"""A plain HTTP client of the imitated image API, for the tests of the sandbox itself."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp

from sandbox.midjourney import Midjourney

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

NDJSON = "application/x-ndjson"


@dataclass
class Caller:
    """Calls one sandbox with its own token."""

    midjourney: Midjourney
    session: aiohttp.ClientSession

    async def post(self, endpoint: str, **body: Any) -> tuple[int, Any]:
        """Status and JSON body of a plain call."""
        async with self.session.post(f"{self.midjourney.url}/midjourney/{endpoint}", json=body) as response:
            return response.status, await response.json()

    async def result(self, **body: Any) -> dict[str, Any]:
        """The result of an `imagine` that must succeed."""
        status, answer = await self.post("imagine", **body)
        assert status == 200, answer
        return answer

    async def lines(self, endpoint: str = "imagine", **body: Any) -> list[dict[str, Any]]:
        """All lines of a stream."""
        return [line async for line in self.stream(endpoint, **body)]

    async def stream(self, endpoint: str = "imagine", **body: Any) -> AsyncIterator[dict[str, Any]]:
        """A stream's lines as they come."""
        url = f"{self.midjourney.url}/midjourney/{endpoint}"
        async with self.session.post(url, json=body, headers={"Accept": NDJSON}) as response:
            assert response.content_type == NDJSON
            async for line in response.content:
                if line.strip():
                    yield json.loads(line)

    async def get(self, url: str) -> tuple[int, bytes]:
        """Status and bytes of a link."""
        async with self.session.get(url) as response:
            return response.status, await response.read()

    async def picture(self, result: dict[str, Any]) -> bytes:
        """The raw picture of a result."""
        status, data = await self.get(result["raw_image_url"])
        assert status == 200
        return data


@asynccontextmanager
async def calling(**options: Any) -> AsyncIterator[Caller]:
    """A sandbox that is quick by default, and its client."""
    settings = {"pace": 0.002, "size": 128, "tasks_interval": 0.0} | options
    async with Midjourney(**settings) as midjourney:
        headers = {"Authorization": f"Bearer {midjourney.token}"}
        timeout = aiohttp.ClientTimeout(total=20)
        async with aiohttp.ClientSession(headers=headers, timeout=timeout) as session:
            yield Caller(midjourney, session)
