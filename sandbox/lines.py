"""A typed line as a client reads it: which option gets which words."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from sandbox.errors import reason
from sandbox.town import ClientRefused, Upload
from sandbox.town.options import ATTACHMENT, BOOLEAN, INTEGER, NUMBER, STRING

JSON = dict[str, Any]
TRUE, FALSE = frozenset({"true", "yes", "on", "1"}), frozenset({"false", "no", "off", "0"})


def read_options(declared: list[JSON], words: str) -> dict[str, Any]:
    """The options of a command line: `name:value` up to the next such name, and what stands before for the main one.

    An attachment's value is a path. Raises ClientRefused for words that fit nowhere and for an unreadable file.
    """
    by_name = {option["name"]: option for option in declared}
    given: dict[str, str] = {}
    if by_name:
        parts = re.split(rf"(?<!\S)({'|'.join(map(re.escape, by_name))}):", words)
        given = {name: value.strip() for name, value in zip(parts[1::2], parts[2::2], strict=True)}
        words = parts[0].strip()
    if words:
        main = main_option(declared)
        if main is None or main in given:
            raise ClientRefused(f"nothing here takes {words!r}")
        given[main] = words
    return {name.replace("-", "_"): _value(by_name[name], value) for name, value in given.items()}


def main_option(declared: list[JSON]) -> str | None:
    """The option that words without a name go to: the first required one, else the first that takes text, else any."""
    required = [option["name"] for option in declared if option.get("required")]
    textual = [option["name"] for option in declared if option["type"] == STRING]
    return next(iter([*required, *textual, *(option["name"] for option in declared)]), None)


def attachment_option(declared: list[JSON]) -> str | None:
    """The first option that takes a file."""
    return next((option["name"] for option in declared if option["type"] == ATTACHMENT), None)


def _value(option: JSON, words: str) -> Any:
    kind = option["type"]
    if kind == ATTACHMENT:
        return _file(words)
    try:
        if kind == BOOLEAN:
            if words.casefold() not in TRUE | FALSE:
                raise ClientRefused(f"{option['name']} takes true or false, not {words!r}")
            return words.casefold() in TRUE
        return int(words) if kind == INTEGER else float(words) if kind == NUMBER else words
    except ValueError:
        raise ClientRefused(f"{option['name']} takes a number, not {words!r}") from None


def _file(words: str) -> Upload:
    # Not `Path.expanduser`, which raises where there is no such home.
    path = Path(os.path.expanduser(words))  # noqa: PTH111
    try:
        return Upload(path.read_bytes(), path.name)
    except OSError as error:
        raise ClientRefused(f"the file can't be read: {reason(error)}") from None
    except ValueError:
        raise ClientRefused(f"{words!r} can be no file's name") from None
