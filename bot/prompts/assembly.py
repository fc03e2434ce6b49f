"""From a prompt and the options beside it to the body of an imagine request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.prompts.advice import advise
from bot.prompts.capabilities import MODES, VERSIONS
from bot.prompts.errors import PromptError, cut
from bot.prompts.grammar import check_length, read
from bot.prompts.prompt import Parameter, Prompt
from bot.prompts.values import read_choice, read_ratio
from bot.text import Text, _, all_of

DEFAULT_MODE = "fast"


@dataclass(frozen=True, slots=True)
class Built:
    """A prompt ready to be sent.

    `prompt` is the text that is sent, with the attachment's link in front; `shown` is the same without that link.
    `mode`, `version` and `translation` are None if nobody chose. `warnings` are sentences for the person.
    """

    prompt: str
    shown: str
    mode: str | None = None
    version: str | None = None
    translation: bool | None = None
    warnings: tuple[Text, ...] = ()

    def request(self) -> dict[str, Any]:
        """Return the body for `/midjourney/imagine`; what nobody chose is left to the service, except the mode."""
        body: dict[str, Any] = {"prompt": self.prompt, "action": "generate", "mode": self.mode or DEFAULT_MODE}
        if self.version is not None:
            body["version"] = self.version
        if self.translation is not None:
            body["translation"] = self.translation
        return body


def build(
    prompt: str,
    *,
    aspect: str | None = None,
    version: str | None = None,
    mode: str | None = None,
    translate: bool | None = None,
    image_url: str | None = None,
) -> Built:
    """Check a prompt together with the options beside it, and return what will be sent.

    `image_url` is an attachment: it is trusted, and counts as the first image. An option and a parameter in the text
    that say the same are fine. Raises PromptError if they disagree, and wherever `parse` would.
    """
    attached = 1 if image_url else 0
    understood = read(prompt, attached=attached)
    understood = _add_aspect(understood, aspect)
    chosen_version = _choose_version(understood, version)
    chosen_mode = _choose_mode(understood, mode)
    warnings = advise(understood, version=chosen_version, mode=chosen_mode, attached=attached)
    kept = tuple(each for each in understood.parameters if each.name not in MODES)
    shown = str(replace(understood, parameters=kept))
    check_length(len(shown))
    sent = f"{image_url} {shown}" if image_url else shown
    return Built(sent, shown, chosen_mode, chosen_version, translate, warnings)


def rebuild(edited: str, request: Mapping[str, Any], shown: str) -> Built:
    """Build an edited prompt with what was chosen beside the one before: its request, and what was shown of that.

    What is typed now wins over what was chosen then, since whoever edits sees the words alone. Raises PromptError.
    """
    if request.get("action") != "generate":
        return build(edited)
    image_url, _space, rest = str(request.get("prompt", "")).partition(" ")
    image = image_url if rest == shown else None
    typed = read(edited, attached=1 if image else 0)
    mode = None if any(each.name in MODES for each in typed.parameters) else request.get("mode")
    version = None if typed.get("v") or typed.get("niji") else request.get("version")
    return build(edited, version=version, mode=mode, translate=request.get("translation"), image_url=image)


def _add_aspect(prompt: Prompt, aspect: str | None) -> Prompt:
    """Return the prompt with the option as `--ar`; people also type `--ar 16:9` or `ar 16:9` into the option."""
    if aspect is None or not aspect.strip():
        return prompt
    typed = aspect.strip().lstrip("-–— ")
    for name in ("aspect ", "ar "):
        typed = typed.removeprefix(name)
    width, height = read_ratio(typed)
    inline = prompt.get("ar")
    if inline is None:
        return replace(prompt, parameters=(*prompt.parameters, Parameter("ar", (f"{width}:{height}",))))
    inline_width, inline_height = map(int, inline.values[0].split(":"))
    if width * inline_height != height * inline_width:
        raise _disagree("aspect", f"{width}:{height}", inline)
    return prompt


def _choose_version(prompt: Prompt, version: str | None) -> str | None:
    if version is None or not version.strip():
        return None
    chosen = read_choice(version.strip().lower().removeprefix("v"), VERSIONS)
    if chosen is None:
        problem = _("“{typed}” is no version here.", typed=cut(version))
        raise PromptError(problem, _("There are {versions}.", versions=all_of(VERSIONS)))
    inline = prompt.get("v")
    if inline and inline.values != (chosen,):
        raise _disagree("version", chosen, inline)
    niji = prompt.get("niji")
    if niji:
        raise _disagree("version", chosen, niji)
    return chosen


def _choose_mode(prompt: Prompt, mode: str | None) -> str | None:
    inline = next((each for each in prompt.parameters if each.name in MODES), None)
    if mode is None:
        return inline.name if inline else None
    chosen = mode.strip().lower()
    if chosen not in MODES:
        raise PromptError(_("“{typed}” is no mode.", typed=cut(mode)), _("There are {modes}.", modes=all_of(MODES)))
    if inline and inline.name != chosen:
        raise _disagree("mode", chosen, inline)
    return chosen


def _disagree(option: str, value: str, inline: Parameter) -> PromptError:
    problem = _(
        "The option {option} says “{value}”, but the prompt says “{parameter}”.",
        option=option,
        value=value,
        parameter=str(inline),
    )
    return PromptError(problem, _("Keep one of them."))
