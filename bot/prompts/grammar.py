"""Reading a prompt: image links, then text, then parameters."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING
from unicodedata import normalize

from bot.prompts.advice import advise
from bot.prompts.capabilities import CAPABILITIES, MAX_PROMPT, NAMES, Capability, ValueType
from bot.prompts.checks import check_together, check_words
from bot.prompts.cleaning import clean, is_punctuation
from bot.prompts.errors import PromptError, cut
from bot.prompts.models import check_model
from bot.prompts.prompt import Parameter, Prompt
from bot.prompts.urls import looks_like_url, read_link
from bot.prompts.values import check_parameter, check_usable
from bot.text import Text, _, _n, any_of

if TYPE_CHECKING:
    from collections.abc import Iterable

_LINK = re.compile(r"<?[a-z][a-z0-9+.\-]*:", re.IGNORECASE)
_NAME_AND_VALUE = re.compile(r"([a-z]+?)[=:]*([0-9].*|[=:].+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Draft:
    """A prompt taken apart and not yet checked; a part is a parameter's name as typed and the words behind it."""

    image_urls: tuple[str, ...]
    words: tuple[str, ...]
    parts: tuple[tuple[str, tuple[str, ...]], ...]


def parse(text: str) -> Prompt:
    """Return the prompt in its normal form, with warnings about what depends on the model version.

    Raises PromptError if it is empty or too long, or holds what Midjourney would not understand or the model refuses.
    """
    prompt = read(text)
    check_model(prompt)
    return replace(prompt, warnings=advise(prompt))


def read(text: str, *, attached: int = 0) -> Prompt:
    """Like `parse`, for a prompt that `attached` more images will be put in front of, whatever its model says of it."""
    cleaned = clean(text)
    check_length(len(cleaned))
    check_words(cleaned)
    draft = take_apart(cleaned)
    prompt = Prompt(
        image_urls=tuple(read_link(url) for url in draft.image_urls),
        text=" ".join(draft.words),
        parameters=_read_parameters(draft.parts),
    )
    check_together(prompt, attached)
    check_length(len(str(prompt)))
    return prompt


def check_length(length: int) -> None:
    """Raise PromptError if a prompt of this many characters is too long."""
    if length > MAX_PROMPT:
        raise PromptError(
            _n(
                "The prompt is too long: {n} character, and {most} is the most.",
                "The prompt is too long: {n} characters, and {most} is the most.",
                length,
                most=MAX_PROMPT,
            )
        )


def take_apart(cleaned: str) -> Draft:
    """Split clean text into image links, words and parameters; never fails."""
    words = cleaned.split(" ") if cleaned else []
    start = next((at for at, word in enumerate(words) if word.startswith("--")), len(words))
    head, tail = words[:start], words[start:]
    links = next((at for at, word in enumerate(head) if not (_is_link(word) or (at and is_punctuation(word)))), len(head))
    parts: list[tuple[str, tuple[str, ...]]] = []
    for word in tail:
        if word.startswith("--"):
            parts.append((word, ()))
        else:
            name, values = parts[-1]
            parts[-1] = (name, (*values, word))
    urls = tuple(word for word in head[:links] if not is_punctuation(word))
    return Draft(urls, tuple(head[links:]), tuple(parts))


def find(typed: str, words: Iterable[str] = ()) -> Capability:
    """Return the parameter that a word with dashes names. Raises PromptError if there is none like that."""
    name = normalize("NFKC", typed).lstrip("-").rstrip(",.;").lower()
    if not name:
        problem = _("“{dashes}” stands alone; the name of a parameter belongs right behind it.", dashes=typed[:5])
        raise PromptError(problem, _instead_of_dashes(next(iter(words), "").lower()))
    if name in NAMES:
        return NAMES[name]
    glued = _NAME_AND_VALUE.fullmatch(name)
    if glued and glued[1] in NAMES:
        capability = NAMES[glued[1]]
        check_usable(capability, typed)
        value = "" if capability.takes is ValueType.FLAG else f" {glued[2].lstrip('=:')[:40]}"
        problem = _("“{typed}” lacks a space.", typed=cut(typed))
        raise PromptError(problem, _("Write “{parameter}”.", parameter=f"--{glued[1]}{value}"))
    raise PromptError(_("“{typed}” is no parameter that Midjourney knows.", typed=cut(typed)), _suggestion(name, typed))


def _is_link(word: str) -> bool:
    return looks_like_url(word) and _LINK.match(normalize("NFKC", word)) is not None


def _instead_of_dashes(follows: str) -> Text:
    if follows in NAMES:
        return _("Write “{parameter}” without a space.", parameter=f"--{follows}")
    return _("Leave it out, write “-” if it is part of the text, or write a parameter like “--ar 16:9”.")


def _suggestion(name: str, typed: str) -> Text:
    usable = [each for each, capability in NAMES.items() if not capability.refusal]
    close = get_close_matches(name[:20], usable, n=2)
    if close:
        quoted = [_("“{word}”", word=f"--{each}") for each in close]
        return _("Did you mean {parameters}?", parameters=any_of(quoted))
    text = cut("- " + typed.lstrip("-"), 40)
    return _("If it is part of the text, write “{text}” before the first parameter.", text=text)


def _read_parameters(parts: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[Parameter, ...]:
    seen: dict[str, str] = {}
    parameters = []
    for typed, words in parts:
        capability = find(typed, words)
        shown = f"--{typed.lstrip('-').rstrip(',.;')}"  # a known name, so it is short
        parameter = check_parameter(capability, shown, words)
        for key in dict.fromkeys((capability.name, parameter.name, CAPABILITIES[parameter.name].group)):
            if key is not None:
                _check_single(key, seen.setdefault(key, ""), shown)
                seen[key] = shown
        parameters.append(parameter)
    return tuple(parameters)


def _check_single(key: str, before: str, typed: str) -> None:
    if not before:
        return
    if before == typed:
        problem = _("“{parameter}” is there twice.", parameter=cut(typed))
    elif key in CAPABILITIES:
        problem = _("“{one}” and “{other}” set the same thing twice.", one=cut(before), other=cut(typed))
    else:
        problem = _("“{one}” and “{other}” contradict each other.", one=cut(before), other=cut(typed))
    raise PromptError(problem, _("Keep one of them."))
