"""From a checked body to the picture it asks for, or the reason why not."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from . import actions, grammar, texts
from .drawing import seed_of
from .errors import Refusal, bad
from .fetching import fetch_photo
from .pictures import Picture, Pictures
from .scenes import Mask, Mixed, Scene, mask
from .videos import WAYS, Film

if TYPE_CHECKING:
    import aiohttp

    from .readings import Readings

DEFAULT_VERSION = "8.2"


@dataclass(frozen=True, slots=True)
class Work:
    """What a task will make: a picture, or a film with this picture as its cover."""

    picture: Picture
    split: bool = False
    film: Film | None = None


@dataclass(slots=True)
class Workshop:
    """Prepares works; `edge` is a raw square grid's edge in pixels, `films` has those that were made."""

    pictures: Pictures
    session: aiohttp.ClientSession
    edge: int
    forbidden_words: frozenset[str]
    films: dict[str, Film]
    readings: Readings

    def moderate(self, body: dict[str, Any]) -> None:
        """Raises Refusal `forbidden` where moderation dislikes the words."""
        for field in ("prompt", "content"):
            if grammar.is_forbidden(body.get(field, ""), self.forbidden_words):
                raise Refusal("forbidden")

    async def prepare(self, endpoint: str, body: dict[str, Any]) -> Work:
        """The work for a body; raises Refusal `bad_request` for what the service can't do."""
        if endpoint == "edits":
            return await self._edit(body)
        if endpoint == "videos":
            return await self._video(body)
        if body.get("action", "generate") == "generate":
            return await self._generate(body)
        return await self._change(body)

    async def _generate(self, body: dict[str, Any]) -> Work:
        prompt = grammar.read(body["prompt"])
        told = body.get("version") if self.readings.version_from_body else None
        version = told or prompt.version or DEFAULT_VERSION
        _check_choices(prompt, body, body.get("version") or version)
        if not self.readings.turbo_on_8 and body.get("version") == "8" and body.get("mode") == "turbo":
            raise bad("Version 8 does not take turbo.")
        photos = [found for url in prompt.urls if (found := await fetch_photo(self.session, url)) is not None]
        text = texts.translate(body["prompt"]) if body.get("translation") else body["prompt"]
        known = version if version.replace(".", "", 1).isdigit() else DEFAULT_VERSION
        picture = actions.fresh(text, edge=self.edge, ratio=prompt.ratio, version=known, photos=photos)
        return Work(picture, split=body.get("split_images", False))

    async def _change(self, body: dict[str, Any]) -> Work:
        parent, action = self.known(body["image_id"]), body["action"]
        if action not in parent.actions:
            raise bad(f"The action {action} is not available for this image.")
        text = body.get("prompt", "")
        prompt = grammar.read(text) if text.strip() else grammar.Prompt((), "", {})
        _check_choices(prompt, body, body.get("version") or parent.version)
        region = await self._mask(body["mask"], parent.width, parent.height) if "mask" in body else None
        picture = actions.changed(action, parent, edge=self.edge, mask=region, text=text)
        return Work(picture, split=body.get("split_images", False))

    async def _edit(self, body: dict[str, Any]) -> Work:
        text = body["prompt"]
        grammar.read(text)
        base = await fetch_photo(self.session, body["image_url"])
        ratio = base.ratio if base else 1.0
        picture = actions.fresh(f"{body['image_url']}\n{text}", edge=self.edge, ratio=ratio, version="7", photos=[])
        if base is not None:
            size = base.image.width, base.image.height
            region = await self._mask(body["mask"], *size) if "mask" in body else None
            amount = 1.0 if region else 0.35
            scenes: tuple[Scene, ...] = tuple(Mixed(base, scene, amount, region) for scene in picture.scenes)
            picture = replace(picture, scenes=scenes)
        offered = actions.GRID if self.readings.edits_can_be_pressed else ()
        return Work(replace(picture, actions=offered), split=body.get("split_images", False))

    async def _video(self, body: dict[str, Any]) -> Work:
        if body.get("prompt", "").strip():
            grammar.read(body["prompt"])
        if body.get("action") == "extend":
            former, number = self.films.get(body["video_id"]), body.get("video_index", 0)
            if former is None:
                raise bad("video_id not found")
            if number not in range(len(WAYS)):
                raise bad("Invalid value for field: video_index")
            return _filmed(former.extended(number))
        start = await fetch_photo(self.session, body["image_url"])
        end = await fetch_photo(self.session, body["end_image_url"]) if "end_image_url" in body else None
        ratio = start.ratio if start else 1.0
        edge = {"480p": 480, "720p": 720}[body.get("resolution", "720p")]
        width, height = actions.frame(edge, ratio)
        painted = actions.painted_from(body["image_url"], ratio, [], seed=seed_of(body["image_url"]))
        return _filmed(Film(Picture((start or painted[0],), width, height, ratio=ratio), end, bool(body.get("loop"))))

    def known(self, image_id: str) -> Picture:
        """The picture of an id; raises Refusal `bad_request` for one the service does not know."""
        picture = self.pictures.get(image_id)
        if picture is None:
            raise bad("image_id not found")
        return picture

    async def _mask(self, encoded: str, width: int, height: int) -> Mask:
        """The mask, white where to repaint; raises Refusal if it is no image, or where sizes count, of another one."""
        data = base64.b64decode(encoded.removeprefix("data:image/png;base64,"))
        try:
            found = await asyncio.to_thread(mask, data)
        except ValueError as error:
            raise bad("The mask is not an image.") from error
        down, right = found.amounts.shape
        if self.readings.mask_size_checked and (right, down) not in {(width, height), (width // 2, height // 2)}:
            raise bad(f"The mask is {right}×{down}, the image {width}×{height}.")
        return found


def _check_choices(prompt: grammar.Prompt, body: dict[str, Any], version: str) -> None:
    """Raises Refusal where prompt and body contradict each other, or the model does not take what one of them says."""
    for field, said in prompt.chosen.items():
        if field in body and not _is_same(said, body[field]):
            raise bad(f"The prompt and the field {field} contradict each other.")
    words = prompt.parameters.keys()
    if "niji" in words and (words & {"v", "version", "hd"} or body.keys() & {"version", "hd"}):
        raise bad("Niji takes neither version nor hd.")
    if version == "8.1" and (words & {"q", "quality", "turbo"} or "quality" in body or body.get("mode") == "turbo"):
        raise bad("Version 8.1 takes neither quality nor turbo.")


def _is_same(said: str | bool, field: Any) -> bool:
    try:
        return float(said) == float(field)
    except ValueError:
        return bool(said == field)


def _filmed(film: Film) -> Work:
    return Work(film.cover, film=film)
