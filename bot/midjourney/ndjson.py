"""Reading JSON objects from bytes: a body at once, or a stream line by line."""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from typing import TYPE_CHECKING, Any

from bot.midjourney.errors import UNCLEAR, Unclear

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable, Callable


def parse_object(data: bytes | bytearray) -> dict[str, Any]:
    """Parse one JSON object; raises Unclear for anything else (HTML, a cut object, a bare value)."""
    try:
        value = json.loads(data)
        if b"\\ud" in data.lower() or b"\xed" in data:
            # Half of a surrogate pair parses, as an escape or as bytes, and then breaks whoever writes the text anywhere.
            value = _without_halves(value)
    except (ValueError, RecursionError) as error:
        raise Unclear(UNCLEAR, "the service's answer was not readable as JSON") from error
    if not isinstance(value, dict):
        raise Unclear(UNCLEAR, "the service's answer was not a JSON object")
    return value


async def read_lines(
    chunks: AsyncIterable[bytes], *, max_line: int = 1 << 20, clean: Callable[[bytes], bytes] = bytes
) -> AsyncGenerator[dict[str, Any], None]:
    """Yield the JSON object of each line, however the lines are cut into chunks.

    Empty lines, CRLF, a leading byte order mark and a missing last newline are fine. Raises Unclear for a line that is
    no JSON object or is longer than `max_line` bytes: what follows it can't be trusted either. `clean` is called with
    each line first.
    """
    buffer = bytearray()
    first = True
    async for chunk in chunks:
        searched = len(buffer)
        buffer += chunk
        start = 0
        while (end := buffer.find(b"\n", max(start, searched))) >= 0:
            line = _line(clean(bytes(buffer[start:end])), max_line, first=first)
            first, start = False, end + 1
            if line is not None:
                yield line
        del buffer[:start]
        if len(buffer) > max_line:
            break
    line = _line(clean(bytes(buffer)), max_line, first=first)
    if line is not None:
        yield line


def _line(data: bytes, max_line: int, *, first: bool) -> dict[str, Any] | None:
    if len(data) > max_line:
        raise Unclear(UNCLEAR, f"the service sent a line of more than {max_line} bytes")
    stripped = (data.removeprefix(BOM_UTF8) if first else data).strip()
    return parse_object(stripped) if stripped else None


def _without_halves(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_without_halves(item) for item in value]
    if isinstance(value, dict):
        return {_without_halves(key): _without_halves(item) for key, item in value.items()}
    return value
