"""Application commands: what Discord allows of them, and where they are kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .errors import Form, Refusal

if TYPE_CHECKING:
    from .state import State

JSON = dict[str, Any]
Path = tuple[str | int, ...]
CHAT_INPUT, ON_USER, ON_MESSAGE, ENTRY_POINT = 1, 2, 3, 4
MOST = {CHAT_INPUT: 100, ON_USER: 15, ON_MESSAGE: 15, ENTRY_POINT: 1}
HANDLERS = BY_APPLICATION, BY_DISCORD = 1, 2
NAME = re.compile(r"^[-_'\w]{1,32}$")
SUB_COMMAND, SUB_GROUP, STRING = 1, 2, 3
WITH_CHOICES = (3, 4, 10)


class Commands:
    """The registered commands of each scope: None for everywhere, or a guild's id."""

    def __init__(self, state: State) -> None:
        self.state = state
        # False until the application has registered commands in this sandbox's life.
        self.registered = False

    def listing(self, scope: str | None) -> list[JSON]:
        """All of a scope's commands."""
        return list(self.state.commands.get(scope, {}).values())

    def add_entry_point(self) -> JSON:
        """What Discord makes by itself where an application is given Activities: the command that launches it."""
        words = {"name": "launch", "name_localizations": {"de": "starten"}, "description": "Launch Easel"}
        command = self._make(None, words | {"type": ENTRY_POINT, "handler": BY_DISCORD, "contexts": [0, 1, 2]}, None)
        self.state.commands[None][command["id"]] = command
        return command

    def get(self, scope: str | None, command_id: str) -> JSON:
        """One command; refuses 10063."""
        try:
            return self.state.commands.get(scope, {})[command_id]
        except KeyError:
            raise Refusal(10063) from None

    def overwrite(self, scope: str | None, bodies: Any) -> list[JSON]:
        """Replace all commands of all types; those whose name and type stay keep their ids."""
        if not isinstance(bodies, list):
            raise Refusal(50035, {"_errors": [{"code": "LIST_TYPE_CONVERT", "message": "Only iterables may be used."}]})
        form = Form()
        for index, body in enumerate(bodies):
            check(form, (index,), body, scope)
        keys = [_key(body) for body in bodies]
        for index, key in enumerate(keys):
            if key in keys[:index]:
                message = "Application command names must be unique"
                form.refuse((index, "name"), "APPLICATION_COMMANDS_DUPLICATE_NAME", message)
        form.raise_refused()
        if any(sum(kind == key[0] for key in keys) > most for kind, most in MOST.items()):
            raise Refusal(30040)
        old = {_key(command): command["id"] for command in self.listing(scope)}
        if any(kind == ENTRY_POINT for kind, _ in old) and not any(kind == ENTRY_POINT for kind, _ in keys):
            raise Refusal(50240)
        made = [self._make(scope, body, old.get(_key(body))) for body in bodies]
        self.state.commands[scope] = {command["id"]: command for command in made}
        self._changed()
        return made

    def create(self, scope: str | None, body: JSON) -> tuple[JSON, bool]:
        """Add a command, or replace the one of the same type and name; the second value tells which."""
        form = Form()
        check(form, (), body, scope)
        form.raise_refused()
        kept = self.state.commands.setdefault(scope, {})
        old = next((command["id"] for command in kept.values() if _key(command) == _key(body)), None)
        if old is None and sum(_key(command)[0] == _key(body)[0] for command in kept.values()) >= MOST[_key(body)[0]]:
            raise Refusal(30040)
        command = self._make(scope, body, old)
        kept[command["id"]] = command
        self._changed()
        return command, old is None

    def change(self, scope: str | None, command_id: str, body: JSON) -> JSON:
        """Replace the given fields of a command."""
        merged = self.get(scope, command_id) | body
        form = Form()
        check(form, (), merged, scope)
        form.raise_refused()
        command = self._make(scope, merged, command_id)
        self.state.commands[scope][command_id] = command
        self._changed()
        return command

    def remove(self, scope: str | None, command_id: str) -> None:
        """Take a command away."""
        self.get(scope, command_id)
        del self.state.commands[scope][command_id]
        self._changed()

    def _changed(self) -> None:
        self.registered = True
        self.state.bell.ring()

    def _make(self, scope: str | None, body: JSON, command_id: str | None) -> JSON:
        permissions = body.get("default_member_permissions")
        command: JSON = {
            "id": command_id or self.state.new_id(),
            "application_id": self.state.application_id,
            "version": self.state.new_id(),
            "type": body.get("type") or CHAT_INPUT,
            "name": body["name"],
            "name_localizations": body.get("name_localizations"),
            "description": body.get("description") or "",
            "description_localizations": body.get("description_localizations"),
            "default_member_permissions": str(permissions) if permissions is not None else None,
            "nsfw": bool(body.get("nsfw")),
        }
        if body.get("options"):
            command["options"] = body["options"]
        if command["type"] == ENTRY_POINT:
            command["handler"] = body.get("handler") or BY_APPLICATION
        if scope is not None:
            return command | {"guild_id": scope}
        return command | {
            "dm_permission": body.get("dm_permission") is not False,
            "contexts": body.get("contexts"),
            "integration_types": body.get("integration_types") or [0, 1],
        }


