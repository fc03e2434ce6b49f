"""The gateway: HELLO, IDENTIFY, READY, heartbeats, dispatches, RESUME with replay."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import secrets
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

from . import payloads
from .compression import Packing, Payload, for_connection

if TYPE_CHECKING:
    from sandbox.traffic import Traffic

    from .model import Channel, Guild
    from .state import State

log = logging.getLogger(__name__)
JSON = dict[str, Any]
DISPATCH, HEARTBEAT, IDENTIFY, PRESENCE, RESUME, RECONNECT, INVALID_SESSION, HELLO, ACK = 0, 1, 2, 3, 6, 7, 9, 10, 11
QUIET = (3, 4, 8, 31)
UNKNOWN_OPCODE, DECODE_ERROR, NOT_AUTHENTICATED, AUTHENTICATION_FAILED = 4001, 4002, 4003, 4004
ALREADY_AUTHENTICATED, INVALID_SEQ, RATE_LIMITED, INVALID_INTENTS = 4005, 4007, 4008, 4013
GUILDS, GUILD_MESSAGES, DIRECT_MESSAGES, MESSAGE_CONTENT = 1 << 0, 1 << 9, 1 << 12, 1 << 15
REPLAYED = 2000
# A client that closes with one of these gives its session up.
FINAL = (1000, 1001)
ENDED = (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR)
SENDS_PER_MINUTE = 120
ACK_AFTER = 0.02  # seconds


@dataclass(eq=False)
class Session:
    """One IDENTIFY and all that was dispatched to it; it outlives its socket until it is resumed or dropped."""

    id: str
    intents: int
    shard: list[int]
    seq: int = 0
    sent: deque[JSON] = field(default_factory=lambda: deque(maxlen=REPLAYED))
    socket: Socket | None = None

    @property
    def live(self) -> bool:
        """Whether a client listens right now."""
        return self.socket is not None

    def dispatch(self, event: str, data: Any) -> None:
        """Number an event, keep it for a resume, and send it if someone listens."""
        self.seq += 1
        payload = {"op": DISPATCH, "t": event, "s": self.seq, "d": data}
        self.sent.append(payload)
        if self.socket is not None:
            self.socket.send(payload)


class Socket:
    """A connection: frames are queued, so that whoever dispatches never waits for the network."""

    def __init__(self, ws: web.WebSocketResponse, traffic: Traffic, compress: str | None) -> None:
        self.ws = ws
        self.compress = compress
        self.packing: Packing = for_connection(compress)
        self.transport: asyncio.Transport | None = None
        self._traffic = traffic
        self._queue: asyncio.Queue[JSON | int | None] = asyncio.Queue()

    def send(self, payload: JSON) -> None:
        """Queue a frame."""
        self._queue.put_nowait(payload)

    def close(self, code: int) -> None:
        """Close after what is queued."""
        self._queue.put_nowait(code)

    def abort(self) -> None:
        """Cut the connection without a word."""
        self._queue.put_nowait(None)
        if self.transport is not None:
            self.transport.abort()

    async def write(self) -> None:
        """Send what is queued, until closed."""
        while isinstance(item := await self._queue.get(), dict):
            self._traffic.frame("receive", item)
            frame = self.packing.pack(json.dumps(item))
            try:
                if isinstance(frame, str):
                    await self.ws.send_str(frame)
                else:
                    await self.ws.send_bytes(frame)
            except ConnectionError:
                return
        if isinstance(item, int):
            await self.ws.close(code=item)


class Gateway:
    """All sessions and sockets; `sessions` has the dead ones too, until they are dropped."""

    def __init__(self, state: State, traffic: Traffic, bot_token: str, heartbeat_interval: float) -> None:
        self.state = state
        self.traffic = traffic
        self.sessions: dict[str, Session] = {}
        self.identified = 0
        self.url = ""
        self._bot_token = bot_token
        self._heartbeat_interval = heartbeat_interval
        self._sockets: set[Socket] = set()
        state.emit = self.emit

    @property
    def live(self) -> list[Session]:
        """Sessions with a client that listens."""
        return [session for session in self.sessions.values() if session.live]

    def emit(self, event: str, data: JSON, channel: Channel | None = None) -> None:
        """Dispatch an event to every session whose intents and sight include it."""
        for session in list(self.sessions.values()):
            needed = _needed_intent(event, channel)
            if needed and not session.intents & needed:
                continue
            if event.startswith("MESSAGE") and channel is not None:
                if not self.state.permissions(self.state.bot, channel):
                    continue
                message = channel.messages.get(data.get("id", ""))
                if message is not None and event != "MESSAGE_DELETE":
                    privileged = bool(session.intents & MESSAGE_CONTENT)
                    session.dispatch(event, payloads.visible_content(message, data, self.state, privileged=privileged))
                    continue
            session.dispatch(event, data)

    def guild_joined(self, guild: Guild) -> None:
        """Tell that the bot is in a guild."""
        data = payloads.guild_create(guild, self.state)
        # Only guilds that a session waits for since READY say that they are available now.
        del data["unavailable"]
        self.emit("GUILD_CREATE", data)

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one connection until it ends. Bots send no Origin; a browser's other pages send theirs, and may not come in."""
        own = f"http://{request.headers.get('Host', '')}"
        if request.headers.get("Origin", own) != own:
            raise web.HTTPForbidden(text="Another page may not come in.")
        # WebSocket's own compression is not Discord's: `compress` in the query asks for that.
        ws = web.WebSocketResponse(max_msg_size=4096 * 4, autoping=True, compress=False)
        await ws.prepare(request)
        socket = Socket(ws, self.traffic, request.query.get("compress"))
        socket.transport = request.transport
        self._sockets.add(socket)
        writer = asyncio.create_task(socket.write(), name="gateway writer")
        socket.send(
            {
                "op": HELLO,
                "d": {"heartbeat_interval": int(self._heartbeat_interval * 1000), "_trace": ["[]"]},
                "s": None,
                "t": None,
            }
        )
        try:
            await self._read(socket)
        finally:
            self._sockets.discard(socket)
            for session in self.sessions.values():
                if session.socket is socket:
                    session.socket = None
            writer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await writer
            self.state.bell.ring()
        return ws

    async def close(self) -> None:
        """Close every connection."""
        for socket in list(self._sockets):
            socket.close(1001)

    def drop(self, code: int | None, *, resumable: bool) -> None:
        """Close (None: cut) every connection; sessions that may not be resumed are forgotten."""
        for socket in list(self._sockets):
            if code is None:
                socket.abort()
            else:
                socket.close(code)
        if not resumable:
            self.sessions.clear()

    def reconnect(self) -> None:
        """Ask every client to reconnect and resume (op 7)."""
        for session in self.live:
            assert session.socket is not None
            session.socket.send({"op": RECONNECT, "d": None, "s": None, "t": None})

    def invalidate(self, *, resumable: bool) -> None:
        """Tell every client that its session is invalid (op 9)."""
        for session in self.live:
            assert session.socket is not None
            session.socket.send({"op": INVALID_SESSION, "d": resumable, "s": None, "t": None})
            if not resumable:
                del self.sessions[session.id]

    async def _read(self, socket: Socket) -> None:
        session: Session | None = None
        times: deque[float] = deque(maxlen=SENDS_PER_MINUTE)
        loop = asyncio.get_running_loop()
        while (frame := await socket.ws.receive()).type not in ENDED:
            if len(times) == SENDS_PER_MINUTE and loop.time() - times[0] < 60:
                return await _close(socket, RATE_LIMITED)
            times.append(loop.time())
            payload = _parse(frame.data) if frame.type in (WSMsgType.TEXT, WSMsgType.BINARY) else None
            if payload is None:
                return await _close(socket, DECODE_ERROR)
            self.traffic.frame("send", payload | {"d": _without_token(payload.get("d"))})
            code = self._fault(payload, session)
            if code is not None:
                return await _close(socket, code)
            if payload["op"] == HEARTBEAT:
                # As after any network: a client that hears back before it has noted that it sent counts 41 seconds.
                ack = {"op": ACK, "d": None, "s": None, "t": None}
                asyncio.get_running_loop().call_later(ACK_AFTER, socket.send, ack)
            elif payload["op"] in (IDENTIFY, RESUME):
                begin = self._identify if payload["op"] == IDENTIFY else self._resume
                session = begin(socket, payload["d"])
        if frame.type is WSMsgType.CLOSE and frame.data in FINAL and session is not None:
            self.sessions.pop(session.id, None)
        return None

    def _fault(self, payload: JSON, session: Session | None) -> int | None:
        """The close code that a frame earns, if it earns one."""
        op, data = payload["op"], payload.get("d")
        if op in (IDENTIFY, RESUME):
            if session is not None:
                return ALREADY_AUTHENTICATED
            known = isinstance(data, dict) and data.get("token") == self._bot_token
            return None if known else AUTHENTICATION_FAILED
        if op not in (HEARTBEAT, *QUIET):
            return UNKNOWN_OPCODE
        return NOT_AUTHENTICATED if op != HEARTBEAT and session is None else None

    def _identify(self, socket: Socket, data: JSON) -> Session:
        state = self.state
        session = Session(secrets.token_hex(16), int(data.get("intents") or 0), data.get("shard") or [0, 1])
        session.socket = socket
        if data.get("compress") and socket.compress is None:
            # A stream packs everything already; Discord ignores the wish then, and discord.py always has it.
            socket.packing = Payload()
        self.sessions[session.id] = session
        self.identified += 1
        mine = [guild for guild in state.guilds.values() if state.bot.id in guild.members]
        session.dispatch(
            "READY",
            {
                "v": 10,
                "user": payloads.me(state),
                "guilds": [{"id": guild.id, "unavailable": True} for guild in mine],
                "private_channels": [],
                "session_id": session.id,
                "session_type": "normal",
                "resume_gateway_url": self.url,
                "shard": session.shard,
                "application": {"id": state.application_id, "flags": 0, "flags_new": "0"},
            },
        )
        if session.intents & GUILDS:
            for guild in mine:
                session.dispatch("GUILD_CREATE", payloads.guild_create(guild, state))
        state.bell.ring()
        return session

    def _resume(self, socket: Socket, data: JSON) -> Session | None:
        session = self.sessions.get(str(data.get("session_id")))
        seq = int(data.get("seq") or 0)
        oldest = session.sent[0]["s"] if session and session.sent else 1
        if session is None or seq + 1 < oldest:
            socket.send({"op": INVALID_SESSION, "d": False, "s": None, "t": None})
            return None
        if seq > session.seq:
            socket.close(INVALID_SEQ)
            return None
        if session.socket is not None and session.socket is not socket:
            session.socket.close(4000)
        session.socket = socket
        for payload in session.sent:
            if payload["s"] > seq:
                socket.send(payload)
        session.dispatch("RESUMED", {"_trace": ["[]"]})
        self.state.bell.ring()
        return session


def _needed_intent(event: str, channel: Channel | None) -> int:
    if event.startswith("MESSAGE"):
        return DIRECT_MESSAGES if channel is not None and channel.guild is None else GUILD_MESSAGES
    return GUILDS if event.startswith(("GUILD", "CHANNEL")) else 0


def _parse(text: Any) -> JSON | None:
    try:
        payload = json.loads(text)
    except ValueError:
        return None
    return payload if isinstance(payload, dict) and isinstance(payload.get("op"), int) else None


def _without_token(data: Any) -> Any:
    return data | {"token": "(token)"} if isinstance(data, dict) and "token" in data else data


async def _close(socket: Socket, code: int) -> None:
    """Close at once, and let the queue's end come when the connection does."""
    await socket.ws.close(code=code)
