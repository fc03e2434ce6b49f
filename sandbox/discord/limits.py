"""Rate limits as Discord tells them: five a window for each token's or channel's writes, generous elsewhere."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field

MAX_BUCKETS = 4096


@dataclass
class Bucket:
    """One bucket: how many requests a window takes, and when the last ones came (monotonic seconds)."""

    name: str
    limit: int
    window: float
    times: deque[float] = field(default_factory=deque)

    def take(self) -> float:
        """Count a request; 0.0, or the seconds to wait for the next free place."""
        now = time.monotonic()
        while self.times and now - self.times[0] >= self.window:
            self.times.popleft()
        if len(self.times) >= self.limit:
            return self.window - (now - self.times[0])
        self.times.append(now)
        return 0.0

    def headers(self) -> dict[str, str]:
        """What the answer tells of the bucket."""
        left = self.window - (time.monotonic() - self.times[0]) if self.times else 0.0
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(max(0, self.limit - len(self.times))),
            "X-RateLimit-Reset": f"{time.time() + left:.3f}",
            "X-RateLimit-Reset-After": f"{max(0.0, left):.3f}",
            "X-RateLimit-Bucket": self.name,
        }


class Limits:
    """The buckets by route and major parameter; `strict=False` makes all of them generous."""

    def __init__(self, *, strict: bool) -> None:
        self._strict = strict
        self._buckets: dict[str, Bucket] = {}

    def bucket(self, method: str, route: str, major: str) -> Bucket:
        """The bucket that a request counts in; `route` is the path's template."""
        key = f"{method} {route} {major}"
        if key not in self._buckets:
            if len(self._buckets) >= MAX_BUCKETS:
                # Interaction tokens come and go; the oldest bucket is long past its window.
                del self._buckets[next(iter(self._buckets))]
            limit, window = self._rate(method, route)
            self._buckets[key] = Bucket(f"{abs(hash((method, route))):x}"[:16], limit, window)
        return self._buckets[key]

    def _rate(self, method: str, route: str) -> tuple[int, float]:
        writes = method in ("POST", "PATCH") and route.startswith(("/webhooks/", "/channels/{channel}/messages"))
        if self._strict and writes:
            return 5, 2.0
        return 1000, 10.0
