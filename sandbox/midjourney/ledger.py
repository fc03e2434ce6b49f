"""What was billed: the witness of every test that asks whether something was paid for twice."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import Any

COSTS = {"imagine": 0.1, "edits": 0.1, "videos": 0.5, "describe": 0.05, "translate": 0.01, "shorten": 0.05, "seed": 0.01}
FACTORS = {"fast": 1.0, "turbo": 2.0, "relax": 0.5}


@dataclass(frozen=True, slots=True)
class Entry:
    """One billable request; `at` in unix seconds, `cost` in the account's units."""

    at: float
    endpoint: str
    body: dict[str, Any]
    task_id: str
    cost: float


@dataclass(slots=True)
class Ledger:
    """What was paid: a task is billed when it succeeds. `accepted` are all that were taken, whatever became of them."""

    entries: list[Entry] = field(default_factory=list)
    accepted: list[Entry] = field(default_factory=list)

    @property
    def total(self) -> float:
        """The sum of the costs."""
        return sum(entry.cost for entry in self.entries)

    def count(self, endpoint: str | None = None, **match: Any) -> int:
        """How many entries there are, of this endpoint and with these fields in their body."""
        return sum(
            (endpoint is None or entry.endpoint == endpoint)
            and all(key in entry.body and entry.body[key] == value for key, value in match.items())
            for entry in self.entries
        )

    def accept(self, endpoint: str, body: dict[str, Any], task_id: str) -> None:
        """A request was taken: it will be billed if it succeeds."""
        self.accepted.append(Entry(time.time(), endpoint, dict(body), task_id, price(endpoint, body)))

    def bill(self, task_id: str) -> float:
        """It succeeded; returns what it costs."""
        entry = next(entry for entry in self.accepted if entry.task_id == task_id)
        self.entries.append(replace(entry, at=time.time()))
        return entry.cost


def price(endpoint: str, body: dict[str, Any]) -> float:
    """What a request costs, by endpoint and mode."""
    return COSTS[endpoint] * FACTORS.get(body.get("mode", "fast"), 1.0)
