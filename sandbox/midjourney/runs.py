"""How an accepted task runs to its end by itself, whoever listens."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import aiohttp

from . import results
from .errors import MESSAGES, STATUS
from .fetching import is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence

    from .faults import Fate, Held, Quirks
    from .pictures import Picture, Pictures
    from .readings import Readings
    from .tasks import Line, Task
    from .videos import Film
    from .works import Work

log = logging.getLogger(__name__)
FACTORS = {"fast": 1.0, "turbo": 0.5, "relax": 2.0}
CALLBACK_TIMEOUT = aiohttp.ClientTimeout(total=10)


class Runs:
    """Runs tasks at their pace; `pace` is the seconds between progress steps in fast mode."""

    def __init__(
        self,
        *,
        url: str,
        session: aiohttp.ClientSession,
        pictures: Pictures,
        films: dict[str, Film],
        quirks: Quirks,
        readings: Readings,
        queue: Mapping[str, float],
        pace: Callable[[], tuple[float, Sequence[int]]],
        bill: Callable[[Task], None],
    ) -> None:
        self._url = url
        self._session = session
        self._pictures = pictures
        self._films = films
        self._quirks = quirks
        self._pace = pace
        self._bill = bill
        self._readings = readings
        self._queue = queue
        self._running: set[asyncio.Task[None]] = set()

    def start(self, task: Task, work: Work, fate: Fate) -> None:
        """Let an accepted task go."""
        self._spawn(self._run(task, work, fate), f"sandbox-task-{task.id}")

    async def close(self) -> None:
        """Stop everything that still runs."""
        for running in self._running:
            running.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        running = asyncio.create_task(work, name=name)
        self._running.add(running)
        running.add_done_callback(self._ended)

    def _ended(self, running: asyncio.Task[None]) -> None:
        self._running.discard(running)
        if not running.cancelled() and (error := running.exception()) is not None:
            log.error("%s failed", running.get_name(), exc_info=error)

    async def _run(self, task: Task, work: Work, fate: Fate) -> None:
        try:
            if fate.hold is not None and fate.hold.point == "after_accept":
                await fate.hold.passed()
            if seconds := self._queue.get(task.request.get("mode", "fast")):
                await asyncio.sleep(seconds)
            task.started_at = max(time.time(), task.created_at + 0.001)
            if fate.script is not None:
                await self._perform(task, work, fate)
            else:
                await self._make(task, work, fate)
        finally:
            task.end()

    async def _perform(self, task: Task, work: Work, fate: Fate) -> None:
        """Send given lines instead of made ones; a result's picture becomes known under the id it was given."""
        script = fate.script or []
        for number, line in enumerate(script):
            last = number == len(script) - 1
            await asyncio.sleep(self._pace()[0])
            if isinstance(line, bytes):
                await self._tell(task, fate, line, last=last)
                continue
            if last and line.get("success") is not False:
                self._bill(task)
            if line.get("progress") == 100 and isinstance(line.get("image_id"), str):
                offered = tuple(line.get("actions") or ())
                self._pictures.add(replace(work.picture, id=line["image_id"], actions=offered))
            await self._tell(task, fate, {"task_id": task.id} | line, last=last)

    async def _make(self, task: Task, work: Work, fate: Fate) -> None:
        """Progress, then the result or the failure."""
        pace, steps = self._pace()
        pause = pace * FACTORS.get(task.request.get("mode", "fast"), 1.0)
        previews: list[Picture] = []
        steps = [step for step in steps if step < 100]
        for number, step in enumerate(steps):
            await asyncio.sleep(pause)
            if fate.failure and number >= len(steps) // 2:
                break
            previews.append(self._pictures.add(results.preview(work.picture, step)))
            await self._tell(task, fate, self._line(task, work, previews[-1], step))
        if fate.failure:
            self._forget(previews)
            await self._fail(task, fate, *fate.failure)
            return
        await asyncio.sleep(pause)
        picture = results.split(work.picture, self._pictures) if work.split else work.picture
        if fate.actions is not None:
            picture.actions = fate.actions
        # The wait before the end comes first: while it is held, previews live and the picture does not exist.
        await self._pause_at(task, fate.hold, "before_final")
        self._pictures.add(picture)
        self._forget(previews)
        if work.film is not None:
            self._films[picture.id] = work.film
        self._bill(task)
        await self._tell(task, fate, self._line(task, work, picture, 100), last=True)

    def _forget(self, previews: list[Picture]) -> None:
        """Preview links die with the end of their task."""
        for preview in previews:
            self._pictures.forget(preview.id)

    async def _fail(self, task: Task, fate: Fate, code: str, message: str | None) -> None:
        task.status = STATUS.get(code, 500)
        await self._tell(task, fate, results.failure(task, code, message or MESSAGES.get(code, "The task failed.")), last=True)

    def _line(self, task: Task, work: Work, picture: Picture, progress: int) -> dict[str, Any]:
        if work.film is not None:
            video_id = work.picture.id
            return results.video_result(
                self._url, task, picture, video_id, progress, quirks=self._quirks, readings=self._readings
            )
        return results.image_result(self._url, task, picture, progress, quirks=self._quirks, readings=self._readings)

    async def _tell(self, task: Task, fate: Fate, line: Line, *, last: bool = False) -> None:
        """One line to the stream, the record and the callback."""
        task.add(line)
        if isinstance(line, dict) and "callback_url" in task.request and (last or task.pushes):
            self._call_back(task, line)
        await self._pause_at(task, fate.hold, f"after_line:{len(task.lines)}")

    async def _pause_at(self, task: Task, held: Held | None, point: str) -> None:
        """Stand still where the test wants it, once a listening stream has written what there is."""
        if held is not None and held.point == point:
            await task.bell.until(lambda: not task.streamed or task.written >= len(task.lines), timeout=60)
            await held.passed()

    def _call_back(self, task: Task, line: dict[str, Any]) -> None:
        """POST the line, as often as the quirks say, without waiting for it."""
        url = task.request["callback_url"]
        times = 1
        if self._quirks.lost_callbacks > 0:
            self._quirks.lost_callbacks -= 1
            times = 0
        elif self._quirks.doubled_callbacks > 0:
            self._quirks.doubled_callbacks -= 1
            times = 2
        if not is_loopback(url):
            log.warning("Callback of task %s was not sent: its address is not on this machine", task.id)
            return
        for _ in range(times):
            self._spawn(self._post(url, line | {"trace_id": task.trace_id}), f"sandbox-callback-{task.id}")

    async def _post(self, url: str, body: dict[str, Any]) -> None:
        try:
            async with self._session.post(url, json=body, timeout=CALLBACK_TIMEOUT) as response:
                log.debug("Callback of task %s was answered %s", body.get("task_id"), response.status)
        except (aiohttp.ClientError, TimeoutError) as error:
            log.warning("Callback of task %s was not received: %r", body.get("task_id"), error)
