"""Requests are strict about what is certain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from midjourney_service import TASK
from pydantic import ValidationError

from bot.midjourney import (
    DescribeRequest,
    EditsRequest,
    ImagineRequest,
    SeedRequest,
    ShortenRequest,
    TasksRequest,
    TranslateRequest,
    VideosRequest,
)

if TYPE_CHECKING:
    from bot.midjourney.requests import Request


@pytest.mark.parametrize(
    ("request_", "body"),
    [
        (
            ImagineRequest(
                prompt="a fox",
                mode="turbo",
                translation=True,
                split_images=False,
                timeout=480,
                callback_url="https://bot.example/x",
                version="8.2",
                hd=True,
                quality="2",
                style_reference=True,
                moodboard=False,
            ),
            {
                "action": "generate",
                "prompt": "a fox",
                "mode": "turbo",
                "translation": True,
                "split_images": False,
                "timeout": 480,
                "callback_url": "https://bot.example/x",
                "version": "8.2",
                "hd": True,
                "quality": "2",
                "style_reference": True,
                "moodboard": False,
            },
        ),
        (ImagineRequest(action="upscale1", image_id="12"), {"action": "upscale1", "image_id": "12"}),
        (
            ImagineRequest(action="variation_region", image_id="1", mask="AAAA", prompt="a hat"),
            {"action": "variation_region", "image_id": "1", "mask": "AAAA", "prompt": "a hat"},
        ),
        (
            EditsRequest(image_url="https://x/a.png", prompt="a hat", mask="AAAA", mode="relax", split_images=True),
            {
                "action": "generate",
                "image_url": "https://x/a.png",
                "prompt": "a hat",
                "mask": "AAAA",
                "mode": "relax",
                "split_images": True,
            },
        ),
        (
            VideosRequest(
                image_url="https://x/a.png",
                end_image_url="https://x/b.png",
                prompt="waves",
                resolution="480p",
                loop=True,
                mode="fast",
            ),
            {
                "action": "generate",
                "image_url": "https://x/a.png",
                "end_image_url": "https://x/b.png",
                "prompt": "waves",
                "resolution": "480p",
                "loop": True,
                "mode": "fast",
            },
        ),
        (
            VideosRequest(action="extend", video_id="17", video_index=0),
            {"action": "extend", "video_id": "17", "video_index": 0},
        ),
        (DescribeRequest(image_url="https://x/a.png"), {"image_url": "https://x/a.png"}),
        (TranslateRequest(content="ein Fuchs"), {"content": "ein Fuchs"}),
        (ShortenRequest(prompt="a very long fox"), {"prompt": "a very long fox"}),
        (SeedRequest(image_id="12"), {"image_id": "12"}),
        (TasksRequest(action="retrieve", id=TASK), {"action": "retrieve", "id": TASK}),
        (
            TasksRequest(
                action="retrieve_batch", ids=("a", "b"), offset=0, limit=2, user_id="u", created_at_min=1.5, created_at_max=2
            ),
            {
                "action": "retrieve_batch",
                "ids": ["a", "b"],
                "offset": 0,
                "limit": 2,
                "user_id": "u",
                "created_at_min": 1.5,
                "created_at_max": 2.0,
            },
        ),
    ],
)
def test_a_body_holds_what_was_set_and_nothing_else(request_: Request, body: dict[str, Any]) -> None:
    assert request_.body() == body
    assert type(request_).model_validate(body) == request_


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (ImagineRequest, {}),
        (ImagineRequest, {"prompt": "  "}),
        (ImagineRequest, {"action": "upscale1"}),
        (ImagineRequest, {"action": "variation_region", "image_id": "1", "prompt": "a hat"}),
        (ImagineRequest, {"action": "variation_region", "image_id": "1", "mask": "AAAA"}),
        (ImagineRequest, {"prompt": "a", "mode": "warp"}),
        (ImagineRequest, {"prompt": "a", "surprise": 1}),
        (EditsRequest, {"image_url": "https://x/a.png", "prompt": ""}),
        (VideosRequest, {"prompt": "waves"}),
        (VideosRequest, {"action": "extend", "video_id": "1"}),
        (VideosRequest, {"action": "extend", "video_id": "1", "video_index": -1}),
        (VideosRequest, {"image_url": "https://x/a.png", "mode": "relax"}),
        (DescribeRequest, {"image_url": ""}),
        (TasksRequest, {"action": "retrieve"}),
        (TasksRequest, {"action": "retrieve", "id": "a", "trace_id": "b"}),
        (TasksRequest, {"action": "retrieve_batch", "ids": ("a",), "trace_ids": ("b",)}),
    ],
)
def test_what_is_certainly_wrong_is_refused(model: type[Request], fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        model.model_validate(fields)


def test_a_refusal_keeps_the_prompt_to_itself() -> None:
    with pytest.raises(ValidationError) as caught:
        ImagineRequest.model_validate({"prompt": "my secret garden", "mode": "warp"})
    assert "secret garden" not in str(caught.value)
