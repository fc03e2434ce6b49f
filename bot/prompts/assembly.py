"""From a prompt and the options beside it to the body of an imagine request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.prompts.advice import advise
from bot.prompts.capabilities import MODES, VERSIONS
from bot.prompts.errors import PromptError, cut
from bot.prompts.grammar import check_length, read
from bot.prompts.models import check_model, fields_of
from bot.prompts.prompt import Parameter, Prompt
from bot.prompts.values import read_choice, read_ratio
from bot.text import Text, _, all_of

DEFAULT_MODE = "fast"


@dataclass(frozen=True, slots=True)
class Built:
    """A prompt ready to be sent.

    `final` holds all that was chosen in the text or beside it, but for the mode, with the attachment's link in front;
    `shown` is its text without that link. `mode` and `translation` are None if nobody chose. `warnings` are sentences
    for the person.
    """

    final: Prompt
    shown: str
    mode: str | None = None
    translation: bool | None = None
    warnings: tuple[Text, ...] = ()

    @property
    def prompt(self) -> str:
        """The text that is sent."""
        return str(self.final)

    def request(self) -> dict[str, Any]:
        """Return the body for `/midjourney/imagine`; what nobody chose is left to the service, except the mode."""
        body: dict[str, Any] = {"prompt": self.prompt, "action": "generate", "mode": self.mode or DEFAULT_MODE}
        if self.translation is not None:
            body["translation"] = self.translation
        return body | fields_of(self.final)


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

    An option means what its parameter in the text means, and becomes one; both may say the same. `image_url` is an
    attachment: it is trusted, and counts as the first image. Raises PromptError if option and text disagree, and wherever
    `parse` would.
    """
    typed = read(prompt, attached=1 if image_url else 0)
    typed = _add_mode(_add_version(_add_aspect(typed, aspect), version), mode)
    images = (image_url, *typed.image_urls) if image_url else typed.image_urls
    whole = replace(typed, image_urls=images)
    check_model(whole)
    chosen_mode = next((each.name for each in whole.parameters if each.name in MODES), None)
    kept = tuple(each for each in whole.parameters if each.name not in MODES)
    shown = str(replace(typed, parameters=kept))
    check_length(len(shown))
    return Built(replace(whole, parameters=kept), shown, chosen_mode, translate, advise(whole))


def rebuild(edited: str, request: Mapping[str, Any], shown: str) -> Built:
    """Build an edited prompt with what was chosen beside the one before: its request, and what was shown of that.

    Only mode, translation and attachment were beside it, and what is typed now wins over them. All else stands in the
    text that was edited: whoever takes `--v 7` away has chosen no version any more. Raises PromptError.
    """
    if request.get("action") != "generate":
        return build(edited)
    image_url, _space, rest = str(request.get("prompt", "")).partition(" ")
    image = image_url if rest == shown else None
    typed = read(edited, attached=1 if image else 0)
    mode = None if any(each.name in MODES for each in typed.parameters) else request.get("mode")
    return build(edited, mode=mode, translate=request.get("translation"), image_url=image)


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


def _add_version(prompt: Prompt, version: str | None) -> Prompt:
    if version is None or not version.strip():
        return prompt
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
    return prompt if inline else replace(prompt, parameters=(*prompt.parameters, Parameter("v", (chosen,))))


def _add_mode(prompt: Prompt, mode: str | None) -> Prompt:
    if mode is None:
        return prompt
    chosen = mode.strip().lower()
    if chosen not in MODES:
        raise PromptError(_("“{typed}” is no mode.", typed=cut(mode)), _("There are {modes}.", modes=all_of(MODES)))
    inline = next((each for each in prompt.parameters if each.name in MODES), None)
    if inline and inline.name != chosen:
        raise _disagree("mode", chosen, inline)
    return prompt if inline else replace(prompt, parameters=(*prompt.parameters, Parameter(chosen)))


def _disagree(option: str, value: str, inline: Parameter) -> PromptError:
    problem = _(
        "The option {option} says “{value}”, but the prompt says “{parameter}”.",
        option=option,
        value=value,
        parameter=str(inline),
    )
    return PromptError(problem, _("Keep one of them."))
