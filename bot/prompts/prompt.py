"""A prompt as it was understood, and its normal form."""

from __future__ import annotations

from dataclasses import dataclass

from bot.prompts.capabilities import CAPABILITIES, ValueType
from bot.text import Text


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: its canonical name without dashes, and its values (none for a switch)."""

    name: str
    values: tuple[str, ...] = ()

    def __str__(self) -> str:
        between = ", " if CAPABILITIES[self.name].takes is ValueType.LIST else " "
        return f"--{self.name} {between.join(self.values)}".rstrip()


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt that can be sent. `str()` is its normal form, which parses to an equal prompt.

    `warnings` are sentences about what may not work, but is the service's to decide.
    """

    image_urls: tuple[str, ...]
    text: str
    parameters: tuple[Parameter, ...] = ()
    warnings: tuple[Text, ...] = ()

    def __str__(self) -> str:
        return " ".join(part for part in (*self.image_urls, self.text, *map(str, self.parameters)) if part)

    def get(self, name: str) -> Parameter | None:
        """Return the parameter of this canonical name, or None."""
        return next((each for each in self.parameters if each.name == name), None)
