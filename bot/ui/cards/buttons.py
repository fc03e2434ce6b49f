"""Actions as rows of buttons, in the order that Midjourney users know; what doesn't fit goes into menus.

A message holds 40 components, and a row of five buttons takes six of them, so a picture with many actions needs
menus: a row with one menu takes two and offers 25 actions. Nothing is dropped up to 424 actions, and our own
extras (*Full size*, *Delete*) give way before an action does.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import discord

from bot.midjourney import ActionLabel, ordered
from bot.text import Language, Text, _
from bot.ui.cards.custom_ids import action_id, operation_id
from bot.ui.cards.markdown import clip, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

log = logging.getLogger(__name__)

ButtonRow: TypeAlias = "discord.ui.ActionRow[Any]"

BUTTONS_IN_ROW: Final = 5
OPTIONS_IN_MENU: Final = 25
_MENU_COST: Final = 2  # components: the row and the menu in it
_BUTTON_LABEL: Final = 80
_OPTION_LABEL: Final = 100
_BUTTON_URL: Final = 512
_PLACEHOLDER: Final = 150
_ROWS: Final = (("upscale_grid", "reroll"), ("variation_grid",), ("upscale",), ("vary",), ("zoom", "square"), ("pan",))


FULL_SIZE: Final = _("Full size")


def said(words: Text | str, language: Language) -> str:
    """Words in a language; what is no Text is a name, and the same in all."""
    return words if isinstance(words, str) else language.render(words)


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that can be pressed, as a button or as an option in a menu; `bare` shows a button's emoji alone."""

    label: Text | str
    custom_id: str
    emoji: str | None = None
    style: discord.ButtonStyle = discord.ButtonStyle.secondary
    bare: bool = False

    def button(self, language: Language) -> discord.ui.Button[Any]:
        """The choice as a button."""
        label = None if self.bare and self.emoji else clip(plain(said(self.label, language)), _BUTTON_LABEL) or "?"
        return discord.ui.Button(label=label, custom_id=self.custom_id, emoji=self.emoji, style=self.style)

    def option(self, language: Language) -> discord.SelectOption:
        """The choice as an option, whose value is the custom id that the button would have."""
        label = clip(plain(said(self.label, language)), _OPTION_LABEL) or "?"
        return discord.SelectOption(label=label, value=self.custom_id, emoji=self.emoji)


@dataclass(frozen=True, slots=True)
class Controls:
    """What stands under a picture; `link_left` means that the full size needs a link in the text instead of a button."""

    rows: list[ButtonRow]
    link_left: bool


def action_choices(actions: Sequence[str], image_id: str, job_id: str) -> list[list[Choice]]:
    """One list a row (the last ones may be longer than a row), each action exactly once."""
    index = {action: place for place, action in reversed(list(enumerate(actions)))}
    groups = dict(ordered(actions))

    def choice(label: ActionLabel) -> Choice:
        custom_id = action_id(label.name, image_id, key=f"{job_id}.{index[label.name]}")
        return Choice(label.label, custom_id, emoji=label.emoji, bare=label.group != "other")

    known = {group for row in _ROWS for group in row}
    rows = [*_ROWS, *((group,) for group in groups if group not in known)]
    lists = [[choice(label) for group in row for label in groups.get(group, [])] for row in rows]
    return [choices for choices in lists if choices]


