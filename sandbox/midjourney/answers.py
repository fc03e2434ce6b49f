"""The ways an accepted task is answered: held open, as a stream, or at once."""

from __future__ import annotations

import asyncio
import json
import random
from typing import TYPE_CHECKING, Any

from aiohttp import web

from .errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .tasks import Line, Task

NDJSON = "application/x-ndjson"
TIMEOUT = 480.0


class Cut(Exception):
    """The connection is to be dropped without another word."""


async def plain(task: Task, timeout: float) -> web.Response:  # noqa: ASYNC109 - a field of the API's request
    """Wait for the result; raises Refusal `timeout` after so many seconds, while the task goes on."""
    try:
        await task.bell.until(lambda: task.done, timeout)
    except TimeoutError:
        raise Refusal("timeout") from None
    last = task.lines[-1] if task.lines else {}
    if isinstance(last, bytes):
        return web.Response(body=last, content_type="application/json")
    return web.json_response(last, status=task.status if last.get("success") is False else 200)


class Stream:
    """An NDJSON answer; `cut_after` drops the connection after n lines, `end_after` ends it in good order."""

    def __init__(self, task: Task, *, cut_after: int | None, end_after: int | None, chopped: bool) -> None:
        self._task = task
        self._cut_after = cut_after
        self._end_after = end_after
        self._chopped = chopped
        self.sent = bytearray()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Send every line as it comes; raises Cut if the connection is to be dropped."""
        response = web.StreamResponse(headers={"Content-Type": NDJSON})
        try:
            await response.prepare(request)
            async for line in self._task.follow():
                if self._is_last(line) and self._end_after is not None:
                    break
                await self._write(response, line)
                if self._task.written == self._cut_after:
                    raise Cut
                if self._task.written == self._end_after:
                    break
            await response.write_eof()
        except ConnectionError:
            # The client has gone; the task goes on without it.
            return response
        finally:
            self._task.streamed = False
            self._task.bell.ring()
        return response

    def _is_last(self, line: Line) -> bool:
        return isinstance(line, dict) and (line.get("progress") == 100 or line.get("success") is False)

    async def _write(self, response: web.StreamResponse, line: Line) -> None:
        data = line if isinstance(line, bytes) else json.dumps(line, separators=(",", ":")).encode() + b"\n"
        self.sent += data
        for piece in pieces(data) if self._chopped else [data]:
            await response.write(piece)
            await asyncio.sleep(0)
        self._task.written += 1
        self._task.bell.ring()


def pieces(data: bytes) -> Iterator[bytes]:
    """The bytes cut anywhere, with empty lines after them."""
    start = 0
    while start < len(data):
        length = random.randint(1, 7)
        yield data[start : start + length]
        start += length
    yield b"\r\n"
    yield b"\n"


def accepted(task: Task, *, success: bool) -> web.Response:
    """The answer to `async` and to a callback, which some say has `success` too."""
    body: dict[str, Any] = {"task_id": task.id} | ({"success": True} if success else {})
    return web.json_response(body)
