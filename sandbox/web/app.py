"""The page's HTTP side: its files, its uploads, its WebSocket, and who may come near them."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.discord.model import MIB

from .people import places_of, residents
from .visitor import Visitor
from .watching import Watching

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from sandbox.supervisor import Supervisor
    from sandbox.town import Town

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

STATIC = Path(__file__).parent / "static"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data: http://127.0.0.1:*; "
    "media-src 'self' http://127.0.0.1:*; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
LARGEST_FRAME = 4 * MIB
SERVER_IS_GOING = 1001


class Page:
    """Serves the page under `/app/<token>/` for a town that is open; `routes()` go to the town's Discord.

    Whoever doesn't know the token gets 404; a Host that is not this machine (DNS rebinding) or a WebSocket of another page's
    gets 403.
    """

    def __init__(self, token: str | None = None, *, gone_within: float = 2.0) -> None:
        self._gone_within = gone_within
        self.token = token or secrets.token_urlsafe(24)
        self.visitors: set[Visitor] = set()
        self._watching: Watching | None = None

    def routes(self) -> list[web.RouteDef]:
        """What the server must serve."""
        return [
            web.get("/app/{token}/socket", self._guarded(self._socket)),
            web.post("/app/{token}/upload", self._guarded(self._upload)),
            web.get("/app/{token}/{name:[^/]*}", self._guarded(self._file)),
        ]

    @asynccontextmanager
    async def open(self, town: Town, supervisor: Supervisor | None = None) -> AsyncIterator[Watching]:
        """Let visitors in, for the length of the block; `supervisor` is whoever started the bot."""
        self._watching = Watching(town, self.visitors, supervisor)
        watching = asyncio.create_task(self._watching.run(), name="the page's watch")
        try:
            yield self._watching
        finally:
            self._watching.close()
            self._watching = None
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            leaving = [visitor.leave(SERVER_IS_GOING) for visitor in self.visitors]
            await asyncio.gather(*leaving, return_exceptions=True)

    def url(self, town: Town) -> str:
        """Where a browser finds the page."""
        return f"http://{town.discord.host}:{town.discord.port}/app/{self.token}/"

    def _guarded(self, handler: Handler) -> Handler:
        async def serve(request: web.Request) -> web.StreamResponse:
            try:
                self._check(request)
                response = await handler(request)
            except web.HTTPException as refusal:
                refusal.headers.update(HEADERS)
                raise
            if not response.prepared:
                response.headers.update(HEADERS)
            return response

        return serve

    def _check(self, request: web.Request) -> None:
        host = request.headers.get("Host", "")
        if host.rpartition(":")[0] not in LOOPBACK and host not in LOOPBACK:
            raise web.HTTPForbidden(text="This page is for this machine only.")
        if not secrets.compare_digest(request.match_info["token"].encode(), self.token.encode()) or self._watching is None:
            raise web.HTTPNotFound(text="Nothing is here. If this was the page of a sandbox: open the address that it printed.")
        if request.headers.get("Origin", f"http://{host}") != f"http://{host}":
            raise web.HTTPForbidden(text="Another page may not come in.")

    async def _file(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"] or "index.html"
        path = STATIC / name
        known = path.suffix in TYPES and path.parent == STATIC and await asyncio.to_thread(path.is_file)
        if not known:
            raise web.HTTPNotFound
        return web.Response(body=await asyncio.to_thread(path.read_bytes), headers={"Content-Type": TYPES[path.suffix]})

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        assert self._watching is not None
        town = self._watching.town
        channel = town.discord.state.channels.get(request.query.get("channel", ""))
        if channel is None:
            raise web.HTTPNotFound(text="There is no such channel.")
        limit = channel.guild.file_limit if channel.guild else 10 * MIB
        data = bytearray()
        size = 0
        # All of it is read: a browser that is answered while it still sends shows no answer.
        async for chunk in request.content.iter_chunked(1 << 16):
            size += len(chunk)
            if size <= limit:
                data += chunk
        if size > limit:
            raise web.HTTPRequestEntityTooLarge(limit, size, text=f"Files may have {limit // MIB} MiB here.")
        stored = await town.discord.clients.upload(channel, request.query.get("name", "file"), bytes(data))
        shown = ("id", "filename", "size", "content_type", "width", "height")
        return web.json_response({key: getattr(stored, key) for key in shown} | {"url": town.discord.state.link(stored)})

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        assert self._watching is not None
        if "Origin" not in request.headers:
            raise web.HTTPForbidden(text="Only this page may come in.")
        watching = self._watching
        people = residents(watching.town)
        user = next((user for user, _ in people if user.id == request.query.get("person")), people[0][0])
        places = places_of(watching.town, user)
        channel = next((place for place in places if place.id == request.query.get("channel")), places[0])
        socket = web.WebSocketResponse(heartbeat=20, max_msg_size=LARGEST_FRAME)
        await socket.prepare(request)
        if request.transport is None:
            return socket
        visitor = Visitor(watching, socket, request.transport, user, channel, self._gone_within)
        self.visitors.add(visitor)
        try:
            await visitor.stay(request.query.get("locale"))
        finally:
            self.visitors.discard(visitor)
        return socket
