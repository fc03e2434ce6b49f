"""How long jobs usually take, by kind and mode: when it is worth asking, and what a card says while nobody tells."""

from __future__ import annotations

from collections import defaultdict, deque
from statistics import median
from typing import Final

from bot.jobs.model import Order

ENOUGH: Final = 5  # jobs from which their own median is believed
REMEMBERED: Final = 30
PLANNED: Final = {"fast": 50.0, "turbo": 30.0, "relax": 600.0}
"""Seconds of a picture, by mode; from the provider's times to plan for."""
OTHERS: Final = {"videos": 180.0, "describe": 20.0}


class Usual:
    """Medians of the last jobs of this process, in seconds."""

    def __init__(self) -> None:
        self._taken: defaultdict[tuple[str, str], deque[float]] = defaultdict(lambda: deque(maxlen=REMEMBERED))

    def note(self, order: Order, seconds: float) -> None:
        """A job took so long from its submission to its end."""
        self._taken[_key(order)].append(seconds)

    def of(self, order: Order) -> float:
        """Seconds that such a job takes as a rule."""
        kind, mode = _key(order)
        taken = self._taken.get((kind, mode), ())
        return median(taken) if len(taken) >= ENOUGH else OTHERS.get(kind, PLANNED.get(mode, PLANNED["fast"]))


def _key(order: Order) -> tuple[str, str]:
    return order.kind.name, getattr(order.request, "mode", None) or "fast"
