"""What a file is, told by its first bytes: content type, width and height."""

from __future__ import annotations

import mimetypes
import struct

HEAD = 1 << 16


def sniff(head: bytes, filename: str) -> tuple[str | None, int | None, int | None]:
    """Content type, width and height; sizes are None for what is no PNG, JPEG, GIF or WebP."""
    for read in (_png, _gif, _webp, _jpeg):
        found = read(head)
        if found:
            return found
    guessed = mimetypes.guess_type(filename)[0]
    if guessed and guessed.startswith("text/"):
        guessed += "; charset=utf-8"
    return guessed, None, None


def _png(head: bytes) -> tuple[str, int, int] | None:
    if len(head) < 24 or not head.startswith(b"\x89PNG\r\n\x1a\n"):
        return None
    width, height = struct.unpack(">II", head[16:24])
    return "image/png", width, height


def _gif(head: bytes) -> tuple[str, int, int] | None:
    if len(head) < 10 or head[:6] not in (b"GIF87a", b"GIF89a"):
        return None
    width, height = struct.unpack("<HH", head[6:10])
    return "image/gif", width, height


def _webp(head: bytes) -> tuple[str, int, int] | None:
    if len(head) < 30 or head[:4] != b"RIFF" or head[8:12] != b"WEBP":
        return None
    kind = head[12:16]
    if kind == b"VP8X":
        width, height = (int.from_bytes(head[at : at + 3], "little") + 1 for at in (24, 27))
    elif kind == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    else:
        width, height = (size & 0x3FFF for size in struct.unpack("<HH", head[26:30]))
    return "image/webp", width, height


def _jpeg(head: bytes) -> tuple[str, int, int] | None:
    if not head.startswith(b"\xff\xd8"):
        return None
    at = 2
    while at + 9 <= len(head) and head[at] == 0xFF:
        marker, size = head[at + 1], int.from_bytes(head[at + 2 : at + 4], "big")
        # Start-of-frame markers hold the size; DHT, JPG and DAC lie in the same range and don't.
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", head[at + 5 : at + 9])
            return "image/jpeg", width, height
        at += 2 + size
    return None
