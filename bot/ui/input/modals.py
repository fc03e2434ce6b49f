"""The one modal: a prompt to be edited before it is imagined."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import discord

from bot.prompts import MAX_PROMPT
from bot.text import Language, _
from bot.ui.cards.custom_ids import operation_id
from bot.ui.cards.markdown import clip

TIMEOUT = 1.0  # discord.py need not keep it: the router takes what comes back
FIELD = "prompt"
TITLE = 45  # units of a modal's title, and of a label in it


def prompt_modal(job_id: str, text: str, language: Language) -> discord.ui.Modal:
    """A modal that opens with a text, and comes back as operation `edited`."""
    modal = discord.ui.Modal(
        title=clip(language.render(_("Edit the prompt")), TITLE), timeout=TIMEOUT, custom_id=operation_id("edited", job_id)
    )
    field: discord.ui.TextInput[discord.ui.Modal] = discord.ui.TextInput(
        custom_id=FIELD, style=discord.TextStyle.paragraph, default=text[:MAX_PROMPT], min_length=1, max_length=MAX_PROMPT
    )
    modal.add_item(discord.ui.Label(text=clip(language.render(_("Prompt")), TITLE), component=field))
    modal.stop()
    return modal


def typed_prompt(interaction: discord.Interaction[Any]) -> str:
    """What a person left in the modal."""
    data: Mapping[str, Any] = interaction.data or {}
    return next((str(item.get("value", "")) for item in _items(data) if item.get("custom_id") == FIELD), "")


def _items(component: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield component
    for child in component.get("components") or ():
        yield from _items(child)
    if isinstance(inner := component.get("component"), Mapping):
        yield from _items(inner)
