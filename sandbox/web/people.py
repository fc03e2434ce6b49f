"""Who one can be on the page, where they can go, and how all of it is called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.discord.model import Permission

from .locales import LOCALES

if TYPE_CHECKING:
    from sandbox.discord.model import Channel, User
    from sandbox.discord.state import State
    from sandbox.town import Town

JSON = dict[str, Any]


def residents(town: Town) -> list[tuple[User, str]]:
    """Everyone whom a visitor can be, and what they are in town."""
    return [
        (town.member.user, "member"),
        (town.neighbour.user, "second member"),
        (town.moderator.user, "moderator"),
        (town.administrator.user, "administrator"),
        (town.stranger.user, "installed the bot for themself"),
        (town.barred.user, "may use no commands"),
        (town.owner.user, "owns the bot"),
    ]


def settle(town: Town) -> None:
    """Give everyone who may use the bot a DM with it."""
    for user, _ in residents(town):
        if user is not town.barred.user:
            town.discord.state.dm(user)


def places_of(town: Town, user: User) -> list[Channel]:
    """The channels that someone can look at: those of guilds first, as they lie there."""
    state = town.discord.state
    seen = [channel for channel in state.channels.values() if state.permissions(user, channel) & Permission.VIEW_CHANNEL]
    return sorted(seen, key=lambda channel: (channel.guild is None, town.discord.state.bot not in channel.recipients))


def hello(town: Town, user: User, channel: Channel) -> JSON:
    """What a client knows of the world at first: people, guilds, channels, names."""
    state = town.discord.state
    places = places_of(town, user)
    guilds = {place.guild.id: place.guild for place in places if place.guild is not None}
    people = [_person(resident, role) for resident, role in residents(town)]
    return {
        "you": next(person for person in people if person["id"] == user.id),
        "people": people,
        "locales": [{"id": key, "name": name} for key, name in LOCALES.items()],
        "guilds": [
            {
                "id": guild.id,
                "name": guild.name,
                "bot": state.bot.id in guild.members,
                "channels": [_channel(state, place, user) for place in places if place.guild is guild],
            }
            for guild in guilds.values()
        ],
        "dms": [_channel(state, place, user) for place in places if place.guild is None],
        "names": {
            "users": {person.id: name_of(person) for person in state.users.values()},
            "channels": {place.id: place.name or _private_name(place, user) for place in places},
            "roles": {role.id: role.name for guild in guilds.values() for role in guild.roles.values()},
        },
        "open": channel.id,
    }


def name_of(user: User) -> str:
    """What people call someone."""
    return user.global_name or user.username


def _person(user: User, role: str) -> JSON:
    return {"id": user.id, "name": name_of(user), "username": user.username, "role": role, "locale": user.locale}


def _channel(state: State, channel: Channel, user: User) -> JSON:
    if channel.guild is not None:
        here = "guild" if state.bot.id in channel.guild.members else "user-installed"
    else:
        here = "dm" if state.bot in channel.recipients else "user-installed"
    name = channel.name or _private_name(channel, user)
    return {"id": channel.id, "name": name, "nsfw": channel.nsfw, "type": channel.type, "here": here}


def _private_name(channel: Channel, user: User) -> str:
    return ", ".join(name_of(person) for person in channel.recipients if person is not user)
