"""What Discord refuses, and in which words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

REFUSALS = {
    0: (401, "401: Unauthorized"),
    10002: (404, "Unknown Application"),
    10003: (404, "Unknown Channel"),
    10004: (404, "Unknown Guild"),
    10008: (404, "Unknown Message"),
    10013: (404, "Unknown User"),
    10015: (404, "Unknown Webhook"),
    10062: (404, "Unknown interaction"),
    10063: (404, "Unknown application command"),
    20012: (403, "You are not authorized to perform this action on this application"),
    30046: (429, "Maximum number of edits to messages older than 1 hour reached. Try again later"),
    30034: (429, "Max number of daily application command creates has been reached"),
    30040: (400, "Maximum number of application commands reached"),
    40005: (413, "Request entity too large"),
    40060: (400, "Interaction has already been acknowledged."),
    40094: (400, "This interaction has reached the maximum number of follow-up messages."),
    50001: (403, "Missing Access"),
    50005: (403, "Cannot edit a message authored by another user"),
    50006: (400, "Cannot send an empty message"),
    50007: (403, "Cannot send messages to this user"),
    50013: (403, "Missing Permissions"),
    50016: (
        400,
        "Provided too few or too many messages to delete. Must provide at least 2 and fewer than 100 messages to delete",
    ),
    50024: (403, "Cannot execute action on this channel type"),
    50027: (401, "Invalid Webhook Token"),
    50034: (400, "A message provided was too old to bulk delete"),
    50035: (400, "Invalid Form Body"),
    50109: (400, "The request body contains invalid JSON."),
    50240: (
        400,
        "You cannot remove this app's Entry Point command in a bulk update operation. "
        "Please include the Entry Point command in your update request or delete it separately.",
    ),
    160002: (403, "Cannot reply without permission to read message history"),
}


class Refusal(Exception):
    """A request that Discord answers with an error: HTTP status, JSON error code, words, tree of fields."""

    def __init__(self, code: int, errors: dict[str, Any] | None = None) -> None:
        self.status, self.message = REFUSALS[code]
        self.code = code
        self.errors = errors
        super().__init__(f"{self.status}/{code}: {self.message}")

    @property
    def body(self) -> dict[str, Any]:
        """The JSON body of the answer."""
        body: dict[str, Any] = {"message": self.message, "code": self.code}
        return body | ({"errors": self.errors} if self.errors else {})


class Form:
    """Collects what is wrong with a form body, field by field, as Discord's `errors` tree."""

    def __init__(self) -> None:
        self._tree: dict[str, Any] = {}

    def refuse(self, path: Iterable[str | int], code: str, message: str) -> None:
        """Note that the field at `path` is wrong; a field's own fault hides those inside it."""
        node = self._tree
        for key in path:
            if "_errors" in node:
                return
            node = node.setdefault(str(key), {})
        if "_errors" not in node:
            node.clear()
        node.setdefault("_errors", []).append({"code": code, "message": message})

    def length(self, path: Iterable[str | int], value: Any, low: int, high: int) -> bool:
        """Refuse a string or list whose length is out of range; False then."""
        size = len(value) if isinstance(value, str | list) else 0
        if low <= size <= high:
            return True
        if size > high:
            self.refuse(path, "BASE_TYPE_MAX_LENGTH", f"Must be {high} or fewer in length.")
        elif not size:
            self.refuse(path, "BASE_TYPE_REQUIRED", "This field is required")
        else:
            self.refuse(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {low} and {high} in length.")
        return False

    def raise_refused(self) -> None:
        """Raise the `Refusal` (50035) if anything was noted."""
        if self._tree:
            raise Refusal(50035, self._tree)
