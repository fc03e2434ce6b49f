"""HTTP as the API speaks it: one POST, told apart into *answered*, *certainly not sent* and *unclear*.

What aiohttp (3.14, read in its source) does and does not do by itself:

- It repeats a request on a stale keep-alive connection only for IDEMPOTENT_METHODS (`retry_persistent_connection` in
  `ClientSession._request`); POST is not among them, so a ServerDisconnectedError on a reused connection reaches us
  after exactly one send. The request may have been read before the connection went, hence it is Unclear. Redirects
  would repeat a POST (307, 308), so they are switched off.
- `ClientTimeout.connect` covers the wait for a free connection of the pool *and* DNS *and* connecting, all ending in
  ConnectionTimeoutError. With a pool limit, a full pool would look like a dead host; so the pool has no limit, and
  `_slots` counts the submissions instead. ConnectionTimeoutError then means what it says, and is raised before a
  byte is written, as is ClientConnectorError (refused, unreachable, DNS, TLS; it is a ClientOSError by inheritance).
- Through a proxy, an https request is preceded by a CONNECT. ClientHttpProxyError is the proxy's refusal of that, before
  anything of the request is written; ClientProxyConnectionError is a ClientConnectorError.
- `sock_read` runs from the end of the upload to the first byte and then between any two reads; `total` is a plain
  TimeoutError.
- A bytes body of more than 1 MiB (a mask) is warned about; an io.BytesIO is sent in chunks.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import math
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Self, TypeVar

import aiohttp

from bot import __version__
from bot.clock import RemoteClock
from bot.midjourney.errors import UNCLEAR, UNREACHABLE, ApiError, NotSent, Unclear, error_from
from bot.midjourney.ndjson import parse_object, read_lines
from bot.pace import Pace
from bot.redaction import Redactor

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping

    from pydantic import SecretStr

T = TypeVar("T")

JSON = "application/json"
NDJSON = "application/x-ndjson"

CONNECTION_LIMIT = 600
"""Submissions whose answers are read at once: a moment each, or minutes if the service answers with lines. Leaves room for
the rest of a process under the usual 1024 file descriptors; no other call counts, so that none waits behind pictures."""
KEEPALIVE_TIMEOUT = 4.0
"""Seconds that an idle connection is kept: less than the shortest common default of servers (5), so that a submission
is seldom written to a connection that is just being closed, which would leave it Unclear."""
DNS_CACHE = 60
"""Seconds that a looked-up address is used."""
ERROR_LIMIT = 64 * 1024
"""Bytes of an error's body that are read."""
BODY_LIMIT = 64 * 1024 * 1024
"""Bytes of an answer: a page of task records repeats the masks that were sent."""
TEXT_LIMIT = 256 * 1024
"""Bytes of an answer that holds words alone."""
THREAD_SIZE = 256 * 1024
"""Bytes from which JSON is handled in a thread."""


