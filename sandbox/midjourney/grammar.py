"""The prompt as the imitated service reads it: image URLs, text, parameters."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .errors import bad

FLAGS = frozenset({"raw", "tile", "hd", "sd", "draft", "fast", "relax", "turbo", "loop"})
LISTS = frozenset({"no", "sref", "cref", "oref", "p", "profile"})
VALUES = frozenset(
    [
        "ar",
        "aspect",
        "v",
        "version",
        "niji",
        "s",
        "stylize",
        "c",
        "chaos",
        "w",
        "weird",
        "q",
        "quality",
        "seed",
        "iw",
        "sw",
        "sv",
        "cw",
        "ow",
        "style",
        "exp",
        "stop",
        "r",
        "repeat",
        "motion",
        "end",
        "bs",
    ]
)
KNOWN = FLAGS | LISTS | VALUES
IMAGE_URLS = 5
FORBIDDEN = frozenset({"gore"})
_URL = re.compile(r"https?://\S+", re.IGNORECASE)
_PARAMETER = re.compile(r"-{1,2}[a-z]\w*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt taken apart; `parameters` maps long names as written to their values' text."""

    urls: tuple[str, ...]
    text: str
    parameters: dict[str, str]

    @property
    def ratio(self) -> float:
        """Width divided by height."""
        width, height = (int(part) for part in self._first("ar", "aspect", default="1:1").split(":"))
        return width / height

    @property
    def version(self) -> str | None:
        """The model version that the prompt asks for."""
        return self._first("v", "version", "niji", default="") or None

    @property
    def chosen(self) -> dict[str, str | bool]:
        """What it says that fields of a body may say again, by their names."""
        version, quality = self._first("v", "version", default=""), self._first("q", "quality", default="")
        said: dict[str, str | bool] = {name: value for name, value in (("version", version), ("quality", quality)) if value}
        if {"hd", "sd"} & self.parameters.keys():
            said["hd"] = "hd" in self.parameters
        return said

    def _first(self, *names: str, default: str) -> str:
        return next((self.parameters[name] for name in names if name in self.parameters), default)


def read(text: str) -> Prompt:
    """Take a prompt apart.

    Raises Refusal `bad_request` for unknown parameters, stray words after parameters, a broken `--ar`, too many
    image URLs, and a prompt with nothing to paint.
    """
    words = text.split()
    urls: list[str] = []
    while words and _URL.fullmatch(words[0]):
        urls.append(words.pop(0))
    start = next((index for index, word in enumerate(words) if word.startswith("--") and len(word) > 2), len(words))
    parameters = _parameters(words[start:])
    if len(urls) > IMAGE_URLS:
        raise bad(f"At most {IMAGE_URLS} image URLs are allowed.")
    if start == 0 and len(urls) < 2:
        raise bad("The prompt is empty." if not urls else "One image URL needs a text beside it.")
    return Prompt(tuple(urls), " ".join(words[:start]), parameters)


def _parameters(words: list[str]) -> dict[str, str]:
    """Names and values; raises Refusal for what is not known."""
    found: dict[str, list[str]] = {}
    unknown: list[str] = []
    name = ""
    for word in words:
        if _PARAMETER.fullmatch(word):
            name = word[2:].lower() if word.startswith("--") else ""
            if name in KNOWN:
                found.setdefault(name, [])
            else:
                unknown.append(word)
                name = ""
        elif name in LISTS or (name in VALUES and not found[name]):
            found[name].append(word)
        else:
            unknown.append(word)
    if unknown:
        raise bad("Unrecognized argument(s): " + ", ".join(f"`{word}`" for word in unknown))
    _check_values(found)
    return {key: " ".join(values) for key, values in found.items()}


def _check_values(found: dict[str, list[str]]) -> None:
    """Raises Refusal for a parameter without its value, and for a ratio that is none."""
    for name, values in found.items():
        if name in VALUES and not values:
            raise bad(f"Missing value for argument: `--{name}`")
        if name in {"ar", "aspect"} and not re.fullmatch(r"[1-9]\d{0,3}:[1-9]\d{0,3}", values[0]):
            raise bad(f"Invalid value for `--{name}`: `{values[0]}`")


def is_forbidden(text: str, words: frozenset[str] = FORBIDDEN) -> bool:
    """Whether moderation refuses the text: by whole words, so that "gr-ass" passes."""
    return bool(words.intersection(re.findall(r"\w+", text.lower())))
