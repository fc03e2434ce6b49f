"""The imitated API itself: opens, listens, checks, bills, and hands over to what paints."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import shutil
import tempfile
import time
import uuid
from collections import deque
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import aiohttp
from aiohttp import web

from sandbox.traffic import Traffic

from . import answers, bodies, grammar, texts, videos
from .bell import Bell
from .errors import Refusal
from .faults import Faults, Mishaps
from .fetching import fetch_photo
from .ledger import Ledger, price
from .pictures import Pictures
from .runs import Runs
from .tasks import Pace, Task, Tasks
from .telling import tell_files
from .videos import Film
from .works import Workshop

if TYPE_CHECKING:
    from collections.abc import Sequence

log = logging.getLogger(__name__)
PICTURES = frozenset({"imagine", "edits", "videos"})
# Requests of which something is known afterwards; a mask in one can have megabytes.
REMEMBERED = 5_000
LARGEST_BODY = 64 * 1024 * 1024


@dataclass(slots=True)
class Seen:
    """One request as it arrived; `status` is 0 until answered, and stays so where the connection was cut."""

    endpoint: str
    headers: dict[str, str]
    body: Any = None
    at: float = field(default_factory=time.time)
    status: int = 0


class Midjourney(Faults):
    """An imitation of the image API on loopback; an async context manager.

    `pace` is the seconds between progress steps, `size` the edge of a raw square grid in pixels, `steps` the progress told
    before the end, `tasks_interval` the seconds between look-ups, `balance` what may still be spent (None: any).
    With `cheap` each size is drawn once and served for every picture.
    """

    def __init__(
        self,
        *,
        traffic: Any = None,
        host: str = "127.0.0.1",
        port: int = 0,
        token: str | None = None,
        pace: float = 0.05,
        size: int = 512,
        steps: Sequence[int] = (15, 35, 55, 75, 95),
        tasks_interval: float = 1.0,
        record_delay: float = 0.0,
        balance: float | None = None,
        cheap: bool = False,
        folder: Path | None = None,
    ) -> None:
        self.token = token or secrets.token_urlsafe(32)
        self.pace, self.size = pace, size
        self.steps = steps
        self.balance = balance
        self.forbidden_words = grammar.FORBIDDEN
        self.url = ""
        self.ledger = Ledger()
        self.tasks = Tasks()
        self.requests: deque[Seen] = deque(maxlen=REMEMBERED)
        self.lookups = Pace(tasks_interval)
        self._folder = folder
        self._traffic = traffic or Traffic()
        self._address = (host, port)
        self._bell = Bell()
        self._films: dict[str, Film] = {}
        super().__init__(Pictures(folder or Path(), cheap=cheap))
        self.quirks.record_delay = record_delay

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            if self._folder is None:
                self._folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="sandbox-midjourney-"))
                stack.push_async_callback(asyncio.to_thread, shutil.rmtree, self._folder, ignore_errors=True)
            await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True)
            self.pictures.folder = self._folder
            stack.push_async_callback(self.pictures.close)
            self._session = await stack.enter_async_context(aiohttp.ClientSession())
            await self._listen(stack)
            self._opened = stack.pop_all()
        self._workshop = Workshop(self.pictures, self._session, self.size, self.forbidden_words, self._films)
        self._runs = Runs(
            url=self.url,
            session=self._session,
            pictures=self.pictures,
            films=self._films,
            quirks=self.quirks,
            pace=self._pace,
            refund=self._refund,
        )
        return self

    async def _listen(self, stack: AsyncExitStack) -> None:
        app = web.Application(client_max_size=LARGEST_BODY)
        tell_files(app, self._traffic)
        app.router.add_post("/midjourney/{endpoint}", self._receive)
        app.router.add_get("/pictures/{image_id}.png", self._show)
        app.router.add_get("/videos/{video_id}/0_{number:[0-3]}.mp4", self._play)
        app.router.add_route("*", "/{path:.*}", self._miss)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, *self._address, backlog=1024).start()
        self.url = f"http://{self._address[0]}:{runner.addresses[0][1]}"

    async def __aexit__(self, *_: object) -> None:
        self.release_all()
        await self._runs.close()
        await self._opened.aclose()

    def received(self, endpoint: str | None = None) -> list[Seen]:
        """The requests that arrived at an endpoint so far (`tasks` included), oldest first."""
        return [seen for seen in self.requests if endpoint in {None, seen.endpoint}]

    async def until_received(self, endpoint: str, count: int = 1, within: float = 10.0) -> list[Seen]:
        """Those requests, once there are so many; raises TimeoutError after `within` seconds."""
        await self._bell.until(lambda: len(self.received(endpoint)) >= count, within)
        return self.received(endpoint)

    async def settled(self, within: float = 10.0) -> None:
        """Return once no task runs; raises TimeoutError after `within` seconds."""
        async with asyncio.timeout(within):
            for task in list(self.tasks):
                await task.bell.until(task.is_done, within)

    def kept(self) -> tuple[Any, ...]:
        """All that a later service needs to go on with these pictures."""
        return self.pictures.known, self._films, self.tasks, self.ledger

    def restore(self, kept: tuple[Any, ...]) -> None:
        """Go on with what an earlier service kept; tasks that it did not finish have failed."""
        pictures, films, self.tasks, self.ledger = kept
        self.pictures.known.update(pictures)
        self._films.update(films)
        for task in self.tasks.abandon():
            self._refund(task.id)

    def _pace(self) -> tuple[float, Sequence[int]]:
        return self.pace, self.steps

    async def _receive(self, request: web.Request) -> web.StreamResponse:
        """One API call, from arrival to answer."""
        seen = Seen(request.match_info["endpoint"], dict(request.headers))
        self.requests.append(seen)
        raw = await request.read()
        stream: list[answers.Stream] = []
        try:
            seen.body = json.loads(raw) if raw else None
        except ValueError:
            seen.body = None
        self._bell.ring()
        call = self._traffic.begin("midjourney", request.method, request.path_qs, seen.body)
        response: web.StreamResponse
        try:
            response = await self._serve(request, seen, stream)
        except Refusal as refusal:
            response = refusal.response()
        except answers.Cut:
            self._traffic.end(call, 0, answers.NDJSON, bytes(stream[0].sent) if stream else b"")
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        seen.status = response.status
        told = bytes(stream[0].sent) if stream else response.body if isinstance(response, web.Response) else b""
        self._record(request, raw, response, told)
        self._traffic.end(call, response.status, response.content_type, told if isinstance(told, bytes) else b"")
        return response

    async def _serve(self, request: web.Request, seen: Seen, stream: list[answers.Stream]) -> web.StreamResponse:
        mishaps = self.mishaps(seen.endpoint)
        if held := mishaps.held_at("before_accept"):
            await held.passed()
        if mishaps.slow:
            await asyncio.sleep(mishaps.slow.what)
        if mishaps.fail and not mishaps.fail.accepted:
            raise mishaps.fail.what
        if mishaps.cut and not mishaps.cut.accepted:
            raise answers.Cut
        if seen.endpoint not in bodies.FIELDS:
            raise Refusal("no_api")
        self._authorize(request)
        body = bodies.check(seen.endpoint, seen.body)
        if seen.endpoint == "tasks":
            self.lookups.take()
            self._interrupt(mishaps)
            return web.json_response(self.tasks.answer(body))
        self._workshop.moderate(body)
        if seen.endpoint in PICTURES:
            return await self._paint(request, seen.endpoint, body, mishaps, stream)
        return await self._tell(seen.endpoint, body, mishaps)

    async def _paint(
        self, request: web.Request, endpoint: str, body: dict[str, Any], mishaps: Mishaps, stream: list[answers.Stream]
    ) -> web.StreamResponse:
        """Accept a task and answer in the way that was asked for."""
        work = await self._workshop.prepare(endpoint, body)
        wants_lines = answers.NDJSON in request.headers.get("Accept", "")
        at_once = bool(body.get("async") or "callback_url" in body)
        task = Task(endpoint, body, wants_lines and not at_once, wants_lines and at_once, record_delay=self.quirks.record_delay)
        self._bill(endpoint, body, task.id)
        self.tasks.add(task)
        if mishaps.hold is not None:
            mishaps.hold.task_id = task.id
        fate = self.fate(endpoint, mishaps.hold)
        self._runs.start(task, work, fate)
        try:
            if held := mishaps.held_at("after_accept"):
                await held.passed()
            self._interrupt(mishaps)
        except BaseException:
            task.streamed = False
            raise
        if mishaps.cut and not task.streamed:
            raise answers.Cut
        if at_once:
            return answers.accepted(task)
        if not task.streamed:
            return await answers.plain(task, float(body.get("timeout", answers.TIMEOUT)))
        cut_after = mishaps.cut.what if mishaps.cut else None
        answer = answers.Stream(task, cut_after=cut_after, end_after=fate.end_early, chopped=self.quirks.chopped_lines)
        stream.append(answer)
        return await answer.answer(request)

    async def _tell(self, endpoint: str, body: dict[str, Any], mishaps: Mishaps) -> web.Response:
        """The endpoints that answer with words; they leave no task to look up."""
        answer: dict[str, Any]
        if endpoint == "describe":
            photo = await fetch_photo(self._session, body["image_url"])
            answer = {"descriptions": await asyncio.to_thread(texts.describe, photo, body["image_url"])}
        elif endpoint == "translate":
            answer = {"content": texts.translate(body["content"])}
        elif endpoint == "shorten":
            answer = {"prompts": texts.shorten(body["prompt"])}
        else:
            answer = {"seed": str(self._workshop.known(body["image_id"]).seed)}
        self._bill(endpoint, body, str(uuid.uuid4()))
        if held := mishaps.held_at("after_accept"):
            await held.passed()
        self._interrupt(mishaps)
        return web.json_response(answer)

    def _interrupt(self, mishaps: Mishaps) -> None:
        """Raises what goes wrong after the request was accepted and billed."""
        if mishaps.fail:
            raise mishaps.fail.what
        if mishaps.cut and mishaps.cut.what == 0:
            raise answers.Cut

    def _authorize(self, request: web.Request) -> None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or not token:
            raise Refusal("no_token")
        if token != self.token:
            raise Refusal("invalid_token")

    def _bill(self, endpoint: str, body: dict[str, Any], task_id: str) -> None:
        """Raises Refusal `used_up` where the balance does not reach."""
        cost = price(endpoint, body)
        if self.balance is not None:
            if cost > self.balance:
                raise Refusal("used_up")
            self.balance -= cost
        self.ledger.bill(endpoint, body, task_id)

    def _refund(self, task_id: str) -> None:
        cost = self.ledger.refund(task_id)
        if self.balance is not None:
            self.balance += cost

    async def _show(self, request: web.Request) -> web.StreamResponse:
        """A picture's file, or its thumbnail."""
        mishaps = self.mishaps("pictures")
        if mishaps.hold is not None:
            await mishaps.hold.passed()
        if mishaps.slow:
            await asyncio.sleep(mishaps.slow.what)
        if mishaps.fail:
            return mishaps.fail.what.response()
        sizes = [request.query.get(side, "") for side in ("width", "height")]
        width, height = (int(side) if side.isdigit() else None for side in sizes)
        file = await self.pictures.file(request.match_info["image_id"], width, height)
        if file is None:
            return web.Response(status=404, text="Not Found")
        if mishaps.cut:
            return await _half(request, file)
        if isinstance(file, bytes):
            return web.Response(body=file, content_type="image/png")
        return web.FileResponse(file, headers={"Content-Type": "image/png"})

    async def _play(self, request: web.Request) -> web.Response:
        film = self._films.get(request.match_info["video_id"])
        if film is None or self.pictures.expired:
            return web.Response(status=404, text="Not Found")
        data = await asyncio.to_thread(videos.encode, film, int(request.match_info["number"]))
        return web.Response(body=videos.padded(data, self.pictures.padding.get(False, 0)), content_type="video/mp4")

    async def _miss(self, request: web.Request) -> web.Response:
        log.debug("Nothing is at %s", request.path)
        return Refusal("no_api").response()

    def _record(self, request: web.Request, raw: bytes, response: web.StreamResponse, told: Any) -> None:
        """The only place that knows how traffic is written down."""
        if not self._traffic.recording:
            return
        answer = (response.content_type, told if isinstance(told, bytes) else b"")
        asked = (request.content_type, raw)
        self._traffic.exchange(
            "midjourney", request.method, request.path_qs, request=asked, status=response.status, response=answer
        )


async def _half(request: web.Request, file: Path | bytes) -> web.StreamResponse:
    """Half of a file, then the connection is dropped."""
    data = file if isinstance(file, bytes) else await asyncio.to_thread(file.read_bytes)
    response = web.StreamResponse(headers={"Content-Type": "image/png", "Content-Length": str(len(data))})
    await response.prepare(request)
    await response.write(data[: len(data) // 2])
    if request.transport is not None:
        request.transport.abort()
    return response
