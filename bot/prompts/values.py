"""The value of one parameter: its form, its range, and its normal spelling."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import TYPE_CHECKING

from bot.prompts.capabilities import MAX_RATIO, Capability, ValueType
from bot.prompts.cleaning import DASHES, is_punctuation
from bot.prompts.errors import PromptError, cut
from bot.prompts.prompt import Parameter
from bot.prompts.urls import looks_like_url, read_link
from bot.text import Text, _, any_of

if TYPE_CHECKING:
    from collections.abc import Callable

_RATIO = re.compile(r"([0-9]+) ?[:x×/∶] ?([0-9]+)", re.IGNORECASE)
_RATIO_PART = re.compile(r"[0-9:x×/∶]+", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
_WEIGHT = re.compile(r"(.+?)(::[0-9]*\.?[0-9]+)?")
_CODE = re.compile(r"\w{1,64}", re.ASCII)


def check_parameter(capability: Capability, typed: str, words: tuple[str, ...]) -> Parameter:
    """Return the parameter with its values in normal spelling; `typed` is the name as it stood there, with dashes.

    Raises PromptError if a value is missing, of the wrong kind, out of range, or followed by something else.
    """
    check_usable(capability, typed)
    values = tuple(word for word in words if not is_punctuation(word))
    if not values and capability.takes not in (ValueType.FLAG, ValueType.CODES):
        raise _missing(capability, typed)
    parameter = _READERS[capability.takes](capability, typed, values)
    if capability.name == "style" and parameter.values == ("raw",):  # the older spelling
        return Parameter("raw")
    return parameter


def check_usable(capability: Capability, typed: str) -> None:
    """Raise PromptError for a parameter that this bot can't take at all."""
    if capability.refusal:
        raise PromptError(_("“{parameter}” can't be used here.", parameter=cut(typed)), capability.refusal)


def read_ratio(value: str) -> tuple[int, int]:
    """Return W and H of `W:H`, also if it is written 16x9 or 16/9. Raises PromptError."""
    ratio = cut(value)
    value = unicodedata.normalize("NFKC", value)
    found = _RATIO.fullmatch(value.strip())
    if found is None:
        problem = _("“{ratio}” is no aspect ratio.", ratio=ratio)
        raise PromptError(problem, _("Write two whole numbers with a colon, like {example}.", example="16:9"))
    width, height = _whole(found[1]), _whole(found[2])
    if not width or not height:
        problem = _("The aspect ratio “{ratio}” has a zero in it.", ratio=ratio)
        raise PromptError(problem, _("Both numbers must be 1 or more, like {example}.", example="16:9"))
    if max(width, height) > MAX_RATIO * min(width, height):
        bounds = _("It may go from {tallest} to {widest}.", tallest=f"1:{MAX_RATIO}", widest=f"{MAX_RATIO}:1")
        raise PromptError(_("The aspect ratio “{ratio}” is too narrow.", ratio=ratio), bounds)
    return width, height


def read_choice(value: str, choices: tuple[str, ...]) -> str | None:
    """Return which of the choices this is, where numbers may be spelled differently (`8.0`, `.5`), or None."""
    value = unicodedata.normalize("NFKC", value).casefold()
    if value in choices:
        return value
    return next((each for each in choices if _number(each) is not None and _number(each) == _number(value)), None)


def _flag(capability: Capability, typed: str, values: tuple[str, ...]) -> Parameter:
    if values:
        words = cut(" ".join(values))
        problem = _("“{parameter}” takes no value, but “{words}” follows it.", parameter=cut(typed), words=words)
        raise PromptError(problem, _order(typed))
    return Parameter(capability.name)


def _ratio(capability: Capability, typed: str, values: tuple[str, ...]) -> Parameter:
    folded = [unicodedata.normalize("NFKC", each) for each in values]
    if len(values) > 1 and all(_RATIO_PART.fullmatch(each) for each in folded):  # 16 : 9
        joined = "".join(folded)
        values = (joined,) if _RATIO.fullmatch(joined) else values
    width, height = read_ratio(_only(typed, values, lambda value: bool(read_ratio(value))))
    return Parameter(capability.name, (f"{width}:{height}",))


def _numeric(capability: Capability, typed: str, values: tuple[str, ...]) -> Parameter:
    def fits(value: str) -> bool:
        number = _number(unicodedata.normalize("NFKC", value))
        whole = capability.takes is ValueType.WHOLE
        if number is None or (whole and number != number.to_integral_value()):
            raise _unfit(typed, value, _right(capability))
        if not capability.low <= number <= capability.high:
            problem = _("“{value}” is out of range for “{parameter}”.", value=cut(value), parameter=typed)
            raise PromptError(problem, _right(capability))
        return True

    number = _number(unicodedata.normalize("NFKC", _only(typed, values, fits)))
    return Parameter(capability.name, (_plain(number or Decimal(0)),))


def _choice(capability: Capability, typed: str, values: tuple[str, ...]) -> Parameter:
    def fits(value: str) -> bool:
        if read_choice(value, capability.choices) is None:
            raise _unfit(typed, value, _right(capability))
        return True

    return Parameter(capability.name, (read_choice(_only(typed, values, fits), capability.choices) or "",))


