"""The Ace Data Cloud Midjourney API: one method for each way to get a result, from any endpoint."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack, aclosing
from functools import partial
from typing import TYPE_CHECKING, Any, Self, TypeVar

from aiolimiter import AsyncLimiter
from yarl import URL

from bot.midjourney.addresses import Reachable, is_public
from bot.midjourney.download import Downloads
from bot.midjourney.endpoints import TRANSLATE, A, Endpoint, Q
from bot.midjourney.errors import UNCLEAR, ApiError, BadRequest, Family, Unclear, error_from
from bot.midjourney.models import Answer, TaskPage, TaskRecord, TasksRequest, tells_failure
from bot.midjourney.retry import Backoff
from bot.midjourney.transport import BODY_LIMIT, CONNECTION_LIMIT, NDJSON, TEXT_LIMIT, Transport, translated
from bot.pace import Pace
from bot.proxies import Proxies

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
    from pathlib import Path

    from pydantic import SecretStr

    Pause = Callable[[ApiError, float], Awaitable[None]]

T = TypeVar("T")

TASKS = "/midjourney/tasks"

EXEMPT = {"x-record-exempt": "true"}
"""Keeps look-ups out of the account's usage records."""


class MidjourneyClient:
    """A client for one token, used as an async context manager; every method raises ApiError (see errors.py).

    A call that certainly did not reach the service is tried again: after 1, 2, 4, 8 and 16 times `pace.backoff` seconds plus
    jitter, all within `pace.retry_budget`. `pause(error, seconds)`, if given, is awaited in place of each wait; what it
    raises ends the tries. Busy is raised at once, since whoever waits for room should not hold a slot meanwhile.
    A submission that may have been accepted is never repeated.
    """

    def __init__(
        self,
        base_url: str,
        token: SecretStr,
        pace: Pace,
        *,
        connections: int = CONNECTION_LIMIT,
        proxies: Proxies | None = None,
        reachable: Reachable = is_public,
    ) -> None:
        self._base_url = URL(base_url)
        self._reachable = reachable
        self._proxies = proxies or Proxies()
        self._downloads: Downloads | None = None
        self._transport = Transport(base_url, token, pace, connections=connections, proxy=self._proxies.of(base_url))
        self._backoff = Backoff(pace.backoff, pace.retry_budget)
        self._tasks_limiter = AsyncLimiter(1, pace.tasks_interval)
        self._pace = pace

    async def __aenter__(self) -> Self:
        await self._transport.__aenter__()
        self._downloads = Downloads(
            self._base_url, self._transport.session, self._reachable, self._proxies, window=self._pace.download_window
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._downloads is not None:
            await self._downloads.close()
        await self._transport.__aexit__()

    @property
    def token_digest(self) -> str:
        """Names the token without telling it: the same for the same token, another for another."""
        return self._transport.token_digest

    def now(self) -> float:
        """The time by the service's clock, in epoch seconds; by this machine's before the first answer."""
        return self._transport.clock.now() or time.time()

    async def ask(self, endpoint: Endpoint[Q, A], request: Q, *, pause: Pause | None = None) -> A:
        """Send a body and wait for what comes of it: for words at most five minutes.

        Raises Unclear if the service answered without what was asked for, which it bills all the same.
        """
        total = self._pace.total_timeout if endpoint.is_submitted else self._pace.text_timeout

        async def attempt() -> dict[str, Any]:
            body, held = request.body(), endpoint.is_submitted
            async with self._transport.exchange(endpoint.path, body, total=total, held=held) as response:
                answer = await self._transport.read_object(response, BODY_LIMIT if endpoint.is_submitted else TEXT_LIMIT)
            _refuse(answer)
            return answer

        answer = endpoint.answer.model_validate(await self._backoff.run(attempt, pause=pause))
        if not answer.complete:
            # It was billed, but nothing of use came.
            raise _unfinished(answer, "the service answered without what was asked for")
        return answer

    async def submit(self, endpoint: Endpoint[Q, A], request: Q, *, pause: Pause | None = None) -> AsyncGenerator[A, None]:
        """Order what takes its time, and tell each step that the answer itself tells.

        The first step has the `task_id`, and as a rule no other follows: the rest is `/tasks`' to tell. If the service
        answers with lines all the same, the last one may be `complete`. Raises Unclear, with `task_id` if one was told,
        when the connection breaks. Leave it early only through `contextlib.aclosing` or a cancellation: they close the
        connection.
        """
        result = endpoint.answer()
        body = request.body() | {"async": True}
        try:
            async with AsyncExitStack() as stack:
                line, lines = await self._backoff.run(partial(self._open, stack, endpoint.path, body), pause=pause)
                while line:
                    _refuse(line, task_id=result.task_id)
                    result = endpoint.answer.model_validate({**line, "task_id": line.get("task_id") or result.task_id})
                    yield result
                    if result.complete:
                        return
                    if result.progress == 100:
                        break
                    line = await anext(lines, {})
        except ApiError as error:
            error.task_id = error.task_id or result.task_id
            raise
        if result.task_id is None:
            raise _unfinished(result, "the service named no task")

    async def check_token(self) -> None:
        """Ask for something that costs nothing whatever the answer: raises TokenRejected, or another ApiError.

        `/tasks` takes any token, so a translation of no words is asked for: that an endpoint refuses it means that the
        token has passed, unless the service looks at bodies first.
        """

        async def attempt() -> None:
            async with self._transport.exchange(TRANSLATE.path, {}, total=self._pace.reply_timeout) as response:
                _refuse(await self._transport.read_object(response, TEXT_LIMIT))

        try:
            await self._backoff.run(attempt, patient=True)
        except BadRequest as error:
            if error.family is not Family.REQUEST:
                raise

    async def task(
        self,
        id: str | None = None,  # noqa: A002  # the API's own name
        *,
        trace_id: str | None = None,
    ) -> TaskRecord | None:
        """Look up one task, by its id or its trace id; None if the service knows no such task."""
        body = await self._look_up(TasksRequest(action="retrieve", id=id, trace_id=trace_id))
        return TaskRecord.model_validate(body) if body else None

    async def tasks(
        self,
        ids: Iterable[str] | None = None,
        *,
        trace_ids: Iterable[str] | None = None,
        offset: int | None = None,
        limit: int | None = None,
        user_id: str | None = None,
        created_at_min: float | None = None,
        created_at_max: float | None = None,
    ) -> TaskPage:
        """Look up many tasks in one call: those named, at most 50, or a page of a user's newest; unknown ones are left out."""
        named = tuple(ids) if ids is not None else None
        traced = tuple(trace_ids) if trace_ids is not None else None
        request = TasksRequest(
            action="retrieve_batch",
            ids=named,
            trace_ids=traced,
            offset=offset,
            # The API's default of 12 must not cut a list of names short.
            limit=limit or len(named or traced or ()) or None,
            user_id=user_id,
            created_at_min=created_at_min,
            created_at_max=created_at_max,
        )
        if named == () or traced == ():
            return TaskPage()
        return TaskPage.model_validate(await self._look_up(request))

    async def download(self, url: str, stem: Path, *, limit: int) -> Path:
        """Fetch a result into a file, see `Downloads.fetch`; raises DownloadError."""
        if self._downloads is None:
            raise RuntimeError("MidjourneyClient is used outside of its async with")
        return await self._downloads.fetch(url, stem, limit=limit)

    async def _look_up(self, request: TasksRequest) -> dict[str, Any]:
        total = min(self._pace.reply_timeout, self._pace.lookup_timeout)

        async def attempt() -> dict[str, Any]:
            async with (
                self._tasks_limiter,
                self._transport.exchange(TASKS, request.body(), total=total, headers=EXEMPT) as response,
            ):
                answer = await self._transport.read_object(response)
            # A record of a failed task is an answer; only what is no record and no page may be a failure of the call.
            if not answer.keys() & {"id", "items", "request"}:
                _refuse(answer)
            return answer

        return await self._backoff.run(attempt, doubtful=self._pace.lookup_repeats, patient=True)

    async def _open(
        self, stack: AsyncExitStack, path: str, body: dict[str, Any]
    ) -> tuple[dict[str, Any], AsyncGenerator[dict[str, Any], None]]:
        """One attempt, up to the first object: a refusal may come in it instead of a status."""
        pace = self._pace
        times: dict[str, Any] = {"total": pace.total_timeout, "head": pace.first_timeout, "line": pace.line_timeout}
        async with AsyncExitStack() as opened:
            exchange = self._transport.exchange(path, body, accept=NDJSON, held=True, **times)
            response = await opened.enter_async_context(exchange)
            with translated():
                async with asyncio.timeout(pace.first_timeout):
                    lines = await opened.enter_async_context(aclosing(await self._transport.read_objects(response)))
                    first: dict[str, Any] = await anext(lines, {})
            _refuse(first)
            stack.push_async_exit(opened.pop_all())
            return first, lines


def _refuse(body: dict[str, Any], *, task_id: str | None = None) -> None:
    """Raise the failure that a body with status 200 tells, if it tells one.

    Once a task is known its failure is definite, except for a time-out: the task may still finish (and is billed
    then), so that is left to `/tasks`, which has the last word.
    """
    if not tells_failure(body):
        return
    direct = error_from(None, body, task_id=task_id)
    if direct.task_id and direct.family is not Family.TIMEOUT:
        raise error_from(None, body, task_id=task_id, final=True)
    raise direct


def _unfinished(answer: Answer, message: str) -> Unclear:
    return Unclear(UNCLEAR, message, task_id=answer.task_id, trace_id=answer.trace_id)
