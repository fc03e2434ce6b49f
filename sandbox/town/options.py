"""Typing a command: its options checked and sent as a client does."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .errors import ClientRefused

if TYPE_CHECKING:
    from sandbox.discord.clients import Clients
    from sandbox.discord.model import Attachment, Channel

JSON = dict[str, Any]
SUB_COMMAND, SUB_GROUP, STRING, INTEGER, BOOLEAN, NUMBER, ATTACHMENT = 1, 2, 3, 4, 5, 10, 11
PYTHON: dict[int, tuple[type, ...]] = {STRING: (str,), INTEGER: (int,), BOOLEAN: (bool,), NUMBER: (int, float)}


@dataclass(frozen=True)
class Upload:
    """A file that a person attaches."""

    data: bytes = field(repr=False)
    filename: str = "picture.png"


async def fill(
    clients: Clients, channel: Channel, command: JSON, path: list[str], given: JSON
) -> tuple[list[JSON], list[Attachment]]:
    """The options as the wire wants them, and the uploaded attachments.

    `path` names a subcommand. Raises AssertionError for an option that the command has not, `ClientRefused` for
    a value that a client would not send.
    """
    chain, declared = descend(command, path)
    by_name = {entry["name"].replace("-", "_"): entry for entry in declared}
    unknown = given.keys() - by_name.keys()
    assert not unknown, f"/{command['name']} has no option {sorted(unknown)}; it has {sorted(by_name)}"
    for name, option in by_name.items():
        if option.get("required") and given.get(name) is None:
            raise ClientRefused(f"/{command['name']} requires {name}")
    filled: list[JSON] = []
    attachments: list[Attachment] = []
    for name, value in given.items():
        if value is None:
            continue
        option = by_name[name]
        if option["type"] == ATTACHMENT:
            assert isinstance(value, Upload), f"{name} takes an Upload"
            attachments.append(await clients.upload(channel, value.filename, value.data))
            value = attachments[-1].id
        else:
            value = check(option, value)
        filled.append({"name": option["name"], "type": option["type"], "value": value})
    return nest(chain, filled), attachments


def descend(command: JSON, path: list[str]) -> tuple[list[JSON], list[JSON]]:
    """The subcommands along `path`, and the options of the last; AssertionError if there is none."""
    chain: list[JSON] = []
    declared = command.get("options") or []
    for name in path:
        found = next((entry for entry in declared if entry["type"] in (SUB_COMMAND, SUB_GROUP) and entry["name"] == name), None)
        assert found is not None, f"/{command['name']} has no subcommand {name!r}"
        chain.append(found)
        declared = found.get("options") or []
    return chain, declared


def nest(chain: list[JSON], filled: list[JSON]) -> list[JSON]:
    """Options inside their subcommands, as the wire wants them."""
    for entry in reversed(chain):
        filled = [{"name": entry["name"], "type": entry["type"], "options": filled}]
    return filled


def check(option: JSON, value: Any) -> Any:
    """The value as it is sent; a choice may be given by its name. Raises `ClientRefused`."""
    name, kind = option["name"], option["type"]
    if option.get("choices"):
        for choice in option["choices"]:
            if value in (choice["value"], choice["name"]):
                return choice["value"]
        offered = ", ".join(choice["name"] for choice in option["choices"])
        raise ClientRefused(f"{name} has no {value!r}; it offers {offered}")
    fitting = PYTHON.get(kind)
    if fitting and (not isinstance(value, fitting) or (isinstance(value, bool) and kind != BOOLEAN)):
        raise ClientRefused(f"{name} takes no {type(value).__name__}")
    if kind == STRING:
        low, high = option.get("min_length", 0), option.get("max_length", 6000)
        if not low <= len(value) <= high or not value:
            raise ClientRefused(f"{name} takes {low} to {high} characters, not {len(value)}")
    elif kind in (INTEGER, NUMBER) and (value < option.get("min_value", value) or value > option.get("max_value", value)):
        raise ClientRefused(f"{name} takes {option.get('min_value')} to {option.get('max_value')}, not {value}")
    return value
