"""A channel's past: pages of it, replies to it, and taking many messages away at once."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from . import messages, payloads
from .errors import Form, Refusal
from .model import Channel, Message, Permission
from .state import EPOCH_MS, State

JSON = dict[str, Any]
DEFAULT_LIMIT, MAX_LIMIT = 50, 100
FEWEST, MOST, OLDEST = 2, 100, 14 * 24 * 60 * 60
# Only one of them counts; which, where there are several, is not documented.
PLACES = ("around", "before", "after")


def page(state: State, channel: Channel, query: Mapping[str, str]) -> list[JSON]:
    """The messages that a query asks for, newest first; refuses 50035.

    Whoever may not read the history is not refused, but shown nothing.
    """
    limit, place, at = _read(query)
    if not state.permissions(state.bot, channel) & Permission.READ_MESSAGE_HISTORY:
        return []
    known = [message for message in reversed(channel.messages.values()) if not (message.deleted or message.ephemeral)]
    older = [message for message in known if int(message.id) < at]
    newer = [message for message in known if int(message.id) > at]
    if place == "before":
        chosen = older[:limit]
    elif place == "after":
        chosen = newer[-limit:]
    elif place == "around":
        middle = [message for message in known if int(message.id) == at]
        beyond = max(0, limit - limit // 2 - 1)
        chosen = (newer[-beyond:] if beyond else []) + middle + older[: limit // 2]
    else:
        chosen = known[:limit]
    return [payloads.message(message, state) for message in chosen]


def _read(query: Mapping[str, str]) -> tuple[int, str, int]:
    """The limit, and which side of which id."""
    form = Form()
    numbers = {"limit": DEFAULT_LIMIT}
    for name, kind in (("limit", "int"), *((place, "snowflake") for place in PLACES)):
        if name in query:
            if query[name].isascii() and query[name].isdecimal():
                numbers[name] = int(query[name])
            else:
                form.refuse((name,), "NUMBER_TYPE_COERCE", f'Value "{query[name]}" is not {kind}.')
    if numbers["limit"] < 1:
        form.refuse(("limit",), "NUMBER_TYPE_MIN", "int value should be greater than or equal to 1.")
    if numbers["limit"] > MAX_LIMIT:
        form.refuse(("limit",), "NUMBER_TYPE_MAX", f"int value should be less than or equal to {MAX_LIMIT}.")
    form.raise_refused()
    place = next((place for place in PLACES if place in numbers), "")
    return numbers["limit"], place, numbers.get(place, 0)


def replied_to(state: State, channel: Channel, reference: JSON | None) -> Message | None:
    """The message that a new one answers; refuses 50035 for one that isn't there, 160002 where none may be read."""
    if not reference:
        return None
    found = channel.messages.get(str(reference.get("message_id")))
    if found is None or found.deleted or found.ephemeral:
        if reference.get("fail_if_not_exists") is False:
            return None
        error = {"code": "REPLIES_UNKNOWN_MESSAGE", "message": "Unknown message"}
        raise Refusal(50035, {"message_reference": {"_errors": [error]}})
    if not state.permissions(state.bot, channel) & Permission.READ_MESSAGE_HISTORY:
        raise Refusal(160002)
    return found


def delete_many(state: State, channel: Channel, ids: Any) -> None:
    """Take messages away, unknown ones passed over; refuses 50016 for too few or many, 50034 for one over two weeks old."""
    if not isinstance(ids, list) or not FEWEST <= len(set(map(str, ids))) <= MOST:
        raise Refusal(50016)
    chosen = [str(key) for key in ids]
    # Age is told by the id alone, whether there is such a message or not.
    if any(not key.isdecimal() or time.time() - ((int(key) >> 22) + EPOCH_MS) / 1000 > OLDEST for key in chosen):
        raise Refusal(50034)
    found = [message for key in chosen if (message := channel.messages.get(key)) and not (message.deleted or message.ephemeral)]
    for message in found:
        messages.delete(state, message, told=False)
    if found and channel.guild is not None:
        told = {"ids": [message.id for message in found], "channel_id": channel.id, "guild_id": channel.guild.id}
        state.emit("MESSAGE_DELETE_BULK", told, channel)
