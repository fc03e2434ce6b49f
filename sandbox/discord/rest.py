"""The REST routes that the bot's own token opens: users, guilds, channels, messages, commands."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from . import history, messages, payloads
from .commands import listed
from .errors import Refusal
from .forms import Body
from .model import MIB, Channel, Flag, Guild, Message, Permission, User
from .webhooks import Answers

if TYPE_CHECKING:
    from .commands import Commands
    from .state import State

Answer = tuple[int, Any]
Handler = Callable[[web.Request, Body], Awaitable[Answer]]
NONCE_LIFE = 300


class Rest:
    """REST's handlers; each takes the request and its body, and returns status and JSON."""

    def __init__(self, state: State, commands: Commands, gateway_url: Callable[[], str]) -> None:
        self.state = state
        self.commands = commands
        self.answers = Answers(state)
        self._gateway_url = gateway_url

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Method, path below the base, handler."""
        command_routes: list[tuple[str, str, Handler]] = []
        for base in ("/applications/{application}/commands", "/applications/{application}/guilds/{guild}/commands"):
            command_routes += [
                ("GET", base, self.list_commands),
                ("PUT", base, self.overwrite_commands),
                ("POST", base, self.create_command),
                ("GET", base + "/{command}", self.get_command),
                ("PATCH", base + "/{command}", self.change_command),
                ("DELETE", base + "/{command}", self.delete_command),
            ]
        return [
            ("GET", "/users/@me", self.me),
            ("GET", "/users/@me/guilds", self.my_guilds),
            ("POST", "/users/@me/channels", self.create_dm),
            ("GET", "/users/{user}", self.get_user),
            ("GET", "/oauth2/applications/@me", self.application),
            ("GET", "/applications/@me", self.application),
            ("GET", "/gateway", self.gateway),
            ("GET", "/gateway/bot", self.gateway_bot),
            ("GET", "/guilds/{guild}", self.get_guild),
            ("GET", "/channels/{channel}", self.get_channel),
            ("POST", "/channels/{channel}/typing", self.typing),
            ("GET", "/channels/{channel}/messages", self.list_messages),
            ("POST", "/channels/{channel}/messages", self.send_message),
            ("GET", "/channels/{channel}/messages/{message}", self.get_message),
            ("PATCH", "/channels/{channel}/messages/{message}", self.edit_message),
            ("DELETE", "/channels/{channel}/messages/{message}", self.delete_message),
            ("POST", "/channels/{channel}/messages/bulk-delete", self.delete_messages),
            ("POST", "/interactions/{interaction}/{token}/callback", self.callback),
            ("POST", "/webhooks/{application}/{token}", self.follow_up),
            ("GET", "/webhooks/{application}/{token}/messages/{message}", self.get_answer),
            ("PATCH", "/webhooks/{application}/{token}/messages/{message}", self.edit_answer),
            ("DELETE", "/webhooks/{application}/{token}/messages/{message}", self.delete_answer),
            *command_routes,
        ]

    async def me(self, _request: web.Request, _body: Body) -> Answer:
        return 200, payloads.me(self.state)

    async def my_guilds(self, _request: web.Request, _body: Body) -> Answer:
        mine = [guild for guild in self.state.guilds.values() if self.state.bot.id in guild.members]
        shown = ("id", "name", "icon", "banner", "features")
        return 200, [{key: payloads.guild(g)[key] for key in shown} | {"owner": False, "permissions": "0"} for g in mine]

    async def get_user(self, request: web.Request, _body: Body) -> Answer:
        return 200, payloads.user(self._user(request.match_info["user"]))

    async def application(self, _request: web.Request, _body: Body) -> Answer:
        return 200, payloads.application(self.state)

    async def gateway(self, _request: web.Request, _body: Body) -> Answer:
        return 200, {"url": self._gateway_url()}

    async def gateway_bot(self, _request: web.Request, _body: Body) -> Answer:
        limit = {"total": 1000, "remaining": 1000, "reset_after": 86_400_000, "max_concurrency": 1}
        return 200, {"url": self._gateway_url(), "shards": 1, "session_start_limit": limit}

    async def get_guild(self, request: web.Request, _body: Body) -> Answer:
        return 200, payloads.guild(self._guild(request.match_info["guild"]))

    async def get_channel(self, request: web.Request, _body: Body) -> Answer:
        return 200, payloads.channel(self._channel(request), self.state)

    async def typing(self, request: web.Request, _body: Body) -> Answer:
        self._channel(request, Permission.SEND_MESSAGES)
        return 204, None

    async def create_dm(self, _request: web.Request, body: Body) -> Answer:
        person = self._user(str(body.form.get("recipient_id")))
        return 200, payloads.channel(self.state.dm(person), self.state)

    async def list_messages(self, request: web.Request, _body: Body) -> Answer:
        return 200, history.page(self.state, self._channel(request), request.query)

    async def get_message(self, request: web.Request, _body: Body) -> Answer:
        return 200, payloads.message(self._message(request, Permission.READ_MESSAGE_HISTORY), self.state)

    async def send_message(self, request: web.Request, body: Body) -> Answer:
        needed = Permission.SEND_MESSAGES | (Permission.ATTACH_FILES if body.files else 0)
        channel = self._channel(request, needed)
        if channel.guild is None and not self._may_write_to(channel):
            raise Refusal(50007)
        nonce = body.form.get("nonce")
        if nonce is not None and body.form.get("enforce_nonce") and (same := self._recent(channel, nonce)):
            return 200, payloads.message(same, self.state)
        limit = _file_limit(channel)
        reference = history.replied_to(self.state, channel, body.form.get("message_reference"))
        draft = await messages.compose(self.state, channel, body.form, body.files, limit=limit)
        draft.flags &= ~Flag.EPHEMERAL
        kind = 19 if reference else 0
        sent = messages.send(self.state, channel, self.state.bot, draft, nonce=nonce, reference=reference, type=kind)
        return 200, payloads.message(sent, self.state)

    async def edit_message(self, request: web.Request, body: Body) -> Answer:
        message = self._message(request)
        if message.author is not self.state.bot:
            raise Refusal(50005)
        limit = _file_limit(message.channel)
        draft = await messages.compose(self.state, message.channel, body.form, body.files, limit=limit, existing=message)
        if message.deleted:
            raise Refusal(10008)
        messages.edit(self.state, message, draft)
        return 200, payloads.message(message, self.state)

    async def delete_message(self, request: web.Request, _body: Body) -> Answer:
        message = self._message(request)
        may = self.state.permissions(self.state.bot, message.channel) & Permission.MANAGE_MESSAGES
        if message.author is not self.state.bot and not (may and message.channel.guild):
            raise Refusal(50013)
        messages.delete(self.state, message)
        return 204, None

    async def delete_messages(self, request: web.Request, body: Body) -> Answer:
        channel = self._channel(request)
        if channel.guild is None:
            raise Refusal(50024)
        self._channel(request, Permission.MANAGE_MESSAGES)
        history.delete_many(self.state, channel, body.form.get("messages"))
        return 204, None

    async def callback(self, request: web.Request, body: Body) -> Answer:
        wanted = request.query.get("with_response", "").lower() in ("1", "true")
        info = request.match_info
        return await self.answers.callback(info["interaction"], info["token"], body, with_response=wanted)

    async def follow_up(self, request: web.Request, body: Body) -> Answer:
        self._my_webhook(request)
        return 200, payloads.message(await self.answers.follow_up(request.match_info["token"], body), self.state)

    async def get_answer(self, request: web.Request, _body: Body) -> Answer:
        interaction = self._my_webhook(request)
        return 200, payloads.message(self.answers.message(interaction, request.match_info["message"]), self.state)

    async def edit_answer(self, request: web.Request, body: Body) -> Answer:
        interaction = self._my_webhook(request)
        message = self.answers.message(interaction, request.match_info["message"])
        return 200, payloads.message(await self.answers.edit(interaction, message, body), self.state)

    async def delete_answer(self, request: web.Request, _body: Body) -> Answer:
        interaction = self._my_webhook(request)
        messages.delete(self.state, self.answers.message(interaction, request.match_info["message"]))
        return 204, None

    async def list_commands(self, request: web.Request, _body: Body) -> Answer:
        whole = request.query.get("with_localizations", "").lower() in ("1", "true")
        return 200, [each if whole else listed(each) for each in self.commands.listing(self._scope(request))]

    async def get_command(self, request: web.Request, _body: Body) -> Answer:
        return 200, self.commands.get(self._scope(request), request.match_info["command"])

    async def overwrite_commands(self, request: web.Request, body: Body) -> Answer:
        return 200, self.commands.overwrite(self._scope(request), body.data)

    async def create_command(self, request: web.Request, body: Body) -> Answer:
        command, new = self.commands.create(self._scope(request), body.form)
        return (201 if new else 200), command

    async def change_command(self, request: web.Request, body: Body) -> Answer:
        return 200, self.commands.change(self._scope(request), request.match_info["command"], body.form)

    async def delete_command(self, request: web.Request, _body: Body) -> Answer:
        self.commands.remove(self._scope(request), request.match_info["command"])
        return 204, None

    def _user(self, user_id: str) -> User:
        try:
            return self.state.users[user_id]
        except KeyError:
            raise Refusal(10013) from None

    def _guild(self, guild_id: str) -> Guild:
        guild = self.state.guilds.get(guild_id)
        if guild is None:
            raise Refusal(10004)
        if self.state.bot.id not in guild.members:
            raise Refusal(50001)
        return guild

    def _channel(self, request: web.Request, needed: int = 0) -> Channel:
        return self.state.reachable(request.match_info["channel"], needed)

    def _message(self, request: web.Request, needed: int = 0) -> Message:
        return self.state.message(self._channel(request, needed), request.match_info["message"])

    def _scope(self, request: web.Request) -> str | None:
        if request.match_info["application"] != self.state.application_id:
            raise Refusal(20012)
        guild_id = request.match_info.get("guild")
        return self._guild(guild_id).id if guild_id else None

    def _my_webhook(self, request: web.Request) -> Any:
        if request.match_info["application"] != self.state.application_id:
            raise Refusal(10015)
        return self.answers.alive(request.match_info["token"])

    def _may_write_to(self, channel: Channel) -> bool:
        """Whether the bot may write to this person: they accept it, and share a guild or have installed it."""
        person = next(entry for entry in channel.recipients if entry is not self.state.bot)
        shared = any({person.id, self.state.bot.id} <= guild.members.keys() for guild in self.state.guilds.values())
        return person.accepts_dms and (shared or person.installed or person is self.state.owner)

    def _recent(self, channel: Channel, nonce: Any) -> Message | None:
        for message in reversed(channel.messages.values()):
            if time.time() - message.created_at.timestamp() > NONCE_LIFE:
                return None
            if message.author is self.state.bot and str(message.nonce) == str(nonce) and not message.deleted:
                return message
        return None


def _file_limit(channel: Channel) -> int:
    return channel.guild.file_limit if channel.guild else 10 * MIB