def action_rows(
    groups: Iterable[Sequence[Choice]], budget: int, language: Language, *, menu_id: Callable[[int], str]
) -> list[ButtonRow]:
    """The choices in at most `budget` components, rows included: buttons from the front, menus for what is left.

    `menu_id` gives the custom id of the n-th menu. Where not even menus have room, the rest is cut and logged.
    """
    lines = [line for group in groups for line in _lines(group)]
    # No line costs less than two, so that however many there are, few counts are tried.
    most = min(len(lines), budget // 2)
    shown = next(count for count in range(most, -1, -1) if count == 0 or _cost(lines, count) <= budget)
    rows: list[ButtonRow] = [discord.ui.ActionRow(*(choice.button(language) for choice in line)) for line in lines[:shown]]
    rest = [choice for line in lines[shown:] for choice in line]
    room = (budget if shown == 0 else budget - _cost(lines[:shown], shown)) // _MENU_COST * OPTIONS_IN_MENU
    if len(rest) > room:
        log.warning("%d of %d choices had no room on a card", len(rest) - room, sum(map(len, lines)))
    return rows + _menus(rest[: max(room, 0)], language, menu_id, first=shown == 0)


def picture_controls(
    actions: Sequence[str], image_id: str, language: Language, *, job_id: str, link: str | None, budget: int
) -> Controls:
    """A picture's actions with *Full size* (`link`, from `web_url`) and *Delete*, in at most `budget` components."""
    groups = action_choices(actions, image_id, job_id)
    fits_button = link is not None and len(link) <= _BUTTON_URL
    extras: list[discord.ui.Button[Any]] = [delete_choice(job_id).button(language)]
    if fits_button:
        extras.insert(0, discord.ui.Button(label=language.render(FULL_SIZE), url=link))
    lines = [line for group in groups for line in _lines(group)]

    def menu_id(place: int) -> str:
        return operation_id("menu", f"{job_id}.{place}")

    for kept in (extras, extras[-1:]):
        if _cost(lines, len(lines)) + 1 + len(kept) <= budget:
            rows = action_rows(groups, budget, language, menu_id=menu_id)
            return Controls([*rows, discord.ui.ActionRow(*kept)], link is not None and len(kept) < 2)
    rows = action_rows([*groups, [delete_choice(job_id)]], budget, language, menu_id=menu_id)
    return Controls(rows, link is not None)


def again_choice(job_id: str) -> Choice:
    """The same request once more."""
    return Choice(_("Try again"), operation_id("again", job_id), emoji="🔁")


def row_of(language: Language, *choices: Choice) -> ButtonRow:
    """A row of buttons."""
    return discord.ui.ActionRow(*(choice.button(language) for choice in choices))


def nothing_told(job_id: str, language: Language) -> list[ButtonRow]:
    """Below an answer that is empty."""
    return [row_of(language, again_choice(job_id), delete_choice(job_id))]


def delete_choice(job_id: str) -> Choice:
    """Take the card away; whether the presser may is asked when it is pressed."""
    return Choice(_("Delete"), operation_id("delete", job_id), emoji="🗑️")


def _lines(group: Sequence[Choice]) -> list[Sequence[Choice]]:
    """A group in rows of even length: eight buttons are four and four."""
    count = -(-len(group) // BUTTONS_IN_ROW)
    ends = [len(group) * place // count for place in range(count + 1)] if count else [0]
    return [group[start:end] for start, end in pairwise(ends)]


def _cost(lines: Sequence[Sequence[Choice]], shown: int) -> int:
    """How many components it takes to show the first `shown` lines as buttons and the others in menus."""
    menus = -(-sum(map(len, lines[shown:])) // OPTIONS_IN_MENU)
    return sum(1 + len(line) for line in lines[:shown]) + menus * _MENU_COST


def _menus(choices: Sequence[Choice], language: Language, menu_id: Callable[[int], str], *, first: bool) -> list[ButtonRow]:
    rows: list[ButtonRow] = []
    for place, start in enumerate(range(0, len(choices), OPTIONS_IN_MENU)):
        part = choices[start : start + OPTIONS_IN_MENU]
        more = _("Actions") if first else _("More actions")
        if len(choices) > OPTIONS_IN_MENU:
            more = _("{menu} ({first}–{last})", menu=more, first=start + 1, last=start + len(part))
        options = [choice.option(language) for choice in part]
        placeholder = clip(language.render(more), _PLACEHOLDER)
        menu: discord.ui.Select[Any] = discord.ui.Select(custom_id=menu_id(place), placeholder=placeholder, options=options)
        rows.append(discord.ui.ActionRow(menu))
    return rows
