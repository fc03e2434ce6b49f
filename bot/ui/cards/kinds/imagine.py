"""Pictures, from words or from an action on a picture."""

from __future__ import annotations

from collections.abc import Sequence

from bot.jobs.model import Job
from bot.midjourney import ImageResult, ImagineRequest, label_of
from bot.text import Text, _
from bot.ui.cards.buttons import picture_controls
from bot.ui.cards.kinds.face import Face, Room, Told
from bot.ui.cards.markdown import URL_LIMIT, escape_and_clip, plain, web_url


def _told(job: Job, room: Room) -> Told:
    picture = job.result if isinstance(job.result, ImageResult) else ImageResult()
    link = web_url(picture.raw_image_url or picture.image_url, URL_LIMIT)
    # Without its id, an action can't say which picture it is for.
    actions, image_id = (picture.actions, picture.image_id) if picture.image_id else ((), "")
    controls = picture_controls(actions, image_id, room.language, job_id=job.id, link=link, budget=room.components)
    return Told("", controls.rows, link if controls.link_left else None)


def _alt_text(job: Job, preview: bool) -> Text:
    """Made from the prompt and the action."""
    prompt = plain(job.order.prompt)
    if preview:
        what = _("Preview of a picture painted by Midjourney")
        return _("{what} from the words: {prompt}", what=what, prompt=prompt) if prompt else what
    what = _("Picture painted by Midjourney")
    if job.order.action != "generate":
        what = _("Picture ({action}) painted by Midjourney", action=label_of(job.order.action).label)
    return _("{what} from the words: {prompt}", what=what, prompt=prompt) if prompt else what


def _choices(job: Job) -> Sequence[str]:
    request = job.order.request
    if not isinstance(request, ImagineRequest):
        return ()
    version = f"V{escape_and_clip(request.version, 20)}" if request.version else ""
    return [request.mode or "", version, "HD" if request.hd else ""]


def _prompt(job: Job) -> str | None:
    """An action has no words of its own to be edited."""
    return job.order.prompt if job.order.action == "generate" else None


FACE = Face(
    title=_("Imagine"),
    at_work=_("Starting…"),
    taken=_("Painting…"),
    still=_("Still painting."),
    refused=_(
        "The image service's moderation refused this prompt. Other words may pass: leave out what could be "
        "read as violent, explicit or about real people."
    ),
    told=_told,
    alt_text=_alt_text,
    choices=_choices,
    prompt=_prompt,
)
