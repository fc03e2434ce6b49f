"""Telling whoever listens of files that were fetched: their names and sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler

    from sandbox.traffic import Traffic

CALL = "call"


def tell_files(app: web.Application, traffic: Traffic) -> None:
    """Tell the traffic's listeners of every GET that the application serves."""

    @web.middleware
    async def begin(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method == "GET":
            request[CALL] = traffic.begin("midjourney", request.method, request.path_qs)
        return await handler(request)

    async def end(request: web.Request, response: web.StreamResponse) -> None:
        if CALL in request:
            name = request.path.rpartition("/")[2]
            told = f"file {name}, {response.content_length or 0:,} bytes" if response.status < 400 else ""
            traffic.end(request[CALL], response.status, response.content_type, told)

    app.middlewares.append(begin)
    app.on_response_prepare.append(end)