def listed(command: JSON) -> JSON:
    """A command as the list of all has it, unless a request asks for localizations too."""
    return {key: value for key, value in command.items() if not key.endswith("_localizations")}


def _key(body: JSON) -> tuple[int, str]:
    return body.get("type") or CHAT_INPUT, body["name"]


def check(form: Form, path: Path, body: Any, scope: str | None = None) -> None:
    """Note in `form` whatever Discord would refuse of a command."""
    if not isinstance(body, dict):
        form.refuse(path, "DICT_TYPE_CONVERT", "Only dictionaries may be used.")
        return
    kind = body.get("type") or CHAT_INPUT
    if kind == ENTRY_POINT:
        _check_entry_point(form, path, body, scope)
        return
    if "handler" in body:
        form.refuse((*path, "handler"), "APPLICATION_COMMAND_FIELD_NOT_ALLOWED", "Only an Entry Point command has a handler")
    if kind != CHAT_INPUT:
        form.length((*path, "name"), body.get("name"), 1, 32)
        for key in ("description", "options"):
            if body.get(key):
                form.refuse(
                    (*path, key), "APPLICATION_COMMAND_FIELD_NOT_ALLOWED", "Context menu commands cannot have this field"
                )
        return
    _check_name(form, path, body)
    _check_options(form, (*path, "options"), body.get("options") or [])
    if _characters(body) > 8000:
        form.refuse(path, "APPLICATION_COMMAND_TOO_LARGE", "Command exceeds maximum size (8000)")


def _check_entry_point(form: Form, path: Path, body: JSON, scope: str | None) -> None:
    form.length((*path, "name"), body.get("name"), 1, 32)
    if body.get("description"):
        form.length((*path, "description"), body["description"], 1, 100)
    if scope is not None:
        form.refuse((*path, "type"), "BASE_TYPE_CHOICES", "An Entry Point command is a global one.")
    if body.get("options"):
        form.refuse((*path, "options"), "APPLICATION_COMMAND_FIELD_NOT_ALLOWED", "An Entry Point command has no options")
    if (body.get("handler") or BY_APPLICATION) not in HANDLERS:
        form.refuse((*path, "handler"), "BASE_TYPE_CHOICES", f"Value must be one of {HANDLERS}.")


def _check_name(form: Form, path: Path, body: JSON) -> None:
    name = body.get("name")
    if form.length((*path, "name"), name, 1, 32):
        _check_spelling(form, (*path, "name"), str(name))
    form.length((*path, "description"), body.get("description"), 1, 100)
    for locale, text in (body.get("name_localizations") or {}).items():
        _check_spelling(form, (*path, "name_localizations", locale), text)
    for locale, text in (body.get("description_localizations") or {}).items():
        form.length((*path, "description_localizations", locale), text, 1, 100)


def _check_spelling(form: Form, path: Path, name: str) -> None:
    if not NAME.match(name) or name != name.lower():
        form.refuse(path, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def _check_options(form: Form, path: Path, options: list[JSON]) -> None:
    form.length(path, options, 0, 25)
    names: set[str] = set()
    optional = False
    for index, option in enumerate(options):
        where = (*path, index)
        _check_name(form, where, option)
        if option.get("name") in names:
            form.refuse((*where, "name"), "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", "Option names must be unique")
        names.add(str(option.get("name")))
        kind = option.get("type")
        if kind in (SUB_COMMAND, SUB_GROUP):
            _check_options(form, (*where, "options"), option.get("options") or [])
            continue
        if kind not in range(3, 12):
            form.refuse((*where, "type"), "BASE_TYPE_CHOICES", "Value must be an option type.")
        if option.get("required") and optional:
            message = "Required options must be placed before non-required options"
            form.refuse((*where, "required"), "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message)
        optional |= not option.get("required")
        _check_choices(form, where, option)


def _check_choices(form: Form, path: Path, option: JSON) -> None:
    choices = option.get("choices") or []
    form.length((*path, "choices"), choices, 0, 25)
    if choices and (option.get("autocomplete") or option.get("type") not in WITH_CHOICES):
        form.refuse((*path, "choices"), "APPLICATION_COMMAND_OPTION_CHOICES_NOT_ALLOWED", "Choices are not allowed here")
    names: set[str] = set()
    for index, choice in enumerate(choices):
        form.length((*path, "choices", index, "name"), choice.get("name"), 1, 100)
        if option.get("type") == STRING:
            form.length((*path, "choices", index, "value"), choice.get("value"), 1, 100)
        if choice.get("name") in names:
            message = "Choice names must be unique"
            form.refuse((*path, "choices", index, "name"), "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_ALREADY_EXISTS", message)
        names.add(str(choice.get("name")))
    for low, high, most in (("min_length", "max_length", 6000),):
        if not 0 <= option.get(low, 0) <= most or not 1 <= option.get(high, most) <= most:
            form.refuse((*path, high), "NUMBER_TYPE_RANGE", f"Value must be between 1 and {most}.")


def _characters(body: JSON) -> int:
    """Name, description and value properties, the longest localization of each counted."""
    total = 0
    for key in ("name", "description"):
        total += max(len(text) for text in [str(body.get(key) or ""), *(body.get(f"{key}_localizations") or {}).values()])
    total += sum(_characters(option) for option in body.get("options") or [] if isinstance(option, dict))
    return total + sum(len(str(c.get("name"))) + len(str(c.get("value"))) for c in body.get("choices") or [])
