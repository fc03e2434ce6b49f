"""Prompts that the service wrote itself: descriptions and translations, whose oddities are nobody's mistake."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.prompts.assembly import Built, build
from bot.prompts.capabilities import CAPABILITIES, MAX_IMAGES, MAX_PROMPT, NAMES, Capability
from bot.prompts.checks import weigh
from bot.prompts.cleaning import DASHES, LONG_DASHES, glued_name, mend_dashes, tidy
from bot.prompts.errors import PromptError
from bot.prompts.grammar import find, take_apart
from bot.prompts.models import model_of
from bot.prompts.prompt import Parameter, Prompt
from bot.prompts.urls import looks_like_url, read_link
from bot.prompts.values import check_parameter

_KEYCAP = re.compile(r"[0-9]\ufe0f?\u20e3 ?")  # Midjourney numbers its descriptions 1️⃣ to 4️⃣
_DASHED_WORD = re.compile(rf"(?<!\S)[{LONG_DASHES}]+(?=([A-Za-z]+))")
_WEIGHT = re.compile(r"::(?:-?[0-9.]+)?")
_ROOM = 300
"""Characters kept free while cutting, since normal forms may be longer than what was written."""


def build_from_service(text: str) -> Built:
    """Return what can be sent of a prompt that the service suggested, without what doesn't fit.

    Raises PromptError only if nothing is left to paint.
    """
    tidied = _KEYCAP.sub("", tidy(text), count=1) if _KEYCAP.match(tidy(text)) else tidy(text)
    try:
        return build(_part_dashes(tidied))
    except PromptError:
        pass
    cut = _cut(mend_dashes(_part_dashes(_cut(tidied).translate({ord("{"): None, ord("}"): None, ord("\\"): None}))))
    prompt = _repair(cut)
    try:
        return build(str(prompt))
    except PromptError:
        return build(prompt.text)


def _cut(text: str) -> str:
    """Cut overlong text at a word."""
    if len(text) <= MAX_PROMPT - _ROOM:
        return text
    return text[: MAX_PROMPT - _ROOM].rpartition(" ")[0] or text[: MAX_PROMPT - _ROOM]


def _part_dashes(text: str) -> str:
    """Put a space behind a dash that a word follows, unless the word is a parameter's name."""
    return _DASHED_WORD.sub(lambda found: found[0] if found[1].lower() in NAMES else f"{found[0]} ", text)


def _repair(cleaned: str) -> Prompt:
    draft = take_apart(cleaned)
    parameters: list[Parameter] = []
    words = list(draft.words)
    taken: set[str] = set()
    for typed, values in draft.parts:
        parameter, rest = _fit(typed, values)
        words += rest
        if parameter is None:
            continue
        capability = CAPABILITIES[parameter.name]
        keys = {capability.name, capability.group or capability.name}
        if not keys & taken:
            taken |= keys
            parameters.append(parameter)
    urls = tuple(url for url in (_try_url(each) for each in draft.image_urls) if url)[:MAX_IMAGES]
    prompt = Prompt(urls, _repair_text(words), tuple(parameters))
    model = model_of(prompt)
    return replace(prompt, parameters=tuple(each for each in parameters if not model.refuses(each)))


def _fit(typed: str, values: tuple[str, ...]) -> tuple[Parameter | None, tuple[str, ...]]:
    """Return the parameter, if it fits, and the words that don't belong to it."""
    try:
        capability: Capability = find(typed)
    except PromptError:
        return None, ()
    for length in dict.fromkeys((len(values), min(1, len(values)), 0)):
        try:
            return check_parameter(capability, typed, values[:length]), values[length:]
        except PromptError:
            continue
    return None, ()


def _try_url(url: str) -> str | None:
    try:
        return read_link(url)
    except PromptError:
        return None


def _repair_text(words: list[str]) -> str:
    kept = [_repair_word(word) for word in words if not looks_like_url(word)]
    text = " ".join(word for word in kept if word)
    total = weigh(text)
    return _WEIGHT.sub(" ", text).strip() if total is not None and not total > 0 else text


def _repair_word(word: str) -> str:
    """Take the dashes off that would make a parameter of a word."""
    while glued_name(word):
        word = re.sub(r"(?<=[^\s-])--+(?=[A-Za-z])", "-", word)
    return word.lstrip(DASHES) if word.startswith("-") else word
