"""What people attach."""

from __future__ import annotations

import discord

from bot.errors import UserError
from bot.text import _

FORMATS = {"image/png", "image/jpeg", "image/gif", "image/webp"}
LIMIT = 20 * 1024 * 1024  # bytes; beyond that the service's own download is likely to fail


class AttachmentRefused(UserError):
    """What was attached is no picture the service can use."""


def image_url(attachment: discord.Attachment) -> str:
    """The link of an attached image; raises AttachmentRefused."""
    kind = (attachment.content_type or "").partition(";")[0].strip().lower()
    if kind not in FORMATS:
        raise AttachmentRefused(_("That attachment is no image I can use. Attach a PNG, JPEG, GIF or WebP."))
    if attachment.size > LIMIT:
        raise AttachmentRefused(
            _(
                "That image is too large: it has {size} MiB, and at most {most} MiB will do.",
                size=attachment.size >> 20,
                most=LIMIT >> 20,
            )
        )
    return attachment.url
