"""The sizes of pictures that a message shows from elsewhere, which Discord's media proxy finds out by fetching them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from yarl import URL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.town import Town

JSON = dict[str, Any]


def add_sizes(message: JSON, town: Town) -> JSON:
    """Add width, height and content type to the image service's pictures, so that nothing moves once they are loaded."""
    service = town.midjourney
    if service is not None:
        for holder, key in _media([*message["components"], *message["embeds"]]):
            url = str(holder[key].get("url"))
            if "width" not in holder[key] and url.startswith(f"{service.url}/pictures/"):
                holder[key] = holder[key] | _measure(URL(url), service)
    return message


def _measure(url: URL, service: Any) -> JSON:
    picture = service.pictures.get(url.name.partition(".")[0])
    asked = [url.query.get(side, "") for side in ("width", "height")]
    if all(side.isdecimal() for side in asked):
        return {"width": int(asked[0]), "height": int(asked[1]), "content_type": "image/png"}
    if picture is not None:
        return {"width": picture.width, "height": picture.height, "content_type": "image/png"}
    return {}


def _media(items: list[JSON]) -> Iterator[tuple[JSON, str]]:
    """Every picture of components and embeds: what holds it, and under which key."""
    for item in items:
        for key in ("media", "image", "thumbnail"):
            if isinstance(item.get(key), dict):
                yield item, key
        yield from _media([*(item.get("components") or []), *(item.get("items") or [])])
        if isinstance(item.get("accessory"), dict):
            yield from _media([item["accessory"]])
