"""Rate limits as Discord has them, as far as they are known: what a bot is told, and what it is refused.

Discord publishes the headers, the global limit and the limit on invalid requests. The numbers of single routes are those
that bots have seen; Discord may change them any day, so a bot must go by the headers alone.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .model import Message
    from .state import State

Scope = Literal["user", "shared", "global"]
MAX_BUCKETS = 4096
WRITES = ("POST", "PATCH", "DELETE")
MESSAGES, MESSAGE = "/channels/{channel}/messages", "/channels/{channel}/messages/{message}"
# A route's own limit for each channel: requests, seconds.
CHANNEL_RATES = {
    ("POST", MESSAGES): (5, 5.0),
    ("PATCH", MESSAGE): (5, 5.0),
    ("DELETE", MESSAGE): (5, 1.0),
    ("POST", "/channels/{channel}/typing"): (5, 5.0),
}
TOKEN_RATE = (5, 2.0)
WEBHOOKS_RATE = (30, 60.0)
OLD_EDITS_RATE, OLD_AGE = (3, 6.0), 3600
GLOBAL_RATE = (50, 1.0)
GENEROUS_RATE = (1000, 10.0)
INVALID_WINDOW = 600
FIRST_ANSWERS = "/interactions/"
NO_GLOBAL = ("/webhooks/", "/gateway")
TOO_MANY_OLD_EDITS = 30046


@dataclass
class Bucket:
    """Requests that count together: so many in a window, which begins with the first (monotonic seconds)."""

    name: str
    limit: int
    window: float
    scope: Scope = "user"
    code: int = 0
    used: int = 0
    began: float = -math.inf

    def wait(self) -> float:
        """0.0 if there is room for a request, or the seconds until there is."""
        left = self.began + self.window - time.monotonic()
        return left if left > 0 and self.used >= self.limit else 0.0

    def take(self) -> None:
        """Count a request."""
        now = time.monotonic()
        if now - self.began >= self.window:
            self.began, self.used = now, 0
        self.used += 1

    def headers(self) -> dict[str, str]:
        """What an answer tells of the bucket; a client that waits as long as told is not early."""
        left = max(0.0, self.began + self.window - time.monotonic())
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(max(0, self.limit - self.used) if left else self.limit),
            "X-RateLimit-Reset": f"{time.time() + left:.3f}",
            "X-RateLimit-Reset-After": f"{math.ceil(left * 1000) / 1000:.3f}",
            "X-RateLimit-Bucket": self.name,
        }


@dataclass
class Verdict:
    """What the limits say to a request: `headers` for whatever answer it gets, `full` if it is refused."""

    headers: dict[str, str]
    full: Bucket | None = None


@dataclass
class Limits:
    """All buckets; `strict=False` makes them generous, and forgives invalid requests.

    After `most_invalid` answers with 401, 403 or 429 within ten minutes every request is `banned`.
    """

    state: State
    strict: bool
    most_invalid: int = 10_000
    _buckets: dict[tuple[str, ...], Bucket] = field(default_factory=dict)
    _invalid: deque[float] = field(default_factory=deque)

    def ask(self, method: str, route: str, info: Mapping[str, str]) -> Verdict:
        """Count a request, if there is room for it; `route` is the path's template, `info` what stands in its places."""
        if route.startswith(FIRST_ANSWERS):
            # A token takes one first answer anyway, and Discord tells nothing of a limit there.
            return Verdict({})
        own = self._own(method, route, info)
        buckets = [own, *(self._further(method, route, info) if self.strict else ())]
        full = next((bucket for bucket in reversed(buckets) if bucket.wait()), None)
        if full is None:
            for bucket in buckets:
                bucket.take()
        told = full or own
        return Verdict({} if told.scope == "global" else told.headers(), full)

    def note(self, status: int, scope: str | None) -> None:
        """Remember an answer that counts as an invalid request."""
        if self.strict and status in (401, 403, 429) and scope != "shared":
            self._invalid.append(time.monotonic())

    @property
    def banned(self) -> bool:
        """Whether there were too many invalid requests lately."""
        while self._invalid and time.monotonic() - self._invalid[0] > INVALID_WINDOW:
            self._invalid.popleft()
        return len(self._invalid) >= self.most_invalid

    def _own(self, method: str, route: str, info: Mapping[str, str]) -> Bucket:
        """The bucket that the route's headers tell of."""
        token, channel = info.get("token"), info.get("channel")
        if not self.strict or method not in WRITES:
            return self._bucket((method, route, token or channel or info.get("guild") or ""), GENEROUS_RATE)
        if token:
            # An interaction's follow-ups and edits count together.
            return self._bucket(("webhook", token), TOKEN_RATE)
        return self._bucket(
            (method, route, channel or info.get("guild") or ""), CHANNEL_RATES.get((method, route), GENEROUS_RATE)
        )

    def _further(self, method: str, route: str, info: Mapping[str, str]) -> list[Bucket]:
        """The limits beside the route's own."""
        if not route.startswith(NO_GLOBAL):
            found = [self._bucket(("global",), GLOBAL_RATE, "global")]
            message = self._message(info) if (method, route) == ("PATCH", MESSAGE) else None
            if message is not None and self.state.now() - message.created_at.timestamp() > OLD_AGE:
                found.append(self._bucket(("old edits", info["channel"]), OLD_EDITS_RATE, code=TOO_MANY_OLD_EDITS))
            return found
        interaction = self.state.tokens.get(info.get("token", ""))
        if route.startswith("/webhooks/") and method in ("POST", "PATCH") and interaction is not None:
            return [self._bucket(("webhooks", interaction.channel.id), WEBHOOKS_RATE, "shared")]
        return []

    def _message(self, info: Mapping[str, str]) -> Message | None:
        channel = self.state.channels.get(info["channel"])
        return channel.messages.get(info["message"]) if channel else None

    def _bucket(self, key: tuple[str, ...], rate: tuple[int, float], scope: Scope = "user", code: int = 0) -> Bucket:
        if key not in self._buckets:
            if len(self._buckets) >= MAX_BUCKETS:
                # Interaction tokens come and go; the oldest bucket is long past its window.
                del self._buckets[next(iter(self._buckets))]
            # Discord's names tell routes apart, and not the channels or tokens in them.
            name = hashlib.sha256("\n".join(key[:-1] or key).encode()).hexdigest()[:32]
            self._buckets[key] = Bucket(name, *rate, scope, code)
        return self._buckets[key]