class Transport:
    """One session to one API; use it as an async context manager."""

    def __init__(self, base_url: str, token: SecretStr, pace: Pace, *, connections: int, proxy: str | None = None) -> None:
        self._base_url = base_url.rstrip("/")
        self._token = token
        self._redactor = Redactor((token,))
        self._pace = pace
        self._proxy = proxy
        self._slots = asyncio.Semaphore(connections)
        self._session: aiohttp.ClientSession | None = None
        self.clock = RemoteClock("the image service")

    async def __aenter__(self) -> Self:
        # The token goes into each call's headers, not into the session's: results are fetched with the same session.
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEPALIVE_TIMEOUT, ttl_dns_cache=DNS_CACHE),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": f"Easel/{__version__}"},
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.session.close()

    @property
    def token_digest(self) -> str:
        """The beginning of a hash, which can't be turned back: tokens are long and random."""
        return hashlib.sha256(self._token.get_secret_value().encode()).hexdigest()[:16]

    @property
    def session(self) -> aiohttp.ClientSession:
        """The open session; raises RuntimeError before `async with`."""
        if self._session is None:
            raise RuntimeError("MidjourneyClient is used outside of its async with")
        return self._session

    @asynccontextmanager
    async def exchange(
        self,
        path: str,
        body: dict[str, Any],
        *,
        total: float,
        accept: str = JSON,
        head: float | None = None,
        line: float | None = None,
        held: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """POST once and yield the 2xx response, closed afterwards; anything else is raised as an ApiError.

        `total` is how long all of it may take, `head` how long the head may, `line` how long nothing may be heard, all
        in seconds. `held` takes one of the limited slots; the wait for it doesn't count. aiohttp's errors while the
        response is read are translated, too.
        """
        data = await _encode(body)
        sent = self._headers(accept) | dict(headers or {})
        connect = self._pace.connect_timeout
        timeout = aiohttp.ClientTimeout(total=total, connect=connect, sock_connect=connect, sock_read=line)
        async with self._slot(held=held):
            with translated():
                async with asyncio.timeout(head):
                    response = await self.session.post(
                        f"{self._base_url}{path}",
                        data=data,
                        headers=sent,
                        timeout=timeout,
                        allow_redirects=False,
                        proxy=self._proxy,
                    )
                self._read_clock(response.headers.get("Date"))
                try:
                    if not 200 <= response.status < 300:
                        raise await self._read_error(response)
                    yield response
                finally:
                    response.close()

    async def read_body(self, response: aiohttp.ClientResponse, limit: int = BODY_LIMIT) -> bytes:
        """Read all of a body, without our token if it is echoed; raises Unclear for more than `limit` bytes."""
        data = bytearray()
        async for chunk in response.content.iter_any():
            data += chunk
            if len(data) > limit:
                raise Unclear(UNCLEAR, f"the service answered more than {limit} bytes", status=response.status)
        return self._redactor.data(bytes(data))

    async def read_object(self, response: aiohttp.ClientResponse, limit: int = BODY_LIMIT) -> dict[str, Any]:
        """Read a body that must be one JSON object of at most `limit` bytes; raises Unclear for HTML and the like."""
        data = await self.read_body(response, limit)
        try:
            return await asyncio.to_thread(parse_object, data) if len(data) > THREAD_SIZE else parse_object(data)
        except Unclear as error:
            error.status = response.status
            raise

    async def read_objects(self, response: aiohttp.ClientResponse) -> AsyncGenerator[dict[str, Any], None]:
        """The objects of an answer to a request for lines, which may be one ordinary JSON object all the same."""
        if response.content_type != JSON:
            return read_lines(response.content.iter_any(), clean=self._redactor.data)
        data = await self.read_body(response)
        try:
            return _once(parse_object(data))
        except Unclear:
            # Lines under a wrong name.
            return read_lines(_once(data))

    async def _read_error(self, response: aiohttp.ClientResponse) -> ApiError:
        retry_after = _seconds(response.headers.get("Retry-After"), self.clock.now())
        body: dict[str, Any] | None = None
        try:
            async with asyncio.timeout(self._pace.error_timeout):
                body = parse_object(await self.read_body(response, ERROR_LIMIT))
        except (ApiError, aiohttp.ClientError, OSError, TimeoutError):
            # HTML from a gateway, or cut: the status says what is needed.
            reason = self._redactor.text(response.reason or "")
            body = {"message": f"The service answered {response.status} {reason} without JSON.".replace("  ", " ")}
        return error_from(response.status, body, retry_after=retry_after)

    def _read_clock(self, date: str | None) -> None:
        if told := date and _moment(date):
            self.clock.read(told.timestamp())

    def _headers(self, accept: str) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {self._token.get_secret_value()}", "Accept": accept, "Content-Type": JSON}
        # A compressor on the way would hold lines back until its block is full.
        return headers | ({"Accept-Encoding": "identity"} if accept == NDJSON else {})

    @asynccontextmanager
    async def _slot(self, *, held: bool) -> AsyncIterator[None]:
        if not held:
            yield
            return
        try:
            async with asyncio.timeout(self._pace.slot_timeout):
                await self._slots.acquire()
        except TimeoutError as error:
            raise NotSent(UNREACHABLE, "all connections to the service are in use") from error
        try:
            yield
        finally:
            self._slots.release()


async def _once(item: T) -> AsyncGenerator[T, None]:
    yield item


async def _encode(body: dict[str, Any]) -> io.BytesIO:
    """Large bodies (a mask) are encoded in a thread."""
    size = sum(len(value) for value in body.values() if isinstance(value, str))
    text = await asyncio.to_thread(json.dumps, body) if size > THREAD_SIZE else json.dumps(body)
    return io.BytesIO(text.encode())


@contextmanager
def translated() -> Iterator[None]:
    """Turn aiohttp's failures into ours; see the top of this file for what each one proves."""
    try:
        yield
    except aiohttp.ClientHttpProxyError as error:  # its own words hold the proxy's password
        raise NotSent(UNREACHABLE, f"no connection to the service: the proxy answered {error.status}") from error
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
        raise NotSent(UNREACHABLE, f"no connection to the service: {error}") from error
    except TimeoutError as error:
        raise Unclear(UNCLEAR, "the service did not answer in time") from error
    except (aiohttp.ClientError, OSError) as error:
        raise Unclear(UNCLEAR, f"the connection to the service broke: {error or type(error).__name__}") from error


def _seconds(header: str | None, now: float | None) -> float | None:
    """A `Retry-After`, given in seconds or as an HTTP date by the clock that shows `now`; None if none can be read."""
    if header is None:
        return None
    try:
        seconds = float(header)
    except ValueError:
        when = _moment(header)
        if when is None or now is None:
            return None
        seconds = when.timestamp() - now
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _moment(header: str) -> datetime | None:
    """An HTTP date; None if it is none."""
    try:
        when = parsedate_to_datetime(header)
    except ValueError:
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)
