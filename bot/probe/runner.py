"""Asks for one subject after the other: what is free first, then as far as was confirmed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from pydantic import SecretStr

from bot.pace import Pace
from bot.probe import description, further, listing, picture, pricing, refusals
from bot.probe.model import Fact, Finding, Verdict, not_tested, unclear
from bot.probe.prices import Price, price_of
from bot.probe.probing import GIVEN_UP, Overspent, Probing, ServiceRefused, Subject
from bot.probe.wire import Silence, Wire
from bot.proxies import Proxies

FREE: Final = (refusals.SUBJECT, listing.SUBJECT, pricing.SUBJECT)
PRICED: Final = (picture.SUBJECT, description.SUBJECT, *further.SUBJECTS)
"""The more money depends on a fact, the earlier it is asked for."""
NOTHING: Final = "nothing was found that would tell"

Confirm = Callable[[Sequence[Price], int, int], Awaitable[bool]]
"""Whether this may be spent: the price of each, how many of them are pictures, and how many descriptions."""


class ServiceAway(Exception):
    """Nothing was answered to the very first request."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A verdict for every fact, and how much may have been billed."""

    findings: dict[str, Finding]
    pictures: int
    descriptions: int

    def having(self, verdict: Verdict) -> list[Fact]:
        """The facts of which this is so."""
        return [fact for fact in FACTS if self.findings[fact.name].verdict is verdict]


FACTS: Final = tuple(fact for subject in (*FREE, *PRICED) for fact in subject.facts)


def affordable(pictures: int) -> tuple[Subject, ...]:
    """What so many pictures and a description reach; all that is priced has its turn, even if one before cost nothing."""
    chosen, left = [], pictures
    for subject in PRICED:
        if subject.describes and pictures:
            chosen.append(subject)
        elif not subject.describes and left:
            chosen.append(subject)
            left -= 1
    return tuple(chosen)


class Probe:
    """One run against one service."""

    def __init__(self, wire: Wire, pace: Pace) -> None:
        self._probing = Probing(wire, pace, asyncio.get_running_loop().time)
        self._findings = {fact.name: not_tested(_cost(subject)) for subject in (*FREE, *PRICED) for fact in subject.facts}

    async def run(self, pictures: int, confirm: Confirm) -> Outcome:
        """All that is free, and what `pictures` reach, if it is confirmed; raises ServiceAway and TokenRefused."""
        try:
            await refusals.knock(self._probing)
        except Silence as silence:
            raise ServiceAway(str(silence)) from None
        for subject in FREE:
            await self._ask(subject)
        chosen = affordable(pictures)
        if chosen and self._probing.silences < GIVEN_UP and await self._is_confirmed(chosen, confirm):
            for subject in chosen:
                await self._ask(subject)
        budget = self._probing.budget
        return Outcome(self._findings, budget.spent_pictures, budget.spent_descriptions)

    async def _is_confirmed(self, chosen: Sequence[Subject], confirm: Confirm) -> bool:
        offers = [subject.offer for subject in chosen if subject.offer]
        prices = [await price_of(self._probing.wire, self._probing.prices, path, body) for path, body in offers]
        descriptions = sum(subject.describes for subject in chosen)
        if not await confirm(prices, len(chosen) - descriptions, descriptions):
            return False
        self._probing.budget.pictures = len(chosen) - descriptions
        self._probing.budget.descriptions = descriptions
        return True

    async def _ask(self, subject: Subject) -> None:
        """Note what comes of it; a verdict stays as it was, if a later look tells nothing."""
        told: set[str] = set()
        why = not_tested(NOTHING)
        if self._probing.silences >= GIVEN_UP:
            why = unclear("the service had stopped answering")
        else:
            try:
                async with aclosing(subject.ask(self._probing)) as findings:
                    async for name, finding in findings:
                        told.add(name)
                        if finding.verdict is not Verdict.NOT_TESTED or not self._is_tested(name):
                            self._findings[name] = finding
            except Silence as silence:
                self._probing.silences += 1
                why = unclear(str(silence))
            except ServiceRefused as refused:
                why = unclear(str(refused))
            except Overspent:
                why = unclear("it may have been billed already, and no more was confirmed")
        self._findings.update((fact.name, why) for fact in subject.facts if fact.name not in told)

    def _is_tested(self, name: str) -> bool:
        return self._findings[name].verdict is not Verdict.NOT_TESTED


def _cost(subject: Subject) -> str:
    if subject.offer is None:
        return NOTHING
    if subject.describes:
        return "it costs a description: --spend"
    number = [each for each in PRICED if not each.describes].index(subject) + 1
    return f"it costs a picture: --spend {number}"


async def probe(base_url: str, token: SecretStr, pace: Pace, proxies: Proxies, *, pictures: int, confirm: Confirm) -> Outcome:
    """Find out what holds of a service; raises ServiceAway, and TokenRefused."""
    async with Wire(base_url, token, pace, proxies) as wire:
        return await Probe(wire, pace).run(pictures, confirm)
