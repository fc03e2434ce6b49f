"""What a probe finds out: facts as rows, and a verdict for each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

_CODE = re.compile(r"[A-Za-z][A-Za-z_]{0,39}")
_HOST = re.compile(r"[a-z0-9][a-z0-9.-]{0,80}")
_TYPE = re.compile(r"[A-Za-z]+/[A-Za-z.+-]{1,40}")


class Verdict(StrEnum):
    """What became of a fact; one that is unclear was asked for, and no usable answer came."""

    AS_ASSUMED = "as assumed"
    DIFFERS = "differs"
    NOT_TESTED = "not tested"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict, and in a few words what was found, or why nothing was: never what only this account can know."""

    verdict: Verdict
    found: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What Easel takes for granted, and what it does if that is not so; both end up in a report for anybody."""

    name: str
    assumes: str
    otherwise: str


def compared(found: str, *, as_assumed: bool) -> Finding:
    """A finding of something that was seen."""
    return Finding(Verdict.AS_ASSUMED if as_assumed else Verdict.DIFFERS, found)


def not_tested(why: str) -> Finding:
    """Nothing was asked, or nothing that would tell."""
    return Finding(Verdict.NOT_TESTED, why)


def unclear(why: str) -> Finding:
    """It was asked for in vain."""
    return Finding(Verdict.UNCLEAR, why)


def word(value: Any) -> str:
    """A code or a field's name that the service told, if it is a mere word; else nothing of it is shown."""
    return value if isinstance(value, str) and _CODE.fullmatch(value) else "(not shown)"


def media_type(value: str) -> str:
    """A content type, likewise."""
    return value if _TYPE.fullmatch(value) else "(not shown)"


def host(value: str | None) -> str:
    """A host's name, likewise."""
    return value if value and _HOST.fullmatch(value) else "a host"


def kind(value: Any) -> str:
    """What JSON calls the type of a value."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "a boolean"
    names = {int: "a number", float: "a number", str: "text", list: "a list", dict: "an object"}
    return names.get(type(value), "something odd")
