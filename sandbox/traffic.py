"""What went over the wire, one JSON object a line: HTTP exchanges and gateway frames.

Discord's records go to the given file, another service's beside it (`traffic.jsonl` → `traffic.midjourney.jsonl`),
so that a checker of the one never meets the other's.
"""

from __future__ import annotations

import base64
import json
import time
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from pathlib import Path

BUFFER = 1 << 20
FLUSH_EVERY = 2.0


class Traffic:
    """Appends to JSONL files through a large buffer; with no path it records nothing.

    Lines reach the disk every two seconds of traffic and at `close()`.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._files: dict[str, TextIO] = {}
        self._flushed_at = 0.0

    @property
    def recording(self) -> bool:
        """Whether anything is written; lets a caller save the work of preparing a record."""
        return self._path is not None

    def exchange(
        self,
        service: str,
        method: str,
        path: str,
        *,
        request: tuple[str, bytes],
        status: int,
        response: tuple[str, bytes],
    ) -> None:
        """Record one HTTP exchange; `request` and `response` are content type and body, `path` has its query."""
        if self._path is None:
            return
        record = {
            "method": method,
            "path": path,
            "request": _message(*request),
            "status": status,
            "response": _message(*response),
        }
        self._append(service, record)

    def frame(self, direction: str, payload: dict[str, Any]) -> None:
        """Record a gateway frame; `direction` is `receive` or `send`, as the client sees it."""
        if self._path is not None:
            self._append("discord", {"gateway": direction, "payload": payload})

    def flush(self) -> None:
        """Hand everything recorded so far to the operating system."""
        self._flushed_at = time.monotonic()
        for file in self._files.values():
            file.flush()

    def close(self) -> None:
        """Flush and close; recording again afterwards appends."""
        for file in self._files.values():
            file.close()
        self._files.clear()

    def _append(self, service: str, record: dict[str, Any]) -> None:
        file = self._files.get(service) or self._open(service)
        file.write(json.dumps(record | {"at": time.time(), "service": service}, ensure_ascii=False) + "\n")
        if time.monotonic() - self._flushed_at > FLUSH_EVERY:
            self.flush()

    def _open(self, service: str) -> TextIO:
        assert self._path is not None
        path = self._path if service == "discord" else self._path.with_name(f"{self._path.stem}.{service}{self._path.suffix}")
        path.parent.mkdir(parents=True, exist_ok=True)
        # An open buffered file for the recorder's whole life: `close()` ends it.
        file = path.open("a", encoding="utf-8", buffering=BUFFER)
        self._files[service] = file
        return file


def _message(content_type: str, body: bytes) -> dict[str, str]:
    return {"content_type": content_type, "body": base64.b64encode(body).decode("ascii")}
