"""Kinds of jobs as data: a row a kind. The face that people see of each is a row in `bot/ui/cards/kinds`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from bot.midjourney import Endpoint, endpoints


class Lane(Enum):
    """The queue that a job waits in. Texts take seconds, and never wait behind pictures that take minutes."""

    PICTURES = auto()
    TEXTS = auto()


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of job: what the store calls it, which endpoint serves it, which lane it queues in.

    What a kind's answer holds (no media, one picture, several clips) its endpoint's answer model says.
    """

    name: str
    endpoint: Endpoint[Any, Any]
    lane: Lane = Lane.PICTURES

    def __str__(self) -> str:
        return self.name


IMAGINE = Kind("imagine", endpoints.IMAGINE)
DESCRIBE = Kind("describe", endpoints.DESCRIBE, Lane.TEXTS)
TRANSLATE = Kind("translate", endpoints.TRANSLATE, Lane.TEXTS)

KINDS = {kind.name: kind for kind in (IMAGINE, DESCRIBE, TRANSLATE)}
"""By the name that the store keeps."""
