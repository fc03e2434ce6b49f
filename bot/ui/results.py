"""What a description or a translation says, with a button for everything that it can be painted from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import discord

from bot.jobs.model import Kind
from bot.midjourney.models import Descriptions, Translation
from bot.ui.buttons import Choice, Row, action_rows, delete_choice
from bot.ui.custom_ids import operation_id
from bot.ui.markdown import escape, escape_and_clip

if TYPE_CHECKING:
    from bot.jobs.model import Job

MOST_DESCRIPTIONS: Final = 20
"""The service gives four; of more than this, nobody reads the rest."""
_ROWS_BUDGET: Final = 28  # components; the card around them and the last row take the others


@dataclass(frozen=True, slots=True)
class Told:
    """A result as Markdown, and what can be pressed below it."""

    text: str
    rows: list[Row]


def told(job: Job, *, limit: int) -> Told:
    """A describe or translate job's result in at most `limit` units of text."""
    if job.order.kind is Kind.DESCRIBE:
        return _descriptions(job, limit)
    return _translation(job, limit)


def _descriptions(job: Job, limit: int) -> Told:
    said = list(enumerate(Descriptions.model_validate(job.result or {}).descriptions))
    said = [(index, text) for index, text in said if escape(text)][:MOST_DESCRIPTIONS]
    if not said:
        return _nothing(job, "The service found no words for this picture.")
    room = limit // len(said) - 10  # the number and the empty line
    lines = [f"{_number(place)} {escape_and_clip(text, room)}" for place, (_, text) in enumerate(said, 1)]
    choices = [_imagine(job, index, str(place), _emoji(place)) for place, (index, _) in enumerate(said, 1)]
    last: list[discord.ui.Button[Any]] = [delete_choice(job.id).button()]
    if len(said) > 1:
        every = Choice("Imagine all", operation_id("imagine_all", job.id), emoji="🎨", style=discord.ButtonStyle.primary)
        last.insert(0, every.button())
    rows = action_rows([choices], _ROWS_BUDGET, menu_id=lambda place: operation_id("menu", f"{job.id}.{place}"))
    return Told("\n\n".join(lines), [*rows, discord.ui.ActionRow(*last)])


def _translation(job: Job, limit: int) -> Told:
    text = escape_and_clip(Translation.model_validate(job.result or {}).content, limit)
    if not text:
        return _nothing(job, "The service gave no translation.")
    imagine = Choice("Imagine this", operation_id("imagine", f"{job.id}.0"), emoji="🎨", style=discord.ButtonStyle.primary)
    edit = Choice("Edit first", operation_id("edit", job.id), emoji="✏️")
    return Told(text, [discord.ui.ActionRow(*(choice.button() for choice in (imagine, edit, delete_choice(job.id))))])


def _nothing(job: Job, text: str) -> Told:
    again = Choice("Try again", operation_id("again", job.id), emoji="🔁")
    return Told(text, [discord.ui.ActionRow(again.button(), delete_choice(job.id).button())])


def _imagine(job: Job, index: int, label: str, emoji: str | None) -> Choice:
    return Choice(label, operation_id("imagine", f"{job.id}.{index}"), emoji=emoji, bare=True)


def _emoji(place: int) -> str | None:
    if place < 10:
        return f"{place}\ufe0f\u20e3"
    return "🔟" if place == 10 else None


def _number(place: int) -> str:
    return _emoji(place) or f"**{place}**"
