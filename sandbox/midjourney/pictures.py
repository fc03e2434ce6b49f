"""All pictures the imitated service knows, and their PNG files, drawn when first asked for."""

from __future__ import annotations

import asyncio
import itertools
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from PIL import Image

from .scenes import Scene, painted

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_ids = itertools.count(time.time_ns() % 1_000_000)


def new_id() -> str:
    """A number of 19 digits, never given twice, as image ids are."""
    return f"{time.time_ns() // 1_000_000}{next(_ids) % 1_000_000:06d}"


@dataclass(slots=True)
class Picture:
    """One picture or grid; `width` and `height` are of the raw file in pixels."""

    scenes: tuple[Scene, ...]
    width: int
    height: int
    ratio: float = 1.0
    version: str = "8.2"
    seed: int = 0
    generation: int = 0
    blur: float = 0.0
    actions: tuple[str, ...] = ()
    frames: tuple[str, ...] = ()
    id: str = field(default_factory=new_id)

    @property
    def is_grid(self) -> bool:
        """Whether it shows four pictures."""
        return len(self.scenes) == 4


class Pictures:
    """The registry and its files; `folder` belongs to it while it is open."""

    def __init__(self, folder: Path, *, cheap: bool = False) -> None:
        self.folder = folder
        self.cheap = cheap
        self.expired = False
        self.padding: dict[bool, int] = {}
        self._known: dict[str, Picture] = {}
        self._drawn: dict[tuple[Any, ...], asyncio.Task[Path | bytes]] = {}
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="sandbox-draw")

    def add(self, picture: Picture) -> Picture:
        """Make a picture known under its id; nothing is drawn yet."""
        self._known[picture.id] = picture
        return picture

    @property
    def known(self) -> dict[str, Picture]:
        """All pictures by their ids."""
        return self._known

    def get(self, image_id: str) -> Picture | None:
        """The picture, unless unknown or forgotten."""
        return self._known.get(image_id)

    def forget(self, image_id: str) -> None:
        """The service no longer knows the picture: neither its actions nor its link work."""
        self._known.pop(image_id, None)
        for key in [key for key in self._drawn if key[0] == image_id]:
            del self._drawn[key]

    async def file(self, image_id: str, width: int | None, height: int | None) -> Path | bytes | None:
        """The PNG at this size (its own where None), drawn now if need be; None if the link is dead."""
        picture = self._known.get(image_id)
        if picture is None or self.expired:
            return None
        size = (width or picture.width, height or picture.height)
        if not (0 < size[0] <= 4 * picture.width and 0 < size[1] <= 4 * picture.height):
            return None
        thumbnail = size != (picture.width, picture.height)
        key: tuple[Any, ...] = ("any", len(picture.scenes), *size) if self.cheap else (image_id, *size)
        pad = self.padding.get(thumbnail, 0)
        key = (*key, pad)
        if key not in self._drawn:
            job = self._in_thread(_save if not self.cheap else _encode, picture, size, pad, self.folder / _name(key))
            self._drawn[key] = asyncio.create_task(job, name=f"sandbox-draw-{image_id}")
        return await asyncio.shield(self._drawn[key])

    async def _in_thread(self, draw: Callable[..., Path | bytes], *args: Any) -> Path | bytes:
        return await asyncio.get_running_loop().run_in_executor(self._threads, draw, *args)

    async def close(self) -> None:
        """Wait for pictures being drawn and let the threads go."""
        await asyncio.gather(*self._drawn.values(), return_exceptions=True)
        self._threads.shutdown(wait=False, cancel_futures=True)


def _name(key: tuple[Any, ...]) -> str:
    return "_".join(map(str, key)) + ".png"


def _draw(picture: Picture, size: tuple[int, int]) -> Image.Image:
    """At its own size first, so that a thumbnail is the raw picture made small."""
    largest = 1024 / max(picture.width, picture.height)
    if size[0] < picture.width and largest < 1:
        image = painted(picture.scenes, round(picture.width * largest), round(picture.height * largest), picture.blur)
    else:
        image = painted(picture.scenes, picture.width, picture.height, picture.blur)
    return image if image.size == size else image.resize(size, Image.Resampling.LANCZOS)


def _encode(picture: Picture, size: tuple[int, int], pad: int, path: Path) -> bytes:
    _save(picture, size, pad, path)
    return path.read_bytes()


def _save(picture: Picture, size: tuple[int, int], pad: int, path: Path) -> Path:
    _draw(picture, size).save(path, "PNG", compress_level=3)
    if pad > path.stat().st_size:
        _pad(path, pad)
    return path


def _pad(path: Path, size: int) -> None:
    """Grow a PNG to at least `size` bytes by a private chunk before its end, which viewers skip."""
    data = path.read_bytes()
    filling = b"saNd" + bytes(max(0, size - len(data) - 12))
    chunk = (len(filling) - 4).to_bytes(4, "big") + filling + zlib.crc32(filling).to_bytes(4, "big")
    path.write_bytes(data[:-12] + chunk + data[-12:])
