"""The only place that lays out a job: one container with what it is, how it stands, the picture and its buttons.

A card is a fresh view every time, without callbacks: presses are routed by their custom ids, so the caller `stop()`s
the view before it is sent. Nothing anyone typed is longer than the 4,000 characters of a card allow, and nothing is
laid out beyond its 40 components.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import discord

from bot.jobs.model import Job, Kind, Progress, State
from bot.midjourney.models import ImageResult
from bot.ui import results, words
from bot.ui.buttons import Choice, Row, delete_choice, picture_controls
from bot.ui.captions import URL_LIMIT, alt_text, at_work, facts, small_print, title
from bot.ui.custom_ids import operation_id
from bot.ui.markdown import clip, code_block, escape, escape_and_clip, plain, web_url, width

TEXT_LIMIT: Final = 4000
COMPONENTS: Final = 40
_AROUND: Final = 5  # container, header, status, gallery, small print
_MEDIA_URL: Final = 2048
_NOTE_LIMIT: Final = 500
_STATUS_LIMIT: Final = 2200

_GREY, _BLUE, _AMBER, _GREEN, _RED = 0x949BA4, 0x5865F2, 0xF0B232, 0x3BA55D, 0xDA373C


@dataclass(frozen=True, slots=True)
class _Face:
    """What differs from state to state; `status` is Markdown that is ready to be shown."""

    colour: int
    status: str = ""
    media: str | None = None
    thumbnail: str | None = None
    preview: bool = False
    picture: ImageResult | None = None
    link: str | None = None
    rows: list[Row] = field(default_factory=list)


def card(
    job: Job,
    progress: Progress | None = None,
    *,
    file: str | None = None,
    picture_url: str | None = None,
    note: str | None = None,
) -> discord.ui.LayoutView:
    """The job as it stands.

    `file` is the name of the picture uploaded with this message; without one, `picture_url` is shown. Either makes a
    finished job a delivered one, since its card is sent before its row can say so; where only links can be delivered,
    pass the job with the state DELIVERED. `note` is plain text in small print.
    """
    media = f"attachment://{file}" if file else web_url(picture_url, _MEDIA_URL)
    return _lay_out(job, _face(job, progress, media), note)


def parked_card(job: Job) -> discord.ui.LayoutView:
    """For places without the bot, before the token dies: a press brings a new token, and with it what has come since."""
    doing = "painting" if job.order.kind is Kind.IMAGINE else "at work"
    status = f"Still {doing}. Discord lets me change this card for 15 minutes only: press the button to see how it stands."
    show = Choice("Show", operation_id("show", job.id), emoji="👀", style=discord.ButtonStyle.primary)
    return _lay_out(job, _Face(_BLUE, status, thumbnail=_described(job, None), rows=[_row(show)]), job.order.note)


def notice(text: str, *, prompt: str | None = None) -> discord.ui.LayoutView:
    """A sentence for one person alone; a typed `prompt` stands below it to be copied, so that it isn't lost.

    `text` is plain text.
    """
    said = "\n".join(filter(None, map(escape, text.splitlines())))
    said = clip(said, 1500) or "That did not work."
    container: discord.ui.Container[Any] = discord.ui.Container(discord.ui.TextDisplay(said), accent_colour=_AMBER)
    if prompt and plain(prompt):
        container.add_item(discord.ui.TextDisplay(code_block(prompt, TEXT_LIMIT - width(said))))
    return _view(container)


def _face(job: Job, progress: Progress | None, media: str | None) -> _Face:
    here = media is not None
    if job.let_go_at is not None and not here and job.state in {State.SUBMITTING, State.RUNNING, State.FINISHED}:
        status = "Let go. It was being painted already and could not be stopped, so it is paid for, but not shown."
        if job.state is State.SUBMITTING:
            status = (
                "Let go. It was sent already and could not be stopped: if the service took it, it is paid for, but not shown."
            )
        return _Face(_GREY, status, rows=[_row(delete_choice(job.id))])
    match job.state:
        case State.QUEUED | State.SUBMITTING | State.RUNNING:
            return _at_work(job, progress, media)
        case State.FAILED:
            return _failed(job, media)
        case State.CANCELLED:
            after_all = Choice("Start after all", operation_id("again", job.id), emoji="🔁")
            rows = [_row(after_all, delete_choice(job.id))]
            return _Face(_GREY, "Cancelled; nothing was billed.", thumbnail=_described(job, media), rows=rows)
        case State.FINISHED | State.DELIVERED | State.UNDELIVERABLE if job.order.kind is not Kind.IMAGINE:
            told = results.told(job, limit=_STATUS_LIMIT)
            return _Face(_GREEN, told.text, thumbnail=_described(job, media), rows=told.rows)
        case State.FINISHED if not here:
            show = Choice("Show", operation_id("show", job.id), emoji="👀")
            return _Face(_BLUE, "Painted; bringing it over…", rows=[_row(show)])
        case _:
            return _painted(job, media)


def _at_work(job: Job, progress: Progress | None, media: str | None) -> _Face:
    preview = web_url(progress.preview_url, _MEDIA_URL) if progress else None
    choices = [Choice("Cancel" if job.state is State.QUEUED else "Let go", operation_id("cancel", job.id))]
    if progress and progress.note == "silent":
        choices.insert(0, _again(job))
    is_picture = job.order.kind is Kind.IMAGINE
    return _Face(
        _GREY if job.state is State.QUEUED else _AMBER,
        at_work(job, progress),
        media=(media or preview) if is_picture else None,
        thumbnail=_described(job, media),
        preview=True,
        rows=[_row(*choices)],
    )


def _painted(job: Job, media: str | None) -> _Face:
    picture = ImageResult.model_validate(job.result or {})
    link = web_url(picture.raw_image_url or picture.image_url, URL_LIMIT)
    lost = job.state is State.UNDELIVERABLE and media is None
    again = [_row(Choice("Show", operation_id("show", job.id), emoji="👀"))] if lost else []
    budget = COMPONENTS - _AROUND - 2 * len(again)
    controls = picture_controls(picture.actions, picture.image_id or "", job_id=job.id, link=link, budget=budget)
    return _Face(
        _GREY if lost else _GREEN,
        "It was painted, but could not be brought here. Press *Show* to try once more." if lost else "",
        media=media,
        picture=picture,
        link=link if controls.link_left else None,
        rows=again + controls.rows,
    )


def _failed(job: Job, media: str | None) -> _Face:
    failure = job.failure or words.UNKNOWN
    order = job.order
    choices = []
    if words.can_try_again(failure.code):
        choices.append(_again(job))
    if words.can_be_reworded(failure.code) and order.kind is Kind.IMAGINE and order.action == "generate":
        choices.append(Choice("Edit prompt", operation_id("edit", job.id), emoji="✏️"))
    told = words.failure(failure, order.kind, action=order.action)
    rows = [_row(*choices, delete_choice(job.id))]
    return _Face(_RED, f"⚠️ {told}", thumbnail=_described(job, media), rows=rows)


def _again(job: Job) -> Choice:
    return Choice("Try again", operation_id("again", job.id), emoji="🔁")


def _described(job: Job, media: str | None) -> str | None:
    """The picture that a description is of: the thumbnail of its card."""
    if job.order.kind is not Kind.DESCRIBE:
        return None
    return media or web_url(job.order.request.get("image_url"), _MEDIA_URL)


def _lay_out(job: Job, face: _Face, note: str | None) -> discord.ui.LayoutView:
    head = title(job.order)
    small = "\n".join(filter(None, [small_print(note, _NOTE_LIMIT), facts(job, face.picture, full_size=face.link)]))
    room = TEXT_LIMIT - sum(map(width, (head, face.status, small))) - 1
    prompt = escape_and_clip(job.order.prompt, room)
    header: discord.ui.TextDisplay[Any] = discord.ui.TextDisplay(f"{head}\n{prompt}" if prompt else head)
    container: discord.ui.Container[Any] = discord.ui.Container(accent_colour=face.colour)
    if face.thumbnail:
        picture: discord.ui.Thumbnail[Any] = discord.ui.Thumbnail(face.thumbnail, description=alt_text(job))
        container.add_item(discord.ui.Section(header, accessory=picture))
    else:
        container.add_item(header)
    if face.status:
        container.add_item(discord.ui.TextDisplay(face.status))
    if face.media:
        alt = alt_text(job, preview=face.preview)
        container.add_item(discord.ui.MediaGallery(discord.MediaGalleryItem(face.media, description=alt)))
    container.add_item(discord.ui.TextDisplay(small))
    for row in face.rows:
        container.add_item(row)
    return _view(container)


def _view(container: discord.ui.Container[Any]) -> discord.ui.LayoutView:
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(container)
    return view


def _row(*choices: Choice) -> Row:
    return discord.ui.ActionRow(*(choice.button() for choice in choices))


def about(text: str, readme_url: str) -> discord.ui.LayoutView:
    """What the bot says of itself, in Markdown of ours, with a link to its README."""
    link: discord.ui.Button[Any] = discord.ui.Button(label="How it works", url=readme_url)
    return _view(discord.ui.Container(discord.ui.TextDisplay(text), discord.ui.ActionRow(link), accent_colour=_BLUE))
