"""Asking whether money may be spent."""

from __future__ import annotations

import asyncio
import math
import sys
from collections.abc import Callable, Sequence
from typing import Final

from bot.probe import prices
from bot.probe.prices import Price

YES: Final = {"y", "yes"}


class Consent:
    """Shows what will be bought and its price, and asks for a yes unless it was given beforehand (`--yes`)."""

    def __init__(self, say: Callable[[str], None], *, given: bool) -> None:
        self._say = say
        self._given = given

    async def ask(self, told: Sequence[Price], pictures: int, descriptions: int) -> bool:
        """Whether it may be spent: nobody is asked who sits at no terminal, and then it may not."""
        self._say(f"To be bought: {_counted(pictures, 'picture')} and {_counted(descriptions, 'description')}, {total(told)}.")
        if self._given:
            return True
        if not sys.stdin.isatty():
            self._say("Nothing is spent: there is no terminal to ask at. Say --yes to spend without being asked.")
            return False
        self._say("Spend it? [y/N]")
        if (await _line()).strip().lower() in YES:
            return True
        self._say("Nothing is spent.")
        return False


def total(told: Sequence[Price]) -> str:
    """The price of all of it, as far as that is told; an account that has Credits pays in these."""
    dollars, listed = [price.dollars for price in told], [price.credits for price in told]
    parts = []
    if None not in dollars:
        cents = math.ceil(sum(each or 0 for each in dollars) * 100)
        parts.append(f"${cents / 100:.2f} by the service's own quotes")
    if None not in listed:
        parts.append(f"{sum(each or 0 for each in listed):.2f} Credits by its price list")
    if parts:
        return ", ".join(parts)
    return (
        "at a price that the service does not tell now; in August 2026 it was "
        f"{prices.PICTURE} Credits a picture and {prices.DESCRIPTION} a description, more in turbo"
    )


async def _line() -> str:
    """A line from the terminal. No thread waits for it, which Ctrl-C would not end."""
    loop = asyncio.get_running_loop()
    typed: asyncio.Future[str] = loop.create_future()

    def read() -> None:
        if not typed.done():
            typed.set_result(sys.stdin.readline())

    loop.add_reader(sys.stdin.fileno(), read)
    try:
        return await typed
    finally:
        loop.remove_reader(sys.stdin.fileno())


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")
