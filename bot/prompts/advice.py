"""What may not work with the chosen model version: told, never refused, since the service decides."""

from __future__ import annotations

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
    Limits,
)
from bot.prompts.checks import weigh
from bot.prompts.errors import enumerate_words
from bot.prompts.prompt import Parameter, Prompt

if TYPE_CHECKING:
    from collections.abc import Iterator


def advise(prompt: Prompt, *, version: str | None = None, mode: str | None = None, attached: int = 0) -> tuple[str, ...]:
    """Return one sentence for each thing in a valid prompt that may not work.

    `version` and `mode` are what was chosen beside the prompt, `attached` counts images that will be put in front.
    """
    chosen = prompt.parameters
    if mode is not None and prompt.get(mode) is None:
        chosen = (*chosen, Parameter(mode))
    model, name = _model(prompt, version)
    warnings = [*_about_model(prompt, version)]
    for parameter in chosen:
        warnings += _about_parameter(parameter, chosen, model, name)
        needs = CAPABILITIES[parameter.name].needs
        if needs == "image" and not prompt.image_urls and not attached:
            warnings.append(f"“--{parameter.name}” does nothing without an image in front.")
        elif needs not in (None, "image") and needs not in {each.name for each in chosen}:
            warnings.append(f"“{parameter}” does nothing without “--{needs}”.")
    if weigh(prompt.text) is not None and model not in WEIGHTS:
        warnings.append(f"Weights behind “::” may not work with {name}; {_known(WEIGHTS)}.")
    return tuple(warnings)


def _model(prompt: Prompt, version: str | None) -> tuple[str, str]:
    """Return the version whose parameters count, and the model's name in a sentence."""
    niji, inline = prompt.get("niji"), prompt.get("v")
    if niji:
        return NIJI[niji.values[0]], f"niji {niji.values[0]}"
    chosen = inline.values[0] if inline else version
    return (chosen, f"version {chosen}") if chosen else (DEFAULT_VERSION, f"version {DEFAULT_VERSION}, the default")


def _about_model(prompt: Prompt, version: str | None) -> Iterator[str]:
    niji, inline = prompt.get("niji"), prompt.get("v")
    chosen = inline.values[0] if inline else version
    if niji and inline:
        yield f"“{niji}” and “{inline}” both choose the model."
    if niji and niji.values[0] in OLD_NIJI:
        yield f"“{niji}” is an old model that may be gone."
    if chosen in RETIRED:
        yield f"Version {chosen} has been retired; it may be refused, or another one be used."
    ratio = prompt.get("ar")
    if ratio and prompt.get("hd"):
        width, height = map(int, ratio.values[0].split(":"))
        if max(width, height) > MAX_HD_RATIO * min(width, height):
            yield f"With “--hd”, “{ratio}” may be too narrow; {MAX_HD_RATIO}:1 is known to work."


def _about_parameter(parameter: Parameter, chosen: tuple[Parameter, ...], model: str, name: str) -> Iterator[str]:
    capability = CAPABILITIES[parameter.name]
    if model not in capability.versions:
        yield f"{_said(parameter)} may not work with {name}; {_known(capability.versions)}."
    for limits in capability.by_version:
        if model in limits.versions and not _within(parameter, limits):
            yield f"{_said(parameter)} may not work with {name}; it is known to take {_range(limits)}."
    for other, value in capability.clashes:
        if any(each.name == other and value in (None, *each.values) for each in chosen):
            yield f"{_said(parameter)} may not go together with “--{' '.join(filter(None, (other, value)))}”."
    if capability.note:
        yield capability.note


def _within(parameter: Parameter, limits: Limits) -> bool:
    value = parameter.values[0]
    if limits.choices:
        return value in limits.choices
    return limits.low is None or limits.high is None or limits.low <= Decimal(value) <= limits.high


def _range(limits: Limits) -> str:
    return enumerate_words(limits.choices) if limits.choices else f"{limits.low:g} to {limits.high:g}"


def _known(versions: tuple[str, ...]) -> str:
    known = tuple(each for each in VERSIONS if each in versions)
    return f"it is known from {enumerate_words(known, 'and')}"


def _said(parameter: Parameter) -> str:
    """Return the parameter as a sentence names it, without links and lists."""
    if parameter.name in MODES:
        return f"Mode “{parameter.name}”"
    return f"“{parameter}”" if len(str(parameter)) <= 20 else f"“--{parameter.name}”"
