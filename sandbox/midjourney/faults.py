"""Everything the imitated API can be told to do wrong, for the next request or until told otherwise."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .errors import CODES, Refusal

if TYPE_CHECKING:
    from .pictures import Pictures

HOLD_LIMIT = 300.0
FREE = frozenset({"tasks", "pictures"})  # met only by faults that name them


class Held:
    """A request stopped at a point of its way, until released."""

    def __init__(self, point: str) -> None:
        self.point = point
        self.task_id: str | None = None
        self._arrived = asyncio.Event()
        self._gate = asyncio.Event()

    async def reached(self, within: float = 10.0) -> None:
        """Return once a request stands at the point; raises TimeoutError after `within` seconds."""
        async with asyncio.timeout(within):
            await self._arrived.wait()

    def release(self) -> None:
        """Let it go on."""
        self._gate.set()

    def arrive(self) -> None:
        """Tell those who wait for it that a request stands here."""
        self._arrived.set()

    async def passed(self) -> None:
        """Stand here until released."""
        self.arrive()
        async with asyncio.timeout(HOLD_LIMIT):
            await self._gate.wait()


@dataclass(slots=True)
class Fault:
    """One thing that goes wrong, `times` more times, at one endpoint or at any that is billed."""

    kind: str
    endpoint: str | None
    what: Any
    times: int = 1
    accepted: bool = True

    def meets(self, kind: str, endpoint: str) -> bool:
        """Whether this is the fault for a request."""
        return self.kind == kind and (endpoint not in FREE if self.endpoint is None else self.endpoint == endpoint)


@dataclass(slots=True)
class Mishaps:
    """What will go wrong with one request."""

    fail: Fault | None
    cut: Fault | None
    slow: Fault | None
    hold: Held | None

    def held_at(self, *points: str) -> Held | None:
        """The hold, if it is at one of these points."""
        return self.hold if self.hold is not None and self.hold.point in points else None


@dataclass(slots=True)
class Fate:
    """What will go wrong, or otherwise than usual, with one accepted task."""

    failure: tuple[str, str | None] | None
    script: list[dict[str, Any] | bytes] | None
    actions: tuple[str, ...] | None
    end_early: int | None
    hold: Held | None = None


@dataclass(slots=True)
class Quirks:
    """Odd but lawful habits of the answers, until switched off."""

    unknown_fields: bool = False
    chopped_lines: bool = False
    record_delay: float = 0.0
    lost_callbacks: int = 0
    doubled_callbacks: int = 0


@dataclass(eq=False)
class Faults:
    """The controls; a base of `Midjourney`, so that tests say `midjourney.fail_next(…)`.

    `endpoint` is the last part of the path (`imagine`), or `pictures` for the files. Without one, a fault meets
    the next request at any billed endpoint: never `tasks` or `pictures`. Faults of a kind are met in the order given.
    """

    pictures: Pictures
    quirks: Quirks = field(default_factory=Quirks)
    _faults: list[Fault] = field(default_factory=list)
    _held: list[Held] = field(default_factory=list)

    def fail_next(
        self,
        status: int,
        code: str | None = None,
        message: str | None = None,
        *,
        endpoint: str | None = None,
        times: int = 1,
        retry_after: float | None = None,
        html: bool = False,
        accepted: bool = False,
    ) -> None:
        """Answer with an error; with `accepted` the request is billed and its task goes on all the same."""
        code = code or CODES.get(status, "api_error")
        refusal = Refusal(code, message, status=status, retry_after=retry_after, html=html)
        self._faults.append(Fault("fail", endpoint, refusal, times, accepted))

    def fail_as_200_next(
        self, code: str = "api_error", message: str | None = None, *, endpoint: str | None = None, times: int = 1
    ) -> None:
        """Answer HTTP 200 with `{"success": false, "error": …}`; nothing is accepted or billed."""
        self._faults.append(Fault("fail", endpoint, Refusal(code, message, status=200), times, accepted=False))

    def fail_task_next(
        self, code: str = "task_failed", message: str | None = None, *, endpoint: str | None = None, times: int = 1
    ) -> None:
        """Accept it and let the task fail half-way: its last line, callback and record tell; the bill is taken back."""
        self._faults.append(Fault("fail_task", endpoint, (code, message), times))

    def cut_next(self, after_lines: int = 0, *, endpoint: str | None = None, times: int = 1, accepted: bool = True) -> None:
        """Drop the connection, after n lines of a stream or with nothing said; if not `accepted`, nothing was billed."""
        self._faults.append(Fault("cut", endpoint, after_lines, times, accepted))

    def end_early_next(self, after_lines: int = 2, *, endpoint: str | None = None) -> None:
        """End the stream in good order after n lines, before the result; the task goes on."""
        self._faults.append(Fault("end_early", endpoint, after_lines))

    def slow_next(self, seconds: float, *, endpoint: str | None = None, times: int = 1) -> None:
        """Wait before the request is even looked at."""
        self._faults.append(Fault("slow", endpoint, seconds, times))

    def hold_next(self, point: str = "after_accept", *, endpoint: str | None = None) -> Held:
        """Stop the next request at `before_accept`, `after_accept` (billed, nothing said), `after_line:n`, `before_final`.

        From `after_accept` on the task stands still too. Closing the server releases all.
        """
        held = Held(point)
        self._held.append(held)
        self._faults.append(Fault("hold", endpoint, held))
        return held

    def script_next(self, lines: list[dict[str, Any] | bytes], *, endpoint: str | None = None) -> None:
        """Send these lines instead of drawn results; a line without `task_id` gets the task's, bytes go as they are."""
        self._faults.append(Fault("script", endpoint, list(lines)))

    def next_actions(self, actions: list[str], *, endpoint: str | None = None) -> None:
        """Offer these actions with the next result; the picture takes them, whatever their names."""
        self._faults.append(Fault("actions", endpoint, tuple(actions)))

    def records_late(self, seconds: float) -> None:
        """Tasks accepted from now on show up in `/tasks` only after so many seconds; 0 is as usual."""
        self.quirks.record_delay = seconds

    def records_never(self) -> None:
        """Tasks accepted from now on never show up in `/tasks`."""
        self.quirks.record_delay = math.inf

    def chop_lines(self, on: bool = True) -> None:
        """Send streams in pieces of 1 to 7 bytes, with empty lines between the lines."""
        self.quirks.chopped_lines = on

    def lose_callbacks(self, count: int = 1) -> None:
        """Never send the next callbacks."""
        self.quirks.lost_callbacks = count

    def double_callbacks(self, count: int = 1) -> None:
        """Send each of the next callbacks twice."""
        self.quirks.doubled_callbacks = count

    def expire_picture_links(self, on: bool = True) -> None:
        """All links to pictures and videos answer 404, until switched off."""
        self.pictures.expired = on

    def forget_picture(self, image_id: str) -> None:
        """The service no longer knows the picture."""
        self.pictures.forget(image_id)

    def weigh_pictures(self, raw: int = 0, thumbnail: int = 0) -> None:
        """Pictures' files, and films', are at least so many bytes from now on, for tests of upload limits."""
        self.pictures.padding = {False: raw, True: thumbnail}

    def mishaps(self, endpoint: str) -> Mishaps:
        """Take what meets a request that arrives."""
        found = {kind: self._take(kind, endpoint) for kind in ("hold", "slow", "fail", "cut")}
        hold = found["hold"]
        return Mishaps(found["fail"], found["cut"], found["slow"], hold.what if hold else None)

    def fate(self, endpoint: str, hold: Held | None) -> Fate:
        """Take what meets a task that was accepted."""
        found = [self._take(kind, endpoint) for kind in ("fail_task", "script", "actions", "end_early")]
        failure, script, actions, early = (fault.what if fault else None for fault in found)
        return Fate(failure, script, actions, early, hold)

    def waiting(self, kind: str) -> list[Fault]:
        """The faults of a kind that no request has met yet."""
        return [fault for fault in self._faults if fault.kind == kind]

    def drop(self, fault: Fault) -> None:
        """Take a fault back, if no request has met it yet."""
        if fault in self._faults:
            self._faults.remove(fault)

    def release_all(self) -> None:
        """Let everything go on that is held."""
        for held in self._held:
            held.release()

    def _take(self, kind: str, endpoint: str) -> Fault | None:
        for fault in self._faults:
            if fault.meets(kind, endpoint):
                fault.times -= 1
                if fault.times <= 0:
                    self._faults.remove(fault)
                return fault
        return None
