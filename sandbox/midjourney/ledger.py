"""What was billed: the witness of every test that asks whether something was paid for twice."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

COSTS = {"imagine": 0.1, "edits": 0.1, "videos": 0.5, "describe": 0.05, "translate": 0.01, "shorten": 0.05, "seed": 0.01}
FACTORS = {"fast": 1.0, "turbo": 2.0, "relax": 0.5}


@dataclass(frozen=True, slots=True)
class Entry:
    """One accepted, billable request; `at` in unix seconds, `cost` in the account's units."""

    at: float
    endpoint: str
    body: dict[str, Any]
    task_id: str
    cost: float


@dataclass(slots=True)
class Ledger:
    """All entries that stand; those of failed tasks are moved to `refunds`."""

    entries: list[Entry] = field(default_factory=list)
    refunds: list[Entry] = field(default_factory=list)

    @property
    def total(self) -> float:
        """The sum of the costs that stand."""
        return sum(entry.cost for entry in self.entries)

    def count(self, endpoint: str | None = None, **match: Any) -> int:
        """How many standing entries there are, of this endpoint and with these fields in their body."""
        return sum(
            (endpoint is None or entry.endpoint == endpoint)
            and all(key in entry.body and entry.body[key] == value for key, value in match.items())
            for entry in self.entries
        )

    def bill(self, endpoint: str, body: dict[str, Any], task_id: str) -> Entry:
        """Write an accepted request down."""
        entry = Entry(time.time(), endpoint, dict(body), task_id, price(endpoint, body))
        self.entries.append(entry)
        return entry

    def refund(self, task_id: str) -> float:
        """Take a failed task's entry back; returns what it had cost."""
        for entry in self.entries:
            if entry.task_id == task_id:
                self.entries.remove(entry)
                self.refunds.append(entry)
                return entry.cost
        return 0.0


def price(endpoint: str, body: dict[str, Any]) -> float:
    """What a request costs, by endpoint and mode."""
    return COSTS[endpoint] * FACTORS.get(body.get("mode", "fast"), 1.0)
