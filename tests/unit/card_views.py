"""Jobs for cards, and what is read from a card's view."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import discord

from bot.jobs import kinds
from bot.jobs.model import Job, JobId, Order, Place, State
from bot.midjourney import (
    DescribeRequest,
    Descriptions,
    ImageResult,
    ImagineRequest,
    TranslateRequest,
)
from bot.text import Text

ID = "0190a2b3c4d5e6f70190a2b3c4d5e6f7"
ORDER = Order(kinds.IMAGINE, 42, ImagineRequest(prompt="x", mode="fast", version="7"), prompt="a **red** fox --ar 16:9")
JOB = Job(JobId(ID), ORDER, Place(1, 3, 2, "token", 9e9, 4, 5), State.QUEUED, 1.0, sent_at=2.0, finished_at=44.3)
PARENT = "https://discord.com/channels/4/3/5"
GRID = {
    "image_id": "123",
    "image_url": "https://cdn.example.com/1.png?width=1024",
    "raw_image_url": "https://cdn.example.com/1.png",
    "raw_image_width": "2048",
    "raw_image_height": 2048,
    "progress": 100,
    "actions": ["upscale1", "upscale2", "reroll", "variation1"],
}
RESULT = ImageResult.model_validate(GRID)
DESCRIBE = replace(
    JOB, order=Order(kinds.DESCRIBE, 42, DescribeRequest(image_url="https://cdn.example.com/in.png")), state=State.DELIVERED
)
TRANSLATE = replace(
    JOB, order=Order(kinds.TRANSLATE, 42, TranslateRequest(content="天使"), prompt="天使"), state=State.DELIVERED
)


def said(words: str) -> Text:
    """Words as a value, as people's own are."""
    return Text("{words}", (("words", words),))


def described(body: dict[str, Any] | None) -> Descriptions | None:
    return None if body is None else Descriptions.model_validate(body)


def walk(components: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for component in components:
        yield component
        yield from walk(component.get("components", []))
        yield from walk([component["accessory"]] if "accessory" in component else [])


def every(view: discord.ui.LayoutView) -> list[dict[str, Any]]:
    return list(walk(view.to_components()))


def text(view: discord.ui.LayoutView) -> str:
    return "\n".join(component["content"] for component in every(view) if component["type"] == 10)


def buttons(view: discord.ui.LayoutView) -> dict[str, str]:
    """Label (or emoji) of each button, and what it leads to."""
    found = [component for component in every(view) if component["type"] == 2]
    return {b.get("label") or b["emoji"]["name"]: b.get("custom_id") or b["url"] for b in found}


def media(view: discord.ui.LayoutView) -> tuple[str, str]:
    [gallery] = [component for component in every(view) if component["type"] == 12]
    return gallery["items"][0]["media"]["url"], gallery["items"][0]["description"]


def check(view: discord.ui.LayoutView) -> None:
    """Discord's rules for a message of components."""
    components = every(view)
    assert view.timeout is None
    assert view.total_children_count == len(components) <= 40
    texts = [component["content"] for component in components if component["type"] == 10]
    assert all(texts)
    assert sum(len(content.encode("utf-16-le")) // 2 for content in texts) <= 4000
    ids = [component["custom_id"] for component in components if component.get("custom_id")]
    assert len(ids) == len(set(ids))
    assert all(1 <= len(custom_id) <= 100 for custom_id in ids)
    for component in components:
        if component["type"] == 1:
            assert 1 <= len(component["components"]) <= 5
        if component["type"] == 2:
            assert component.get("label") or component.get("emoji")
            assert len(component.get("label") or "") <= 80
            assert len(component.get("url") or "") <= 512
        if component["type"] == 12:
            assert 1 <= len(component["items"][0]["description"]) <= 1024
            assert len(component["items"][0]["media"]["url"]) <= 2048
        assert len(component.get("options", [])) <= 25
