"""Words from a picture: each can be imagined, or all of them."""

from __future__ import annotations

from collections.abc import Sequence

from bot.jobs.model import Job
from bot.midjourney import DescribeRequest, Descriptions
from bot.text import _
from bot.ui.cards.kinds.face import Face, Room, Told
from bot.ui.cards.kinds.numbered import numbered


def _texts(job: Job) -> Sequence[str]:
    return job.result.descriptions if isinstance(job.result, Descriptions) else ()


def _told(job: Job, room: Room) -> Told:
    return numbered(job, _texts(job), room, _("The service found no words for this picture."))


def _thumbnail(job: Job) -> str | None:
    request = job.order.request
    return request.image_url if isinstance(request, DescribeRequest) else None


FACE = Face(
    title=_("Describe"),
    at_work=_("Looking closely at the picture…"),
    still=_("Still at work."),
    refused=_("The image service's moderation refused this image. Another one may pass."),
    told=_told,
    alt_text=lambda _job, _preview: _("The picture to be described"),
    thumbnail=_thumbnail,
    texts=_texts,
)
