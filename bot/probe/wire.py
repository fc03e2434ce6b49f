"""HTTP for the probe: what is answered is kept as it came, status and all, where the bot's own client would tidy it up.

Nothing of a body is logged, and redirects are not followed. Look-ups stay below one a second.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, Final, Self

import aiohttp
from aiolimiter import AsyncLimiter
from pydantic import SecretStr
from yarl import URL

from bot import __version__
from bot.midjourney import ApiError, read_lines
from bot.pace import Pace
from bot.probe.model import word
from bot.proxies import Proxies

JSON: Final = "application/json"
NDJSON: Final = "application/x-ndjson"
TASKS: Final = "/midjourney/tasks"
WRONG_TOKEN: Final = "easel-probe-is-nobodys-token"  # noqa: S105  # it opens nothing
LARGEST: Final = 64 * 1024 * 1024
"""Bytes of an answer: a page of records repeats the masks that were sent."""
BUSY: Final = 429
SERVER_ERROR: Final = 500
TRIES: Final = 4


class Token(Enum):
    """Who asks."""

    OURS = auto()
    WRONG = auto()
    NONE = auto()


class Silence(Exception):
    """No usable answer came, so that nothing is known of what was asked."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, whatever its status below 500; `body` is None if it is no JSON. `seconds` is how long it took."""

    status: int
    type: str
    body: Any
    seconds: float
    headers: Mapping[str, str]
    head: bytes = b""

    @property
    def object(self) -> dict[str, Any]:
        """The body, if it is an object; else an empty one."""
        return self.body if isinstance(self.body, dict) else {}

    @property
    def code(self) -> str:
        """The code of the error that is told, or an empty text."""
        error = self.object.get("error")
        code = error.get("code") if isinstance(error, dict) else None
        return "" if code is None else word(code)

    @property
    def told(self) -> str:
        """Status and code, to be read."""
        return f"{self.status} {self.code}".strip()


@dataclass(slots=True)
class Submission:
    """What is answered to a request that makes a task, while it comes; `first_after` is in seconds."""

    status: int = 0
    objects: list[dict[str, Any]] = field(default_factory=list)
    first_after: float = 0.0
    failure: Silence | None = None
    _heard: asyncio.Event = field(default_factory=asyncio.Event)

    async def heard(self) -> None:
        """Wait for the first object; raises Silence if none comes."""
        await self._heard.wait()
        if self.failure and not self.objects:
            raise self.failure

    def add(self, answered: dict[str, Any], after: float) -> None:
        """One more object."""
        if not self.objects:
            self.first_after = after
        self.objects.append(answered)
        self._heard.set()

    def end(self, failure: Silence | None) -> None:
        """No more will come."""
        self.failure = failure
        if not self.objects:
            self.failure = failure or Silence("the answer was empty")
        self._heard.set()


