"""What can be done to a painting: widened, mixed with another, painted over through a mask; and foreign photos."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from PIL import Image, UnidentifiedImageError

from .drawing import FRAME, Array, Painting, Window, hue_of, seed_of

LONGEST = 1536  # painted pixels of an edge; what is larger is enlarged from that
PHOTO_EDGE = 1024


class Scene(Protocol):
    """Anything that can be painted at any size."""

    def sample(self, window: Window, width: int, height: int) -> Array:
        """Paint a part of the plane around the picture's frame."""

    def varied(self, seed: int, strength: float) -> Scene:
        """A picture near this one."""

    def painting(self) -> Painting:
        """The landscape that its surroundings continue."""


@dataclass(frozen=True, slots=True)
class Widened:
    """A picture seen through another window: the old frame unchanged, and around it something new."""

    base: Scene
    window: Window
    outer: Scene

    def sample(self, window: Window, width: int, height: int) -> Array:
        part = self.window.inside(window)
        x, y = part.grid(width, height)
        outside = np.maximum(np.abs(x - 0.5), np.abs(y - 0.5)) - 0.5
        fade = (outside / 0.4).clip(0, 1)[..., None]
        fade = fade * fade * (3 - 2 * fade)
        seen: Array = self.base.sample(part, width, height) * (1 - fade) + self.outer.sample(part, width, height) * fade
        return seen

    def varied(self, seed: int, strength: float) -> Widened:
        return Widened(self.base.varied(seed, strength), self.window, self.outer.varied(seed, strength))

    def painting(self) -> Painting:
        inner = self.base.painting()
        return replace(inner, window=inner.window.inside(self.window))


@dataclass(frozen=True, slots=True)
class Seen:
    """A picture's plane seen through another window."""

    base: Scene
    window: Window

    def sample(self, window: Window, width: int, height: int) -> Array:
        return self.base.sample(self.window.inside(window), width, height)

    def varied(self, seed: int, strength: float) -> Seen:
        return Seen(self.base.varied(seed, strength), self.window)

    def painting(self) -> Painting:
        inner = self.base.painting()
        return replace(inner, window=inner.window.inside(self.window))


@dataclass(frozen=True, slots=True, eq=False)
class Mask:
    """Which part is to be painted over: from 0, black, to 1, white; beyond its frame its edge goes on."""

    amounts: Array

    def sample(self, window: Window, width: int, height: int) -> Array:
        """The nearest of the mask's own values, so that no black pixel is ever touched; shaped (height, width, 1)."""
        x, y = window.grid(width, height)
        rows, columns = self.amounts.shape
        down = (y[:, 0] * rows).astype(np.intp).clip(0, rows - 1)
        right = (x[0] * columns).astype(np.intp).clip(0, columns - 1)
        nearest: Array = self.amounts[down][:, right, None].astype(np.float32) / 255
        return nearest


@dataclass(frozen=True, slots=True)
class Mixed:
    """Two pictures in one: `amount` of the other, everywhere or where the mask is white."""

    base: Scene
    other: Scene
    amount: float
    mask: Mask | None = None

    def sample(self, window: Window, width: int, height: int) -> Array:
        amount: Array | float = self.amount
        if self.mask is not None:
            amount = self.mask.sample(window, width, height) * self.amount
        return self.base.sample(window, width, height) * (1 - amount) + self.other.sample(window, width, height) * amount

    def varied(self, seed: int, strength: float) -> Mixed:
        return Mixed(self.base.varied(seed, strength), self.other.varied(seed, strength), self.amount, self.mask)

    def painting(self) -> Painting:
        return self.base.painting()


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """A picture that came from outside; beyond its frame it is mirrored."""

    image: Image.Image
    seed: int

    def __getstate__(self) -> tuple[tuple[int, int], bytes, int]:
        """Stored as its size and bare pixels."""
        return self.image.size, self.image.tobytes(), self.seed

    def __setstate__(self, state: tuple[tuple[int, int], bytes, int]) -> None:
        size, pixels, seed = state
        object.__setattr__(self, "image", Image.frombytes("RGB", size, pixels))
        object.__setattr__(self, "seed", seed)

    @property
    def ratio(self) -> float:
        """Width divided by height."""
        return self.image.width / self.image.height

    def sample(self, window: Window, width: int, height: int) -> Array:
        size = (max(1, round(width / window.w)), max(1, round(height / window.h)))
        whole = np.asarray(self.image.resize(size, Image.Resampling.LANCZOS), dtype=np.float32) / 255
        x, y = window.grid(width, height)
        return whole[_mirrored(y[:, 0], size[1])][:, _mirrored(x[0], size[0])]

    def varied(self, seed: int, strength: float) -> Mixed:
        return Mixed(self, self.painting().varied(seed, strength), min(0.9, strength * 2.5))

    def painting(self) -> Painting:
        return Painting(self.seed, self.seed % 4, hue_of("", self.seed), self.ratio)


def photo(data: bytes) -> Photo:
    """Decode an image file; raises ValueError if it is none."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            image.thumbnail((PHOTO_EDGE, PHOTO_EDGE))
            return Photo(image.convert("RGB"), seed_of(data[:4096].hex(), len(data)))
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise ValueError("not an image") from error


def mask(data: bytes) -> Mask:
    """Decode a mask of any size; raises ValueError if it is no image."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            return Mask(np.asarray(image.convert("L")))
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise ValueError("not an image") from error


def painted(scenes: tuple[Scene, ...], width: int, height: int, blur: float = 0.0) -> Image.Image:
    """One picture, or a grid of four; `blur` from 0 to 1 leaves less and less detail."""
    shrink = min(1.0, LONGEST / max(width, height)) * (1 - 0.94 * blur)
    if len(scenes) == 1:
        image = _image(scenes[0].sample(FRAME, math.ceil(width * shrink), math.ceil(height * shrink)))
        return image.resize((width, height), Image.Resampling.BICUBIC)
    whole = Image.new("RGB", (width, height))
    for index, scene in enumerate(scenes):
        row, column = divmod(index, 2)
        whole.paste(painted((scene,), width // 2, height // 2, blur), (column * (width // 2), row * (height // 2)))
    return whole


def _image(pixels: Array) -> Image.Image:
    return Image.fromarray((pixels.clip(0, 1) * 255).round().astype(np.uint8))


def _mirrored(positions: Array, size: int) -> Array:
    folded = np.abs((positions + 1) % 2 - 1)
    places: Array = (folded * size).astype(np.intp).clip(0, size - 1)
    return places
