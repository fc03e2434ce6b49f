"""What went over the wire: the newest exchanges with Discord and the image service, and the gateway's frames."""

from __future__ import annotations

import json
import logging
import time
from collections import deque
from typing import TYPE_CHECKING, Any

from .entries import Entry
from .links import Links

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.discord.state import State
    from sandbox.traffic import Call, Traffic

log = logging.getLogger(__name__)
JSON = dict[str, Any]
REMEMBERED = 1000
LONGEST_TEXT, LONGEST_TOKEN = 4000, 12
OPCODES = {0: "DISPATCH", 1: "HEARTBEAT", 2: "IDENTIFY", 3: "PRESENCE_UPDATE", 6: "RESUME", 7: "RECONNECT"} | {
    9: "INVALID_SESSION",
    10: "HELLO",
    11: "HEARTBEAT_ACK",
}
SECRET = ("token", "session_id")


class Wire:
    """Listens to the traffic and keeps the newest of it in memory; `listeners` are told of each entry that is new or changed.

    No header is looked at, so no `Authorization` is kept.
    """

    def __init__(self, state: State, traffic: Traffic) -> None:
        self.entries: deque[Entry] = deque(maxlen=REMEMBERED)
        self.listeners: list[Callable[[Entry], None]] = []
        self._links = Links(state, self.entries)
        self._traffic = traffic
        self._open: dict[Call, Entry] = {}
        self._count = 0
        # Whoever is listened to goes on, whatever goes wrong here.
        self._on_call, self._on_frame = _guarded(self._call), _guarded(self._frame)
        traffic.on_call.append(self._on_call)
        traffic.on_frame.append(self._on_frame)

    def close(self) -> None:
        """Listen no longer."""
        self._traffic.on_call.remove(self._on_call)
        self._traffic.on_frame.remove(self._on_frame)

    def of(self, message_id: str | None) -> list[Entry]:
        """The entries of a card, or all, oldest first."""
        return [entry for entry in self.entries if message_id is None or message_id in entry.cards]

    def _call(self, call: Call) -> None:
        entry = self._open.pop(call, None)
        if entry is None:
            entry = self._new(call.at, call.service, call.method, shorten_path(call.path), status=0)
            entry.request = digest(call.request)
            if call.files:
                files = [f"file {name}, {size:,} bytes" for name, size in call.files.items()]
                entry.request = {"payload_json": entry.request, "files": files}
        if call.took is None:
            self._open[call] = entry
        else:
            entry.status, entry.ms = call.status, round(call.took * 1000, 1)
            entry.response = _answer(call)
        self._tell(entry, self._links.call(entry, call.path, over=call.took is not None))

    def _frame(self, direction: str, payload: JSON) -> None:
        name = payload.get("t") or OPCODES.get(payload.get("op", -1), f"opcode {payload.get('op')}")
        entry = self._new(time.time(), "gateway", direction, name)
        entry.response = digest(payload)
        self._tell(entry, self._links.frame(entry, payload))

    def _new(self, at: float, kind: str, method: str, path: str, *, status: int | None = None) -> Entry:
        self._count += 1
        entry = Entry(self._count, at, kind, method, path, status)
        self.entries.append(entry)
        return entry

    def _tell(self, entry: Entry, others: set[Entry]) -> None:
        for changed in sorted({entry} | others, key=lambda each: each.n):
            for listen in self.listeners:
                listen(changed)


def _guarded(listen: Callable[..., None]) -> Callable[..., None]:
    def heard(*told: Any) -> None:
        try:
            listen(*told)
        except Exception:
            log.exception("The wire log could not make sense of an exchange")

    return heard


def shorten_path(path: str) -> str:
    """A path with its interaction's token cut short: it is a hundred characters that nobody reads."""
    return "/".join(part if len(part) < 60 else f"{part[:LONGEST_TOKEN]}…" for part in path.split("/"))


def digest(value: Any) -> Any:
    """JSON for people to read: tokens and what is very long are cut short."""
    if isinstance(value, dict):
        return {key: f"{part[:LONGEST_TOKEN]}…" if _is_secret(key, part) else digest(part) for key, part in value.items()}
    if isinstance(value, list):
        return [digest(part) for part in value]
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return f"{value[:200]}… ({len(value):,} characters)"
    return value


def _is_secret(key: str, value: Any) -> bool:
    return key in SECRET and isinstance(value, str) and len(value) > LONGEST_TOKEN


def _answer(call: Call) -> Any:
    """The body of an answer: JSON, the lines of a stream, or a few words."""
    if isinstance(call.told, str):
        return call.told or None
    text = call.told.decode(errors="replace")
    try:
        if call.content_type == "application/json":
            return digest(json.loads(text)) if text else None
        if call.content_type == "application/x-ndjson":
            return [digest(json.loads(line)) for line in text.splitlines() if line.strip()]
    except ValueError:
        pass  # cut in the middle, or broken on purpose
    return digest(text) or None
