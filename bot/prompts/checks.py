"""What is wrong with a prompt as a whole, whatever the model version."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from bot.prompts.capabilities import CAPABILITIES, MAX_IMAGES, NAMES
from bot.prompts.cleaning import glued_name
from bot.prompts.errors import PromptError, cut
from bot.prompts.urls import looks_like_url
from bot.prompts.values import check_usable
from bot.text import _, _n

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
        raise PromptError(
            _("The braces in “{group}” would make several pictures of one prompt.", group=cut(group)),
            _("One prompt makes one job here. Choose one of them, or write \\{{ and \\}} where you mean the signs."),
        )
    for word in cleaned.split(" "):
        single = _ONE_DASH.fullmatch(word)
        if single and single[1].lower() in NAMES:
            check_usable(NAMES[single[1].lower()], word)
            problem = _("“{word}” has one dash; a parameter has two.", word=cut(word))
            raise PromptError(problem, _("Write “{parameter}”.", parameter=f"--{single[1]}"))
        name = None if looks_like_url(word) else glued_name(word)
        if name:
            parameter = f"--{name}"
            raise PromptError(
                _("“{parameter}” hangs on another word in “{word}”.", parameter=parameter, word=cut(word)),
                _(
                    "Put a space before “{parameter}” if you mean the parameter, or write one dash if you don't.",
                    parameter=parameter,
                ),
            )


def check_together(prompt: Prompt, attached: int) -> None:
    """Raise PromptError if the parts don't make a prompt; `attached` images will be put in front of it."""
    images = len(prompt.image_urls) + attached
    for word in prompt.text.split(" "):
        if looks_like_url(word):
            raise PromptError(
                _("The link “{link}” stands within the text.", link=cut(word)),
                _("Image links go first, separated by spaces, then the text, then parameters."),
            )
    if images > MAX_IMAGES:
        counted = _n(
            "There is {n} image, and {most} is the most.",
            "There are {n} images, and {most} is the most.",
            images,
            most=MAX_IMAGES,
        )
        raise PromptError(counted, _("Leave some out."))
    if not _WEIGHT.sub("", prompt.text).strip():
        _check_without_text(prompt, images)
    total = weigh(prompt.text)
    if total is not None and not total > 0:
        raise PromptError(
            _("The weights behind “::” add up to “{total}”; the sum must be above zero.", total=cut(f"{total:f}", 20)),
            _("Raise one of them, like “{example}”.", example="red fox::2 snow::-1"),
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
        problem = _("“{parameter}” needs words that say what to paint.", parameter=f"--{reference.name}")
        raise PromptError(problem, _("Write them before it."))
    if images == 1:
        raise PromptError(_("One image alone makes no prompt."), _("Add some words, or a second image to blend it with."))
    if images == 0 and prompt.parameters:
        raise PromptError(_("There are parameters, but no words that say what to paint."), _("Write them first."))
    if images == 0 or prompt.text:
        raise PromptError(_("The prompt is empty."), _("Write what to paint, like “a red fox in snow”."))
