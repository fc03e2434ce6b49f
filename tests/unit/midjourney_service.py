"""A Midjourney API of a few lines for the client's tests: it answers what it is told to and remembers what it was sent."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from bot.midjourney import MidjourneyClient
from bot.pace import Pace

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]

TASK = "1bae3bec-3ac4-4180-a148-74ee6cb68b98"
TRACE = "2efa9340-b21b-4e26-9e14-4aac95f343ab"
GRID_ACTIONS = [
    "upscale1",
    "upscale2",
    "upscale3",
    "upscale4",
    "reroll",
    "variation1",
    "variation2",
    "variation3",
    "variation4",
]
GRID: dict[str, Any] = {
    "image_url": "https://cdn.example.com/1234.png?width=1024&height=1024",
    "image_width": 1024,
    "image_height": 1024,
    "image_id": "1234197197067915365",
    "raw_image_url": "https://cdn.example.com/1234.png",
    "raw_image_width": 2048,
    "raw_image_height": 2048,
    "progress": 100,
    "actions": GRID_ACTIONS,
    "task_id": TASK,
    "success": True,
}
VIDEO: dict[str, Any] = {
    "image_url": "https://cdn.example.com/cover.png",
    "image_width": 560,
    "image_height": 688,
    "progress": 100,
    "video_id": "1751816807896311",
    "video_urls": ["https://cdn.example.com//video/1c67c36c/0_0.mp4", "https://cdn.example.com//video/1c67c36c/0_1.mp4"],
    "task_id": TASK,
    "success": True,
}


def preview(progress: int) -> dict[str, Any]:
    """A line of a stream before its end."""
    return {**GRID, "image_id": f"99{progress}", "progress": progress, "actions": []}


def error_body(code: str, message: str = "What went wrong.") -> dict[str, Any]:
    return {"error": {"code": code, "message": message}, "trace_id": TRACE}


@dataclass
class Received:
    """What one request held, when it came (the loop's clock), and from which port: one port, one connection."""

    path: str
    body: Any
    headers: Any
    at: float
    port: int


@dataclass
class Service:
    """Answers come in the order in which they were given; when there are no more, each request gets a 599."""

    url: str = ""
    received: list[Received] = field(default_factory=list)
    answers: deque[Answer] = field(default_factory=deque)
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    def answer(self, body: Any, *, status: int = 200, headers: dict[str, str] | None = None, times: int = 1) -> None:
        async def handle(_: web.Request) -> web.StreamResponse:
            return web.json_response(body, status=status, headers=headers)

        self.answers.extend([handle] * times)

    def text(self, text: str, *, status: int = 200, content_type: str = "text/html") -> None:
        async def handle(_: web.Request) -> web.StreamResponse:
            return web.Response(text=text, status=status, content_type=content_type)

        self.answers.append(handle)

    def lines(
        self,
        *lines: dict[str, Any] | bytes,
        cut: bool = False,
        hang: bool = False,
        content_type: str = "application/x-ndjson",
        step: int = 7,
    ) -> None:
        """A stream, sent in pieces of `step` bytes; then it ends, is cut, or says nothing more until the client goes."""

        async def handle(request: web.Request) -> web.StreamResponse:
            response = web.StreamResponse(headers={"Content-Type": content_type})
            await response.prepare(request)
            data = b"".join(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in lines)
            for start in range(0, len(data), step):
                await response.write(data[start : start + step])
            if hang:
                try:
                    await asyncio.sleep(60)
                finally:
                    self.gone.set()
            if cut:
                await asyncio.sleep(0)
                assert request.transport is not None
                request.transport.abort()
            return response

        self.answers.append(handle)

    def disconnect(self, times: int = 1) -> None:
        """Read the request, then close without a word."""

        async def handle(request: web.Request) -> web.StreamResponse:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()

        self.answers.extend([handle] * times)

    def hang(self) -> None:
        async def handle(_: web.Request) -> web.StreamResponse:
            try:
                await asyncio.sleep(60)
            finally:
                self.gone.set()
            return web.Response()

        self.answers.append(handle)

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = json.loads(await request.read() or b"null")
        assert request.transport is not None
        port = request.transport.get_extra_info("peername")[1]
        self.received.append(Received(request.path, body, request.headers.copy(), asyncio.get_running_loop().time(), port))
        return await self.answers.popleft()(request) if self.answers else web.Response(status=599)


@asynccontextmanager
async def serve() -> AsyncIterator[Service]:
    """Run a service on a free port of 127.0.0.1."""
    service = Service()
    app = web.Application(client_max_size=1 << 24)
    app.router.add_route("*", "/{path:.*}", service._handle)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    service.url = str(server.make_url("/"))
    try:
        yield service
    finally:
        await server.close()


def client_for(url: str, **options: Any) -> MidjourneyClient:
    """A client in a hurry."""
    connections = {name: options.pop(name) for name in ("connections", "reachable", "proxies") if name in options}
    pace = Pace(**{"backoff": 0.001, "retry_budget": 5.0, "tasks_interval": 0.001, **options})
    return MidjourneyClient(url, SecretStr("made-up-token"), pace, **connections)
