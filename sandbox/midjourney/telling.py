"""Telling whoever listens of files that were fetched: their names and sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from aiohttp import web

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler

    from sandbox.traffic import Call, Traffic


def tell_files(app: web.Application, traffic: Traffic) -> None:
    """Tell the traffic's listeners of every GET that the application serves."""
    calls: WeakKeyDictionary[web.StreamResponse, Call] = WeakKeyDictionary()

    @web.middleware
    async def begin(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method != "GET":
            return await handler(request)
        call = traffic.begin("midjourney", request.method, request.path_qs)
        response = await handler(request)
        calls[response] = call
        if response.prepared:
            await end(request, response)
        return response

    async def end(request: web.Request, response: web.StreamResponse) -> None:
        # A file's size is known only now, when its headers are.
        if (call := calls.pop(response, None)) is not None:
            name = request.path.rpartition("/")[2]
            told = f"file {name}, {response.content_length or 0:,} bytes" if response.status < 400 else ""
            traffic.end(call, response.status, response.content_type, told)

    app.middlewares.append(begin)
    app.on_response_prepare.append(end)
