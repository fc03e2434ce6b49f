"""Texts that the service gave, numbered: each can be imagined, or all of them."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.jobs.model import Job
from bot.text import Text, _
from bot.ui.cards.buttons import Choice, action_rows, delete_choice, nothing_told, row_of
from bot.ui.cards.custom_ids import operation_id
from bot.ui.cards.kinds.face import Room, Told
from bot.ui.cards.markdown import escape, escape_and_clip

MOST = 20
"""The service gives four or five; of more than this, nobody reads the rest."""
_LAST_ROW = 3  # components


def numbered(job: Job, texts: Sequence[str], room: Room, nothing: Text) -> Told:
    """Lay out the texts of a job's answer; `nothing` is said if none of them can be read."""
    said = [(index, text) for index, text in enumerate(texts) if escape(text)][:MOST]
    if not said:
        return Told(room.language.render(nothing), nothing_told(job.id, room.language))
    width = room.text // len(said) - 10  # the number and the empty line
    lines = [f"{_number(place)} {escape_and_clip(text, width)}" for place, (_index, text) in enumerate(said, 1)]
    choices = [_imagine(job, index, place) for place, (index, _text) in enumerate(said, 1)]
    last = [delete_choice(job.id)]
    if len(said) > 1:
        every = operation_id("imagine_all", job.id)
        last.insert(0, Choice(_("Imagine all"), every, emoji="🎨", style=discord.ButtonStyle.primary))
    budget = room.components - _LAST_ROW
    rows = action_rows([choices], budget, room.language, menu_id=lambda place: operation_id("menu", f"{job.id}.{place}"))
    return Told("\n\n".join(lines), [*rows, row_of(room.language, *last)])


def _imagine(job: Job, index: int, place: int) -> Choice:
    return Choice(str(place), operation_id("imagine", f"{job.id}.{index}"), emoji=_emoji(place), bare=True)


def _emoji(place: int) -> str | None:
    if place < 10:
        return f"{place}\ufe0f\u20e3"
    return "🔟" if place == 10 else None


def _number(place: int) -> str:
    return _emoji(place) or f"**{place}**"
