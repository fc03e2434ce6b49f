"""People, roles and channels that are chosen somewhere, as Discord tells the application about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.discord import payloads
from sandbox.town.errors import ClientRefused

if TYPE_CHECKING:
    from sandbox.discord.model import Channel
    from sandbox.discord.state import State

JSON = dict[str, Any]
USERS, ROLES, CHANNELS = "users", "roles", "channels"


def resolve(state: State, place: Channel, ids: list[str], kinds: tuple[str, ...], *, types: list[int] | None = None) -> JSON:
    """The `resolved` of these ids, each of one of the kinds; raises ClientRefused for one that isn't here.

    `types` are the types of channels that are taken; None: any.
    """
    resolved: JSON = {}
    for key in ids:
        if USERS in kinds and key in state.users:
            resolved.setdefault(USERS, {})[key] = payloads.user(state.users[key])
            if place.guild is not None and key in place.guild.members:
                member = payloads.member(state, place.guild, state.users[key], with_user=False)
                held = state.permissions(state.users[key], place)
                resolved.setdefault("members", {})[key] = member | {"permissions": str(int(held))}
        elif ROLES in kinds and place.guild is not None and key in place.guild.roles:
            resolved.setdefault(ROLES, {})[key] = payloads.role(place.guild.roles[key])
        elif CHANNELS in kinds and _fits(state.channels.get(key), place, types):
            channel = state.channels[key]
            told = payloads.channel(channel, state)
            shown = {name: told[name] for name in ("id", "name", "type", "flags", "nsfw", "parent_id", "position", "topic")}
            shown |= {"last_message_id": told["last_message_id"], "rate_limit_per_user": 0, "guild_id": told["guild_id"]}
            resolved.setdefault(CHANNELS, {})[key] = shown | {"permissions": str(int(state.permissions(state.bot, channel)))}
        else:
            raise ClientRefused(f"{key} can't be chosen here.")
    return resolved


def merge(into: JSON, more: JSON) -> None:
    """Add what one `resolved` tells to another."""
    for kind, entries in more.items():
        into.setdefault(kind, {}).update(entries)


def _fits(channel: Channel | None, place: Channel, types: list[int] | None) -> bool:
    if channel is None or channel.guild is None or channel.guild is not place.guild:
        return False
    return not types or channel.type in types
