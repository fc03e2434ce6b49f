"""The town as those see it who are in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from sandbox.discord import Discord


class Surroundings(Protocol):
    """Where people are."""

    discord: Discord

    async def fetch(self, url: str) -> bytes:
        """Download a link; raises aiohttp.ClientResponseError for an error status."""
