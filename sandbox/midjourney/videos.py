"""A tiny MP4 writer: a few JPEG frames in an ISO container, so that a video link gives a video."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING

from PIL import Image

from .drawing import Window

if TYPE_CHECKING:
    from .pictures import Picture
    from .scenes import Scene

FRAMES = 12
RATE = 6  # frames a second
EDGE = 256
_MATRIX = struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


def film(cover: Picture, number: int) -> bytes:
    """A slow move into the picture, each number another way; takes time, so call it in a thread."""
    shrink = EDGE / max(cover.width, cover.height)
    width, height = (max(2, round(side * shrink / 2) * 2) for side in (cover.width, cover.height))
    return _container([_jpeg(cover.scenes[0], number, frame, width, height) for frame in range(FRAMES)], width, height)


def _jpeg(scene: Scene, number: int, frame: int, width: int, height: int) -> bytes:
    part = 1 - 0.25 * frame / FRAMES
    row, column = divmod(number, 2)
    pixels = scene.sample(Window((1 - part) * column, (1 - part) * row, part, part), width, height)
    file = io.BytesIO()
    Image.fromarray((pixels.clip(0, 1) * 255).astype("uint8")).save(file, "JPEG", quality=80)
    return file.getvalue()


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def _full(kind: bytes, *parts: bytes, flags: int = 0) -> bytes:
    return _box(kind, struct.pack(">I", flags), *parts)


def _container(frames: list[bytes], width: int, height: int) -> bytes:
    head = _box(b"ftyp", b"isom", struct.pack(">I", 512), b"isommp41")
    length = len(frames)
    movie = struct.pack(">4IiH10x", 0, 0, RATE, length, 0x10000, 0x100) + _MATRIX + bytes(24) + struct.pack(">I", 2)
    track = struct.pack(">5I8x4H", 0, 0, 1, 0, length, 0, 0, 0, 0) + _MATRIX + struct.pack(">2I", width << 16, height << 16)
    media = _box(
        b"mdia",
        _full(b"mdhd", struct.pack(">4I2H", 0, 0, RATE, length, 0x55C4, 0)),
        _full(b"hdlr", bytes(4), b"vide", bytes(12), b"video\0"),
        _box(
            b"minf",
            _full(b"vmhd", bytes(8), flags=1),
            _box(b"dinf", _full(b"dref", struct.pack(">I", 1), _full(b"url ", flags=1))),
            _samples(frames, len(head) + 8, width, height),
        ),
    )
    moov = _box(b"moov", _full(b"mvhd", movie), _box(b"trak", _full(b"tkhd", track, flags=3), media))
    return head + _box(b"mdat", *frames) + moov


def _samples(frames: list[bytes], start: int, width: int, height: int) -> bytes:
    """Where each frame lies, and that it is a JPEG."""
    entry = bytes(6) + struct.pack(">H16x2H2II H32sHh", 1, width, height, 0x480000, 0x480000, 0, 1, b"", 24, -1)
    return _box(
        b"stbl",
        _full(b"stsd", struct.pack(">I", 1), _box(b"jpeg", entry)),
        _full(b"stts", struct.pack(">3I", 1, len(frames), 1)),
        _full(b"stsc", struct.pack(">4I", 1, 1, len(frames), 1)),
        _full(b"stsz", struct.pack(">2I", 0, len(frames)), struct.pack(f">{len(frames)}I", *map(len, frames))),
        _full(b"stco", struct.pack(">2I", 1, start)),
    )
