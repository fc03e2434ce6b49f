"""What Discord keeps: people, places, messages, interactions. Ids are strings, as on the wire."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from .bell import Bell

if TYPE_CHECKING:
    import asyncio
    from pathlib import Path

MIB = 1024 * 1024


class Permission(enum.IntFlag):
    """The bits of Discord's permissions that the sandbox looks at."""

    ADMINISTRATOR = 1 << 3
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_APPLICATION_COMMANDS = 1 << 31
    USE_EXTERNAL_APPS = 1 << 50


class Flag(enum.IntFlag):
    """Message flags."""

    SUPPRESS_EMBEDS = 1 << 2
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    COMPONENTS_V2 = 1 << 15


@dataclass(eq=False)
class User:
    """An account; `installed` means it has added the application to itself, `adult` that it may see what is age-restricted."""

    id: str
    username: str
    global_name: str | None = None
    bot: bool = False
    locale: str = "en-US"
    file_limit: int = 10 * MIB
    installed: bool = False
    accepts_dms: bool = True
    adult: bool = True


@dataclass(eq=False)
class Role:
    """A role; a guild's own id names @everyone."""

    id: str
    name: str
    permissions: int
    position: int = 0
    bot_id: str | None = None


@dataclass(eq=False)
class Guild:
    """A server: who is in it with which roles, and how large files may be (by boost tier)."""

    id: str
    name: str
    owner_id: str
    locale: str = "en-US"
    premium_tier: int = 0
    roles: dict[str, Role] = field(default_factory=dict)
    members: dict[str, set[str]] = field(default_factory=dict)
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def file_limit(self) -> int:
        """Bytes that one uploaded file may have."""
        return {2: 50 * MIB, 3: 100 * MIB}.get(self.premium_tier, 10 * MIB)


@dataclass(eq=False)
class Overwrite:
    """What a channel grants or denies a role (type 0) or a member (type 1)."""

    id: str
    type: int
    allow: int = 0
    deny: int = 0


@dataclass(eq=False)
class Channel:
    """A guild's text channel, or a private one between its recipients; `nsfw` is Discord's word for age-restricted."""

    id: str
    type: int
    name: str | None = None
    guild: Guild | None = None
    recipients: list[User] = field(default_factory=list)
    overwrites: list[Overwrite] = field(default_factory=list)
    position: int = 0
    nsfw: bool = False
    messages: dict[str, Message] = field(default_factory=dict)


@dataclass(eq=False)
class Attachment:
    """An uploaded file; its bytes lie at `path`."""

    id: str
    channel_id: str
    filename: str
    size: int
    path: Path
    content_type: str | None = None
    width: int | None = None
    height: int | None = None
    description: str | None = None
    ephemeral: bool = False

    def __getstate__(self) -> dict[str, Any]:
        """Stored without its folder, which may be another one later."""
        return vars(self) | {"path": type(self.path)(self.path.name)}

    @property
    def spoiler(self) -> bool:
        """Whether clients blur it."""
        return self.filename.startswith("SPOILER_")


@dataclass(frozen=True)
class Snapshot:
    """A message as it was at one moment; media hold their `Attachment` under `_attachment`."""

    content: str
    embeds: list[dict[str, Any]]
    components: list[dict[str, Any]]
    attachments: list[Attachment]
    flags: int
    at: float
    deleted: bool = False


@dataclass(eq=False)
class Message:
    """A message and every state it was in; the last of `history` is the present one."""

    id: str
    channel: Channel
    author: User
    type: int = 0
    history: list[Snapshot] = field(default_factory=list)
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    edited_at: datetime | None = None
    interaction: Interaction | None = None
    reference: Message | None = None
    seen_by: User | None = None
    nonce: str | int | None = None
    mentions: list[User] = field(default_factory=list)
    mention_roles: list[str] = field(default_factory=list)
    mention_everyone: bool = False
    # Who was really pinged: user ids, role ids, "everyone", "here".
    pinged: set[str] = field(default_factory=set)
    # Whether the one who sees an ephemeral message has put it away.
    dismissed: bool = False
    bell: Bell = field(default_factory=Bell)

    def __getstate__(self) -> dict[str, Any]:
        """Stored as it is now, without what it was before."""
        return vars(self) | {"history": self.history[-1:]}

    @property
    def now(self) -> Snapshot:
        """The present state."""
        return self.history[-1]

    @property
    def deleted(self) -> bool:
        """Whether it is gone."""
        return self.now.deleted

    @property
    def ephemeral(self) -> bool:
        """Whether only `seen_by` sees it, and no channel route knows it."""
        return bool(self.now.flags & Flag.EPHEMERAL)

    @property
    def edits(self) -> int:
        """How often it was changed since it was sent."""
        return len(self.history) - 1


Outcome = Literal["message", "modal", "deferred", "updated", "choices", "failed"]


@dataclass(eq=False)
class Interaction:
    """One use of the application by one person, and what came of it."""

    id: str
    token: str
    type: int
    user: User
    channel: Channel
    owners: dict[str, str]
    data: dict[str, Any]
    file_limit: int
    born_at: float
    message: Message | None = None
    # The interaction that opened the modal which this one submits.
    parent: Interaction | None = None
    outcome: Outcome | None = None
    answered_at: float | None = None
    original: Message | None = None
    original_index: int = 0
    modal: dict[str, Any] | None = None
    choices: list[dict[str, Any]] | None = None
    followups: list[Message] = field(default_factory=list)
    timer: asyncio.TimerHandle | None = None
    forgotten: bool = False
    # Answers are forced to be ephemeral: user-installed, where external apps may not speak in public.
    whispered: bool = False
    bell: Bell = field(default_factory=Bell)

    def __getstate__(self) -> dict[str, Any]:
        """Stored without the timer of a client that waits."""
        return vars(self) | {"timer": None, "original_index": 0}

    @property
    def user_installed_only(self) -> bool:
        """Whether the application is here by the person's own install alone."""
        return "0" not in self.owners
