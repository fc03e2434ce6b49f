"""The API's endpoints as data: where a body goes, what it is, what comes back.

Looking up tasks is no endpoint in this sense: it bills nothing and is no job of anybody's (see `MidjourneyClient.tasks`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.midjourney.models import (
    Answer,
    DescribeRequest,
    Descriptions,
    EditsRequest,
    ImageResult,
    ImagineRequest,
    Request,
    Seed,
    SeedRequest,
    Shortened,
    ShortenRequest,
    Submission,
    TranslateRequest,
    Translation,
    VideoResult,
    VideosRequest,
)

Q = TypeVar("Q", bound=Request)
A = TypeVar("A", bound=Answer)


@dataclass(frozen=True, slots=True)
class Endpoint(Generic[Q, A]):
    """One endpoint; if it `has_task`, `/tasks` keeps a record, so that a doubtful request can be looked up.

    All of them are billed.
    """

    path: str
    request: type[Q]
    answer: type[A]
    has_task: bool = False

    @property
    def is_submitted(self) -> bool:
        """Whether a request is answered with a task's id at once; words are what their request itself is answered with."""
        return issubclass(self.request, Submission)


IMAGINE = Endpoint("/midjourney/imagine", ImagineRequest, ImageResult, has_task=True)
EDITS = Endpoint("/midjourney/edits", EditsRequest, ImageResult, has_task=True)
VIDEOS = Endpoint("/midjourney/videos", VideosRequest, VideoResult, has_task=True)
DESCRIBE = Endpoint("/midjourney/describe", DescribeRequest, Descriptions, has_task=True)
TRANSLATE = Endpoint("/midjourney/translate", TranslateRequest, Translation)
SHORTEN = Endpoint("/midjourney/shorten", ShortenRequest, Shortened)
SEED = Endpoint("/midjourney/seed", SeedRequest, Seed)
