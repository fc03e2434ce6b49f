"""What several flows wait for."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.town import Card, Person, Town


def delivered(card: Card) -> bool:
    """Whether the picture itself is there and can be seen: an attachment that nothing refers to is hidden."""
    return bool(card.attachments and card.pictures)


async def painted(reply: Card) -> Card:
    """The card with its picture and its buttons."""
    return await reply.until(lambda card: delivered(card) and card.has("Delete"))


async def noted(town: Town, by: Person | None = None) -> None:
    """The bot itself knows that nothing is under way any more, which it does a moment after people see it."""
    async with asyncio.timeout(20):
        while "0 under way" not in (await (by or town.member).slash("about")).text:
            pass


def lose_patience(town: Town) -> None:
    """From now on, clients show a failure after half a second without an answer, instead of three."""
    town.discord.clients.answer_time = 0.5
