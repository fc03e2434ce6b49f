"""The only place that lays out a job: one container with what it is, how it stands, the picture and its buttons.

A card is a fresh view every time, without callbacks: presses are routed by their custom ids, so the caller `stop()`s
the view before it is sent. Nothing anyone typed is longer than the 4,000 characters of a card allow, and nothing is
laid out beyond its 40 components.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import discord

from bot.jobs.model import Job, Progress, State
from bot.ui import words
from bot.ui.buttons import Choice, Row, delete_choice
from bot.ui.captions import alt_text, at_work, facts, small_print, title
from bot.ui.custom_ids import operation_id
from bot.ui.kinds import face_of
from bot.ui.markdown import clip, code_block, escape, escape_and_clip, plain, web_url, width

TEXT_LIMIT: Final = 4000
COMPONENTS: Final = 40
GALLERY: Final = 10  # pictures or clips in one
ATTACHED: Final = "attachment://"
_AROUND: Final = 5  # container, header, status, gallery, small print
_MEDIA_URL: Final = 2048
_NOTE_LIMIT: Final = 500
_STATUS_LIMIT: Final = 2200

_GREY, _BLUE, _AMBER, _GREEN, _RED = 0x949BA4, 0x5865F2, 0xF0B232, 0x3BA55D, 0xDA373C


@dataclass(frozen=True, slots=True)
class _Body:
    """What differs from state to state; `status` is Markdown that is ready to be shown, `media` are links."""

    colour: int
    status: str = ""
    media: Sequence[str] = ()
    thumbnail: str | None = None
    preview: bool = False
    whole: bool = False
    link: str | None = None
    rows: Sequence[Row] = ()


def card(
    job: Job, progress: Progress | None = None, *, media: Sequence[str] = (), note: str | None = None
) -> discord.ui.LayoutView:
    """The job as it stands.

    `media` are links to what the answer holds, or to the preview: of the web, or `attachment://` and the name of a file
    that goes with this message. Any makes a finished job a delivered one, since its card is sent before its row can say
    so; where only links can be delivered, pass the job with the state DELIVERED. `note` is plain text in small print.
    """
    links = [link if link.startswith(ATTACHED) else web_url(link, _MEDIA_URL) for link in media]
    return _lay_out(job, _body(job, progress, [link for link in links if link]), note)


def parked_card(job: Job) -> discord.ui.LayoutView:
    """For places without the bot, before the token dies: a press brings a new token, and with it what has come since."""
    face = face_of(job)
    status = f"{face.still} Discord lets me change this card for 15 minutes only: press the button to see how it stands."
    show = Choice("Show", operation_id("show", job.id), emoji="👀", style=discord.ButtonStyle.primary)
    return _lay_out(job, _Body(_BLUE, status, thumbnail=_thumbnail(job), rows=[_row(show)]), job.order.note)


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


def _body(job: Job, progress: Progress | None, media: Sequence[str]) -> _Body:
    if job.let_go_at is not None and not media and job.state in {State.SUBMITTING, State.RUNNING, State.FINISHED}:
        status = "Let go. It was being painted already and could not be stopped, so it is paid for, but not shown."
        if job.state is State.SUBMITTING:
            status = (
                "Let go. It was sent already and could not be stopped: if the service took it, it is paid for, but not shown."
            )
        return _Body(_GREY, status, rows=[_row(delete_choice(job.id))])
    match job.state:
        case State.QUEUED | State.SUBMITTING | State.RUNNING:
            return _at_work(job, progress, media)
        case State.FAILED:
            return _failed(job)
        case State.CANCELLED:
            after_all = Choice("Start after all", operation_id("again", job.id), emoji="🔁")
            rows = [_row(after_all, delete_choice(job.id))]
            return _Body(_GREY, "Cancelled; nothing was billed.", thumbnail=_thumbnail(job), rows=rows)
        case State.FINISHED if job.media and not media:
            show = Choice("Show", operation_id("show", job.id), emoji="👀")
            return _Body(_BLUE, "Painted; bringing it over…", rows=[_row(show)])
        case _:
            return _answered(job, media)


def _at_work(job: Job, progress: Progress | None, media: Sequence[str]) -> _Body:
    preview = web_url(progress.preview_url, _MEDIA_URL) if progress else None
    choices = [Choice("Cancel" if job.state is State.QUEUED else "Let go", operation_id("cancel", job.id))]
    if progress and progress.note == "silent":
        choices.insert(0, _again(job))
    return _Body(
        _GREY if job.state is State.QUEUED else _AMBER,
        at_work(job, progress),
        media=media or ([preview] if preview else []),
        thumbnail=_thumbnail(job),
        preview=True,
        rows=[_row(*choices)],
    )


def _answered(job: Job, media: Sequence[str]) -> _Body:
    lost = bool(job.media) and job.state is State.UNDELIVERABLE and not media
    again = [_row(Choice("Show", operation_id("show", job.id), emoji="👀"))] if lost else []
    told = face_of(job).told(job, _STATUS_LIMIT, COMPONENTS - _AROUND - 2 * len(again) - max(0, len(media) - 1))
    return _Body(
        _GREY if lost else _GREEN,
        "It was painted, but could not be brought here. Press *Show* to try once more." if lost else told.text,
        media=media,
        thumbnail=_thumbnail(job),
        whole=bool(job.media),
        link=told.link,
        rows=[*again, *told.rows],
    )


def _failed(job: Job) -> _Body:
    failure = job.failure or words.UNKNOWN
    choices = []
    if words.can_try_again(failure.code):
        choices.append(_again(job))
    if words.can_be_reworded(failure.code) and face_of(job).prompt(job):
        choices.append(Choice("Edit prompt", operation_id("edit", job.id), emoji="✏️"))
    told = words.failure(failure, face_of(job).refused, pressed=job.order.image_id is not None)
    rows = [_row(*choices, delete_choice(job.id))]
    return _Body(_RED, f"⚠️ {told}", thumbnail=_thumbnail(job), rows=rows)


def _again(job: Job) -> Choice:
    return Choice("Try again", operation_id("again", job.id), emoji="🔁")


def _thumbnail(job: Job) -> str | None:
    return web_url(face_of(job).thumbnail(job), _MEDIA_URL)


def _lay_out(job: Job, body: _Body, note: str | None) -> discord.ui.LayoutView:
    head = title(job.order)
    small = "\n".join(filter(None, [small_print(note, _NOTE_LIMIT), facts(job, whole=body.whole, full_size=body.link)]))
    room = TEXT_LIMIT - sum(map(width, (head, body.status, small))) - 1
    prompt = escape_and_clip(job.order.prompt, room)
    header: discord.ui.TextDisplay[Any] = discord.ui.TextDisplay(f"{head}\n{prompt}" if prompt else head)
    container: discord.ui.Container[Any] = discord.ui.Container(accent_colour=body.colour)
    if body.thumbnail:
        picture: discord.ui.Thumbnail[Any] = discord.ui.Thumbnail(body.thumbnail, description=alt_text(job))
        container.add_item(discord.ui.Section(header, accessory=picture))
    else:
        container.add_item(header)
    if body.status:
        container.add_item(discord.ui.TextDisplay(body.status))
    if body.media:
        container.add_item(gallery(job, body.media, preview=body.preview))
    container.add_item(discord.ui.TextDisplay(small))
    for row in body.rows:
        container.add_item(row)
    return _view(container)


def gallery(job: Job, media: Sequence[str], *, preview: bool = False) -> discord.ui.MediaGallery[Any]:
    """Up to ten pictures or clips of a job, or its preview."""
    alt = alt_text(job, preview=preview)
    return discord.ui.MediaGallery(*(discord.MediaGalleryItem(link, description=alt) for link in media[:GALLERY]))


def media_card(job: Job, media: Sequence[str], *, key: str) -> discord.ui.LayoutView:
    """What the card itself has no room for, in a message of its own; `key` names it for ever."""
    container: discord.ui.Container[Any] = discord.ui.Container(gallery(job, media), accent_colour=_GREEN)
    container.add_item(_row(delete_choice(key)))
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
