"""The HTTP server: bodies read, faults and limits applied, refusals told, everything recorded."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web

from . import forms
from .errors import REFUSALS, Refusal
from .faults import Faults, Rule, wait_held
from .forms import Body

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp.typedefs import Handler as AiohttpHandler

    from sandbox.traffic import Traffic

    from .limits import Limits, Scope, Verdict
    from .rest import Handler, Rest
    from .state import State

log = logging.getLogger(__name__)
BASE = "/api/v10"
JSON_TYPE = {"Content-Type": "application/json"}
# Discord's own 429s come through a proxy and say so; those of Cloudflare, which bans, don't.
VIA = {"Via": "1.1 sandbox"}
BANNED = "error code: 1015"
WORDS = {
    "user": "You are being rate limited.",
    "global": "You are being rate limited.",
    "shared": "The resource is being rate limited.",
}
# What the token in the path stands for; these need no Authorization header.
OPEN = ("/interactions/", "/webhooks/", "/gateway")
REMEMBERED = 20_000


@dataclass
class Exchange:
    """A request and its answer, without file bytes; `status` is 0 while it is under way and after a cut."""

    method: str
    path: str
    at: float
    status: int = 0
    code: int | None = None
    json: Any = None
    files: dict[str, int] = field(default_factory=dict)
    took: float = 0.0
    injected: bool = False


@dataclass
class _Call:
    """A request under way; `refusal` is what is wrong with it before its handler is asked."""

    request: web.Request
    exchange: Exchange
    route: str
    handler: Handler
    body: Body = field(default_factory=Body)
    refusal: Refusal | None = None


class Server:
    """REST v10 under `/api/v10`; `requests` has the recent exchanges, oldest first."""

    def __init__(self, state: State, rest: Rest, faults: Faults, limits: Limits, traffic: Traffic, bot_token: str) -> None:
        self.requests: deque[Exchange] = deque(maxlen=REMEMBERED)
        self._state = state
        self._rest = rest
        self._faults = faults
        self._limits = limits
        self._traffic = traffic
        self._bot_token = bot_token
        self.lateness: Callable[[], float] | None = None
        """How many seconds after it was carried out each request is answered."""

    def application(self, *others: web.RouteDef) -> web.Application:
        """The aiohttp application, with `others` (gateway, CDN) beside REST."""
        app = web.Application(client_max_size=0)
        app.router.add_routes(others)
        for method, path, handler in self._rest.routes():
            app.router.add_route(method, BASE + path, self._served(path, handler))
        app.router.add_route("*", BASE + "/{rest:.*}", self._served("/{rest}", _not_found))
        return app

    def _served(self, route: str, handler: Handler) -> AiohttpHandler:
        async def serve(request: web.Request) -> web.StreamResponse:
            return await self._serve(request, route, handler)

        return serve

    async def _serve(self, request: web.Request, route: str, handler: Handler) -> web.StreamResponse:
        exchange = Exchange(request.method, request.path_qs.removeprefix(BASE), time.time())
        self.requests.append(exchange)
        started = time.perf_counter()
        call = _Call(request, exchange, route, handler)
        try:
            call.body = await forms.read(request)
        except Refusal as refusal:
            call.refusal = refusal
        if request.headers.get("Authorization") != f"Bot {self._bot_token}" and not _is_open(route):
            call.refusal = Refusal(0)
        exchange.json = call.body.data
        exchange.files = {upload.filename: upload.size for upload in call.body.files.values()}
        told = self._traffic.begin("discord", exchange.method, exchange.path, exchange.json, exchange.files)
        self._state.bell.ring()
        response = await self._respond(call)
        if self.lateness is not None:
            await asyncio.sleep(self.lateness())
        exchange.took = time.perf_counter() - started
        self._traffic.end(told, *_told(response))
        if response is None:
            self._state.bell.ring()
            return _cut(request)
        exchange.status = response.status
        self._limits.note(response.status, response.headers.get("X-RateLimit-Scope"))
        # What Discord itself would not have said is not held against its description.
        if response.content_type != "text/plain" and (not exchange.injected or response.status < 500):
            self._record(request, call.body, response)
        self._state.bell.ring()
        return response

    async def _respond(self, call: _Call) -> web.Response | None:
        """The answer, or None if the connection is to be cut."""
        method, path = call.exchange.method, call.exchange.path
        if self._limits.banned:
            return web.Response(status=429, text=BANNED)
        fault = self._faults.take(method, path, after=False)
        if fault is not None:
            told = await self._commit(call.exchange, fault)
            if told is not None or fault.cut or _gone(call.request):
                return told
        verdict = self._limits.ask(method, call.route, call.request.match_info)
        if verdict.full is not None:
            call.exchange.code = verdict.full.code
            return _refused(verdict)
        response = await self._answer(call)
        response.headers.update(verdict.headers)
        fault = self._faults.take(method, path, after=True)
        if fault is not None:
            told = await self._commit(call.exchange, fault)
            if told is not None or fault.cut:
                return told
        return response

    async def _answer(self, call: _Call) -> web.Response:
        refusal = call.refusal
        if refusal is None:
            try:
                status, data = await call.handler(call.request, call.body)
                return _json(status, data)
            except Refusal as raised:
                refusal = raised
        call.exchange.code = refusal.code
        return _json(refusal.status, refusal.body)

    async def _commit(self, exchange: Exchange, fault: Rule) -> web.Response | None:
        """Do what the fault says; the answer it gives, if it gives one."""
        if fault.delay:
            await asyncio.sleep(fault.delay)
        if fault.held is not None:
            await wait_held(fault)
        if fault.status is None:
            return None
        exchange.injected, exchange.code = True, fault.code
        if fault.status == 429:
            return _too_many(fault.retry_after or 0.5, "user", fault.code or 0)
        message = {"message": f"{fault.status}: told to fail", "code": fault.code or 0}
        if fault.code is not None:
            message["message"] = Refusal(fault.code).message
        return _json(fault.status, message)

    def _record(self, request: web.Request, body: Body, response: web.Response) -> None:
        answered = response.body if isinstance(response.body, bytes) else b""
        self._traffic.exchange(
            "discord",
            request.method,
            request.path_qs,
            request=(request.headers.get("Content-Type", ""), body.record),
            status=response.status,
            response=(response.headers.get("Content-Type", ""), answered),
        )


def _told(response: web.Response | None) -> tuple[int, str, bytes]:
    """Status, content type and body, for whoever listens."""
    if response is None:
        return 0, "", b""
    return response.status, response.content_type, response.body if isinstance(response.body, bytes) else b""


async def _not_found(_request: web.Request, _body: Body) -> tuple[int, Any]:
    return 404, {"message": "404: Not Found", "code": 0}


def _is_open(route: str) -> bool:
    return route.startswith(OPEN) and route != "/gateway/bot"


def _json(status: int, data: Any, headers: dict[str, str] | None = None) -> web.Response:
    if status == 204:
        return web.Response(status=204, headers=headers)
    return web.Response(status=status, body=json.dumps(data).encode(), headers=JSON_TYPE | (headers or {}))


def _refused(verdict: Verdict) -> web.Response:
    full = verdict.full
    assert full is not None
    response = _too_many(full.wait(), full.scope, full.code)
    response.headers.update(verdict.headers)
    return response


def _too_many(wait: float, scope: Scope, code: int) -> web.Response:
    words = REFUSALS[code][1] if code else WORDS[scope]
    told = {"message": words, "code": code, "retry_after": round(wait, 3), "global": scope == "global"}
    headers = VIA | {"Retry-After": str(int(wait) + 1), "X-RateLimit-Scope": scope}
    if scope == "global":
        headers["X-RateLimit-Global"] = "true"
    return _json(429, told, headers)


def _gone(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


def _cut(request: web.Request) -> web.Response:
    if isinstance(request.transport, asyncio.Transport):
        request.transport.abort()
    return web.Response(status=500, reason=secrets.token_hex(2))
