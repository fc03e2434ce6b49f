"""An imitation of Discord on loopback, as strict as the real one."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from aiohttp import web

from sandbox.traffic import Traffic

from . import messages, payloads
from .cdn import Cdn
from .clients import Clients
from .commands import Commands
from .faults import Faults, Held, Rule
from .gateway import Gateway
from .limits import Limits
from .model import Channel, Guild, Interaction, Message, Overwrite, Permission
from .rest import Rest
from .server import BASE, Exchange, Server
from .state import TOKEN_LIFE, State

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable, Sequence
    from contextlib import AbstractAsyncContextManager
    from types import TracebackType

    from .gateway import Session


class Discord:
    """REST, gateway and CDN on one loopback port, for the length of an `async with`.

    A client needs three addresses: `api_url`, `gateway_url`, and `cdn_url` for avatars. `strict_limits` applies
    Discord's rate limits, for tokens, channels and all together; `answer_time` is how many (real) seconds an
    application has for its first answer. `routes` are served beside Discord's own. Files are kept in `directory`;
    without one, they go at the end.
    """

    def __init__(
        self,
        *,
        traffic: Traffic | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        bot_token: str | None = None,
        clock: Callable[[], float] = time.time,
        answer_time: float = 3.0,
        strict_limits: bool = True,
        heartbeat_interval: float = 41.25,
        routes: Sequence[web.RouteDef] = (),
        directory: Path | None = None,
    ) -> None:
        # Another for each world: so that no page of a stranger can guess it.
        self.bot_token = bot_token = bot_token or secrets.token_urlsafe(32)
        self.host = host
        self.port = port
        self.traffic = traffic or Traffic()
        self.directory = directory or Path(tempfile.mkdtemp(prefix="sandbox-discord-"))
        self._is_temporary = directory is None
        self.state = State(self.directory, clock)
        self.commands = Commands(self.state)
        self.gateway = Gateway(self.state, self.traffic, bot_token, heartbeat_interval)
        self.clients = Clients(self.state, self.gateway, answer_time)
        self.faults = Faults()
        self.limits = Limits(self.state, strict=strict_limits)
        self._server = Server(
            self.state,
            Rest(self.state, self.commands, lambda: self.gateway_url),
            self.faults,
            self.limits,
            self.traffic,
            bot_token,
        )
        self._routes = routes
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = self._server.application(web.get("/gateway/", self.gateway.handle), *Cdn(self.state).routes(), *self._routes)
        # Handlers outlive a client that hangs up: what arrived is carried out, as on a real server.
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.host, self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self.state.cdn_url = self.cdn_url
        self.gateway.url = self.gateway_url
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for interaction in self.state.interactions.values():
            if interaction.timer is not None:
                interaction.timer.cancel()
        await self.gateway.close()
        if self._runner is not None:
            await self._runner.cleanup()
        self.traffic.flush()
        if self._is_temporary:
            await asyncio.to_thread(shutil.rmtree, self.directory, ignore_errors=True)

    @property
    def api_url(self) -> str:
        """The base of REST, callbacks and webhooks."""
        return f"http://{self.host}:{self.port}{BASE}"

    @property
    def gateway_url(self) -> str:
        """Where sessions begin and are resumed."""
        return f"ws://{self.host}:{self.port}/gateway/"

    @property
    def cdn_url(self) -> str:
        """The base of all links to files."""
        return f"http://{self.host}:{self.port}/cdn"

    @property
    def application(self) -> dict[str, Any]:
        """The bot's application, as REST tells it."""
        return payloads.application(self.state)

    @property
    def requests(self) -> deque[Exchange]:
        """Recent REST exchanges, oldest first; CDN downloads are not among them."""
        return self._server.requests

    @property
    def sessions(self) -> list[Session]:
        """The gateway sessions whose client listens right now."""
        return self.gateway.live

    def exchanges(self, method: str | None = None, path: str | None = None) -> list[Exchange]:
        """The recent exchanges that match; `path` is searched as a regular expression in path and query."""
        rule = Rule(method, path)
        return [exchange for exchange in self.requests if rule.matches(exchange.method, exchange.path)]

    # The clock.

    def now(self) -> float:
        """The sandbox's clock: epoch seconds, as far ahead as it was advanced."""
        return self.state.now()

    def advance(self, seconds: float) -> None:
        """Make interaction tokens and CDN links older by so many seconds."""
        self.state.offset += seconds
        self.state.bell.ring()

    def expire_tokens(self) -> None:
        """Make every interaction token of now older than fifteen minutes; links stay good."""
        for interaction in self.state.interactions.values():
            interaction.born_at = min(interaction.born_at, self.state.now() - TOKEN_LIFE)

    def forget_token(self, interaction: Interaction) -> None:
        """Make the token unknown: 10062 before an answer, 10015 after one."""
        interaction.forgotten = True

    # Faults: each applies to requests whose method is the same and whose path and query match the regular expression.

    def fail_next(
        self,
        status: int,
        *,
        method: str | None = None,
        path: str | None = None,
        times: int = 1,
        code: int | None = None,
        after: bool = False,
        retry_after: float | None = None,
    ) -> None:
        """Answer the next `times` matching requests with `status`; with `after` they are carried out first."""
        self.faults.add(Rule(method, path, times, after, status, code, retry_after))

    def cut_next(self, method: str | None = None, path: str | None = None, *, after: bool = False, times: int = 1) -> None:
        """Cut the connection of the next matching requests instead of answering."""
        self.faults.add(Rule(method, path, times, after, cut=True))

    def delay_next(self, seconds: float, method: str | None = None, path: str | None = None, *, times: int = 1) -> None:
        """Carry the next matching requests out so much later."""
        self.faults.add(Rule(method, path, times, delay=seconds))

    def answers_late(self, seconds: Callable[[], float]) -> None:
        """Answer every request so much later than it was carried out; asked anew for each."""
        self._server.lateness = seconds

    def hold(
        self, method: str | None = None, path: str | None = None, *, after: bool = False, times: int = 1
    ) -> AbstractAsyncContextManager[Held]:
        """Hold matching requests once they have fully arrived, or with `after` once they were carried out.

        What was held before being carried out never is, if its client has hung up by the release.
        """
        return self.faults.hold(method, path, after=after, times=times)

    def clear_faults(self) -> None:
        """Drop all faults that were told and not yet used up."""
        self.faults.clear()

    # The gateway.

    def drop_gateway(self, code: int | None = 4000, *, resumable: bool = True) -> None:
        """Close (None: cut) every gateway connection; sessions that are not resumable are forgotten."""
        self.gateway.drop(code, resumable=resumable)

    def reconnect_gateway(self) -> None:
        """Ask every client to reconnect and resume (op 7)."""
        self.gateway.reconnect()

    def invalidate_sessions(self, *, resumable: bool = False) -> None:
        """Tell every client that its session is invalid (op 9)."""
        self.gateway.invalidate(resumable=resumable)

    # What people and moderators do to the bot's things.

    def delete_message(self, message: Message) -> None:
        """Delete a message, as a moderator would."""
        messages.delete(self.state, message)

    def delete_channel(self, channel: Channel) -> None:
        """Delete a channel and all in it: 10003 from now on."""
        del self.state.channels[channel.id]
        self.state.emit("CHANNEL_DELETE", payloads.channel(channel, self.state), channel)

    def remove_bot_from_channel(self, channel: Channel) -> None:
        """Hide a channel from the bot: 50001 from now on."""
        self._overwrite_bot(channel, deny=Permission.VIEW_CHANNEL)

    def deny_bot(self, channel: Channel, permissions: int) -> None:
        """Take permissions from the bot in a channel: 50013 where one of them is needed."""
        self._overwrite_bot(channel, deny=permissions)

    def restore_bot_in_channel(self, channel: Channel) -> None:
        """Give the bot back what it had in a channel."""
        self._overwrite_bot(channel, deny=0)

    def remove_bot_from_guild(self, guild: Guild) -> None:
        """Kick the bot: 50001 in all of the guild's channels."""
        guild.members.pop(self.state.bot.id)
        self.state.emit("GUILD_DELETE", {"id": guild.id}, None)

    def add_bot_to_guild(self, guild: Guild) -> None:
        """Let the bot in (again)."""
        guild.members[self.state.bot.id] = {role.id for role in guild.roles.values() if role.bot_id == self.state.bot.id}
        self.gateway.guild_joined(guild)

    def _overwrite_bot(self, channel: Channel, deny: int) -> None:
        bot = self.state.bot.id
        channel.overwrites = [overwrite for overwrite in channel.overwrites if overwrite.id != bot]
        if deny:
            channel.overwrites.append(Overwrite(bot, 1, deny=int(deny)))
        self.state.emit("CHANNEL_UPDATE", payloads.channel(channel, self.state), channel)
