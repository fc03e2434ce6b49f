"""What Discord's own clients do for people: offer commands, check options, send interactions."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING, Any

from . import messages, payloads
from .commands import CHAT_INPUT
from .model import Attachment, Channel, Interaction, Message, Permission, User
from .state import MEMBER_PERMISSIONS, State

if TYPE_CHECKING:
    from .gateway import Gateway

JSON = dict[str, Any]
COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5
IN_GUILD, IN_BOT_DM, IN_PRIVATE_CHANNEL = 0, 1, 2
ANSWER_MARGIN = 30.0


class Clients:
    """Sends interactions to the application; whoever is not answered in `answer_time` seconds sees a failure."""

    def __init__(self, state: State, gateway: Gateway, answer_time: float) -> None:
        self.state = state
        self.gateway = gateway
        self.answer_time = answer_time
        self.patience = answer_time + ANSWER_MARGIN
        """Seconds after which whoever waits for an outcome gives up: longer than the client's own, on a busy machine too."""

    def offered(self, user: User, channel: Channel, kind: int = CHAT_INPUT) -> dict[str, JSON]:
        """The commands of a type that a client offers this person here, by name."""
        if channel.guild and not self._held(user, channel) & Permission.USE_APPLICATION_COMMANDS:
            return {}
        everywhere = list(self.state.commands[None].values())
        here = list(self.state.commands.get(channel.guild.id, {}).values()) if channel.guild and self._bot_in(channel) else []
        context = self._context(channel)
        fitting = {}
        for command in everywhere + here:
            if command["type"] != kind or not self._may(user, channel, command):
                continue
            if "guild_id" in command or (
                (command["contexts"] is None or context in command["contexts"]) and self._owners(user, channel, command)
            ):
                fitting[command["name"]] = command
        return fitting

    async def upload(self, channel: Channel, filename: str, data: bytes) -> Attachment:
        """Put a command's attachment on the CDN."""
        return await messages.store(self.state, channel, filename, data, ephemeral=True)

    def command(
        self,
        user: User,
        channel: Channel,
        command: JSON,
        options: list[JSON],
        attachments: list[Attachment],
        *,
        resolved: JSON | None = None,
        focused: bool = False,
        twice: bool = False,
    ) -> Interaction:
        """Use a slash command; with `focused` ask for an option's suggestions instead.

        `resolved` is what Discord tells of the people, roles and channels among the options.
        """
        data: JSON = {"id": command["id"], "name": command["name"], "type": command["type"]}
        if options:
            data["options"] = options
        if resolved or attachments:
            data["resolved"] = (resolved or {}) | self._uploads(attachments)
        if "guild_id" in command:
            data["guild_id"] = command["guild_id"]
        owners = self._owners(user, channel, command)
        return self._send(AUTOCOMPLETE if focused else COMMAND, user, channel, owners, data, twice=twice)

    def menu(self, user: User, channel: Channel, command: JSON, target: Message) -> Interaction:
        """Use a message's context menu."""
        data = {
            "id": command["id"],
            "name": command["name"],
            "type": command["type"],
            "target_id": target.id,
            "resolved": {"messages": {target.id: payloads.message(target, self.state)}},
        }
        return self._send(COMMAND, user, channel, self._owners(user, channel, command), data)

    def press(
        self,
        user: User,
        message: Message,
        component: JSON,
        values: list[str] | None = None,
        *,
        resolved: JSON | None = None,
        twice: bool = False,
    ) -> Interaction:
        """Press a button, or choose `values` in a select menu; `resolved` tells of people, roles and channels in them."""
        data: JSON = {"custom_id": component["custom_id"], "component_type": component["type"], "id": component["id"]}
        if values is not None:
            data["values"] = values
        if resolved:
            data["resolved"] = resolved
        owners = message.interaction.owners if message.interaction else self._owners(user, message.channel, None)
        return self._send(COMPONENT, user, message.channel, owners, data, message=message, twice=twice)

    def submit(
        self,
        user: User,
        opened: Interaction,
        components: list[JSON],
        *,
        attachments: list[Attachment] | None = None,
        resolved: JSON | None = None,
        twice: bool = False,
    ) -> Interaction:
        """Send the modal that the interaction `opened` opened."""
        assert opened.modal is not None
        data: JSON = {"custom_id": opened.modal["custom_id"], "components": components}
        if resolved or attachments:
            data["resolved"] = (resolved or {}) | self._uploads(attachments or [])
        return self._send(
            MODAL_SUBMIT, user, opened.channel, opened.owners, data, message=opened.message, parent=opened, twice=twice
        )

    def _uploads(self, attachments: list[Attachment]) -> JSON:
        entries = {entry.id: payloads.attachment(entry, self.state) for entry in attachments}
        return {"attachments": entries} if entries else {}

    def _send(
        self,
        kind: int,
        user: User,
        channel: Channel,
        owners: dict[str, str],
        data: JSON,
        *,
        twice: bool = False,
        **details: Any,
    ) -> Interaction:
        state = self.state
        limit = max(user.file_limit, channel.guild.file_limit if channel.guild else 0)
        interaction = Interaction(
            state.new_id(), secrets.token_urlsafe(96), kind, user, channel, owners, data, limit, state.now(), **details
        )
        outside = channel.guild is not None and interaction.user_installed_only
        interaction.whispered = outside and not self._held(user, channel) & Permission.USE_EXTERNAL_APPS
        state.interactions[interaction.id] = state.tokens[interaction.token] = interaction
        if not owners or (owners.get("0", "0") != "0" and not self._bot_in(channel) and "1" not in owners):
            # The application has been removed from here: clients show the failure at once.
            interaction.outcome = "failed"
            return interaction
        payload = self._payload(interaction)
        interaction.timer = asyncio.get_running_loop().call_later(self.answer_time, self._give_up, interaction)
        for session in list(self.gateway.sessions.values()):
            for _ in range(1 + twice):
                session.dispatch("INTERACTION_CREATE", payload)
        state.bell.ring()
        return interaction

    def _give_up(self, interaction: Interaction) -> None:
        if interaction.outcome is None:
            interaction.outcome = "failed"
            interaction.bell.ring()
            self.state.bell.ring()

    def _payload(self, interaction: Interaction) -> JSON:
        state, channel, user = self.state, interaction.channel, interaction.user
        payload: JSON = {
            "id": interaction.id,
            "application_id": state.application_id,
            "type": interaction.type,
            "token": interaction.token,
            "version": 1,
            "data": interaction.data,
            "channel_id": channel.id,
            "channel": payloads.channel(channel, state),
            "locale": user.locale,
            "entitlements": [],
            "app_permissions": str(int(self._app_permissions(channel))),
            "authorizing_integration_owners": interaction.owners,
            "context": self._context(channel),
            "attachment_size_limit": interaction.file_limit,
        }
        if interaction.message is not None:
            payload["message"] = payloads.message(interaction.message, state)
        if channel.guild is None:
            return payload | {"user": payloads.user(user)}
        guild = channel.guild
        permissions = {"permissions": str(int(self._held(user, channel)))}
        payload["channel"]["permissions"] = permissions["permissions"]
        return payload | {
            "guild_id": guild.id,
            "guild": {"id": guild.id, "features": [], "locale": guild.locale},
            "guild_locale": guild.locale,
            "member": payloads.member(state, guild, user) | permissions,
        }

    def _bot_in(self, channel: Channel) -> bool:
        return channel.guild is not None and self.state.bot.id in channel.guild.members

    def _context(self, channel: Channel) -> int:
        if channel.guild is not None:
            return IN_GUILD
        return IN_BOT_DM if channel.type == 1 and self.state.bot in channel.recipients else IN_PRIVATE_CHANNEL

    def _owners(self, user: User, channel: Channel, command: JSON | None) -> dict[str, str]:
        """By whose install the application is here: "0" the guild's ("0" in the bot's DM), "1" the person's."""
        owners = {}
        if self._bot_in(channel) and channel.guild:
            owners["0"] = channel.guild.id
        elif self._context(channel) == IN_BOT_DM:
            owners["0"] = "0"
        if user.installed:
            owners["1"] = user.id
        types = (command or {}).get("integration_types")
        return owners if types is None else {key: value for key, value in owners.items() if int(key) in types}

    def _may(self, user: User, channel: Channel, command: JSON) -> bool:
        if command["nsfw"] and not (user.adult and (channel.nsfw or channel.guild is None)):
            return False
        needed = command["default_member_permissions"]
        if needed is None or channel.guild is None:
            return True
        held = self._held(user, channel)
        if held & Permission.ADMINISTRATOR:
            return True
        return bool(int(needed)) and int(needed) & held == int(needed)

    def _held(self, user: User, channel: Channel) -> int:
        return self.state.permissions(user, channel)

    def _app_permissions(self, channel: Channel) -> int:
        if channel.guild is None or self._bot_in(channel):
            return self.state.permissions(self.state.bot, channel) or (MEMBER_PERMISSIONS if channel.guild is None else 0)
        return MEMBER_PERMISSIONS & ~Permission.VIEW_CHANNEL
