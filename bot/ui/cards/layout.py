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
from bot.text import ENGLISH, Language, Text, _, sentences
from bot.ui.cards import failures
from bot.ui.cards.buttons import ButtonRow, Choice, again_choice, delete_choice, row_of, said
from bot.ui.cards.captions import alt_text, at_work, facts, small_print, title
from bot.ui.cards.custom_ids import operation_id
from bot.ui.cards.kinds import Room, face_of
from bot.ui.cards.markdown import clip, code_block, escape, escape_and_clip, plain, web_url, width

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
    rows: Sequence[ButtonRow] = ()


def card(
    job: Job,
    progress: Progress | None = None,
    *,
    media: Sequence[str] = (),
    note: Text | None = None,
    language: Language = ENGLISH,
) -> discord.ui.LayoutView:
    """The job as it stands.

    `media` are links to what the answer holds, or to the preview: of the web, or `attachment://` and the name of a file
    that goes with this message. Any makes a finished job a delivered one, since its card is sent before its row can say
    so; if only links can be delivered, pass the job with the state DELIVERED. `note` is told in small print.
    """
    links = [link if link.startswith(ATTACHED) else web_url(link, _MEDIA_URL) for link in media]
    return _lay_out(job, _body(job, progress, [link for link in links if link], language), note, language)


def parked_card(job: Job, language: Language = ENGLISH) -> discord.ui.LayoutView:
    """For places without the bot, before the token dies: a press brings a new token, and with it what has come since."""
    face = face_of(job)
    why = _("Discord lets me change this card for 15 minutes only: press the button to see how it stands.")
    status = language.render(sentences(face.still, why))
    show = Choice(_("Show"), operation_id("show", job.id), emoji="👀", style=discord.ButtonStyle.primary)
    body = _Body(_BLUE, status, thumbnail=_thumbnail(job), rows=[row_of(language, show)])
    return _lay_out(job, body, job.order.note, language)


def notice(text: Text | str, *, prompt: str | None = None, language: Language = ENGLISH) -> discord.ui.LayoutView:
    """A sentence for one person alone; a typed `prompt` stands below it to be copied, so that it isn't lost."""
    words = "\n".join(filter(None, map(escape, said(text, language).splitlines())))
    words = clip(words, 1500) or language.render(_("That did not work."))
    container: discord.ui.Container[Any] = discord.ui.Container(discord.ui.TextDisplay(words), accent_colour=_AMBER)
    if prompt and plain(prompt):
        container.add_item(discord.ui.TextDisplay(code_block(prompt, TEXT_LIMIT - width(words))))
    return _view(container)


def _body(job: Job, progress: Progress | None, media: Sequence[str], language: Language) -> _Body:
    if job.let_go_at is not None and not media and job.state in {State.SUBMITTING, State.RUNNING, State.FINISHED}:
        status = _("Let go. It was being painted already and could not be stopped, so it is paid for, but not shown.")
        if job.state is State.SUBMITTING:
            status = _(
                "Let go. It was sent already and could not be stopped: if the service took it, it is paid for, but not shown."
            )
        return _Body(_GREY, language.render(status), rows=[row_of(language, delete_choice(job.id))])
    match job.state:
        case State.QUEUED | State.SUBMITTING | State.RUNNING:
            return _at_work(job, progress, media, language)
        case State.FAILED:
            return _failed(job, language)
        case State.CANCELLED:
            after_all = Choice(_("Start after all"), operation_id("again", job.id), emoji="🔁")
            rows = [row_of(language, after_all, delete_choice(job.id))]
            status = _("Cancelled; nothing was billed.")
            return _Body(_GREY, language.render(status), thumbnail=_thumbnail(job), rows=rows)
        case State.FINISHED if job.media and not media:
            status = _("Painted; bringing it over…")
            return _Body(_BLUE, language.render(status), rows=[row_of(language, _show_choice(job))])
    return _answered(job, media, language)


def _show_choice(job: Job) -> Choice:
    return Choice(_("Show"), operation_id("show", job.id), emoji="👀")


def _at_work(job: Job, progress: Progress | None, media: Sequence[str], language: Language) -> _Body:
    preview = web_url(progress.preview_url, _MEDIA_URL) if progress else None
    choices = [Choice(_("Cancel") if job.state is State.QUEUED else _("Let go"), operation_id("cancel", job.id))]
    if progress and progress.note == "silent":
        choices.insert(0, again_choice(job.id))
    return _Body(
        _GREY if job.state is State.QUEUED else _AMBER,
        at_work(job, progress, language),
        media=media or ([preview] if preview else []),
        thumbnail=_thumbnail(job),
        preview=True,
        rows=[row_of(language, *choices)],
    )


