"""What Discord allows of embeds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .errors import Form

LIMITS = {"title": 256, "description": 4096, "url": 2048}
MAX_CHARACTERS = 6000


def check(form: Form, embeds: list[dict[str, Any]], names: set[str]) -> None:
    """Note in `form` whatever Discord would refuse; `names` are the message's attachments."""
    if not form.length(("embeds",), embeds, 0, 10):
        return
    for index, embed in enumerate(embeds):
        path = ("embeds", index)
        for key, limit in LIMITS.items():
            form.length((*path, key), embed.get(key) or "", 0, limit)
        form.length((*path, "footer", "text"), (embed.get("footer") or {}).get("text") or "", 0, 2048)
        form.length((*path, "author", "name"), (embed.get("author") or {}).get("name") or "", 0, 256)
        fields = embed.get("fields") or []
        if form.length((*path, "fields"), fields, 0, 25):
            for at, field in enumerate(fields):
                form.length((*path, "fields", at, "name"), field.get("name"), 1, 256)
                form.length((*path, "fields", at, "value"), field.get("value"), 1, 1024)
        for key in ("image", "thumbnail"):
            _check_picture(form, (*path, key, "url"), (embed.get(key) or {}).get("url"), names)
    if sum(map(_characters, embeds)) > MAX_CHARACTERS:
        message = f"Embed size exceeds maximum size of {MAX_CHARACTERS}"
        form.refuse(("embeds",), "MAX_EMBED_SIZE_EXCEEDED", message)


def _check_picture(form: Form, path: tuple[str | int, ...], url: str | None, names: set[str]) -> None:
    if url is None:
        return
    scheme, _, name = url.partition("://")
    if scheme not in ("http", "https", "attachment"):
        form.refuse(path, "URL_TYPE_INVALID_SCHEME", "Scheme must be one of ('http', 'https', 'attachment').")
    elif scheme == "attachment" and name not in names:
        form.refuse(path, "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND", "The referenced attachment was not found")


def _characters(embed: dict[str, Any]) -> int:
    texts = [embed.get("title"), embed.get("description"), (embed.get("footer") or {}).get("text")]
    texts.append((embed.get("author") or {}).get("name"))
    for field in embed.get("fields") or []:
        texts += [field.get("name"), field.get("value")]
    return sum(len(text or "") for text in texts)
