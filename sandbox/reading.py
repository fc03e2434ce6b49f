"""Discord's markdown as it looks, as far as a terminal can show it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.discord.state import State

# In the order in which Discord's own clients look: code hides what is in it, and an escape the one character after it.
MARKS = re.compile(
    r"(?P<code>```.+?```|(?P<ticks>`+).+?(?<!`)(?P=ticks)(?!`))"
    r"|\\(?P<escaped>[^\sa-zA-Z0-9])"
    r"|<(?P<sort>@&|@!?|#)(?P<id>\d+)>"
    r"|\[(?P<label>(?:\\.|[^\[\]\\])+)\]\(\S+?\)"
    r"|\*\*(?P<bold>(?:\\.|[^\\])+?)\*\*"
    r"|^-# ",
    re.DOTALL | re.MULTILINE,
)


def readable(text: str, state: State) -> str:
    """Names for ids, no marks, no escapes; code as it was written."""

    def show(found: re.Match[str]) -> str:
        if found["id"]:
            return _name(state, found["sort"], found["id"])
        return found["code"] or found["escaped"] or readable(found["label"] or found["bold"] or "", state)

    return MARKS.sub(show, text)


def _name(state: State, sort: str, key: str) -> str:
    """What a mention is read as."""
    if sort == "#":
        channel = state.channels.get(key)
        return f"#{channel.name}" if channel else "#unknown"
    if sort == "@&":
        roles = [guild.roles[key] for guild in state.guilds.values() if key in guild.roles]
        return f"@{roles[0].name}" if roles else "@unknown-role"
    user = state.users.get(key)
    return f"@{user.global_name or user.username}" if user else "@somebody"
