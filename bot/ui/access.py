"""Who may spend the operator's money."""

from __future__ import annotations

from dataclasses import dataclass

from bot.errors import NotAllowed
from bot.text import _


@dataclass(frozen=True, slots=True)
class Access:
    """Servers and people the operator named; with neither named, everybody may."""

    guild_ids: frozenset[int] = frozenset()
    user_ids: frozenset[int] = frozenset()

    def check(self, user_id: int, guild_id: int | None) -> None:
        """Raise NotAllowed unless the person or the server is among those named."""
        if not self.guild_ids and not self.user_ids:
            return
        if user_id in self.user_ids or guild_id in self.guild_ids:
            return
        raise NotAllowed(_("Whoever runs this bot has not opened it to this server or to you. They can, if you ask them."))
