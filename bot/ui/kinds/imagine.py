"""Pictures, from words or from an action on a picture."""

from __future__ import annotations

from collections.abc import Sequence

from bot.jobs.model import Job
from bot.midjourney import ImageResult, ImagineRequest
from bot.midjourney.actions import label_of
from bot.ui.buttons import picture_controls
from bot.ui.kinds.face import Face, Told
from bot.ui.markdown import URL_LIMIT, clip, escape_and_clip, plain, web_url

ALT_LIMIT = 1024


def _told(job: Job, _limit: int, budget: int) -> Told:
    picture = job.result if isinstance(job.result, ImageResult) else ImageResult()
    link = web_url(picture.raw_image_url or picture.image_url, URL_LIMIT)
    controls = picture_controls(picture.actions, picture.image_id or "", job_id=job.id, link=link, budget=budget)
    return Told("", controls.rows, link if controls.link_left else None)


def _alt_text(job: Job, preview: bool) -> str:
    """Made from the prompt and the action; 1 to 1,024 units."""
    what = "Preview of a picture" if preview else "Picture"
    if job.order.action != "generate":
        what += f" ({plain(label_of(job.order.action).label)})"
    prompt = plain(job.order.prompt)
    return clip(f"{what} painted by Midjourney" + (f" from the words: {prompt}" if prompt else ""), ALT_LIMIT)


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
    title="Imagine",
    at_work="Starting…",
    still="Still painting.",
    refused="The image service's moderation refused this prompt. Other words may pass: leave out what could be "
    "read as violent, explicit or about real people.",
    told=_told,
    alt_text=_alt_text,
    choices=_choices,
    prompt=_prompt,
)
