"""What may not work with the chosen model version: told, never refused, since the service decides."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from bot.prompts.capabilities import (
    CAPABILITIES,
    DEFAULT_VERSION,
    MAX_HD_RATIO,
    MODES,
    NIJI,
    OLD_NIJI,
    RETIRED,
    VERSIONS,
    WEIGHTS,
    Narrower,
)
from bot.prompts.checks import weigh
from bot.prompts.prompt import Parameter, Prompt
from bot.text import Text, Value, _, all_of, any_of

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class _Model:
    """The model a prompt goes to: the version whose parameters count, and the name that Midjourney gave it."""

    version: str
    name: str
    is_default: bool = False


def advise(prompt: Prompt, *, version: str | None = None, mode: str | None = None, attached: int = 0) -> tuple[Text, ...]:
    """Return a text for each thing in a valid prompt that may not work.

    `version` and `mode` are what was chosen beside the prompt, `attached` counts images that will be put in front.
    """
    chosen = prompt.parameters
    if mode is not None and prompt.get(mode) is None:
        chosen = (*chosen, Parameter(mode))
    images = len(prompt.image_urls) + attached
    model = _model(prompt, version)
    warnings = [*_about_model(prompt, version)]
    doubts = 0
    for parameter in chosen:
        doubtful = [*_about_versions(parameter, model)]
        doubts += len(doubtful)
        warnings += [*doubtful, *_about_parameter(parameter, chosen, images)]
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


def _model(prompt: Prompt, version: str | None) -> _Model:
    niji, inline = prompt.get("niji"), prompt.get("v")
    if niji:
        return _Model(NIJI[niji.values[0]], f"niji {niji.values[0]}")
    chosen = inline.values[0] if inline else version
    return _Model(chosen or DEFAULT_VERSION, f"V{chosen or DEFAULT_VERSION}", is_default=not chosen)


def _about_model(prompt: Prompt, version: str | None) -> Iterator[Text]:
    niji, inline = prompt.get("niji"), prompt.get("v")
    chosen = inline.values[0] if inline else version
    if niji and inline:
        yield _("“{one}” and “{other}” both choose the model.", one=str(niji), other=str(inline))
    if niji and niji.values[0] in OLD_NIJI:
        yield _("“{parameter}” is an old model that may be gone.", parameter=str(niji))
    if chosen in RETIRED:
        yield _("Version {version} has been retired; it may be refused, or another one be used.", version=chosen)
    ratio = prompt.get("ar")
    if ratio and prompt.get("hd"):
        width, height = map(int, ratio.values[0].split(":"))
        if max(width, height) > MAX_HD_RATIO * min(width, height):
            known = f"{MAX_HD_RATIO}:1"
            yield _(
                "With “--hd”, “{parameter}” may be too narrow; {known} is known to work.", parameter=str(ratio), known=known
            )


def _about_versions(parameter: Parameter, model: _Model) -> Iterator[Text]:
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
        if model.version in limits.versions and not _within(parameter, limits):
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


def _about_parameter(parameter: Parameter, chosen: tuple[Parameter, ...], images: int) -> Iterator[Text]:
    capability = CAPABILITIES[parameter.name]
    said = _said(parameter)
    for name, value in capability.clashes:
        if any(each.name == name and value in (None, *each.values) for each in chosen):
            other = f"--{' '.join(filter(None, (name, value)))}"
            yield _("“{parameter}” may not go together with “{other}”.", parameter=said, other=other)
    if capability.note:
        yield capability.note
    needs = capability.needs
    if needs == "image":
        if not images:
            yield _("“{parameter}” does nothing without an image in front.", parameter=f"--{parameter.name}")
    elif needs is not None and needs not in {each.name for each in chosen}:
        yield _("“{parameter}” does nothing without “{other}”.", parameter=str(parameter), other=f"--{needs}")


def _within(parameter: Parameter, limits: Narrower) -> bool:
    value = parameter.values[0]
    if limits.choices:
        return value in limits.choices
    return limits.low is None or limits.high is None or limits.low <= Decimal(value) <= limits.high


def _known(versions: tuple[str, ...]) -> Value:
    return all_of([each for each in VERSIONS if each in versions])


def _said(parameter: Parameter) -> str:
    """Return the parameter as a sentence names it, without links and lists."""
    said = str(parameter)
    return said if len(said) <= 20 else f"--{parameter.name}"
