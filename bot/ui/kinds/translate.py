"""A prompt in English, to be imagined as it is or edited first."""

from __future__ import annotations

import discord

from bot.jobs.model import Job
from bot.midjourney import Translation
from bot.ui.buttons import Choice, delete_choice, nothing_told
from bot.ui.custom_ids import operation_id
from bot.ui.kinds.face import Face, Told
from bot.ui.markdown import escape_and_clip


def _content(job: Job) -> str:
    return job.result.content if isinstance(job.result, Translation) else ""


def _told(job: Job, limit: int, _budget: int) -> Told:
    text = escape_and_clip(_content(job), limit)
    if not text:
        return Told("The service gave no translation.", nothing_told(job.id))
    imagine = Choice("Imagine this", operation_id("imagine", f"{job.id}.0"), emoji="🎨", style=discord.ButtonStyle.primary)
    edit = Choice("Edit first", operation_id("edit", job.id), emoji="✏️")
    return Told(text, [discord.ui.ActionRow(*(choice.button() for choice in (imagine, edit, delete_choice(job.id))))])


FACE = Face(
    title="Translate",
    at_work="Translating…",
    still="Still at work.",
    refused="The image service's moderation refused this text. Other words may pass.",
    told=_told,
    alt_text=lambda _job, _preview: "",
    prompt=_content,
    texts=lambda job: (_content(job),),
)
