"""Told failures: what the sandbox does wrong on purpose, to the requests that match."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .bell import Bell

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@dataclass(eq=False)
class Rule:
    """One fault: which requests, how often, when (before or after they are carried out), and what."""

    method: str | None
    path: str | None
    times: int = 1
    after: bool = False
    status: int | None = None
    code: int | None = None
    retry_after: float | None = None
    delay: float = 0.0
    cut: bool = False
    held: Held | None = None

    def matches(self, method: str, path: str) -> bool:
        """Whether this request is meant; `path` is searched as a regular expression."""
        if self.times <= 0 or (self.method and self.method.upper() != method):
            return False
        return self.path is None or re.search(self.path, path) is not None


@dataclass(eq=False)
class Held:
    """A request that waits until it is released."""

    after: bool
    count: int = 0
    bell: Bell = field(default_factory=Bell)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    async def reached(self, timeout: float = 20) -> None:  # noqa: ASYNC109 - the time-out is the promise
        """Wait until a matching request has fully arrived (with `after=True`: was carried out, unanswered)."""
        await self.bell.until(lambda: self.count > 0, timeout)

    def release(self) -> None:
        """Let it, and all that come later, go on."""
        self.released.set()


class Faults:
    """The rules in force, oldest first; each is used up after `times` requests."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []

    def add(self, rule: Rule) -> Rule:
        """Put a rule in force."""
        self._rules.append(rule)
        return rule

    def waiting(self, rule: Rule) -> bool:
        """Whether a rule is still in force."""
        return rule in self._rules

    def drop(self, rule: Rule) -> None:
        """Take a rule back."""
        if rule in self._rules:
            self._rules.remove(rule)

    def clear(self) -> None:
        """Drop every rule."""
        self._rules.clear()

    def take(self, method: str, path: str, *, after: bool) -> Rule | None:
        """The rule for this request at this moment, one use of it taken."""
        for rule in self._rules:
            if rule.after is after and rule.matches(method, path):
                rule.times -= 1
                if not rule.times:
                    self._rules.remove(rule)
                return rule
        return None

    @asynccontextmanager
    async def hold(self, method: str | None, path: str | None, *, after: bool, times: int) -> AsyncIterator[Held]:
        """Hold matching requests for the length of the block; at its end all go on."""
        held = Held(after)
        rule = Rule(method, path, times, after, held=held)
        self._rules.append(rule)
        try:
            yield held
        finally:
            held.release()
            if rule in self._rules:
                self._rules.remove(rule)


async def wait_held(rule: Rule) -> None:
    """Make the request that `rule` holds known, and wait for its release."""
    held = rule.held
    assert held is not None
    held.count += 1
    held.bell.ring()
    await held.released.wait()
