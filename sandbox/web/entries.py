"""One thing that went over the wire, as the page shows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.discord.model import Interaction

JSON = dict[str, Any]


@dataclass(eq=False)
class Entry:
    """One exchange or frame. `interactions` and `messages` are what it has to do with, `cards` the messages that show it."""

    n: int
    at: float
    kind: str
    method: str
    path: str
    status: int | None = None
    ms: float | None = None
    request: Any = None
    response: Any = None
    interactions: list[Interaction] = field(default_factory=list)
    messages: set[str] = field(default_factory=set)
    cards: frozenset[str] = frozenset()

    def told(self) -> JSON:
        """As the page gets it."""
        shown = ("n", "at", "kind", "method", "path", "status", "ms", "request", "response")
        return {key: getattr(self, key) for key in shown} | {"cards": sorted(self.cards)}
