"""A prompt in English, to be imagined as it is or edited first."""

from __future__ import annotations

import discord

from bot.jobs.model import Job
from bot.midjourney import Translation
from bot.text import _
from bot.ui.cards.buttons import Choice, delete_choice, nothing_told, row_of
from bot.ui.cards.custom_ids import operation_id
from bot.ui.cards.kinds.face import Face, Room, Told
from bot.ui.cards.markdown import escape_and_clip


def _content(job: Job) -> str:
    return job.result.content if isinstance(job.result, Translation) else ""


def _told(job: Job, room: Room) -> Told:
    text = escape_and_clip(_content(job), room.text)
    if not text:
        nothing = room.language.render(_("The service gave no translation."))
        return Told(nothing, nothing_told(job.id, room.language))
    one = operation_id("imagine", f"{job.id}.0")
    imagine = Choice(_("Imagine this"), one, emoji="🎨", style=discord.ButtonStyle.primary)
    edit = Choice(_("Edit first"), operation_id("edit", job.id), emoji="✏️")
    return Told(text, [row_of(room.language, imagine, edit, delete_choice(job.id))])


FACE = Face(
    title=_("Translate"),
    at_work=_("Translating…"),
    still=_("Still at work."),
    refused=_("The image service's moderation refused this text. Other words may pass."),
    told=_told,
    alt_text=lambda _job, _preview: _("A picture"),
    prompt=_content,
    texts=lambda job: (_content(job),),
)
