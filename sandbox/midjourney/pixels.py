"""Telling by pixels what arrived: for tests that compare pictures."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from .drawing import Array

EDGE = 64


def pixels(png: bytes) -> Array:
    """The picture as floats from 0 to 1, shaped (height, width, 3)."""
    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image.convert("RGB"), dtype=np.float32) / 255


def quadrant(png: bytes, n: int) -> Array:
    """The n-th picture of a grid: 1 top left, 2 top right, 3 bottom left, 4 bottom right."""
    whole = pixels(png)
    height, width = whole.shape[0] // 2, whole.shape[1] // 2
    row, column = divmod(n - 1, 2)
    return whole[row * height : (row + 1) * height, column * width : (column + 1) * width]


def box(picture: bytes | Array, left: float, top: float, right: float, bottom: float) -> Array:
    """A part of a picture, by fractions of its width and height."""
    whole = pixels(picture) if isinstance(picture, bytes) else picture
    height, width = whole.shape[:2]
    return whole[round(top * height) : round(bottom * height), round(left * width) : round(right * width)]


def distance(a: bytes | Array, b: bytes | Array) -> float:
    """The mean difference of two pictures at a common size: 0 is equal, 1 is black against white."""
    return float(np.abs(_small(a) - _small(b)).mean())


def _small(picture: bytes | Array) -> Array:
    whole = pixels(picture) if isinstance(picture, bytes) else picture
    image = Image.fromarray((whole * 255).round().astype(np.uint8))
    return np.asarray(image.resize((EDGE, EDGE), Image.Resampling.BOX), dtype=np.float32) / 255
