"""`easel demo` as a process, until its page is there."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bot.config import Settings

URL = re.compile(r"http://127\.0\.0\.1:\d+/app/\S+/")
READY_WITHIN, ENDED_WITHIN = 30.0, 15.0
ROOT = Path(__file__).parents[2]


class Demo:
    """A demo that runs; `output` has all it wrote."""

    def __init__(self, process: subprocess.Popen[bytes], output: Path) -> None:
        self.process = process
        self.output = output

    @property
    def words(self) -> str:
        """What it said so far."""
        return self.output.read_text(encoding="utf-8", errors="replace")

    @property
    def url(self) -> str:
        """Where its page is."""
        found = URL.search(self.words)
        assert found, self.words
        return found[0]

    def stop(self, number: int = signal.SIGINT) -> int:
        """Send it a signal; its exit code."""
        self.process.send_signal(number)
        return self.process.wait(ENDED_WITHIN)


@contextmanager
def running(home: Path, *options: str, port: int | None = None) -> Iterator[Demo]:
    """A demo in a folder of its own, on ports of its own unless told; at the end it must stop in order."""
    output = home / "demo.txt"
    ours = {name: value for name, value in os.environ.items() if name.lower() not in Settings.model_fields}
    command = [sys.executable, "-m", "bot", "demo", "--no-browser", "--port", str(port or free_port()), *options]
    with output.open("wb") as file:
        process = subprocess.Popen(  # noqa: S603 - our own program
            command, cwd=home, env=ours | {"PYTHONPATH": str(ROOT)}, stdin=subprocess.DEVNULL, stdout=file, stderr=file
        )
    demo = Demo(process, output)
    try:
        deadline = time.monotonic() + READY_WITHIN
        while not URL.search(demo.words):
            assert process.poll() is None, demo.words
            assert time.monotonic() < deadline, demo.words
            time.sleep(0.05)  # a process has no other way to say that its file has grown
        yield demo
        if process.poll() is None:
            assert demo.stop() == 0, demo.words
        assert "Traceback" not in demo.words
    finally:
        process.kill()
        process.wait()


def free_port() -> int:
    """A port that is free, and the next one too."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            with suppress(OSError, OverflowError):
                second.bind(("127.0.0.1", port + 1))
                return port
