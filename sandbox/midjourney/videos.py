"""Short films: the window moves over the field that the picture is a part of, and goes on from there when extended."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np

from .drawing import Array, Window
from .pictures import Picture, new_id
from .scenes import Scene, Seen

if TYPE_CHECKING:
    from collections.abc import Iterator

EDGE = 480  # pixels of a film's longer edge
RATE = 24  # frames a second
FRAMES = 72
STEP = 2  # pixels that the window moves from one frame to the next
# Which way the window goes in each of the four films.
WAYS = ((1, 0), (-1, 0), (0, 1), (0, -1))


@dataclass(frozen=True, slots=True)
class Film:
    """Four films that begin with the same picture; they fade to `end` if there is one, and a `loop` comes back."""

    cover: Picture
    end: Scene | None = None
    loop: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels, both even."""
        shrink = min(1.0, EDGE / max(self.cover.width, self.cover.height))
        width, height = (max(2, round(side * shrink / 2) * 2) for side in (self.cover.width, self.cover.height))
        return width, height

    def shift(self, frame: int) -> int:
        """How many pixels the window has moved at a frame."""
        last = FRAMES - 1
        return STEP * (min(frame, last - frame) if self.loop else frame)

    def window(self, number: int, frame: int) -> Window:
        """What of the plane a frame shows."""
        (right, down), (width, height) = WAYS[number], self.size
        return Window(right * self.shift(frame) / width, down * self.shift(frame) / height)

    def extended(self, number: int) -> Film:
        """The films that begin where the given one of these ends."""
        scene = self.cover.scenes[0] if self.end is None else self.end
        ending = Seen(scene, self.window(number, FRAMES - 1))
        return Film(replace(self.cover, id=new_id(), scenes=(ending,)))


def encode(film: Film, number: int) -> bytes:
    """One of the films as an MP4 that plays while it loads; takes time, so call it in a thread."""
    width, height = film.size
    # The muxer reads its own output again to put the index in front, so it needs a real file.
    with tempfile.TemporaryDirectory(prefix="sandbox-film-") as folder:
        path = Path(folder, "film.mp4")
        with av.open(path, "w", options={"movflags": "faststart"}) as container:
            stream = container.add_stream("libx264", rate=RATE, options={"preset": "veryfast", "crf": "18"})
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            for pixels in frames(film, number):
                container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
            container.mux(stream.encode())
        return path.read_bytes()


def padded(data: bytes, size: int) -> bytes:
    """A film's file of at least so many bytes: with a box at its end that players skip."""
    missing = max(size - len(data), 8)
    return data if size <= len(data) else data + missing.to_bytes(4, "big") + b"free" + bytes(missing - 8)


def frames(film: Film, number: int) -> Iterator[Array]:
    """The frames as bytes, shaped (height, width, 3).

    The window moves by whole pixels, so all frames are parts of one large picture that is painted once.
    """
    width, height = film.size
    (right, down), most = WAYS[number], max(map(film.shift, range(FRAMES)))
    left, top = most * (right < 0), most * (down < 0)
    whole = width + most * abs(right), height + most * abs(down)
    window = Window(-left / width, -top / height, whole[0] / width, whole[1] / height)
    start = film.cover.scenes[0].sample(window, *whole)
    end = start if film.end is None else film.end.sample(window, *whole)
    for frame in range(FRAMES):
        x, y = left + right * film.shift(frame), top + down * film.shift(frame)
        part = slice(y, y + height), slice(x, x + width)
        amount = frame / (FRAMES - 1)
        pixels = start[part] * (1 - amount) + end[part] * amount
        yield (pixels.clip(0, 1) * 255).round().astype(np.uint8)
