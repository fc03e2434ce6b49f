"""The model that a prompt goes to, what that certainly refuses, and what is said of it again beside the prompt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.prompts.capabilities import (
    ANY_NIJI,
    CAPABILITIES,
    DEFAULT_VERSION,
    MODES,
    MOODBOARDS,
    NIJI,
    RETIRED,
    VERSIONS,
)
from bot.prompts.errors import PromptError
from bot.prompts.prompt import Parameter, Prompt
from bot.text import Text, _, any_of


@dataclass(frozen=True, slots=True)
class Model:
    """A model: the version whose parameters count, and the name that Midjourney gave it."""

    version: str
    name: str
    is_niji: bool = False
    is_default: bool = False

    def refuses(self, parameter: Parameter) -> bool:
        """Whether the service is known to answer this parameter with an error."""
        return (ANY_NIJI if self.is_niji else self.version) in CAPABILITIES[parameter.name].refused_by


def model_of(prompt: Prompt) -> Model:
    """Return the model that a prompt chooses, or the default."""
    niji, version = prompt.get("niji"), prompt.get("v")
    if niji:
        return Model(NIJI[niji.values[0]], f"niji {niji.values[0]}", is_niji=True)
    chosen = version.values[0] if version else DEFAULT_VERSION
    return Model(chosen, f"V{chosen}", is_default=version is None)


def check_model(prompt: Prompt) -> None:
    """Raise PromptError if the service refuses a parameter, or the mode, together with the model that was chosen."""
    model = model_of(prompt)
    refused = next(filter(model.refuses, prompt.parameters), None)
    if refused is None:
        return
    said = str(refused)
    if refused.name == "v":
        problem = _("“{one}” and “{other}” both choose the model.", one=str(prompt.get("niji")), other=said)
        raise PromptError(problem, _("Keep one of them."))
    if refused.name in MODES:
        mode = refused.name
        raise PromptError(_("{model} has no mode “{mode}”.", model=model.name, mode=mode), _other_mode(model, refused))
    known = any_of(_known(refused))
    raise PromptError(
        _("{model} does not take “{parameter}”.", model=model.name, parameter=said),
        _("Leave it out, or choose version {versions} instead.", versions=known),
    )


def fields_of(prompt: Prompt) -> dict[str, Any]:
    """Return the fields of a request that say again what a prompt chooses: they are what the service bills by.

    What the prompt doesn't choose is left out. Niji models are chosen by the prompt alone.
    """
    model = model_of(prompt)
    if model.is_niji:
        return {}
    fields: dict[str, Any] = {} if model.is_default else {"version": model.version}
    if prompt.get("hd") or prompt.get("sd"):
        fields["hd"] = prompt.get("hd") is not None
    if quality := prompt.get("quality"):
        fields["quality"] = quality.values[0]
    if prompt.get("sref"):
        fields["style_reference"] = True
    if prompt.image_urls and model.version in MOODBOARDS:
        fields["moodboard"] = True
    return fields


def _other_mode(model: Model, refused: Parameter) -> Text:
    modes = [mode for mode in MODES if not model.refuses(Parameter(mode))]
    return _("Choose {modes}, or version {versions} instead.", modes=any_of(modes), versions=any_of(_known(refused)))


def _known(parameter: Parameter) -> list[str]:
    """Return the versions that are known to take a parameter with this value."""
    capability = CAPABILITIES[parameter.name]
    return [
        version
        for version in VERSIONS
        if version in capability.versions
        and version not in RETIRED
        and all(limits.takes(parameter.values[0]) for limits in capability.by_version if version in limits.versions)
    ]
