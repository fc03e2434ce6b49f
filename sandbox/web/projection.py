"""Messages as one person's client shows them: Discord's own payload, and what the client works out beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.discord import payloads
from sandbox.discord.model import Flag, Permission
from sandbox.town import view

from .sizes import add_sizes

if TYPE_CHECKING:
    from sandbox.discord.model import Channel, Interaction, Message, User
    from sandbox.discord.state import State
    from sandbox.town import Town

JSON = dict[str, Any]
COMMAND_ANSWERS = (20, 23)
MOST = 50


def sees(user: User, message: Message) -> bool:
    """Whether the message stands in this person's client."""
    hidden = message.ephemeral and (message.seen_by is not user or message.dismissed)
    return not (message.deleted or hidden)


def page_of(town: Town, user: User, channel: Channel, before: str | None = None) -> JSON:
    """The newest messages of a channel, or those before one, oldest first, and whether there are more."""
    found: list[Message] = []
    more = False
    for message in reversed(channel.messages.values()):
        if (before is not None and int(message.id) >= int(before)) or not sees(user, message):
            continue
        if len(found) == MOST:
            more = True
            break
        found.append(message)
    shown = [project(town, user, message) for message in reversed(found)]
    return {"channel_id": channel.id, "messages": shown, "more": more, "older": before is not None}


def project(town: Town, user: User, message: Message) -> JSON:
    """A message for one person."""
    state = town.discord.state
    return add_sizes(payloads.message(message, state), town) | {
        "client": {
            "header": _header(message),
            "reference": _reference(user, message),
            "only_you": message.ephemeral,
            "loading": bool(message.now.flags & Flag.LOADING),
            "may": _may(state, user, message),
            "pinged": _is_pinged(user, message),
        }
    }


def _header(message: Message) -> JSON | None:
    if message.interaction is None or message.type not in COMMAND_ANSWERS:
        return None
    root = message.interaction
    while root.parent is not None:
        root = root.parent
    return {"user": payloads.user(root.user), "text": command_text(root)}


def command_text(interaction: Interaction) -> str:
    """The command as people call it: `/group sub`, or the name in the menu."""
    data = interaction.data
    if data.get("type", 1) != 1:
        return str(data.get("name"))
    words, options = [f"/{data.get('name')}"], data.get("options") or []
    while options and options[0]["type"] in (1, 2):
        words.append(options[0]["name"])
        options = options[0].get("options") or []
    return " ".join(words)


def _reference(user: User, message: Message) -> JSON | None:
    target = message.reference
    if target is None:
        return None
    there = sees(user, target) or (target.ephemeral and target.seen_by is user and not target.deleted)
    text = " ".join(view.text(target.now).split()) if there else ""
    return {"message_id": target.id, "author": payloads.user(target.author), "text": text, "deleted": not there}


def _may(state: State, user: User, message: Message) -> list[str]:
    if message.ephemeral:
        return ["dismiss"]
    manages = state.permissions(user, message.channel) & Permission.MANAGE_MESSAGES and message.channel.guild is not None
    return ["delete"] if message.author is user or manages else []


def _is_pinged(user: User, message: Message) -> bool:
    guild = message.channel.guild
    roles = guild.members.get(user.id, set()) if guild else set()
    return bool(message.pinged & ({user.id, "everyone", "here"} | roles))
