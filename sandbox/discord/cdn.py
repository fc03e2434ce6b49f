"""The CDN: uploaded bytes behind signed links that expire."""

from __future__ import annotations

import asyncio
import hmac
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from .state import State

# The page has the same origin: what someone uploads must run nothing there, whatever it says it is.
HARMLESS = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}


class Cdn:
    """Serves what was uploaded; a link with a wrong or dead signature gets 404, as Discord's does."""

    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self) -> list[web.RouteDef]:
        """The routes under the CDN's base."""
        return [web.get("/cdn/{folder:attachments|ephemeral-attachments}/{channel}/{id}/{filename}", self.serve)]

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer one link."""
        path = request.path.removeprefix("/cdn")
        expires, issued, signature = (request.query.get(key, "") for key in ("ex", "is", "hm"))
        if not hmac.compare_digest(self._state.sign(path, expires, issued), signature) or int(expires, 16) < self._state.now():
            return web.Response(status=404, text="This content is no longer available.")
        attachment = self._state.attachments.get(request.match_info["id"])
        if attachment is None or not await asyncio.to_thread(attachment.path.exists):
            return web.Response(status=404, text="This content is no longer available.")
        kind = {"Content-Type": attachment.content_type or "application/octet-stream"}
        return web.FileResponse(attachment.path, headers=kind | HARMLESS)
