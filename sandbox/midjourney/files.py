"""The files behind a result's links: pictures, thumbnails, films."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web

from . import videos

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .errors import Refusal
    from .faults import Faults
    from .pictures import Pictures
    from .videos import Film


def serve_files(app: web.Application, faults: Faults, pictures: Pictures, films: Mapping[str, Film]) -> None:
    """Serve what is known in these registries, with what goes wrong at the endpoint `pictures`."""

    async def show(request: web.Request) -> web.StreamResponse:
        """A picture's file, or its thumbnail."""
        mishaps = faults.mishaps("pictures")
        if mishaps.hold is not None:
            await mishaps.hold.passed()
        if mishaps.slow:
            await asyncio.sleep(mishaps.slow.what)
        if mishaps.fail:
            refusal: Refusal = mishaps.fail.what
            return refusal.response()
        sizes = [request.query.get(side, "") for side in ("width", "height")]
        width, height = (int(side) if side.isdigit() else None for side in sizes)
        file = await pictures.file(request.match_info["image_id"], width, height)
        if file is None:
            return web.Response(status=404, text="Not Found")
        if mishaps.cut:
            return await _half(request, file)
        if isinstance(file, bytes):
            return web.Response(body=file, content_type="image/png")
        return web.FileResponse(file, headers={"Content-Type": "image/png"})

    async def play(request: web.Request) -> web.Response:
        film = films.get(request.match_info["video_id"])
        if film is None or pictures.expired:
            return web.Response(status=404, text="Not Found")
        data = await asyncio.to_thread(videos.encode, film, int(request.match_info["number"]))
        return web.Response(body=videos.padded(data, pictures.padding.get(False, 0)), content_type="video/mp4")

    app.router.add_get("/pictures/{image_id}.png", show)
    # The links of films hold a double slash.
    app.router.add_get("/{slash:/?}videos/{video_id}/0_{number:[0-3]}.mp4", play)


async def _half(request: web.Request, file: Path | bytes) -> web.StreamResponse:
    """Half of a file, then the connection is dropped."""
    data = file if isinstance(file, bytes) else await asyncio.to_thread(file.read_bytes)
    response = web.StreamResponse(headers={"Content-Type": "image/png", "Content-Length": str(len(data))})
    await response.prepare(request)
    await response.write(data[: len(data) // 2])
    if request.transport is not None:
        request.transport.abort()
    return response
