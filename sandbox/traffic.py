"""What went over the wire, one JSON object a line: HTTP exchanges and gateway frames.

Whoever listens is told of the same while it happens. Discord's records go to the given file, another service's beside it
(`traffic.jsonl` → `traffic.midjourney.jsonl`), so that a checker of the one never meets the other's.
"""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BUFFER = 1 << 20
FLUSH_EVERY = 2.0


@dataclass(eq=False)
class Call:
    """An HTTP exchange while it goes on: `took` (seconds) is None until it is over; `status` stays 0 where it was cut.

    `request` is JSON, `files` the names and sizes of those beside it; `told` is the answer's body, or words in its place.
    """

    service: str
    method: str
    path: str
    request: Any = None
    files: dict[str, int] = field(default_factory=dict)
    at: float = field(default_factory=time.time)
    status: int = 0
    took: float | None = None
    content_type: str = ""
    told: bytes | str = b""
    started: float = field(default_factory=time.perf_counter)


class Traffic:
    """Appends to JSONL files through a large buffer; with no path it records nothing, but still tells its listeners.

    `on_call` are called at the beginning and at the end of each exchange, `on_frame` at each gateway frame.
    Lines reach the disk every two seconds of traffic and at `close()`.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.on_call: list[Callable[[Call], None]] = []
        self.on_frame: list[Callable[[str, dict[str, Any]], None]] = []
        self._path = path
        self._files: dict[str, TextIO] = {}
        self._flushed_at = 0.0

    @property
    def recording(self) -> bool:
        """Whether anything is written; lets a caller save the work of preparing a record."""
        return self._path is not None

    def begin(self, service: str, method: str, path: str, request: Any = None, files: dict[str, int] | None = None) -> Call:
        """A request has arrived; `end` must follow."""
        call = Call(service, method, path, request, files or {})
        for listen in self.on_call:
            listen(call)
        return call

    def end(self, call: Call, status: int, content_type: str = "", told: bytes | str = b"") -> None:
        """It was answered, or cut (status 0)."""
        call.status, call.content_type, call.told = status, content_type, told
        call.took = time.perf_counter() - call.started
        for listen in self.on_call:
            listen(call)

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
        for listen in self.on_frame:
            listen(direction, payload)
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
