"""The imitated API itself: opens, listens, checks, bills, and hands over to what paints."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import shutil
import tempfile
from collections import deque
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import aiohttp
from aiohttp import web

from sandbox.traffic import Traffic

from . import actions, answers, bodies, grammar, results, texts
from .accounts import Account
from .bell import Bell
from .errors import Refusal
from .faults import Faults, Mishaps
from .fetching import fetch_photo
from .files import serve_files
from .ledger import Ledger, price
from .pictures import Pictures
from .prices import serve_prices
from .readings import Readings
from .refusing import refuse
from .runs import Runs
from .seen import Seen
from .tasks import Pace, Task, Tasks, ended
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


class Midjourney(Faults):
    """An imitation of the image API on loopback; an async context manager.

    `pace` is the seconds between progress steps, `size` the edge of a raw square grid in pixels, `steps` the progress told
    before the end, `tasks_interval` the seconds between look-ups, `balance` what may still be spent (None: any).
    `queue` is the seconds until painting starts, by mode. With `cheap` each size is drawn once and served for every picture.
    Of each picture and description that is asked for, accepted or not, a stranger has just had the very same made.
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
        self.queue: dict[str, float] = {}
        self.account, self.stranger = Account(), Account()
        self.readings = Readings()
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
        self._workshop = Workshop(self.pictures, self._session, self.size, self.forbidden_words, self._films, self.readings)
        self._runs = Runs(
            url=self.url,
            session=self._session,
            pictures=self.pictures,
            films=self._films,
            quirks=self.quirks,
            readings=self.readings,
            queue=self.queue,
            pace=self._pace,
            bill=self._bill,
        )
        self._other_picture = self.pictures.add(actions.fresh("somebody else's", edge=64, ratio=1, version="8.2", photos=[]))
        return self

    async def _listen(self, stack: AsyncExitStack) -> None:
        app = web.Application(client_max_size=LARGEST_BODY)
        tell_files(app, self._traffic)
        app.router.add_post("/midjourney/{endpoint}", self._receive)
        serve_prices(app, self.readings)
        serve_files(app, self, self.pictures, self._films)
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
        return self.pictures.known, self._films, self.tasks, self.ledger, self.account

    def restore(self, kept: tuple[Any, ...]) -> None:
        """Go on with what an earlier service kept; tasks that it did not finish have failed."""
        pictures, films, self.tasks, self.ledger, self.account = kept
        self.pictures.known.update(pictures)
        self._films.update(films)
        self.tasks.abandon()

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
        self._meet_stranger(seen.endpoint, seen.body)
        call = self._traffic.begin("midjourney", request.method, request.path_qs, seen.body)
        response: web.StreamResponse
        try:
            response = await self._serve(request, seen, stream)
        except Refusal as refusal:
            response = refuse(refusal, seen, self.readings, self.tasks, self.account)
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
        if seen.endpoint != "tasks" or self.readings.tasks_check_token:
            self._authorize(request)
        body = bodies.check(seen.endpoint, seen.body, extra=self.readings.extra_fields)
        if seen.endpoint == "tasks":
            self.lookups.take()
            self._interrupt(mishaps)
            return web.json_response(self.tasks.answer(body, self.readings, self.account))
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
        held_open = self.readings.async_streams if wants_lines else self.readings.async_waits
        if held_open and "callback_url" not in body:
            at_once = False
        task = self._accept(endpoint, body)
        task.streamed, task.pushes = wants_lines and not at_once, wants_lines and at_once
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
            return answers.accepted(task, success=self.readings.accepted_says_success)
        if not task.streamed:
            return await answers.plain(task, float(body.get("timeout", answers.TIMEOUT)))
        cut_after = mishaps.cut.what if mishaps.cut else None
        answer = answers.Stream(task, cut_after=cut_after, end_after=fate.end_early, chopped=self.quirks.chopped_lines)
        stream.append(answer)
        return await answer.answer(request)

    async def _tell(self, endpoint: str, body: dict[str, Any], mishaps: Mishaps) -> web.Response:
        """The endpoints that answer with words; of these only `describe` leaves a task to look up."""
        photo = await fetch_photo(self._session, body["image_url"]) if endpoint == "describe" else None
        task = self._accept(endpoint, body)
        answer: dict[str, Any]
        if endpoint == "describe":
            answer = {"descriptions": await asyncio.to_thread(texts.describe, photo, body["image_url"])}
        elif endpoint == "translate":
            answer = {"content": texts.translate(body["content"])}
        elif endpoint == "shorten":
            answer = {"prompts": texts.shorten(body["prompt"])}
        else:
            answer = {"seed": str(self._workshop.known(body["image_id"]).seed)}
        try:
            if held := mishaps.held_at("after_accept"):
                await held.passed()
        finally:
            # It is made and paid for, whether anybody still listens or not.
            self._bill(task)
            ended(task, answer)
            if endpoint == "describe":
                self.tasks.add(task)
        self._interrupt(mishaps)
        return web.json_response(answer)

    def _accept(self, endpoint: str, body: dict[str, Any]) -> Task:
        """A task that is taken; raises Refusal `used_up` where the balance does not reach."""
        if self.balance is not None and price(endpoint, body) > self.balance:
            raise Refusal("used_up")
        task = Task(endpoint, body, record_delay=self.quirks.record_delay, account=self.account)
        self.ledger.accept(endpoint, body, task.id)
        if endpoint in PICTURES or (endpoint == "describe" and self.readings.record_from_start):
            self.tasks.add(task)
        return task

    def _meet_stranger(self, endpoint: str, body: Any) -> None:
        """Somebody else has had the same made, a moment before."""
        if isinstance(body, dict) and endpoint in PICTURES | {"describe"}:
            self.add_task_of(self.stranger, endpoint, {**body})

    def add_task_of(self, account: Account, endpoint: str, body: dict[str, Any]) -> Task:
        """A task that is none of ours, and over."""
        task = Task(endpoint, body, account=account)
        answer: dict[str, Any] = {"descriptions": [f"somebody else's picture {number}" for number in range(1, 5)]}
        if endpoint != "describe":
            known = results.image_result(self.url, task, self._other_picture, 100, quirks=self.quirks, readings=self.readings)
            answer = known
        self.tasks.others.append(ended(task, answer))
        return task

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

    def _bill(self, task: Task) -> None:
        """It has succeeded."""
        cost = self.ledger.bill(task.id)
        if self.balance is not None:
            self.balance -= cost

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
