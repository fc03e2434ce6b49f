"""A visitor as those see it who tell it of changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from sandbox.discord.model import Message

    from .entries import Entry


class Onlooker(Protocol):
    """Is told of changes, and never keeps anybody waiting."""

    def look(self) -> None:
        """Anything may have changed."""

    def entry(self, entry: Entry) -> None:
        """Something went over the wire."""

    def message(self, message: Message) -> None:
        """A message is new, changed or gone."""
