"""What people call a button or a menu's option when they type its name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sandbox.town import ClientRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sandbox.town import Button, Card, Option, Select

    Thing = Button | tuple[Select, Option]

AROUND = "[]()<>\"'“”‘’`"


def plain(name: str) -> str:
    """A name as it is compared: without what may stand around it, × as x, case and emoji's variants left aside."""
    name = name.strip().strip(AROUND).replace("×", "x").replace("\ufe0f", "").replace("\u20e3", "")
    return re.sub(r"\s+", " ", name).strip().casefold()


def names_of(thing: Thing) -> list[str]:
    """All that a thing may be called; a button that shows an emoji alone, also by the words of its custom_id."""
    if isinstance(thing, tuple):
        option = thing[1]
        return [plain(name) for name in (option.label, option.value, f"{option.emoji} {option.label}") if plain(name)]
    names = [thing.custom_id, thing.label, thing.emoji, thing.words]
    if not thing.label:
        names += [word.replace("_", " ") for word in thing.custom_id.split(":")]
    return [plain(name) for name in names if plain(name)]


def find(cards: Sequence[Card], name: str) -> tuple[Card, Thing]:
    """The thing of this name on the first card that has it, else the only one that begins so on the first that has such.

    Raises ClientRefused if there is none, or several begin so.
    """
    wanted = plain(name)
    if wanted:
        for card in cards:
            for thing in things_of(card):
                if wanted in names_of(thing):
                    return card, thing
        for card in cards:
            found = [thing for thing in things_of(card) if any(map(_begins(wanted), names_of(thing)))]
            if len(found) > 1:
                raise ClientRefused(f"{name!r} may be {' or '.join(map(shown, found))}")
            if found:
                return card, found[0]
    if not cards:
        raise ClientRefused("there is no card yet")
    latest = next(filter(None, map(things_of, cards)), None)
    if latest is None:
        raise ClientRefused("no card here has a button")
    raise ClientRefused(f"no card here has {name!r}; the buttons of the latest are: {', '.join(map(shown, latest))}")


def things_of(card: Card) -> list[Thing]:
    """All that can be pressed, opened or chosen on a card, in reading order."""
    return [*card.buttons, *((menu, option) for menu in card.selects for option in menu.options)]


def _begins(wanted: str) -> Callable[[str], bool]:
    """Whether a name begins so; a custom_id, which nobody types, doesn't."""
    return lambda name: name.startswith(wanted) and ":" not in name


def shown(thing: Thing) -> str:
    """A thing as it is told to people."""
    return f"[{thing[1].label}]" if isinstance(thing, tuple) else f"[{thing.words}]"
