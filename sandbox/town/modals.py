"""A modal as a person fills it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from .errors import ClientRefused

if TYPE_CHECKING:
    from sandbox.discord.model import Interaction

JSON = dict[str, Any]
R = TypeVar("R", covariant=True)
ROW, TEXT_INPUT, TEXT, LABEL, UPLOAD, RADIO, CHECKBOXES, CHECKBOX = 1, 4, 10, 18, 19, 21, 22, 23


@dataclass
class Field:
    """An input: what stands above it, and what is in it now."""

    label: str
    custom_id: str
    value: Any
    raw: JSON = field(repr=False)

    def called(self, name: str) -> bool:
        """Whether `name` is its custom_id or label; spaces and case don't matter."""
        return name in (self.custom_id, self.label) or _plain(name) in (_plain(self.custom_id), _plain(self.label))


class Submit(Protocol[R]):
    """Sends what was filled in."""

    async def __call__(self, components: list[JSON], *, twice: bool, answered: bool) -> R:
        """What came of it."""


class Modal(Generic[R]):
    """An open modal; it can be submitted, and what was prefilled is kept."""

    def __init__(self, opened: Interaction, submit: Submit[R]) -> None:
        assert opened.modal is not None
        self.title: str = opened.modal["title"]
        self.custom_id: str = opened.modal["custom_id"]
        self.fields: list[Field] = [_field(label, item) for label, item in _inputs(opened.modal["components"])]
        self._opened = opened
        self._submit = submit

    @property
    def text(self) -> str:
        """Title and labels, one a line."""
        return "\n".join([self.title, *(entry.label for entry in self.fields)])

    def field(self, name: str) -> Field:
        """The input of this label or custom_id."""
        for entry in self.fields:
            if entry.called(name):
                return entry
        raise AssertionError(f"no input {name!r} in {self.title!r}; it has {[entry.label for entry in self.fields]}")

    async def submit(
        self, values: dict[str, Any] | None = None, *, twice: bool = False, answered: bool = True, **more: Any
    ) -> R:
        """Fill in by label or custom_id, and send; raises `ClientRefused` if the client would not."""
        filled = {entry.custom_id: entry.value for entry in self.fields}
        for name, value in ((values or {}) | more).items():
            filled[self.field(name).custom_id] = value
        for entry in self.fields:
            _check(entry, filled[entry.custom_id])
        assert self._opened.modal is not None
        components = [_submitted(item, filled, number) for number, item in enumerate(self._opened.modal["components"], 1)]
        return await self._submit(components, twice=twice, answered=answered)


def _plain(name: str) -> str:
    return re.sub(r"\W+", "_", name.casefold()).strip("_")


def _inputs(components: list[JSON]) -> list[tuple[str, JSON]]:
    found = []
    for item in components:
        if item["type"] == LABEL:
            found.append((item["label"], item["component"]))
        elif item["type"] == ROW:
            found.append((item["components"][0]["label"], item["components"][0]))
    return found


def _field(label: str, item: JSON) -> Field:
    chosen = [entry["value"] for entry in item.get("options") or [] if entry.get("default")]
    if item["type"] == TEXT_INPUT:
        value: Any = item.get("value") or ""
    elif item["type"] == CHECKBOX:
        value = bool(item.get("default"))
    else:
        value = (chosen[0] if chosen else None) if item["type"] == RADIO else chosen
    return Field(label, item["custom_id"], value, item)


def _check(entry: Field, value: Any) -> None:
    required = entry.raw.get("required", True)
    if required and not value and entry.raw["type"] != CHECKBOX:
        raise ClientRefused(f"{entry.label} is required")
    if entry.raw["type"] == TEXT_INPUT and value:
        low, high = entry.raw.get("min_length") or 0, entry.raw.get("max_length") or 4000
        if not low <= len(value) <= high:
            raise ClientRefused(f"{entry.label} takes {low} to {high} characters, not {len(value)}")


def _submitted(item: JSON, filled: JSON, number: int) -> JSON:
    if item["type"] == LABEL:
        return {"type": LABEL, "id": number, "component": _value(item["component"], filled, 100 + number)}
    if item["type"] == ROW:
        return {"type": ROW, "id": number, "components": [_value(item["components"][0], filled, 100 + number)]}
    return {"type": TEXT, "id": number}


def _value(item: JSON, filled: JSON, number: int) -> JSON:
    key = "value" if item["type"] in (TEXT_INPUT, RADIO, CHECKBOX) else "values"
    return {"type": item["type"], "id": number, "custom_id": item["custom_id"], key: filled[item["custom_id"]]}
