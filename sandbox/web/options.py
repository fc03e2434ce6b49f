"""A command's options as a page sends them, held against what the command declares."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.town.errors import ClientRefused
from sandbox.town.options import ATTACHMENT, NUMBER, SUB_COMMAND, SUB_GROUP, check

from . import entities

if TYPE_CHECKING:
    from sandbox.discord.model import Attachment, Channel
    from sandbox.discord.state import State

JSON = dict[str, Any]
USER, CHANNEL, ROLE, MENTIONABLE = 6, 7, 8, 9
ENTITIES = {
    USER: (entities.USERS,),
    CHANNEL: (entities.CHANNELS,),
    ROLE: (entities.ROLES,),
    MENTIONABLE: (entities.USERS, entities.ROLES),
}


@dataclass
class Filled:
    """Options as the wire wants them, the files among them, and what Discord tells of the rest."""

    options: list[JSON] = field(default_factory=list)
    files: list[Attachment] = field(default_factory=list)
    resolved: JSON = field(default_factory=dict)


def read(state: State, channel: Channel, command: JSON, given: list[JSON], *, partial: bool) -> Filled:
    """Check what was filled in; raises ClientRefused for what a client would not send.

    With `partial` (someone is still typing) nothing is required, and what doesn't fit yet is left out.
    """
    filled = Filled()
    filled.options = _level(state, channel, command, given, filled, partial=partial)
    return filled


def _level(state: State, channel: Channel, holder: JSON, given: list[JSON], filled: Filled, *, partial: bool) -> list[JSON]:
    declared = {option["name"]: option for option in holder.get("options") or []}
    names = [entry["name"] for entry in given]
    unknown = [name for name in names if name not in declared]
    if unknown or len(set(names)) != len(names):
        raise ClientRefused(f"{holder['name']} doesn't take {', '.join(unknown) or 'an option twice'}.")
    nested = [option for option in declared.values() if option["type"] in (SUB_COMMAND, SUB_GROUP)]
    if nested:
        if len(given) != 1:
            raise ClientRefused(f"One of {', '.join(option['name'] for option in nested)} must be chosen.")
        option = declared[names[0]]
        inner = _level(state, channel, option, given[0].get("options") or [], filled, partial=partial)
        return [{"name": option["name"], "type": option["type"], "options": inner}]
    if not partial:
        for option in declared.values():
            if option.get("required") and option["name"] not in names:
                raise ClientRefused(f"{option['name']} is required.")
    sent = []
    for entry in given:
        try:
            sent.append(_one(state, channel, declared[entry["name"]], entry, filled, partial=partial))
        except ClientRefused:
            if not partial:
                raise
    return sent


def _one(state: State, channel: Channel, option: JSON, entry: JSON, filled: Filled, *, partial: bool) -> JSON:
    kind, value = option["type"], entry.get("value")
    told = {"name": option["name"], "type": kind, "value": value}
    if partial and entry.get("focused"):
        # Whatever was typed so far, and as text even where a number is wanted.
        return told | {"value": str(value if value is not None else ""), "focused": True}
    if kind == ATTACHMENT:
        file = state.attachments.get(str(value))
        if file is None:
            raise ClientRefused(f"{option['name']} takes a file.")
        filled.files.append(file)
        return told | {"value": file.id}
    if kind in ENTITIES:
        types = option.get("channel_types")
        entities.merge(filled.resolved, entities.resolve(state, channel, [str(value)], ENTITIES[kind], types=types))
        return told | {"value": str(value)}
    if kind == NUMBER and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    return told | {"value": check(option, value)}
