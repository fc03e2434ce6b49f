"""How the gateway packs its frames: as text, each by itself, or all in one stream a connection."""

from __future__ import annotations

import importlib
import importlib.util
import zlib
from typing import Protocol

# The package that discord.py[speed] brings; a sandbox without it can't speak zstd.
HAS_ZSTD = importlib.util.find_spec("zstandard") is not None
# Discord packs single payloads only where it is worth it; where it draws the line is not published.
WORTH_PACKING = 1024


class Packing(Protocol):
    """What becomes of a frame's JSON on the wire: `str` goes as text, `bytes` as a binary frame."""

    def pack(self, text: str) -> str | bytes:
        """The frame for this JSON."""


class Plain:
    """Text frames."""

    def pack(self, text: str) -> str:
        return text


class Payload:
    """Large frames are a zlib stream each, small ones text: what `compress` in IDENTIFY asks for."""

    def pack(self, text: str) -> str | bytes:
        return zlib.compress(text.encode()) if len(text) >= WORTH_PACKING else text


class ZlibStream:
    """One zlib context for a connection's whole life; every frame ends in 00 00 FF FF."""

    def __init__(self) -> None:
        self._context = zlib.compressobj()

    def pack(self, text: str) -> bytes:
        return self._context.compress(text.encode()) + self._context.flush(zlib.Z_SYNC_FLUSH)


class ZstdStream:
    """One zstd context for a connection's whole life, flushed after every frame."""

    def __init__(self) -> None:
        library = importlib.import_module("zstandard")
        self._context = library.ZstdCompressor().compressobj()
        self._flush: int = library.COMPRESSOBJ_FLUSH_BLOCK

    def pack(self, text: str) -> bytes:
        packed: bytes = self._context.compress(text.encode()) + self._context.flush(self._flush)
        return packed


def for_connection(wanted: str | None) -> Packing:
    """The packing for the `compress` of a connection's query.

    What the sandbox can't do (an unknown name, zstd without its package) gives text, which clients take as well.
    """
    if wanted == "zlib-stream":
        return ZlibStream()
    return ZstdStream() if wanted == "zstd-stream" and HAS_ZSTD else Plain()
