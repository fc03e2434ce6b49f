"""What a press carries: everything its handler needs, in at most 100 characters.

    e1:a:<action>:<image_id>     run this action on this picture
    e1:o:<operation>:<key>       everything else; an action that doesn't fit above is `action` with its row's key

A button lives as long as its message, so what was written once must be understood for ever: a new form gets a new
prefix beside `e1`, and the old one stays.
"""

from __future__ import annotations

from dataclasses import dataclass

LIMIT = 100
_ACTION = "e1:a:"
_OPERATION = "e1:o:"


@dataclass(frozen=True, slots=True)
class ActionPressed:
    """Run `action` on the picture `image_id`."""

    action: str
    image_id: str


@dataclass(frozen=True, slots=True)
class OperationPressed:
    """Do `operation`; what `key` means is the operation's own matter, mostly a job's id."""

    operation: str
    key: str


Pressed = ActionPressed | OperationPressed


def action_id(action: str, image_id: str, *, key: str) -> str:
    """The custom id that runs `action` on `image_id`.

    `key` (`<job id>.<index of the action in the result's actions>`) stands in if the two don't fit, or would
    not come back as they were sent. Raises ValueError if the key can't be carried either.
    """
    custom_id = f"{_ACTION}{action}:{image_id}"
    if parse(custom_id) == ActionPressed(action, image_id) and _survives(action) and _survives(image_id) and _fits(custom_id):
        return custom_id
    return operation_id("action", key)


def operation_id(operation: str, key: str = "") -> str:
    """The custom id of anything that is no action. Raises ValueError if it could not be read back."""
    custom_id = f"{_OPERATION}{operation}:{key}"
    survives = _survives(operation) and (not key or _survives(key))
    if not survives or not _fits(custom_id) or parse(custom_id) != OperationPressed(operation, key):
        raise ValueError(f"{custom_id!r} cannot be a custom id")
    return custom_id


def parse(custom_id: str) -> Pressed | None:
    """What a custom id means, or None if it is none of ours, or of a form that is no longer known."""
    if custom_id.startswith(_ACTION):
        action, _, image_id = custom_id.removeprefix(_ACTION).partition(":")
        known = action and image_id and ":" not in image_id
        return ActionPressed(action, image_id) if known else None
    if custom_id.startswith(_OPERATION):
        operation, colon, key = custom_id.removeprefix(_OPERATION).partition(":")
        return OperationPressed(operation, key) if operation and colon else None
    return None


def _survives(part: str) -> bool:
    """Whether Discord hands it back unchanged: nothing invisible, nothing that trimming would take."""
    return part.isprintable() and part == part.strip() and part != ""


def _fits(custom_id: str) -> bool:
    """Counted in UTF-16 units, the strictest way of counting what Discord calls characters."""
    return len(custom_id.encode("utf-16-le")) // 2 <= LIMIT
