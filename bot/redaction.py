"""Keeping secrets and forgeries out of what people read: tokens blotted out, control characters shown as what they are."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import quote

from pydantic import SecretStr

SHORTEST = 6  # characters of a secret; what is shorter is no token, and would blot out every second word
LONG = 24  # characters of a token from which a part of it is recognized
PART = 12  # characters of such a part, at a token's beginning
MASK = "[redacted]"
_LOOKALIKE = re.compile(r"(?<![\w.-])(?=[\w.-]*\d)(?=[\w.-]*[A-Za-z])[\w.-]{24,}")


class Redactor:
    """Blots out known secrets, in the ways in which a service may echo them: as they are, escaped, quoted, cut short."""

    def __init__(self, secrets: Iterable[SecretStr] = ()) -> None:
        known = {each for each in (secret.get_secret_value() for secret in secrets) if len(each) >= SHORTEST}
        forms = known | {json.dumps(each)[1:-1] for each in known} | {each.replace("/", "\\/") for each in known}
        forms |= {quote(each, safe="") for each in known}
        patterns = [re.escape(each) for each in sorted(forms, key=len, reverse=True)]
        patterns += [re.escape(each[:PART]) + r"[\w.*…-]*" for each in sorted(known) if len(each) >= LONG]
        self._secrets = re.compile("|".join(patterns)) if patterns else None
        self._bytes = re.compile("|".join(patterns).encode()) if patterns else None

    def text(self, text: str) -> str:
        """The text without any of the secrets."""
        return self._secrets.sub(MASK, text) if self._secrets else text

    def data(self, data: bytes) -> bytes:
        """The same for text that is not decoded yet."""
        return self._bytes.sub(MASK.encode(), data) if self._bytes else data


def hide_lookalikes(text: str) -> str:
    """The text without anything that looks like a token: a setting may hold one that belongs to another."""
    return _LOOKALIKE.sub("[not shown: it looks like a token]", text)


def printable(text: str, limit: int) -> str:
    """One line of at most `limit` characters: what would break it, colour it or turn it around is shown escaped."""
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    if cut.isprintable():
        return cut
    return "".join(each if each.isprintable() else _escaped(each) for each in cut)


def _escaped(character: str) -> str:
    if unicodedata.category(character) == "Zs":  # an odd space is still a space
        return character
    return character.encode("unicode_escape", "backslashreplace").decode("ascii")
