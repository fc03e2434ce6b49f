"""The commands that a person is offered somewhere, in their own language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.discord.commands import CHAT_INPUT, ON_MESSAGE

if TYPE_CHECKING:
    from sandbox.discord.clients import Clients
    from sandbox.discord.model import Channel, User

JSON = dict[str, Any]


def offers(clients: Clients, user: User, channel: Channel) -> JSON:
    """Slash commands and those of a message's menu."""
    told: JSON = {"channel_id": channel.id}
    for key, kind in (("slash", CHAT_INPUT), ("message", ON_MESSAGE)):
        offered = clients.offered(user, channel, kind).values()
        told[key] = [_localised(command, user.locale) for command in offered]
    return told


def find(clients: Clients, user: User, channel: Channel, kind: int, command_id: str) -> JSON | None:
    """The command of this id, if it is offered."""
    offered = clients.offered(user, channel, kind).values()
    return next((command for command in offered if command["id"] == command_id), None)


def _localised(item: JSON, locale: str) -> JSON:
    """A command or option with the words that someone of this language reads; `name` stays what the wire wants."""
    told = {key: value for key, value in item.items() if not key.endswith("_localizations")}
    told["name_shown"] = _words(item, "name", locale)
    if "description" in item:
        told["description"] = _words(item, "description", locale)
    if item.get("options"):
        told["options"] = [_localised(option, locale) for option in item["options"]]
    if item.get("choices"):
        told["choices"] = [{"name": _words(choice, "name", locale), "value": choice["value"]} for choice in item["choices"]]
    return told


def _words(item: JSON, key: str, locale: str) -> str:
    return str((item.get(f"{key}_localizations") or {}).get(locale) or item.get(key) or "")
