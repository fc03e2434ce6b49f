"""What the API answers, read leniently: unknown fields are passed over, absent or odd ones are never fatal."""

from __future__ import annotations

import builtins
import math
from abc import ABC, abstractmethod
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from bot.midjourney.errors import ApiError, TaskFailed, error_from

MOST = 200
"""Entries of a list that are looked at: the longest that makes sense, all actions there are, has some thirty."""


def _to_number(value: Any) -> float | None:
    if isinstance(value, str):
        try:
            value = float(value.strip().removesuffix("%"))
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # Larger than any size or time, and than what SQL takes; NaN compares false.
    return value if abs(value) < 1 << 53 else None


def _to_time(value: Any) -> float | None:
    """Unix seconds; old records have ISO strings, which are in UTC unless they say otherwise."""
    if isinstance(value, str):
        with suppress(ValueError):
            told = datetime.fromisoformat(value.strip())
            return (told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp()
    return _to_number(value)


def _to_int(value: Any) -> int | None:
    number = _to_number(value)
    return None if number is None else int(number)


def _to_percent(value: Any) -> int:
    return min(100, max(0, _to_int(value) or 0))


def _to_text(value: Any) -> str | None:
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(value) or None


def _to_texts(value: Any) -> tuple[str, ...]:
    items = value[:MOST] if isinstance(value, list | tuple) else (value,)
    return tuple(text for item in items if (text := _to_text(item)) is not None)


def _to_bool(value: Any) -> bool:
    """Only what clearly says no is no: a result without `success` is judged by what it holds."""
    return str(value).strip().lower() not in {"false", "0"}


def _to_object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


Number = Annotated[float | None, BeforeValidator(_to_number)]
Time = Annotated[float | None, BeforeValidator(_to_time)]
Int = Annotated[int | None, BeforeValidator(_to_int)]
Percent = Annotated[int, BeforeValidator(_to_percent)]
Text = Annotated[str | None, BeforeValidator(_to_text)]
Word = Annotated[str, BeforeValidator(lambda value: _to_text(value) or "")]
Texts = Annotated[tuple[str, ...], BeforeValidator(_to_texts)]
Bool = Annotated[bool, BeforeValidator(_to_bool)]


MediumType = Literal["picture", "clip"]
A = TypeVar("A", bound="Answer")


def tells_failure(body: dict[str, Any]) -> bool:
    """Whether a body that came with 200, in a stream, a callback or a record, tells of a failure."""
    if not _to_bool(body.get("success")):
        return True
    return bool(body.get("error")) and body.get("success") is not True


@dataclass(frozen=True, slots=True)
class Medium:
    """A picture or a clip that an answer holds: its link, that of a smaller picture of it, and what the API calls it."""

    type: MediumType
    url: str
    small_url: str | None = None
    upstream_id: str | None = None


class Body(BaseModel):
    """Anything that the API tells; fields we don't know are passed over, whatever they hold."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Answer(Body, ABC):
    """What comes of a request. `progress` is 0–100, for what takes its time."""

    task_id: Text = None
    trace_id: Text = None
    progress: Percent = 0

    @property
    @abstractmethod
    def complete(self) -> bool:
        """Whether it holds what was asked for, all of it."""

    @property
    def media(self) -> tuple[Medium, ...]:
        """The pictures or clips in it, in the order in which people count them."""
        return ()

    @property
    def preview_url(self) -> str | None:
        """A link to what there is to see before it is complete; it dies with the end."""
        return None


class Result(Answer):
    """What pictures and videos share; if `progress` is absent, a link to the result means 100."""

    success: Bool = True
    image_url: Text = None
    image_width: Int = None
    image_height: Int = None

    @model_validator(mode="before")
    @classmethod
    def _fill_progress(cls, value: Any) -> Any:
        if isinstance(value, dict) and _to_number(value.get("progress")) is None:
            linked = any(value.get(name) for name in ("image_url", "raw_image_url", "video_urls"))
            return {**value, "progress": 100 if linked and not tells_failure(value) else 0}
        return value

    @property
    def size(self) -> tuple[int | None, int | None]:
        """Width and height in pixels, as far as they are told."""
        return self.image_width, self.image_height

    @property
    def complete(self) -> bool:
        """Whether this is the end of a task, with something to show."""
        return self.success and self.progress == 100 and self._linked()

    @property
    def preview_url(self) -> str | None:
        """The preview, or the cover of clips."""
        return self.image_url

    def _linked(self) -> bool:
        return self.image_url is not None


class ImageResult(Result):
    """A picture, or while `progress` is below 100 a preview whose link dies.

    `image_url` is a thumbnail, `raw_image_url` the full size; `actions` are plain strings: tomorrow's action needs no
    release.
    """

    image_id: Text = None
    raw_image_url: Text = None
    raw_image_width: Int = None
    raw_image_height: Int = None
    actions: Texts = ()
    sub_image_urls: Texts = ()
    job_id: Text = None

    @property
    def size(self) -> tuple[int | None, int | None]:
        """Of the full size, if that is told."""
        return self.raw_image_width or self.image_width, self.raw_image_height or self.image_height

    def _linked(self) -> bool:
        return (self.image_url or self.raw_image_url) is not None

    @property
    def media(self) -> tuple[Medium, ...]:
        """The picture, if there is a link to it."""
        url = self.raw_image_url or self.image_url
        return (Medium("picture", url, self.image_url, self.image_id),) if url else ()


class VideoResult(Result):
    """Up to four videos, with `image_url` as their cover; a single one may stand in `image_url` itself."""

    video_id: Text = None
    video_urls: Texts = ()

    @model_validator(mode="before")
    @classmethod
    def _find_single(cls, value: Any) -> Any:
        if isinstance(value, dict) and not value.get("video_urls"):
            url = value.get("image_url")
            if isinstance(url, str) and url.partition("?")[0].lower().endswith(".mp4"):
                return {**value, "video_urls": [url], "image_url": None}
        return value

    def _linked(self) -> bool:
        return bool(self.video_urls)

    @property
    def media(self) -> tuple[Medium, ...]:
        """Up to four clips; which of them is meant, an extension says by `video_id` and its place, from 0."""
        return tuple(Medium("clip", url, self.image_url, self.video_id) for url in self.video_urls)


class Descriptions(Answer):
    """Prompts that describe a picture, usually four."""

    descriptions: Texts = ()

    @property
    def complete(self) -> bool:
        """Whether there are any."""
        return bool(self.descriptions)


class Translation(Answer):
    """The English text."""

    content: Word = ""

    @property
    def complete(self) -> bool:
        """Whether there is any."""
        return bool(self.content)


class Shortened(Answer):
    """Up to five shorter prompts."""

    prompts: Texts = ()

    @property
    def complete(self) -> bool:
        """Whether there are any."""
        return bool(self.prompts)


class Seed(Answer):
    """A picture's seed, in digits."""

    seed: Word = ""

    @property
    def complete(self) -> bool:
        """Whether there is one."""
        return bool(self.seed)


class TaskRecord(Body):
    """What `/tasks` keeps of a task; times are unix seconds, `elapsed` is in seconds.

    `id` is empty only if the service left it out; `response` is None until there is something.
    """

    id: Word = ""
    type: Word = ""
    trace_id: Text = None
    request: Annotated[dict[str, Any], BeforeValidator(_to_object)] = Field(default_factory=dict)
    response: Annotated[dict[str, Any] | None, BeforeValidator(lambda value: _to_object(value) or None)] = None
    created_at: Time = None
    started_at: Time = None
    finished_at: Time = None
    elapsed: Number = None
    duration: Number = None
    # Whose it is: never logged or shown.
    user_id: Text = Field(default=None, repr=False)
    credential_id: Text = Field(default=None, repr=False)

    @model_validator(mode="before")
    @classmethod
    def _join_elapsed(cls, value: Any) -> Any:
        if isinstance(value, dict) and value.get("elapsed") is None:
            return {**value, "elapsed": value.get("duration")}
        return value

    def outcome(self, model: builtins.type[A]) -> A | ApiError | None:
        """How the task ended: what it made, read as `model`, or why it failed; None while it runs.

        There is no status field to ask: it is over if `finished_at` is set, or its response is complete or a failure with
        a code. A failure without either is a hiccup of what is at work.
        """
        response = self.response
        task_id = self.id or None
        if response is not None and tells_failure(response):
            if not self.finished_at and not _has_code(response):
                return None
            error = error_from(None, response, final=True, task_id=task_id)
            error.trace_id = error.trace_id or self.trace_id
            return error
        answer = model.model_validate(response or {})
        # A link without a progress is the picture's at the end, and may be a preview's before it.
        if answer.complete and (self.finished_at or not isinstance(answer, Result) or _tells_progress(response)):
            return answer
        if self.finished_at:
            return TaskFailed("task_failed", "The task ended without a result.", trace_id=self.trace_id, task_id=task_id)
        return None

    def progress(self, model: builtins.type[A]) -> A | None:
        """The latest step of a task that runs; None before there is one, and once it is over."""
        if self.response is None or tells_failure(self.response) or self.outcome(model) is not None:
            return None
        return model.model_validate(self.response if _tells_progress(self.response) else {**self.response, "progress": 0})


def _tells_progress(response: dict[str, Any] | None) -> bool:
    return _to_number((response or {}).get("progress")) is not None


def _has_code(response: dict[str, Any]) -> bool:
    error = response.get("error")
    return isinstance(error, dict) and bool(error.get("code"))


def _to_records(value: Any) -> list[Any]:
    return [item for item in value if isinstance(item, dict) and item] if isinstance(value, list) else []


class TaskPage(Body):
    """A page of records, newest first; `count` is how many match in all, if the service says so."""

    items: Annotated[tuple[TaskRecord, ...], BeforeValidator(_to_records)] = ()
    count: Int = None
