"""What may not work with the chosen model version: told, never refused, since the service decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.prompts.capabilities import (
    CAPABILITIES,
    MAX_HD_RATIO,
    MODES,
    OLD_NIJI,
    RETIRED,
    VERSIONS,
    WEIGHTS,
    Narrower,
)
from bot.prompts.checks import weigh
from bot.prompts.models import Model, model_of
from bot.prompts.prompt import Parameter, Prompt
from bot.text import Text, Value, _, all_of, any_of

if TYPE_CHECKING:
    from collections.abc import Iterator


def advise(prompt: Prompt) -> tuple[Text, ...]:
    """Return a text for each thing in a valid prompt that may not work; what was chosen beside it is a part of it by now."""
    model = model_of(prompt)
    warnings = [*_about_model(prompt)]
    doubts = 0
    for parameter in prompt.parameters:
        doubtful = [*_about_versions(parameter, model)]
        doubts += len(doubtful)
        warnings += [*doubtful, *_about_parameter(parameter, prompt)]
    if weigh(prompt.text) is not None and model.version not in WEIGHTS:
        doubts += 1
        known = _known(WEIGHTS)
        warnings.append(
            _(
                "Weights behind “::” may not work with {model}; they are known from {versions}.",
                model=model.name,
                versions=known,
            )
        )
    if doubts and model.is_default:
        warnings.append(_("No version was chosen; the default is {model}.", model=model.name))
    return tuple(warnings)


def _about_model(prompt: Prompt) -> Iterator[Text]:
    niji, version = prompt.get("niji"), prompt.get("v")
    if niji and niji.values[0] in OLD_NIJI:
        yield _("“{parameter}” is an old model that may be gone.", parameter=str(niji))
    if version and version.values[0] in RETIRED:
        yield _("Version {version} has been retired; it may be refused, or another one be used.", version=version.values[0])
    ratio = prompt.get("ar")
    if ratio and prompt.get("hd"):
        width, height = map(int, ratio.values[0].split(":"))
        if max(width, height) > MAX_HD_RATIO * min(width, height):
            known = f"{MAX_HD_RATIO}:1"
            yield _(
                "With “--hd”, “{parameter}” may be too narrow; {known} is known to work.", parameter=str(ratio), known=known
            )


def _about_versions(parameter: Parameter, model: Model) -> Iterator[Text]:
    capability = CAPABILITIES[parameter.name]
    said, name = _said(parameter), model.name
    if model.version not in capability.versions:
        known = _known(capability.versions)
        if parameter.name in MODES:
            mode = parameter.name
            yield _(
                "Mode “{mode}” may not work with {model}; it is known from {versions}.", mode=mode, model=name, versions=known
            )
        else:
            yield _(
                "“{parameter}” may not work with {model}; it is known from {versions}.",
                parameter=said,
                model=name,
                versions=known,
            )
    for limits in capability.by_version:
        if model.version in limits.versions and not limits.takes(parameter.values[0]):
            yield _beyond(said, name, limits)


def _beyond(said: str, model: str, limits: Narrower) -> Text:
    if limits.choices:
        return _(
            "“{parameter}” may not work with {model}; it is known to take {choices}.",
            parameter=said,
            model=model,
            choices=any_of(limits.choices),
        )
    return _(
        "“{parameter}” may not work with {model}; it is known to take {low} to {high}.",
        parameter=said,
        model=model,
        low=limits.low or 0,
        high=limits.high or 0,
    )


def _about_parameter(parameter: Parameter, prompt: Prompt) -> Iterator[Text]:
    capability = CAPABILITIES[parameter.name]
    said = _said(parameter)
    for name, value in capability.clashes:
        rival = prompt.get(name)
        if rival and value in (None, *rival.values):
            other = f"--{' '.join(filter(None, (name, value)))}"
            yield _("“{parameter}” may not go together with “{other}”.", parameter=said, other=other)
    if capability.note:
        yield capability.note
    needs = capability.needs
    if needs == "image":
        if not prompt.image_urls:
            yield _("“{parameter}” does nothing without an image in front.", parameter=f"--{parameter.name}")
    elif needs is not None and prompt.get(needs) is None:
        yield _("“{parameter}” does nothing without “{other}”.", parameter=str(parameter), other=f"--{needs}")


def _known(versions: tuple[str, ...]) -> Value:
    return all_of([each for each in VERSIONS if each in versions])


def _said(parameter: Parameter) -> str:
    """Return the parameter as a sentence names it, without links and lists."""
    said = str(parameter)
    return said if len(said) <= 20 else f"--{parameter.name}"
