"""The bodies that the API takes, with every field it knows; what is certainly wrong is refused before it is sent."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Request(BaseModel):
    """A body; None means that the field is left out and the API's own default holds. Raises ValidationError."""

    # Prompts are people's own words: they stay out of error texts, and so out of logs.
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, hide_input_in_errors=True)

    def body(self) -> dict[str, Any]:
        """The JSON-ready body, without fields that are None."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


class Submission(Request):
    """What imagine, edits and videos share: it makes a task, whose result comes later."""

    callback_url: str | None = None


class ImagineRequest(Submission):
    """A picture from words, or with `image_id` an `action` on a picture that the API made."""

    action: str = Field(default="generate", min_length=1)
    prompt: str | None = None
    image_id: str | None = None
    mode: Literal["fast", "relax", "turbo"] | None = None
    mask: str | None = None
    translation: bool | None = None
    split_images: bool | None = None
    timeout: int | None = Field(default=None, gt=0)
    version: str | None = None
    hd: bool | None = None
    quality: str | None = None
    style_reference: bool | None = None
    moodboard: bool | None = None

    @model_validator(mode="after")
    def _check(self) -> ImagineRequest:
        if self.action == "generate":
            _need(self, "prompt")
        else:
            _need(self, "image_id")
        if self.action == "variation_region":
            _need(self, "mask", "prompt")
        return self


class EditsRequest(Submission):
    """A picture of one's own, painted anew after `prompt` (inside `mask`, if there is one)."""

    image_url: str
    prompt: str
    action: str = Field(default="generate", min_length=1)
    mask: str | None = None
    mode: Literal["fast", "relax", "turbo"] | None = None
    split_images: bool | None = None

    @model_validator(mode="after")
    def _check(self) -> EditsRequest:
        _need(self, "image_url", "prompt")
        return self


class VideosRequest(Submission):
    """A video from a picture (`generate`), or more of a video (`extend`; `video_index` counts from 0)."""

    action: Literal["generate", "extend"] = "generate"
    prompt: str | None = None
    image_url: str | None = None
    end_image_url: str | None = None
    video_id: str | None = None
    video_index: int | None = Field(default=None, ge=0)
    mode: Literal["fast", "turbo"] | None = None
    resolution: Literal["480p", "720p"] | None = None
    loop: bool | None = None

    @model_validator(mode="after")
    def _check(self) -> VideosRequest:
        if self.action == "generate":
            _need(self, "image_url")
        else:
            _need(self, "video_id", "video_index")
        return self


class DescribeRequest(Request):
    """Four descriptions of the picture behind a direct link."""

    image_url: str = Field(min_length=1)


class TranslateRequest(Request):
    """A text in any language, to be told in English."""

    content: str = Field(min_length=1)


class ShortenRequest(Request):
    """A long prompt, to be told shorter in up to five ways."""

    prompt: str = Field(min_length=1)


class SeedRequest(Request):
    """The seed that a picture was made with."""

    image_id: str = Field(min_length=1)


class TasksRequest(Request):
    """One task record, or a page of them, newest first; times are unix seconds."""

    action: Literal["retrieve", "retrieve_batch"]
    id: str | None = None
    trace_id: str | None = None
    ids: tuple[str, ...] | None = None
    trace_ids: tuple[str, ...] | None = None
    offset: int | None = Field(default=None, ge=0)
    limit: int | None = Field(default=None, ge=1)
    user_id: str | None = None
    created_at_min: float | None = None
    created_at_max: float | None = None

    @model_validator(mode="after")
    def _check(self) -> TasksRequest:
        if self.action == "retrieve" and bool(self.id) == bool(self.trace_id):
            raise ValueError("retrieve takes either id or trace_id")
        if self.ids is not None and self.trace_ids is not None:
            raise ValueError("retrieve_batch takes ids or trace_ids, not both")
        return self


def _need(request: Request, *names: str) -> None:
    for name in names:
        value = getattr(request, name)
        if value is None or (isinstance(value, str) and not value.strip()):
            raise ValueError(f"{name} is required for this action")