class Wire:
    """One session, used as an async context manager; whatever asks raises Silence. `token` goes to `base_url` alone."""

    def __init__(self, base_url: str, token: SecretStr, pace: Pace, proxies: Proxies) -> None:
        self.base_url = base_url.rstrip("/")
        self._token = token
        self._pace = pace
        self._proxies = proxies
        self._limiter = AsyncLimiter(1, pace.tasks_interval)

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(), headers={"User-Agent": f"Easel/{__version__} probe"}
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def post(
        self,
        path: str,
        body: dict[str, Any],
        *,
        token: Token = Token.OURS,
        accept: str = JSON,
        total: float | None = None,
    ) -> Answer:
        """Send a body; `total` is how long that may take, in seconds."""
        return await self._patiently("POST", f"{self.base_url}{path}", self._headers(token, accept), body, total)

    async def look_up(self, token: Token = Token.OURS, **body: Any) -> Answer:
        """Ask `/tasks`."""
        return await self._patiently("POST", f"{self.base_url}{TASKS}", self._headers(token), body, None, self._limiter)

    async def ask(self, url: str, body: dict[str, Any] | None = None) -> Answer:
        """GET an address without a token, or POST a body there."""
        method = "GET" if body is None else "POST"
        return await self._patiently(method, url, self._headers(Token.NONE), body, None)

    async def peek(self, url: str) -> Answer:
        """Only the head of a file, without a token."""
        async with self._sent("GET", url, {}, None, None) as (response, began):
            head = await response.content.read(64)
            return Answer(response.status, response.content_type, None, self._now() - began, response.headers, head)

    @asynccontextmanager
    async def submission(self, path: str, body: dict[str, Any], accept: str) -> AsyncIterator[Submission]:
        """Send a request that makes a task, once; it is listened to until the end of the `async with`."""
        submission = Submission()
        reading = asyncio.create_task(self._read_submission(submission, path, body, accept), name="probe-submission")
        try:
            yield submission
        finally:
            reading.cancel()
            await asyncio.wait([reading])

    async def _read_submission(self, submission: Submission, path: str, body: dict[str, Any], accept: str) -> None:
        headers, total = self._headers(Token.OURS, accept), self._pace.total_timeout
        try:
            async with self._sent("POST", f"{self.base_url}{path}", headers, body, total) as (response, began):
                submission.status = response.status
                if response.content_type == JSON:
                    answer = await _whole(response, began, self._now)
                    if not isinstance(answer.body, dict):
                        raise Silence("the answer was no JSON object")
                    submission.add(answer.body, self._now() - began)
                else:
                    async for line in read_lines(response.content.iter_any()):
                        submission.add(line, self._now() - began)
            submission.end(None)
        except ApiError:
            submission.end(Silence(f"what was answered with {submission.status} could not be read"))
        except Silence as silence:
            submission.end(silence)

    async def _patiently(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        body: dict[str, Any] | None,
        total: float | None,
        limiter: AsyncLimiter | None = None,
    ) -> Answer:
        """Ask, and again where the service was too busy to listen: nothing was accepted then."""
        for count in range(TRIES):
            if limiter is not None:
                await limiter.acquire()
            async with self._sent(method, url, headers, body, total) as (response, began):
                answer = await _whole(response, began, self._now)
            if answer.status != BUSY:
                return answer
            await asyncio.sleep(max(_seconds(answer.headers.get("Retry-After")), self._pace.backoff * 2**count))
        raise Silence("the service was too busy (429)")

    @asynccontextmanager
    async def _sent(
        self, method: str, url: str, headers: dict[str, str], body: dict[str, Any] | None, total: float | None
    ) -> AsyncIterator[tuple[aiohttp.ClientResponse, float]]:
        """One request, and when it was sent; raises Silence for whatever keeps it from being answered."""
        connect = self._pace.connect_timeout
        timeout = aiohttp.ClientTimeout(total=total or self._pace.reply_timeout, connect=connect, sock_connect=connect)
        data = None if body is None else json.dumps(body).encode()
        began = self._now()
        sent: dict[str, Any] = {"headers": headers, "timeout": timeout, "proxy": self._proxies.of(URL(url))}
        try:
            async with self._session.request(method, url, data=data, allow_redirects=False, **sent) as response:
                if response.status >= SERVER_ERROR:
                    raise Silence(f"the service answered {response.status}")
                yield response, began
        except aiohttp.ClientError as error:  # its words hold addresses
            raise Silence(f"no answer came ({type(error).__name__})") from error
        except TimeoutError as error:
            raise Silence("no answer came in time") from error
        except (OSError, ValueError) as error:
            raise Silence(f"it could not be asked ({type(error).__name__})") from error

    def _headers(self, token: Token, accept: str = JSON) -> dict[str, str]:
        headers = {"Accept": accept, "Content-Type": JSON, "Accept-Encoding": "identity"}
        if token is not Token.NONE:
            words = WRONG_TOKEN if token is Token.WRONG else self._token.get_secret_value()
            headers["Authorization"] = f"Bearer {words}"
        return headers

    def _now(self) -> float:
        return asyncio.get_running_loop().time()


async def _whole(response: aiohttp.ClientResponse, began: float, now: Any) -> Answer:
    """The answer with its body; raises Silence for one that is too large."""
    data = bytearray()
    async for chunk in response.content.iter_any():
        data += chunk
        if len(data) > LARGEST:
            raise Silence(f"more than {LARGEST} bytes were answered")
    body = await asyncio.to_thread(_parsed, bytes(data))
    return Answer(response.status, response.content_type, body, now() - began, response.headers)


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _seconds(header: str | None) -> float:
    """A `Retry-After`, at most a minute."""
    try:
        seconds = float(header or 0)
    except ValueError:
        return 0.0
    return min(60.0, max(0.0, seconds)) if math.isfinite(seconds) else 0.0
