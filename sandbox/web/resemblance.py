"""How much of a request to the image service occurs in an interaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.town import view

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.discord.model import Interaction

JSON = dict[str, Any]
# The fields that say what a request is about, and the one that only helps to tell likenesses apart.
TELLING = ("prompt", "content", "image_id", "image_url", "end_image_url", "video_id")
SHORTEST = 3
ON_CARD, AROUND, INSIDE, EQUAL = 1, 2, 3, 4
Likeness = tuple[int, int, bool]
NONE: Likeness = (0, 0, False)


def words_in(value: Any) -> list[str]:
    """Every string in a JSON value that could be told from others, keys left out."""
    return list(_strings(value))


def resemblance(body: JSON, interaction: Interaction) -> Likeness:
    """`NONE` where nothing of the request occurs in what a person chose, typed or pressed; greater, the surer it is."""
    typed: list[str] = []
    texts: list[str] = []
    step: Interaction | None = interaction
    while step is not None:
        data = step.data
        typed += data.get("resolved", {}).get("attachments", {})
        typed += words_in([data.get(key) for key in ("options", "custom_id", "values", "components")])
        for shown in [step.message, step.channel.messages.get(str(data.get("target_id")))]:
            if shown is not None:
                typed += [attachment.id for attachment in shown.now.attachments]
                texts.append(view.text(shown.now).replace("\\", ""))
        step = step.parent
    told = [value for key in TELLING for value in words_in(body.get(key))]
    how, length = max((_alike(value, typed, texts) for value in told), default=(0, 0))
    action = body.get("action")
    same = isinstance(action, str) and any(action in word.split(":") for word in typed)
    return (how, length, same) if how else NONE


def _alike(value: str, typed: list[str], texts: list[str]) -> tuple[int, int]:
    """How a string is like one of those, and how much of it."""
    if value in typed:
        return EQUAL, len(value)
    if len(value) >= SHORTEST and any(value in word for word in typed):
        return INSIDE, len(value)
    around = max((len(word) for word in typed if len(word) >= SHORTEST and word in value), default=0)
    if around:
        return AROUND, around
    on_card = len(value) >= SHORTEST and any(value in text for text in texts)
    return (ON_CARD, len(value)) if on_card else (0, 0)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str) and value:
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)
