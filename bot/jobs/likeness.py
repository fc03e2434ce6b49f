"""What a request asks for: the service gives our requests no name of ours, so that only this tells which task is whose."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from bot.jobs.model import Order
from bot.midjourney import TaskRecord

_SAID = ("image_id", "image_url", "video_id", "video_index")
"""Fields that tell two requests apart, besides the prompt and the action; the service may add to the others or change them."""


def words_of(order: Order) -> str | None:
    """The same for two orders that can't be told apart in `/tasks`; None if no task records them."""
    if not order.kind.endpoint.has_task:
        return None
    said = json.dumps([order.kind.endpoint.path, *_said(order.request.body())])
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def is_made_of(record: TaskRecord, order: Order) -> bool:
    """Whether a record tells of a request like this order's; of a translated prompt the original counts."""
    name = order.kind.endpoint.path.rpartition("/")[2]
    return record.type in {"", name} and _said(record.request) == _said(order.request.body())


def _said(body: Mapping[str, Any]) -> list[str]:
    """White space and absent values don't count; a `video_index` of 0 is the same as none."""
    prompt = " ".join(str(body.get("prompt") or "").split())
    return [prompt, str(body.get("action") or "generate"), *(_text(body.get(name)) for name in _SAID)]


def _text(value: Any) -> str:
    return "" if value in (None, 0) else str(value).strip()
