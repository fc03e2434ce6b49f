"""Reading a request's body: JSON, or multipart with `payload_json` and `files[n]`."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, web

from .errors import Refusal
from .model import MIB

REQUEST_LIMIT = 25 * MIB
KEPT_FOR_RECORD = 512


@dataclass
class Upload:
    """A file part; `data` is empty where it was too large to be kept."""

    filename: str
    content_type: str
    size: int
    data: bytes = field(repr=False)


@dataclass
class Body:
    """A request's body; `record` is what the traffic file gets, with files cut to their first bytes."""

    data: Any = None
    files: dict[int, Upload] = field(default_factory=dict)
    size: int = 0
    record: bytes = b""

    @property
    def form(self) -> dict[str, Any]:
        """The body as an object; refuses anything else."""
        if not isinstance(self.data, dict):
            raise Refusal(50035, {"_errors": [{"code": "DICT_TYPE_CONVERT", "message": "Only dictionaries may be used."}]})
        return self.data


async def read(request: web.Request) -> Body:
    """Read the whole body, however large; raises `Refusal` 50109 for broken JSON, 40005 for more than 25 MiB."""
    if request.content_type.startswith("multipart/"):
        body = await _read_multipart(request)
    else:
        body = Body()
        raw = await request.read()
        body.size, body.record = len(raw), raw
        if raw:
            body.data = _parse(raw)
    if body.size > REQUEST_LIMIT:
        raise Refusal(40005)
    return body


def _parse(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        raise Refusal(50109) from None


async def _read_multipart(request: web.Request) -> Body:
    body, boundary = Body(), request.headers["Content-Type"].partition("boundary=")[2].strip('"')
    record = bytearray()
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader), "Discord takes no nested multipart bodies"
        data = await _read_part(part, body)
        headers = "".join(f"{name}: {value}\r\n" for name, value in part.headers.items() if name.lower() != "content-length")
        record += f"--{boundary}\r\n{headers}\r\n".encode()
        index = re.fullmatch(r"files\[(\d+)\]", part.name or "")
        if index and part.filename is not None:
            body.files[int(index[1])] = Upload(part.filename, part.headers.get("Content-Type", ""), len(data), data)
            record += data[:KEPT_FOR_RECORD] + b"\r\n"
            continue
        if part.name == "payload_json":
            body.data = _parse(data)
        record += data + b"\r\n"
    body.record = bytes(record) + f"--{boundary}--\r\n".encode()
    return body


async def _read_part(part: BodyPartReader, body: Body) -> bytes:
    data = bytearray()
    while chunk := await part.read_chunk(1 << 16):
        body.size += len(chunk)
        if body.size <= REQUEST_LIMIT:
            data += chunk
    return bytes(data)
