"""What the API answers, read leniently: unknown fields are kept, absent or odd ones are never fatal."""

from __future__ import annotations

import math
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from bot.midjourney.errors import ApiError, TaskFailed, error_from


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
    items = value if isinstance(value, list | tuple) else (value,)
    return tuple(text for item in items if (text := _to_text(item)) is not None)


def _to_bool(value: Any) -> bool:
    """Only what clearly says no is no: a result without `success` is judged by what it holds."""
    return str(value).strip().lower() not in {"false", "0"}


def _to_object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


Number = Annotated[float | None, BeforeValidator(_to_number)]
Int = Annotated[int | None, BeforeValidator(_to_int)]
Percent = Annotated[int, BeforeValidator(_to_percent)]
Text = Annotated[str | None, BeforeValidator(_to_text)]
Word = Annotated[str, BeforeValidator(lambda value: _to_text(value) or "")]
Texts = Annotated[tuple[str, ...], BeforeValidator(_to_texts)]
Bool = Annotated[bool, BeforeValidator(_to_bool)]


def tells_failure(body: dict[str, Any]) -> bool:
    """Whether a body that came with 200, in a stream, a callback or a record, tells of a failure."""
    if not _to_bool(body.get("success")):
        return True
    return bool(body.get("error")) and body.get("success") is not True


class Answer(BaseModel):
    """Anything that the API answers; fields we don't know are kept, never fatal."""

    model_config = ConfigDict(frozen=True, extra="allow")


class Result(Answer):
    """What pictures and videos share. `progress` is 0–100; where it is absent, a link to the result means 100."""

    success: Bool = True
    task_id: Text = None
    trace_id: Text = None
    image_url: Text = None
    image_width: Int = None
    image_height: Int = None
    progress: Percent = 0

    @model_validator(mode="before")
    @classmethod
    def _fill_progress(cls, value: Any) -> Any:
        if isinstance(value, dict) and _to_number(value.get("progress")) is None:
            linked = any(value.get(name) for name in ("image_url", "raw_image_url", "video_urls"))
            return {**value, "progress": 100 if linked and not tells_failure(value) else 0}
        return value

    @property
    def complete(self) -> bool:
        """Whether this is the end of a task, with something to show."""
        return self.success and self.progress == 100 and self._linked()

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
    hold: Any = None

    def _linked(self) -> bool:
        return (self.image_url or self.raw_image_url) is not None


class VideoResult(Result):
    """Up to four videos, with `image_url` as their cover."""

    video_id: Text = None
    video_urls: Texts = ()

    def _linked(self) -> bool:
        return bool(self.video_urls)


class Descriptions(Answer):
    """Prompts that describe a picture, usually four."""

    descriptions: Texts = ()


class Translation(Answer):
    """The English text."""

    content: Word = ""


class Shortened(Answer):
    """Up to five shorter prompts."""

    prompts: Texts = ()


class Seed(Answer):
    """A picture's seed, in digits."""

    seed: Word = ""


class Accepted(Answer):
    """A submission that was taken; the result comes by callback or from `/tasks`."""

    task_id: Word = ""
    trace_id: Text = None


PICTURES = frozenset({"imagine", "edits", "videos"})
"""Task types that end with a link."""


class TaskRecord(Answer):
    """What `/tasks` keeps of a task; times are unix seconds, `elapsed` is in seconds.

    `id` is empty only where the service left it out; `response` is None until there is something.
    """

    id: Word = ""
    type: Word = ""
    trace_id: Text = None
    request: Annotated[dict[str, Any], BeforeValidator(_to_object)] = Field(default_factory=dict)
    response: Annotated[dict[str, Any] | None, BeforeValidator(lambda value: _to_object(value) or None)] = None
    created_at: Number = None
    started_at: Number = None
    finished_at: Number = None
    elapsed: Number = None
    duration: Number = None

    @model_validator(mode="before")
    @classmethod
    def _join_elapsed(cls, value: Any) -> Any:
        if isinstance(value, dict) and value.get("elapsed") is None:
            return {**value, "elapsed": value.get("duration")}
        return value

    @property
    def finished(self) -> bool:
        """Whether the task is over, well or badly. There is no status field to ask."""
        if self.finished_at:
            return True
        return self.response is not None and (tells_failure(self.response) or self._result.complete)

    @property
    def failure(self) -> ApiError | None:
        """Why the task failed; None while it runs and when it ended well."""
        task_id = self.id or None
        if self.response is not None and tells_failure(self.response):
            error = error_from(None, self.response, final=True, task_id=task_id)
            error.trace_id = error.trace_id or self.trace_id
            return error
        if self.finished and (self.response is None or (self.type in PICTURES and not self._ended_well)):
            return TaskFailed("task_failed", "The task ended without a result.", trace_id=self.trace_id, task_id=task_id)
        return None

    @property
    def image_result(self) -> ImageResult | None:
        """The final picture, if this task made one."""
        result = self._result
        return result if isinstance(result, ImageResult) and self._ended_well else None

    @property
    def video_result(self) -> VideoResult | None:
        """The final videos, if this task made some."""
        result = self._result
        return result if isinstance(result, VideoResult) and self._ended_well else None

    @property
    def progress(self) -> ImageResult | None:
        """The latest preview while the task runs; None before there is one and once it is over."""
        if self.response is None or self.finished:
            return None
        return ImageResult.model_validate(self.response)

    @property
    def _ended_well(self) -> bool:
        return self.response is not None and not tells_failure(self.response) and self._result.complete

    @property
    def _result(self) -> ImageResult | VideoResult:
        body = dict(self.response or {})
        videos = self.type == "videos" or "video_urls" in body
        return VideoResult.model_validate(body) if videos else ImageResult.model_validate(body)