def _list(capability: Capability, typed: str, values: tuple[str, ...]) -> Parameter:
    if any(map(looks_like_url, values)):
        raise PromptError(_("“{parameter}” takes words, not links.", parameter=typed), _right(capability))
    items = " ".join(values).rstrip(" ,.;" + DASHES).split(",")
    kept = tuple(item for item in (each.lstrip(" " + DASHES).rstrip() for each in items) if item)
    if not kept:
        raise _missing(capability, typed)
    return Parameter(capability.name, kept)


def _style(capability: Capability, typed: str, values: tuple[str, ...]) -> Parameter:
    return Parameter(capability.name, tuple(_style_word(capability, typed, value.rstrip(",.;")) for value in values))


def _style_word(capability: Capability, typed: str, value: str) -> str:
    found = _WEIGHT.fullmatch(value)
    name, weight = (found[1], found[2] or "") if found else (value, "")
    if looks_like_url(name):
        return read_link(name) + weight
    name = unicodedata.normalize("NFKC", name).lower()
    if name == "random" or (name.isascii() and name.isdigit()):
        return name + weight
    raise _unfit(typed, value, _right(capability), _order(f"{typed} {capability.example}"))


def _image(capability: Capability, typed: str, values: tuple[str, ...]) -> Parameter:
    def fits(value: str) -> bool:
        if not looks_like_url(value):
            raise _unfit(typed, value, _right(capability))
        return bool(read_link(value))

    return Parameter(capability.name, (read_link(_only(typed, values, fits)),))


def _codes(capability: Capability, typed: str, values: tuple[str, ...]) -> Parameter:
    codes = tuple(value.rstrip(",.;") for value in values)
    for code in codes:
        found = _WEIGHT.fullmatch(code)
        if found is None or not _CODE.fullmatch(found[1]):
            raise _unfit(typed, code, _right(capability), _order(f"{typed} {capability.example}"))
    return Parameter(capability.name, codes)


_READERS: dict[ValueType, Callable[[Capability, str, tuple[str, ...]], Parameter]] = {
    ValueType.FLAG: _flag,
    ValueType.RATIO: _ratio,
    ValueType.WHOLE: _numeric,
    ValueType.NUMBER: _numeric,
    ValueType.CHOICE: _choice,
    ValueType.LIST: _list,
    ValueType.STYLE: _style,
    ValueType.IMAGE: _image,
    ValueType.CODES: _codes,
}


def _only(typed: str, values: tuple[str, ...], fits: Callable[[str], bool]) -> str:
    """Return the one value without the comma or full stop behind it; `fits` raises if it is none."""
    value = values[0].rstrip(",.;")
    fits(value)
    if len(values) > 1:
        said = f"{typed} {value}"
        problem = _("“{words}” stands after “{parameter}”.", words=cut(" ".join(values[1:])), parameter=cut(said))
        raise PromptError(problem, _order(said))
    return value


def _missing(capability: Capability, typed: str) -> PromptError:
    return PromptError(_("“{parameter}” needs a value.", parameter=cut(typed)), _right(capability))


def _unfit(typed: str, value: str, *right: Text) -> PromptError:
    return PromptError(_("“{parameter}” can't take “{value}”.", parameter=typed, value=cut(value)), *right)


def _order(said: str) -> Text:
    """Return where text goes, for a value that may be text in the wrong place."""
    if len(said) > 40:
        return _("All text goes first.")
    return _("All text goes before the first parameter, like “{example}”.", example=f"a red fox {said}")


def _right(capability: Capability) -> Text:
    """Return the sentence that says what this parameter takes, with an example."""
    example = f"--{capability.name} {capability.example}"
    low, high = int(capability.low), int(capability.high)
    match capability.takes:
        case ValueType.RATIO:
            return _("It takes a ratio of whole numbers, like “{example}”.", example=example)
        case ValueType.WHOLE:
            return _("It takes a whole number from {low} to {high}, like “{example}”.", low=low, high=high, example=example)
        case ValueType.NUMBER:
            return _("It takes a number from {low} to {high}, like “{example}”.", low=low, high=high, example=example)
        case ValueType.CHOICE:
            return _("It takes {choices}, like “{example}”.", choices=any_of(capability.choices), example=example)
        case ValueType.LIST:
            return _("It takes words, separated by commas, like “{example}”.", example=example)
        case ValueType.STYLE:
            return _(
                "It takes image links, numeric style codes or “{random}”, like “{example}”.", random="random", example=example
            )
        case ValueType.IMAGE:
            return _("It takes one image link, like “{example}”.", example=example)
        case _:  # profile codes, for of a switch there is no value to be told
            return _("It takes nothing or profile codes, like “{example}”.", example=example)


def _number(value: str) -> Decimal | None:
    return Decimal(value) if _NUMBER.fullmatch(value) else None


def _whole(digits: str) -> int:
    """Return a number of at most nine digits; a longer one is no ratio of anything."""
    digits = digits.lstrip("0")
    return int(digits or "0") if len(digits) <= 9 else 10**9


def _plain(number: Decimal) -> str:
    return f"{number.normalize() + 0:f}"
