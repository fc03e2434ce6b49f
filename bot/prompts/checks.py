"""What is wrong with a prompt as a whole, whatever the model version."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from bot.prompts.capabilities import CAPABILITIES, MAX_IMAGES, NAMES
from bot.prompts.cleaning import glued_name
from bot.prompts.errors import PromptError, quote
from bot.prompts.urls import looks_like_url
from bot.prompts.values import check_usable

if TYPE_CHECKING:
    from bot.prompts.prompt import Prompt

_ESCAPED = re.compile(r"\\.")
_ONE_DASH = re.compile(r"-([a-z]+)", re.IGNORECASE)
_WEIGHT = re.compile(r"::(-?(?:[0-9]+\.?[0-9]*|\.[0-9]+))?")


def check_words(cleaned: str) -> None:
    """Raise PromptError for groups in braces, and for dashes that are nearly a parameter's."""
    plain = _ESCAPED.sub("", cleaned)
    opened = plain.find("{")
    if 0 <= opened < plain.rfind("}"):
        group = plain[opened : plain.find("}", opened) + 1]
        hint = "One prompt makes one job here. Choose one of them, or write \\{ and \\} where you mean the signs."
        raise PromptError(f"The braces in {quote(group)} would make several pictures of one prompt.", hint=hint)
    for word in cleaned.split(" "):
        single = _ONE_DASH.fullmatch(word)
        if single and single[1].lower() in NAMES:
            check_usable(NAMES[single[1].lower()], word)
            raise PromptError(f"{quote(word)} has one dash; a parameter has two.", hint=f"Write “--{single[1]}”.")
        name = None if looks_like_url(word) else glued_name(word)
        if name:
            hint = f"Put a space before “--{name}” if you mean the parameter, or write one dash if you don't."
            raise PromptError(f"“--{name}” hangs on another word in {quote(word)}.", hint=hint)


def check_together(prompt: Prompt, attached: int) -> None:
    """Raise PromptError where the parts don't make a prompt; `attached` images will be put in front of it."""
    images = len(prompt.image_urls) + attached
    for word in prompt.text.split(" "):
        if looks_like_url(word):
            hint = "Image links go first, separated by spaces, then the text, then parameters."
            raise PromptError(f"The link {quote(word)} stands within the text.", hint=hint)
    if images > MAX_IMAGES:
        raise PromptError(f"There are {images} images, and {MAX_IMAGES} is the most.", hint="Leave some out.")
    if not _WEIGHT.sub("", prompt.text).strip():
        _check_without_text(prompt, images)
    total = weigh(prompt.text)
    if total is not None and not total > 0:
        hint = "Raise one of them, like “red fox::2 snow::-1”."
        raise PromptError(
            f"The weights behind “::” add up to {quote(f'{total:f}', 20)}; the sum must be above zero.", hint=hint
        )


def weigh(text: str) -> Decimal | None:
    """Return the sum of the weights in `a::2 b::-1`, where a part without a number weighs 1; None without weights."""
    pieces = _WEIGHT.split(text)
    if len(pieces) == 1:
        return None
    total = sum((Decimal(weight or 1) for weight in pieces[1::2]), Decimal(0))
    return total + 1 if pieces[-1].strip() else total


def _check_without_text(prompt: Prompt, images: int) -> None:
    reference = next((each for each in prompt.parameters if CAPABILITIES[each.name].needs_text), None)
    if reference:
        raise PromptError(f"“--{reference.name}” needs words that say what to paint.", hint="Write them before it.")
    if images == 1:
        raise PromptError("One image alone makes no prompt.", hint="Add some words, or a second image to blend it with.")
    if images == 0 and prompt.parameters:
        raise PromptError("There are parameters, but no words that say what to paint.", hint="Write them first.")
    if images == 0 or prompt.text:
        raise PromptError("The prompt is empty.", hint="Write what to paint, like “a red fox in snow”.")
