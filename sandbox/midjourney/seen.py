"""What is remembered of each request that arrived."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Seen:
    """One request as it arrived; `status` is 0 until answered, and stays so where the connection was cut."""

    endpoint: str
    headers: dict[str, str]
    body: Any = None
    at: float = field(default_factory=time.time)
    status: int = 0
