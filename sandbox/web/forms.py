"""Select menus and modals: what a client shows of them, and what it lets through."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from sandbox.discord import components as kinds
from sandbox.discord.modals import CHECKBOX, CHECKBOXES, LABEL, RADIO, ROW, TEXT_INPUT, UPLOAD
from sandbox.town.errors import ClientRefused

from . import entities

if TYPE_CHECKING:
    from sandbox.discord.model import Attachment, Channel, Interaction
    from sandbox.discord.state import State

JSON = dict[str, Any]
ENTITIES = {
    5: (entities.USERS,),
    6: (entities.ROLES,),
    7: (entities.USERS, entities.ROLES),
    8: (entities.CHANNELS,),
}
SINGLE = (TEXT_INPUT, RADIO, CHECKBOX)


@dataclass
class Filled:
    """A modal's components as the wire wants them, the files among them, and what Discord tells of the rest."""

    components: list[JSON] = field(default_factory=list)
    files: list[Attachment] = field(default_factory=list)
    resolved: JSON = field(default_factory=dict)


def shown(interaction: Interaction) -> JSON:
    """The modal that an interaction opened, each of its components numbered."""
    assert interaction.modal is not None
    told = {key: copy.deepcopy(interaction.modal.get(key)) for key in ("title", "custom_id", "components")}
    components: list[JSON] = told["components"] or []
    taken = {item.get("id") for item in kinds.walk(components)}
    fresh = (number for number in count(1) if number not in taken)
    for item in kinds.walk(components):
        item["id"] = item.get("id") or next(fresh)
        # What was sent as null is the same as nothing.
        for key in [key for key, value in item.items() if value is None]:
            del item[key]
    return told


def check_choice(state: State, place: Channel, component: JSON, values: list[str]) -> JSON:
    """The `resolved` of what was chosen in a select menu; raises ClientRefused if it doesn't take that."""
    if component["type"] not in kinds.SELECTS:
        raise ClientRefused("That is no menu.")
    _check_count(component, values)
    if component["type"] in ENTITIES:
        types = component.get("channel_types")
        return entities.resolve(state, place, values, ENTITIES[component["type"]], types=types)
    _check_options(component, values)
    return {}


def read(state: State, opened: Interaction, given: list[JSON]) -> Filled:
    """Check what was filled in; raises ClientRefused for what a client would not send.

    What the page left out counts as empty.
    """
    values = {item["custom_id"]: item for item in kinds.walk(given) if "custom_id" in item}
    filled = Filled()
    for item in shown(opened)["components"]:
        told = {"type": item["type"], "id": item["id"]}
        if item["type"] == LABEL:
            told["component"] = _input(state, opened.channel, item["component"], item["label"], values, filled)
        elif item["type"] == ROW:
            inside = item["components"][0]
            told["components"] = [_input(state, opened.channel, inside, inside["label"], values, filled)]
        filled.components.append(told)
    return filled


def _input(state: State, place: Channel, item: JSON, label: str, values: JSON, filled: Filled) -> JSON:
    entry = values.get(item["custom_id"]) or {}
    told = {key: item[key] for key in ("type", "id", "custom_id")}
    if item["type"] in SINGLE:
        return told | {"value": _single(item, label, entry.get("value"))}
    chosen = [str(value) for value in entry.get("values") or []]
    if not chosen and not item.get("required", True):
        return told | {"values": []}
    _check_count(item, chosen, label)
    if item["type"] == UPLOAD:
        files = [state.attachments.get(key) for key in chosen]
        if None in files:
            raise ClientRefused(f"{label} takes files.")
        filled.files += [file for file in files if file is not None]
    elif item["type"] in ENTITIES:
        more = entities.resolve(state, place, chosen, ENTITIES[item["type"]], types=item.get("channel_types"))
        entities.merge(filled.resolved, more)
    else:
        _check_options(item, chosen)
    return told | {"values": chosen}


def _single(item: JSON, label: str, value: Any) -> Any:
    if item["type"] == CHECKBOX:
        return bool(value)
    if not value:
        if item.get("required", True):
            raise ClientRefused(f"{label} is required.")
        return "" if item["type"] == TEXT_INPUT else None
    if item["type"] == RADIO:
        _check_options(item, [str(value)])
        return str(value)
    low, high = item.get("min_length") or 0, item.get("max_length") or 4000
    if not low <= len(str(value)) <= high:
        raise ClientRefused(f"{label} takes {low} to {high} characters, not {len(str(value))}.")
    return str(value)


def _check_count(item: JSON, chosen: list[str], label: str | None = None) -> None:
    most = len(item.get("options") or ()) if item["type"] == CHECKBOXES else 1
    low, high = item.get("min_values", 1), item.get("max_values", most)
    if not low <= len(chosen) <= high or len(set(chosen)) != len(chosen):
        wanted = str(low) if low == high else f"{low} to {high}"
        raise ClientRefused(f"{label or 'The menu'} takes {wanted}, not {len(chosen)}.")


def _check_options(item: JSON, chosen: list[str]) -> None:
    offered = {option["value"] for option in item.get("options") or []}
    if not offered.issuperset(chosen):
        raise ClientRefused("This choice isn't offered any more.")
