"""One open page: who sits there, which channel they look at, and what has still to be told to them."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import deque
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

from . import commands, links, projection
from .acts import ACTS, SENSELESS, Acts
from .locales import LOCALES
from .people import hello, places_of, residents

if TYPE_CHECKING:
    from sandbox.discord.model import Channel, Message, User

    from .entries import Entry
    from .watching import Watching

log = logging.getLogger(__name__)
JSON = dict[str, Any]
# Frames and changed messages that may wait for a page that reads slowly, before it starts anew.
MOST_FRAMES, MOST_MESSAGES, MOST_ENTRIES = 512, 64, 200
INTERNAL_ERROR, TRY_AGAIN_LATER = 1011, 1013


class Visitor:
    """A page's WebSocket. Whoever changes something never waits for it: what is new is noted, and told by a task of its own.

    `gone_within` are the seconds that the page has to hear that it is sent away.
    Of a message only the latest state is told. A page that can't keep up gets its channel anew, or is sent away to come back.
    """

    def __init__(
        self,
        watching: Watching,
        socket: web.WebSocketResponse,
        transport: asyncio.WriteTransport,
        user: User,
        channel: Channel,
        gone_within: float,
    ) -> None:
        self.watching = watching
        self.town = watching.town
        self.user = user
        self.channel = channel
        self._gone_within = gone_within
        self._socket = socket
        self._transport = transport
        self._frames: deque[JSON] = deque()
        self._messages: dict[str, Message] = {}
        self._there = asyncio.Event()
        self._entries: dict[int, Entry] = {}
        self._told: dict[str, JSON] = {}
        # Whether the drawer is open, and on which card; None: on everything.
        self._drawer: tuple[str | None] | None = None
        self.acts = Acts(self)

    async def stay(self, locale: str | None) -> None:
        """Talk with the page until it goes."""
        writer = asyncio.create_task(self._write(), name="page writer")
        try:
            self.speak(locale)
            async for frame in self._socket:
                if frame.type is WSMsgType.TEXT:
                    await self._read(frame.data)
        finally:
            writer.cancel()
            await self.acts.close()
            await asyncio.gather(writer, return_exceptions=True)

    async def leave(self, code: int) -> None:
        """Close the connection, whether or not the page reads that it is closed."""
        try:
            async with asyncio.timeout(self._gone_within):
                await self._socket.close(code=code)
        except TimeoutError:
            log.info("A page did not read that it was sent away; its connection was cut")
            self._transport.abort()

    # What is told.

    def tell(self, kind: str, **frame: Any) -> None:
        """Queue a frame."""
        self._frames.append({"type": kind} | frame)
        if len(self._frames) > MOST_FRAMES:
            self._frames.clear()
            self._there.set()
            self.acts.spawn(self.leave(TRY_AGAIN_LATER), "page sent away")
            return
        self._there.set()

    def notice(self, text: str) -> None:
        """Something for the person to read."""
        self.tell("notice", text=text)

    def message(self, message: Message) -> None:
        """A message is new, changed or gone."""
        if message.channel is self.channel and (not message.ephemeral or message.seen_by is self.user):
            self._messages[message.id] = message
            self._there.set()

    def entry(self, entry: Entry) -> None:
        """Something went over the wire, or is known better."""
        if self._drawer is not None and (self._drawer[0] is None or self._drawer[0] in entry.cards):
            self._entries[entry.n] = entry
            self._there.set()

    def look(self) -> None:
        """Tell what is no longer as it was told: the bot's presence, commands, switches, the token's end."""
        self._tell_changed("bot", {"bot": self.watching.bot()})
        self._tell_changed("commands", commands.offers(self.town.discord.clients, self.user, self.channel))
        self._tell_changed("switches", {"switches": self.watching.switches.told(self.channel)})
        if self._drawer is not None and self._drawer[0] is not None:
            end = links.token_end(self.town.discord.state, self._drawer[0])
            self._tell_changed("token", {"message_id": self._drawer[0], "expires_at": end and round(end, 1)})

    def begin(self) -> None:
        """Tell everything anew."""
        self._messages.clear()
        told = {"bot": self.watching.bot(), "switches": self.watching.switches.told(self.channel)}
        self._told = {key: {key: value} for key, value in told.items()}
        self.tell("hello", **hello(self.town, self.user, self.channel), **told)
        self.show()

    def show(self) -> None:
        """Tell the open channel anew, and what is offered in it."""
        self._messages.clear()
        self.tell("channel", **projection.page_of(self.town, self.user, self.channel))
        self.look()

    def _tell_changed(self, kind: str, told: JSON) -> None:
        if self._told.get(kind) != told:
            self._told[kind] = told
            self.tell(kind, **told)

    async def _write(self) -> None:
        try:
            while True:
                await self._there.wait()
                self._there.clear()
                if len(self._messages) > MOST_MESSAGES:
                    self.show()
                if len(self._entries) > MOST_ENTRIES:
                    self._show_wire()
                while self._frames:
                    await self._socket.send_str(json.dumps(self._frames.popleft()))
                while self._messages:
                    message = self._messages.pop(next(iter(self._messages)))
                    await self._socket.send_str(json.dumps(self._told_of(message)))
                if self._entries:
                    entries = [self._entries.pop(n).told() for n in sorted(self._entries)]
                    await self._socket.send_str(json.dumps({"type": "wire", "entries": entries, "reset": False}))
        except ConnectionError:
            return  # the page has gone; whoever reads from it notices too
        except Exception:
            log.exception("A page could not be told something; it is sent away")
            await self.leave(INTERNAL_ERROR)

    def _told_of(self, message: Message) -> JSON:
        if projection.sees(self.user, message):
            return {"type": "message", "message": projection.project(self.town, self.user, message)}
        return {"type": "gone", "channel_id": message.channel.id, "message_id": message.id}

    def _show_wire(self) -> None:
        self._entries.clear()
        if self._drawer is not None:
            entries = self.watching.wire.of(self._drawer[0])[-MOST_ENTRIES:]
            self.tell("wire", entries=[entry.told() for entry in entries], reset=True)

    # What is heard.

    async def _read(self, text: str) -> None:
        try:
            frame = json.loads(text)
            act = ACTS[frame["type"]]
        except (ValueError, TypeError, KeyError):
            self.notice("The sandbox doesn't know what the page wants.")
            return
        try:
            await act(self.acts, frame)
        except SENSELESS as error:
            log.info("A page sent %s, which made no sense", frame.get("type"), exc_info=error)
            self.notice(f"The sandbox couldn't make sense of “{frame.get('type')}”.")

    def be(self, person_id: str) -> None:
        """Be someone else."""
        self.user = {user.id: user for user, _ in residents(self.town)}[person_id]
        places = places_of(self.town, self.user)
        self.channel = self.channel if self.channel in places else places[0]
        self.begin()

    def speak(self, locale: str | None) -> None:
        """Use another language, if there is such a one."""
        if locale in LOCALES:
            self.user.locale = locale
        self.begin()

    def open(self, channel: Channel) -> None:
        """Look at another channel."""
        self.channel = channel
        self.show()

    def watch_wire(self, *, on: bool, message_id: str | None) -> None:
        """Open the drawer on a card, or on everything; or close it."""
        self._drawer = (message_id,) if on else None
        self._told.pop("token", None)
        self._show_wire()
        self.look()
