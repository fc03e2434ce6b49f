"""Everything the sandbox's Discord knows, and the small questions asked of it."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .bell import Bell
from .errors import Refusal
from .model import Attachment, Channel, Guild, Interaction, Message, Permission, Role, User

if TYPE_CHECKING:
    from collections.abc import Callable

EPOCH_MS = 1_420_070_400_000
TOKEN_LIFE = 15 * 60
LINK_LIFE = 24 * 60 * 60
LINK_KEPT = 60 * 60
PASSING = ("directory", "cdn_url", "bell", "emit", "watchers", "tokens", "_clock")
EVERYTHING = (1 << 51) - 1
MEMBER_PERMISSIONS = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.USE_EXTERNAL_APPS
)


class State:
    """The one owner of all of Discord's objects; changes ring `bell`.

    `now()` is the sandbox's clock in epoch seconds: it rules the life of interaction tokens and of links and can be
    advanced. Ids and timestamps follow the real clock, so that a bot never sees a message from the future.
    """

    def __init__(self, directory: Path, clock: Callable[[], float] = time.time) -> None:
        self.directory = directory
        self.offset = 0.0
        self.bell = Bell()
        self.cdn_url = ""
        self.users: dict[str, User] = {}
        self.guilds: dict[str, Guild] = {}
        self.channels: dict[str, Channel] = {}
        self.attachments: dict[str, Attachment] = {}
        self.interactions: dict[str, Interaction] = {}
        self.tokens: dict[str, Interaction] = {}
        # Commands by scope: None for global ones, else a guild's id.
        self.commands: dict[str | None, dict[str, dict[str, Any]]] = {None: {}}
        self.emit: Callable[[str, dict[str, Any], Channel | None], None] = lambda *_: None
        # Told of every message that is new, changed or gone; they must not wait for anything.
        self.watchers: list[Callable[[Message], None]] = []
        self._clock = clock
        self._last_ms = 0
        self._sequence = 0
        self._secret = b"sandbox"
        self.owner = self.add_user("operator", "Operator")
        self.bot = self.add_user("Easel", None, bot=True)
        self.application_id = self.bot.id
        self.application_public = True
        self.application_name = "Easel"
        self.application_description = "Pictures on loopback"

    def now(self) -> float:
        """The sandbox's clock, in epoch seconds."""
        return self._clock() + self.offset

    def kept(self) -> dict[str, Any]:
        """What another state can go on with: all but what belongs to this process, and what has had its time."""
        kept = {name: value for name, value in vars(self).items() if name not in PASSING}
        living = [each for each in self.interactions.values() if self.now() - each.born_at < TOKEN_LIFE]
        return kept | {"interactions": {each.id: each for each in living}}

    def restore(self, kept: dict[str, Any]) -> None:
        """Go on with what another state kept, its files being in our directory; whoever was not answered will not be."""
        vars(self).update(kept)
        self.tokens = {interaction.token: interaction for interaction in self.interactions.values()}
        for interaction in self.interactions.values():
            interaction.outcome = interaction.outcome or "failed"
        for attachment in self._all_attachments():
            attachment.path = self.directory / attachment.path.name

    def _all_attachments(self) -> list[Attachment]:
        """Those in use, and those that only deleted messages still name."""
        shown = [m.now.attachments for channel in self.channels.values() for m in channel.messages.values()]
        return [*self.attachments.values(), *(attachment for each in shown for attachment in each)]

    def changed(self, message: Message) -> None:
        """Tell everyone who waits or watches that a message is new, changed or gone."""
        for watch in self.watchers:
            watch(message)
        message.bell.ring()
        self.bell.ring()

    def new_id(self) -> str:
        """A fresh snowflake, larger than every one before it."""
        milliseconds = max(int(time.time() * 1000), self._last_ms)
        self._sequence = (self._sequence + 1) & 0xFFF if milliseconds == self._last_ms else 0
        if milliseconds == self._last_ms and not self._sequence:
            milliseconds += 1
        self._last_ms = milliseconds
        return str(((milliseconds - EPOCH_MS) << 22) | (1 << 17) | self._sequence)

    def add_user(self, username: str, global_name: str | None, **details: Any) -> User:
        """Make an account."""
        user = User(self.new_id(), username, global_name, **details)
        self.users[user.id] = user
        return user

    def add_guild(self, name: str, owner: User, *, with_bot: bool = True, **details: Any) -> Guild:
        """Make a server of `owner`, the bot in it with an ordinary member's permissions and its own role."""
        guild = Guild(self.new_id(), name, owner.id, **details)
        guild.roles[guild.id] = Role(guild.id, "@everyone", MEMBER_PERMISSIONS)
        guild.members[owner.id] = set()
        self.guilds[guild.id] = guild
        if with_bot:
            role = Role(self.new_id(), self.bot.username, MEMBER_PERMISSIONS, 1, bot_id=self.bot.id)
            guild.roles[role.id] = role
            guild.members[self.bot.id] = {role.id}
        return guild

    def add_channel(self, guild: Guild, name: str, *, nsfw: bool = False) -> Channel:
        """Make a text channel in `guild`, age-restricted if it is `nsfw`."""
        position = sum(channel.guild is guild for channel in self.channels.values())
        channel = Channel(self.new_id(), 0, name, guild, position=position, nsfw=nsfw)
        self.channels[channel.id] = channel
        return channel

    def dm(self, user: User, other: User | None = None) -> Channel:
        """The private channel between `user` and the bot (or `other`), made if need be."""
        pair = {user, other or self.bot}
        for channel in self.channels.values():
            if channel.type == 1 and set(channel.recipients) == pair:
                return channel
        channel = Channel(self.new_id(), 1, recipients=[user, other or self.bot])
        self.channels[channel.id] = channel
        return channel

    def permissions(self, user: User, channel: Channel) -> int:
        """What `user` may do in `channel`, by roles and overwrites; 0 outside of it."""
        if channel.guild is None:
            return MEMBER_PERMISSIONS if user in channel.recipients else 0
        guild = channel.guild
        if user.id not in guild.members:
            return 0
        held = {guild.id} | guild.members[user.id]
        granted = 0
        for role in held:
            granted |= guild.roles[role].permissions
        if user.id == guild.owner_id or granted & Permission.ADMINISTRATOR:
            return EVERYTHING
        # @everyone's overwrite, then the roles', then the member's own, each wider than what comes before it.
        for mine in ({guild.id}, held - {guild.id}, {user.id}):
            overwrites = [overwrite for overwrite in channel.overwrites if overwrite.id in mine]
            for overwrite in overwrites:
                granted &= ~overwrite.deny
            for overwrite in overwrites:
                granted |= overwrite.allow
        return granted if granted & Permission.VIEW_CHANNEL else 0

    def reachable(self, channel_id: str, needed: int = 0) -> Channel:
        """A channel that the bot sees and has `needed` permissions in; refuses 10003, 50001 and 50013."""
        channel = self.channels.get(channel_id)
        if channel is None:
            raise Refusal(10003)
        held = self.permissions(self.bot, channel)
        if not held & Permission.VIEW_CHANNEL:
            raise Refusal(50001)
        if needed & ~held:
            raise Refusal(50013)
        return channel

    def message(self, channel: Channel, message_id: str) -> Message:
        """A message that channel routes know; refuses 10008 for deleted and ephemeral ones."""
        message = channel.messages.get(message_id)
        if message is None or message.deleted or message.ephemeral:
            raise Refusal(10008)
        return message

    async def keep(self, filename: str, data: bytes) -> Path:
        """Write an uploaded file's bytes to the disk."""
        path = self.directory / f"{self.new_id()}{Path(filename).suffix[:16]}"
        await asyncio.to_thread(path.write_bytes, data)
        return path

    def link(self, attachment: Attachment) -> str:
        """A signed link to the file's bytes, good for about a day of the sandbox's clock.

        It stays the same for an hour, so that a client that is shown a message again needn't load its pictures again.
        """
        folder = "ephemeral-attachments" if attachment.ephemeral else "attachments"
        path = f"/{folder}/{attachment.channel_id}/{attachment.id}/{attachment.filename}"
        issued = int(self.now()) // LINK_KEPT * LINK_KEPT
        expires = issued + LINK_LIFE
        return f"{self.cdn_url}{path}?ex={expires:x}&is={issued:x}&hm={self.sign(path, f'{expires:x}', f'{issued:x}')}&"

    def sign(self, path: str, expires: str, issued: str) -> str:
        """The signature that a link to `path` carries."""
        return hmac.new(self._secret, f"{path} {expires} {issued}".encode(), hashlib.sha256).hexdigest()
