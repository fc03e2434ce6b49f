"""Landscapes made of numbers: a painting is a function over the plane, so it can be enlarged, widened and varied.

All functions here take time on the processor and are called in threads only.
"""

from __future__ import annotations

import colorsys
import hashlib
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
KNOBS = 64
HILLS = 5
# Dawn, day, dusk, night: sky above, sky below, sun, far hills, near hills; each a hue offset, saturation and value.
MOODS = (
    ((0.55, 0.30, 0.78), (0.02, 0.38, 1.00), (0.06, 0.15, 1.00), (0.60, 0.30, 0.80), (0.62, 0.62, 0.34)),
    ((0.00, 0.62, 0.86), (0.97, 0.12, 0.99), (0.55, 0.22, 1.00), (0.93, 0.35, 0.72), (0.72, 0.70, 0.42)),
    ((0.72, 0.72, 0.34), (0.48, 0.82, 0.96), (0.50, 0.45, 1.00), (0.80, 0.60, 0.45), (0.75, 0.80, 0.14)),
    ((0.05, 0.80, 0.10), (0.00, 0.62, 0.34), (0.60, 0.06, 0.98), (0.02, 0.55, 0.26), (0.04, 0.75, 0.06)),
)
HUES = {"red": 0.0, "fox": 0.04, "orange": 0.07, "gold": 0.12, "yellow": 0.14, "green": 0.33, "forest": 0.36, "sea": 0.5}
HUES |= {"teal": 0.48, "blue": 0.6, "sky": 0.57, "ocean": 0.55, "snow": 0.58, "violet": 0.76, "purple": 0.78, "pink": 0.9}


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the plane, in fractions of a picture's own frame; the frame itself is the default."""

    x: float = 0.0
    y: float = 0.0
    w: float = 1.0
    h: float = 1.0

    def inside(self, other: Window) -> Window:
        """`other`, given in this window's frame, told in the frame that this window is in."""
        return Window(self.x + other.x * self.w, self.y + other.y * self.h, self.w * other.w, self.h * other.h)

    def grid(self, width: int, height: int) -> tuple[Array, Array]:
        """The coordinates of pixel centres: a row of x, a column of y."""
        x = self.x + (np.arange(width, dtype=np.float32) + 0.5) / width * self.w
        y = self.y + (np.arange(height, dtype=np.float32) + 0.5) / height * self.h
        return x[None, :].astype(np.float32), y[:, None].astype(np.float32)


FRAME = Window()


@dataclass(frozen=True, slots=True)
class Painting:
    """One landscape; `drifts` move its knobs a little, each by a seed and a strength."""

    seed: int
    mood: int
    hue: float
    ratio: float = 1.0
    drifts: tuple[tuple[int, float], ...] = ()
    window: Window = FRAME

    def varied(self, seed: int, strength: float) -> Painting:
        """The same landscape with its knobs moved: the stronger, the less alike."""
        return replace(self, drifts=(*self.drifts, (seed, strength)))

    def painting(self) -> Painting:
        """The landscape that the surroundings of this picture continue."""
        return self

    def knobs(self) -> Array:
        """The numbers that decide everything, mostly between 0 and 1."""
        knobs = np.random.default_rng(self.seed).random(KNOBS)
        for seed, strength in self.drifts:
            knobs = knobs + strength * np.random.default_rng(seed).standard_normal(KNOBS).clip(-2, 2)
        return knobs

    def sample(self, window: Window, width: int, height: int) -> Array:
        """Paint a part of the plane; floats from 0 to 1, shaped (height, width, 3)."""
        x, y = self.window.inside(window).grid(width, height)
        stretch = np.float32(self.ratio**0.5)
        return _landscape(self.knobs(), self.mood, self.hue, (x - 0.5) * stretch, (y - 0.5) / stretch)


