"""A town for tests and the demo: a server with people in it, a bot's Discord and a picture service."""

from __future__ import annotations

import importlib
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, Self

from sandbox.discord import Discord
from sandbox.discord.model import Channel, Guild, Overwrite, Permission, Role
from sandbox.discord.state import MEMBER_PERMISSIONS
from sandbox.traffic import Traffic

from .cards import Card, download
from .people import Person

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

    from sandbox.discord.model import User


class Town:
    """Everything a flow needs, for the length of an `async with`.

    `member`, `neighbour` and `moderator` (Manage Messages) stand in `channel` of `guild`, as does `owner`, who owns
    the application. `stranger` has installed the bot for itself and stands in `elsewhere`, a channel of a guild
    without the bot. `private` is a private channel between stranger and neighbour. `administrator` may do everything, and
    `barred` may use no commands, but press any button; `adult_channel` is age-restricted. Further keywords go to `Discord`,
    whose state and people come back from what an earlier town has `kept()`.
    `midjourney` is None if it isn't wanted; `pace` and `midjourney_port` go to it.
    """

    discord: Discord
    guild: Guild
    channel: Channel
    other_channel: Channel
    elsewhere: Channel
    private: Channel
    member: Person
    neighbour: Person
    moderator: Person
    owner: Person
    stranger: Person
    administrator: Person
    barred: Person
    adult_channel: Channel

    def __init__(
        self,
        traffic: Path | None = None,
        *,
        midjourney: bool = True,
        pace: float | None = None,
        midjourney_port: int = 0,
        kept: dict[str, Any] | None = None,
        **discord: Any,
    ) -> None:
        self.midjourney: Any = None
        self.traffic = Traffic(traffic)
        self._kept = kept
        self._stack = AsyncExitStack()
        self._with_midjourney = midjourney
        self._midjourney_options = {"port": midjourney_port} | ({} if pace is None else {"pace": pace})
        self._discord_options = discord

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            stack.callback(self.traffic.close)
            self.discord = await stack.enter_async_context(Discord(traffic=self.traffic, **self._discord_options))
            if self._with_midjourney:
                # Imported here: it draws with numpy and Pillow, which Discord alone does without.
                service = importlib.import_module("sandbox.midjourney").Midjourney
                options = self._midjourney_options
                self.midjourney = await stack.enter_async_context(service(traffic=self.traffic, **options))
            if self._kept is None:
                self._settle()
            else:
                self._restore(self._kept)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.__aexit__(kind, error, trace)

    async def ready(self, timeout: float | None = 20) -> None:  # noqa: ASYNC109 - the time-out is the promise
        """Wait until a bot listens at the gateway and its commands are registered; raises TimeoutError (None: never)."""
        await self.until(lambda: self.discord.sessions and self.discord.commands.registered, timeout)

    async def gone(self, timeout: float = 20) -> None:  # noqa: ASYNC109 - the time-out is the promise
        """Wait until no bot listens at the gateway; raises TimeoutError."""
        await self.until(lambda: not self.discord.sessions, timeout)

    async def until(self, predicate: Callable[[], object], timeout: float | None = 20) -> None:  # noqa: ASYNC109 - a promise
        """Wait until `predicate` holds; looked at after every change at Discord. Raises TimeoutError."""
        await self.discord.state.bell.until(predicate, timeout)

    def settings(self) -> dict[str, str]:
        """The environment that points a bot at this town."""
        settings = {
            "DISCORD_TOKEN": self.discord.bot_token,
            "DISCORD_API_URL": self.discord.api_url,
            "DISCORD_GATEWAY_URL": self.discord.gateway_url,
        }
        if self.midjourney is not None:
            settings |= {"ACEDATACLOUD_API_TOKEN": self.midjourney.token, "ACEDATACLOUD_API_BASE_URL": self.midjourney.url}
        return settings

    def cards(self, channel: Channel | None = None, *, by: Person | None = None) -> list[Card]:
        """The bot's messages in a channel, oldest first; deleted and ephemeral ones are left out."""
        place, bot = channel or self.channel, self.discord.state.bot
        found = [m for m in place.messages.values() if m.author is bot and not (m.deleted or m.ephemeral)]
        return [Card(by or self.member, message) for message in found]

    def dms_of(self, person: Person) -> list[Card]:
        """The bot's messages in the DM with someone, oldest first."""
        return self.cards(person.dm.channel, by=person)

    async def fetch(self, url: str) -> bytes:
        """Download a link; raises aiohttp.ClientResponseError for an error status."""
        return await download(url)

    def newcomer(self, username: str, channel: Channel | None = None, **details: Any) -> Person:
        """Someone new, in the town's guild and channel unless told otherwise."""
        return self._person(self.discord.state.add_user(username, username.title(), **details), channel or self.channel)

    def kept(self) -> dict[str, Any]:
        """All that a later town needs to be this one."""
        people = {name: (each.user, each.channel) for name, each in vars(self).items() if isinstance(each, Person)}
        places = {name: each for name, each in vars(self).items() if isinstance(each, Guild | Channel)}
        # One object, so that what they share stays shared.
        kept = {"state": self.discord.state.kept(), "registered": self.discord.commands.registered}
        return kept | {"places": places, "people": people}

    def _restore(self, kept: dict[str, Any]) -> None:
        self.discord.state.restore(kept["state"])
        self.discord.commands.registered = kept["registered"]
        vars(self).update(kept["places"])
        vars(self).update({name: Person(self, *each) for name, each in kept["people"].items()})

    def _person(self, user: User, channel: Channel, *roles: str) -> Person:
        if channel.guild is not None:
            channel.guild.members.setdefault(user.id, set()).update(roles)
        return Person(self, user, channel)

    def _settle(self) -> None:
        state = self.discord.state
        landlord = state.add_user("landlord", "Landlord")
        self.guild = state.add_guild("Town", landlord)
        self.channel = state.add_channel(self.guild, "pictures")
        self.other_channel = state.add_channel(self.guild, "gallery")
        moderation = Role(state.new_id(), "Moderators", MEMBER_PERMISSIONS | Permission.MANAGE_MESSAGES, 2)
        self.guild.roles[moderation.id] = moderation
        self.elsewhere = state.add_channel(state.add_guild("Elsewhere", landlord, with_bot=False), "chat")
        self.member = self.newcomer("member")
        self.neighbour = self.newcomer("neighbour")
        self.moderator = self._person(state.add_user("moderator", "Moderator"), self.channel, moderation.id)
        self.owner = self._person(state.owner, self.channel)
        self.stranger = self.newcomer("stranger", self.elsewhere, installed=True)
        self.private = state.dm(self.stranger.user, self.neighbour.user)
        self.adult_channel = state.add_channel(self.guild, "after-dark", nsfw=True)
        administration = Role(state.new_id(), "Administrators", MEMBER_PERMISSIONS | Permission.ADMINISTRATOR, 3)
        barring = Role(state.new_id(), "No apps", 0, 1)
        self.guild.roles |= {role.id: role for role in (administration, barring)}
        self.administrator = self._person(state.add_user("administrator", "Administrator"), self.channel, administration.id)
        self.barred = self._person(state.add_user("barred", "Barred"), self.channel, barring.id)
        for channel in (self.channel, self.other_channel, self.adult_channel):
            channel.overwrites.append(Overwrite(barring.id, 0, deny=int(Permission.USE_APPLICATION_COMMANDS)))
