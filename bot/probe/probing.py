"""What is known while a probe runs, and the only way in which it spends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from bot.midjourney import ApiError, ImageResult, TaskRecord, tells_failure
from bot.pace import Pace
from bot.probe.model import Fact, Finding, unclear, word
from bot.probe.prices import PriceList
from bot.probe.wire import Answer, Silence, Submission, Wire

PROMPT: Final = "a smooth grey stone on white sand"
REFUSED: Final = range(400, 500)
TIMED_OUT: Final = "timeout"


class ServiceRefused(Exception):
    """The service said no, or its task failed: nothing was billed. `code` is a word, `status` 200 where a record told it."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"the service refused it: {status} {code}".strip())
        self.status = status
        self.code = code


class Overspent(Exception):
    """More was to be bought than was confirmed: a mistake of ours, and nothing was sent."""


@dataclass(slots=True)
class Budget:
    """What was confirmed and is not spent yet, and how much of it may have been billed."""

    pictures: int = 0
    descriptions: int = 0
    spent_pictures: int = 0
    spent_descriptions: int = 0

    def take_picture(self) -> None:
        """Before one is asked for; raises Overspent."""
        if self.pictures < 1:
            raise Overspent
        self.pictures -= 1
        self.spent_pictures += 1

    def return_picture(self) -> None:
        """It was certainly not billed."""
        self.pictures += 1
        self.spent_pictures -= 1

    def take_description(self) -> None:
        """Before one is asked for; raises Overspent."""
        if self.descriptions < 1:
            raise Overspent
        self.descriptions -= 1
        self.spent_descriptions += 1


@dataclass(slots=True)
class Bought:
    """A picture that was made: what was answered, what its record told meanwhile, and at the end.

    All times are seconds since it was asked for, as seen from here; `running` has records of before its end.
    """

    answered: list[dict[str, Any]]
    running: list[tuple[float, dict[str, Any]]]
    record: dict[str, Any]
    first_after: float
    finished_after: float

    @property
    def response(self) -> dict[str, Any]:
        """What the record says of the result."""
        response = self.record.get("response")
        return response if isinstance(response, dict) else {}

    @property
    def held_open(self) -> bool:
        """Whether the answer was the result itself, instead of a name to ask for it by."""
        return len(self.answered) > 1 or "progress" in self.answered[0] or "image_url" in self.answered[0]


@dataclass(slots=True)
class Probing:
    """One run: how to ask, what may be spent, and what one subject leaves for the next.

    `silences` counts what was asked in vain in a row.
    """

    wire: Wire
    pace: Pace
    now: Callable[[], float]
    budget: Budget = field(default_factory=Budget)
    prices: PriceList | None = None
    silences: int = 0
    listed: list[dict[str, Any]] = field(default_factory=list)
    record_id: str | None = None
    owner: str | None = None
    picture: ImageResult | None = None
    edited: ImageResult | None = None

    async def buy(self, path: str, body: dict[str, Any], *, accept: str) -> Bought:
        """Have a picture made, asked for once; raises ServiceRefused if it was not made, and Silence."""
        self.budget.take_picture()
        began = self.now()
        async with self.wire.submission(path, body, accept) as submission:
            await submission.heard()
            first = submission.objects[0]
            if submission.status in REFUSED:
                self.budget.return_picture()
            if submission.status in REFUSED or (tells_failure(first) and not first.get("task_id")):
                raise ServiceRefused(submission.status, _code(first))
            task_id = first.get("task_id")
            if not isinstance(task_id, str):
                raise Silence("it was taken without a task's name")
            return await self._follow(task_id, submission, began)

    async def _follow(self, task_id: str, submission: Submission, began: float) -> Bought:
        """Look it up until it is over."""
        running: list[tuple[float, dict[str, Any]]] = []
        while self.now() - began < self.pace.total_timeout:
            record = await self._record(task_id)
            outcome = TaskRecord.model_validate(record).outcome(ImageResult) if record else None
            if isinstance(outcome, ApiError):
                if outcome.code != TIMED_OUT:  # it may still be finished, and billed then
                    self.budget.return_picture()
                raise ServiceRefused(200, word(outcome.code))
            if outcome is not None:
                after = self.now() - began
                return Bought(list(submission.objects), running, record, submission.first_after, after)
            if record:
                running.append((self.now() - began, record))
        raise Silence("it was not finished in time")

    async def _record(self, task_id: str) -> dict[str, Any]:
        """The record of what was paid for: one look-up in vain is no reason to give it up. Raises Silence."""
        for _ in range(GIVEN_UP - 1):
            with suppress(Silence):
                return record_of(await self.wire.look_up(action="retrieve", id=task_id))
            await asyncio.sleep(self.pace.poll_due)
        return record_of(await self.wire.look_up(action="retrieve", id=task_id))


Finder = Callable[[Probing], Awaitable[Finding]]
Found = AsyncGenerator[tuple[str, Finding], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Facts that are found out together, and what that buys; `offer` is that request, as far as its price goes."""

    facts: tuple[Fact, ...]
    ask: Callable[[Probing], Found]
    offer: tuple[str, dict[str, Any]] | None = None

    @property
    def describes(self) -> bool:
        """Whether a description is bought, and no picture."""
        return self.offer is not None and self.offer[0] == DESCRIBE


async def each(probing: Probing, *, facts: Sequence[Fact], finders: Sequence[Finder]) -> Found:
    """What is found of facts that are asked for one by one; raises Silence where nothing is answered any more."""
    for fact, find in zip(facts, finders, strict=True):
        try:
            finding = await find(probing)
            probing.silences = 0
        except Silence as silence:
            probing.silences += 1
            if probing.silences >= GIVEN_UP:
                raise
            finding = unclear(str(silence))
        yield fact.name, finding


GIVEN_UP: Final = 3
"""Questions in a row without an answer, after which no more are asked."""
IMAGINE: Final = "/midjourney/imagine"
TRANSLATE: Final = "/midjourney/translate"
EDITS: Final = "/midjourney/edits"
DESCRIBE: Final = "/midjourney/describe"


def record_of(answer: Answer) -> dict[str, Any]:
    """The record that was looked up; empty if there is none. Raises Silence for a refusal."""
    if answer.status != 200:
        raise Silence(f"the task could not be looked up: {answer.told}")
    return answer.object


def records_in(answer: Answer) -> list[dict[str, Any]]:
    """The records of a page; raises Silence for a refusal, or what is no page."""
    items = answer.object.get("items")
    if answer.status != 200 or not isinstance(items, list):
        raise Silence(f"records could not be listed: {answer.told}")
    return [each for each in items if isinstance(each, dict)]


def result_of(bought: Bought) -> ImageResult:
    """What was made."""
    return ImageResult.model_validate(bought.response)


def _code(body: dict[str, Any]) -> str:
    error = body.get("error")
    return word(error.get("code")) if isinstance(error, dict) else ""