def seed_of(*parts: object) -> int:
    """A stable number for any words."""
    return int.from_bytes(hashlib.sha256("\n".join(map(str, parts)).encode()).digest()[:8], "big")


def hue_of(text: str, seed: int) -> float:
    """The colour that the words ask for, else any."""
    words = text.lower().split()
    return next((HUES[word.strip(".,")] for word in words if word.strip(".,") in HUES), seed % 997 / 997)


def _landscape(knobs: Array, mood: int, hue: float, x: Array, y: Array) -> Array:
    """Sky, sun, clouds and layers of hills."""
    top, low, sun, far, near = (_colour(hue + 0.16 * (knobs[0] - 0.5), part) for part in MOODS[mood])
    sky = _smooth((y + 0.55) / 0.75)[..., None]
    # Broadcast early: everything that follows mixes colours into the whole picture.
    picture: Array = np.broadcast_to(top * (1 - sky) + low * sky, (y.shape[0], x.shape[1], 3)).astype(np.float32)
    if mood == 3:
        picture = picture + _stars(knobs, x, y)[..., None] * 0.8
    away = np.hypot(x - 0.7 * (knobs[1] - 0.5), y + 0.05 + 0.25 * knobs[2])
    radius = 0.05 + 0.07 * knobs[3]
    picture = _mix(picture, sun, 0.55 * np.exp(-((away / (radius * 2.6)) ** 2)))
    picture = _mix(picture, sun, _smooth((radius - away) / 0.006 + 0.5))
    picture = _mix(picture, low, 0.4 * _clouds(knobs, x, y))
    for layer in range(HILLS):
        depth = layer / (HILLS - 1)
        rise = y - _ridge(knobs[16 + 8 * layer : 24 + 8 * layer], depth, x)
        colour = far * (1 - depth) + near * depth
        mist = colour + (low - colour) * (0.45 * (1 - depth) * _smooth(rise / 0.3))[..., None]
        picture = _mix(picture, mist, _smooth(rise / 0.004 + 0.5))
    return picture.clip(0, 1)


def _ridge(knobs: Array, depth: float, x: Array) -> Array:
    """The outline of one layer of hills: long waves, and short ones that fade with nearness."""
    line: Array = 0.02 + 0.40 * depth - 0.12 * knobs[0]
    for octave, knob in enumerate(knobs[1:7]):
        line = line + (0.085 - 0.045 * depth) / 1.7**octave * np.sin((3.1 + 0.7 * octave) * 1.45**octave * x + 6.283 * knob)
    return line


def _clouds(knobs: Array, x: Array, y: Array) -> Array:
    """Soft bands that drift across the upper sky."""
    wave = np.sin(5 * x + 9 * y + 6.283 * knobs[4]) + np.sin(11 * x - 17 * y + 6.283 * knobs[5]) * 0.6
    wave = wave + np.sin(3 * x + 31 * y + 6.283 * knobs[6]) * 0.7
    return _smooth((wave - 0.3) / 1.6) * _smooth(-(y - 0.05) / 0.35)


def _stars(knobs: Array, x: Array, y: Array) -> Array:
    """Points of light where two crossing waves peak together."""
    a = np.sin(61 * x + 23 * y + 6.283 * knobs[7]) * np.sin(47 * y - 31 * x + 6.283 * knobs[8])
    lit: Array = a.clip(0, 1) ** 60 * _smooth(-y / 0.3 + 0.4)
    return lit


def _colour(hue: float, part: tuple[float, float, float]) -> Array:
    return np.array(colorsys.hsv_to_rgb((hue + part[0]) % 1, part[1], part[2]), dtype=np.float32)


def _mix(picture: Array, colour: Array, amount: Array) -> Array:
    mixed: Array = picture + (colour - picture) * amount[..., None].astype(np.float32)
    return mixed


def _smooth(t: Array) -> Array:
    t = t.clip(0, 1)
    smooth: Array = t * t * (3 - 2 * t)
    return smooth