def _answered(job: Job, media: Sequence[str], language: Language) -> _Body:
    lost = bool(job.media) and job.state is State.UNDELIVERABLE and not media
    again = [row_of(language, _show_choice(job))] if lost else []
    components = COMPONENTS - _AROUND - 2 * len(again) - max(0, len(media) - 1)
    told = face_of(job).told(job, Room(_STATUS_LIMIT, components, language))
    not_brought = _("It was painted, but could not be brought here. Press *Show* to try once more.")
    return _Body(
        _GREY if lost else _GREEN,
        language.render(not_brought) if lost else told.text,
        media=media,
        thumbnail=_thumbnail(job),
        whole=bool(job.media),
        link=told.link,
        rows=[*again, *told.rows],
    )


def _failed(job: Job, language: Language) -> _Body:
    failure = job.failure or failures.UNKNOWN
    choices = []
    if failures.can_try_again(failure):
        choices.append(again_choice(job.id))
    if failures.can_be_reworded(failure) and face_of(job).prompt(job):
        choices.append(Choice(_("Edit prompt"), operation_id("edit", job.id), emoji="✏️"))
    told = failures.failure(failure, face_of(job).refused, language, pressed=job.order.image_id is not None)
    rows = [row_of(language, *choices, delete_choice(job.id))]
    return _Body(_RED, f"⚠️ {told}", thumbnail=_thumbnail(job), rows=rows)


def _thumbnail(job: Job) -> str | None:
    return web_url(face_of(job).thumbnail(job), _MEDIA_URL)


def _lay_out(job: Job, body: _Body, note: Text | None, language: Language) -> discord.ui.LayoutView:
    head = title(job.order, language)
    known = facts(job, language, whole=body.whole, full_size=body.link)
    small = "\n".join(filter(None, [small_print(note, _NOTE_LIMIT, language), known]))
    room = TEXT_LIMIT - sum(map(width, (head, body.status, small))) - 1
    prompt = escape_and_clip(job.order.prompt, room)
    header: discord.ui.TextDisplay[Any] = discord.ui.TextDisplay(f"{head}\n{prompt}" if prompt else head)
    container: discord.ui.Container[Any] = discord.ui.Container(accent_colour=body.colour)
    if body.thumbnail:
        picture: discord.ui.Thumbnail[Any] = discord.ui.Thumbnail(body.thumbnail, description=alt_text(job, language))
        container.add_item(discord.ui.Section(header, accessory=picture))
    else:
        container.add_item(header)
    if body.status:
        container.add_item(discord.ui.TextDisplay(body.status))
    if body.media:
        container.add_item(gallery(job, body.media, language, preview=body.preview))
    container.add_item(discord.ui.TextDisplay(small))
    for row in body.rows:
        container.add_item(row)
    return _view(container)


def gallery(job: Job, media: Sequence[str], language: Language, *, preview: bool = False) -> discord.ui.MediaGallery[Any]:
    """Up to ten pictures or clips of a job, or its preview."""
    alt = alt_text(job, language, preview=preview)
    return discord.ui.MediaGallery(*(discord.MediaGalleryItem(link, description=alt) for link in media[:GALLERY]))


def media_card(job: Job, media: Sequence[str], *, key: str, language: Language = ENGLISH) -> discord.ui.LayoutView:
    """What the card itself has no room for, in a message of its own; `key` names it for ever."""
    container: discord.ui.Container[Any] = discord.ui.Container(gallery(job, media, language), accent_colour=_GREEN)
    container.add_item(row_of(language, delete_choice(key)))
    return _view(container)


def stopped(view: discord.ui.LayoutView) -> discord.ui.LayoutView:
    """A view that discord.py does not keep: presses go to our router."""
    view.stop()
    return view


def _view(container: discord.ui.Container[Any]) -> discord.ui.LayoutView:
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(container)
    return view


def about(lines: Sequence[Text], readme_url: str, language: Language = ENGLISH) -> discord.ui.LayoutView:
    """What the bot says of itself, in Markdown of ours, with a link to its README."""
    text = "\n".join(map(language.render, lines))
    link: discord.ui.Button[Any] = discord.ui.Button(label=language.render(_("How it works")), url=readme_url)
    return _view(discord.ui.Container(discord.ui.TextDisplay(text), discord.ui.ActionRow(link), accent_colour=_BLUE))
