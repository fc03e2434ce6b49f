"""The fields each endpoint takes, and the strict check of a request's body."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from typing import Any

from .errors import bad

Check = Callable[[Any], bool]


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _decimal(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[0-9]+(\.[0-9]+)?|\.[0-9]+", value) is not None


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _url(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("http://", "https://")) and " " not in value


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _base64(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        return bool(base64.b64decode(value.removeprefix("data:image/png;base64,"), validate=True))
    except binascii.Error:
        return False


def _one_of(*allowed: str) -> Check:
    return lambda value: isinstance(value, str) and value in allowed


_DELIVERY: dict[str, Check] = {"callback_url": _url, "async": _flag}
FIELDS: Mapping[str, Mapping[str, Check]] = {
    "imagine": {
        "prompt": _text,
        "action": _text,
        "image_id": _text,
        "mode": _one_of("fast", "relax", "turbo"),
        "mask": _base64,
        "translation": _flag,
        "split_images": _flag,
        "timeout": _number,
        "version": _one_of("5.2", "6", "6.1", "7", "8", "8.1", "8.2"),
        "hd": _flag,
        "quality": _decimal,
        "style_reference": _flag,
        "moodboard": _flag,
        **_DELIVERY,
    },
    "edits": {
        "image_url": _url,
        "prompt": _text,
        "action": _one_of("generate"),
        "mask": _base64,
        "mode": _one_of("fast", "relax", "turbo"),
        "split_images": _flag,
        **_DELIVERY,
    },
    "videos": {
        "action": _one_of("generate", "extend"),
        "prompt": _text,
        "image_url": _url,
        "end_image_url": _url,
        "video_id": _text,
        "video_index": _count,
        "mode": _one_of("fast", "turbo"),
        "resolution": _one_of("480p", "720p"),
        "loop": _flag,
        **_DELIVERY,
    },
    "describe": {"image_url": _url},
    "translate": {"content": _text},
    "shorten": {"prompt": _text},
    "seed": {"image_id": _text},
    "tasks": {
        "action": _one_of("retrieve", "retrieve_batch"),
        "id": _text,
        "trace_id": _text,
        "ids": _texts,
        "trace_ids": _texts,
        "offset": _count,
        "limit": _count,
        "user_id": _text,
        "application_id": _text,
        "type": _text,
        "created_at_min": _number,
        "created_at_max": _number,
    },
}
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "edits": ("image_url", "prompt"),
    "describe": ("image_url",),
    "translate": ("content",),
    "shorten": ("prompt",),
    "seed": ("image_id",),
    "tasks": ("action",),
}


def check(endpoint: str, body: Any, *, extra: str = "refused") -> dict[str, Any]:
    """The body, if every field is of its type; raises Refusal `bad_request` otherwise.

    `extra` is what becomes of fields that nobody knows: refused, dropped or kept.
    """
    if not isinstance(body, dict):
        raise bad("The body is not a JSON object.")
    told: dict[str, Any] = body
    fields = FIELDS[endpoint]
    if extra == "dropped":
        told = {key: value for key, value in body.items() if key in fields}
    for key, value in told.items():
        if key not in fields and extra == "refused":
            raise bad(f"Unknown field: {key}")
        if key in fields and not fields[key](value):
            raise bad(f"Invalid value for field: {key}")
    missing = [key for key in REQUIRED.get(endpoint, ()) if not told.get(key)]
    missing += _missing_by_action(endpoint, told)
    if missing:
        raise bad(f"Missing field: {missing[0]}")
    return told


def _missing_by_action(endpoint: str, body: dict[str, Any]) -> list[str]:
    """Fields that only some actions need."""
    action = body.get("action", "generate")
    needed: tuple[str, ...] = ()
    if endpoint == "imagine":
        needed = ("prompt",) if action == "generate" else ("image_id",)
        if action == "variation_region":
            needed = ("image_id", "mask", "prompt")
    elif endpoint == "videos":
        needed = ("image_url",) if action == "generate" else ("video_id",)
    elif endpoint == "tasks" and action == "retrieve":
        needed = () if body.get("id") or body.get("trace_id") else ("id",)
    return [key for key in needed if not body.get(key) or (isinstance(body[key], str) and not body[key].strip())]
