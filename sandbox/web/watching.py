"""What all visitors of a page share: the town, and the eye that is kept on it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any

from sandbox.discord import payloads

from .entries import Entry
from .people import settle
from .switches import Switches
from .wire import Wire

if TYPE_CHECKING:
    from sandbox.discord.model import Message
    from sandbox.supervisor import Supervisor
    from sandbox.town import Town

    from .ports import Onlooker

log = logging.getLogger(__name__)
JSON = dict[str, Any]
COALESCED = 0.03


class Watching:
    """Tells visitors of changes. Messages are told at once; whatever else may have changed is looked at a moment later."""

    def __init__(self, town: Town, visitors: AbstractSet[Onlooker], supervisor: Supervisor | None) -> None:
        self.town = town
        self.visitors = visitors
        self.supervisor = supervisor
        self.switches = Switches(town)
        self.wire = Wire(town.discord.state, town.traffic)
        self.wire.listeners.append(self._entry)
        settle(town)
        town.discord.state.watchers.append(self._message)
        if supervisor is not None:
            supervisor.listeners.append(self.look_again)

    def close(self) -> None:
        """Watch no longer."""
        self.wire.close()
        self.town.discord.state.watchers.remove(self._message)
        if self.supervisor is not None:
            self.supervisor.listeners.remove(self.look_again)

    async def run(self) -> None:
        """Let every visitor look again after each change, until cancelled."""
        while True:
            rung = self.town.discord.state.bell.next_ring()
            for visitor in list(self.visitors):
                try:
                    visitor.look()
                except Exception:
                    log.exception("A page could not be told what has changed")
            await rung.wait()
            await asyncio.sleep(COALESCED)

    def look_again(self) -> None:
        """Something changed that no bell rings for."""
        self.town.discord.state.bell.ring()

    def bot(self) -> JSON:
        """The bot as the page shows it."""
        process = None if self.supervisor is None else self.supervisor.state
        return {
            "user": payloads.user(self.town.discord.state.bot),
            "online": bool(self.town.discord.sessions),
            "process": process,
        }

    def _entry(self, entry: Entry) -> None:
        for visitor in self.visitors:
            visitor.entry(entry)
        # The image service rings no bell of Discord's, and its switches may be used up by this.
        self.look_again()

    def _message(self, message: Message) -> None:
        for visitor in self.visitors:
            visitor.message(message)
