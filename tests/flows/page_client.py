"""A page without a browser: the WebSocket that the sandbox's page speaks, and what it has told so far."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import aiohttp

JSON = dict[str, Any]


class Visit:
    """One open page. `messages` are those of the open channel by id, as told last; `frames` all that came."""

    def __init__(self, url: str, session: aiohttp.ClientSession, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.url = url
        self.session = session
        self.frames: list[JSON] = []
        self.latest: dict[str, JSON] = {}
        self.messages: dict[str, JSON] = {}
        self.entries: dict[int, JSON] = {}
        self._socket = socket
        self._refs = count(1)
        self._answers: dict[Any, JSON] = {}

    @property
    def channel(self) -> str:
        """The open channel's id."""
        told: str = self.latest["channel"]["channel_id"]
        return told

    @property
    def is_online(self) -> bool:
        """Whether the bot is, as told last."""
        told = self.latest.get("bot") or self.latest["hello"]
        online: bool = told["bot"]["online"]
        return online

    async def send(self, kind: str, **frame: Any) -> None:
        """Send a frame."""
        await self._socket.send_json({"type": kind} | frame)

    async def until(self, probe: Callable[[], Any], timeout: float = 20) -> Any:  # noqa: ASYNC109 - a promise
        """Read what comes until `probe` gives something true; TimeoutError after so many seconds."""
        async with asyncio.timeout(timeout):
            while not (found := probe()):
                frame = await self._socket.receive()
                assert frame.type is aiohttp.WSMsgType.TEXT, f"the page was closed: {frame}"
                self._take(json.loads(frame.data))
        return found

    async def next(self, kind: str, fits: Callable[[JSON], Any] = lambda _frame: True) -> JSON:
        """The next frame of a kind that fits."""
        seen = len(self.frames)
        found: JSON = await self.until(
            lambda: next((frame for frame in self.frames[seen:] if frame["type"] == kind and fits(frame)), None)
        )
        return found

    async def act(self, kind: str, **frame: Any) -> JSON:
        """Send what becomes an interaction, and wait for its outcome."""
        ref = str(next(self._refs))
        await self.send(kind, ref=ref, **({"channel_id": self.channel} | frame))
        found: JSON = await self.until(lambda: self._answers.get(ref))
        return found

    async def slash(self, name: str, **options: Any) -> JSON:
        """Use a slash command with options of their declared types."""
        command = self.command(name)
        types = {option["name"]: option["type"] for option in command.get("options") or []}
        given = [{"name": key, "type": types[key], "value": value} for key, value in options.items()]
        return await self.act("slash", command_id=command["id"], options=given)

    def command(self, name: str, kind: str = "slash") -> JSON:
        """An offered command."""
        return next(command for command in self.latest["commands"][kind] if command["name"] == name)

    async def message(self, message_id: str, fits: Callable[[JSON], Any] = lambda _message: True) -> JSON:
        """A message, once it is so."""
        found: JSON = await self.until(
            lambda: self.messages.get(message_id) if fits(self.messages.get(message_id) or {}) else None
        )
        return found

    async def press(self, message: JSON, label: str) -> JSON:
        """Press the button of this label, as the message shows it now."""
        shown = self.messages[message["id"]]
        button = next(item for item in walk(shown["components"]) if item.get("label") == label)
        return await self.act("press", message_id=message["id"], component_id=button["id"])

    async def upload(self, name: str, data: bytes) -> JSON:
        """Upload a file for the open channel."""
        query = {"channel": self.channel, "name": name}
        async with self.session.post(f"{self.url}upload", params=query, data=data, raise_for_status=True) as response:
            told: JSON = await response.json()
            return told

    def _take(self, frame: JSON) -> None:
        self.frames.append(frame)
        self.latest[frame["type"]] = frame
        if frame["type"] == "channel":
            shown = {message["id"]: message for message in frame["messages"]}
            self.messages = shown | self.messages if frame["older"] else shown
        elif frame["type"] == "message":
            self.messages[frame["message"]["id"]] = frame["message"]
        elif frame["type"] == "gone":
            self.messages.pop(frame["message_id"], None)
        elif frame["type"] == "wire":
            kept = {} if frame["reset"] else self.entries
            self.entries = kept | {entry["n"]: entry for entry in frame["entries"]}
        elif frame["type"] == "interaction" and frame["outcome"] != "pending":
            self._answers[frame["ref"]] = frame


@asynccontextmanager
async def visiting(url: str, *, ready: bool = True, **query: str) -> AsyncIterator[Visit]:
    """Open the page; with `ready` wait until the bot is there and its commands are offered."""
    origin = url.partition("/app/")[0]
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{url}socket", params=query, origin=origin) as socket,
    ):
        visit = Visit(url, session, socket)
        await visit.until(lambda: "channel" in visit.latest and "commands" in visit.latest)
        if ready:
            await visit.until(lambda: visit.latest["commands"]["slash"] and visit.is_online)
        yield visit


def walk(components: list[JSON]) -> Iterator[JSON]:
    """Every component, nested ones too."""
    for item in components:
        yield item
        inner = [item[key] for key in ("accessory", "component") if key in item]
        yield from walk([*(item.get("components") or []), *inner])


def text_of(message: JSON) -> str:
    """All text blocks and the content."""
    return "\n".join([message["content"], *(item["content"] for item in walk(message["components"]) if item["type"] == 10)])


def painted(message: JSON) -> Any:
    """Whether the picture is there, and can be pressed on."""
    return message.get("attachments") and any(item.get("label") == "Delete" for item in walk(message["components"]))
