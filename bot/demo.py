"""`easel demo`: the sandbox in a process of its own, and the ordinary bot against it, by URLs alone.

Neither is imported here: what is shown is what runs in earnest.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.config import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    Process = subprocess.Popen[bytes]

PICTURES = Path("demo-pictures")
ANNOUNCED_WITHIN = 60.0
CLOSED_WITHIN = 10.0
LOOK_EVERY = 0.1
FAILED, MISCONFIGURED, INTERRUPTED = 1, 78, 130


def run_demo(lines: Sequence[str], folder: Path = PICTURES) -> int:
    """Run the demo to its end; the sandbox's exit code, or 1 where the bot died, 78 where the `demo` extra is missing.

    With `lines` it runs them unattended; without, it asks a person for them, or shows a tour where standard input
    is no terminal. Pictures go to `folder`. Ctrl-C and SIGTERM end both processes.
    """
    if not all(map(importlib.util.find_spec, ("numpy", "PIL"))):
        _tell("The demo draws its pictures with numpy and Pillow: pip install 'easel-bot[demo]'")
        return MISCONFIGURED
    with ExitStack() as stack:
        stack.enter_context(_ended_by_sigterm())
        try:
            return _run(stack, lines, folder)
        except KeyboardInterrupt:
            return INTERRUPTED


def _run(stack: ExitStack, lines: Sequence[str], folder: Path) -> int:
    home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="easel-demo-", ignore_cleanup_errors=True)))
    announced = home / "announced.json"
    wishes = [f"--run={line}" for line in lines] or ([] if sys.stdin.isatty() else ["--tour"])
    arguments = ["sandbox", "--announce", str(announced), "--pictures", str(folder), *wishes]
    sandbox = _start(stack, arguments, env=_environment())
    settings = _await_settings(sandbox, announced)
    if settings is None:
        return sandbox.poll() or FAILED
    settings |= {"DATA_DIR": str(home / "data"), "LOG_LEVEL": "WARNING"}
    # Elsewhere, so that no .env counts; in a session of its own, so that Ctrl-C reaches it as a SIGTERM, in order.
    # Its log goes beside the pictures: between the lines of a conversation it would only confuse.
    folder.mkdir(parents=True, exist_ok=True)
    log = stack.enter_context((folder / "bot.log").open("wb"))
    bot = _start(stack, ["bot", "run"], env=_environment() | settings, cwd=home, start_new_session=True, stderr=log)
    while sandbox.poll() is None:
        if bot.poll() is not None:
            _tell(f"The bot ended by itself, with exit code {bot.returncode}; so does the demo. See {folder / 'bot.log'}.")
            return FAILED
        _wait(sandbox, LOOK_EVERY)
    return sandbox.returncode


def _start(stack: ExitStack, arguments: list[str], **options: Any) -> Process:
    """Start `python -m …`; it is ended when the stack closes."""
    process = subprocess.Popen([sys.executable, "-m", *arguments], **options)  # noqa: S603 - our own modules
    stack.callback(_end, process)
    return process


def _end(process: Process) -> None:
    if process.poll() is None:
        process.terminate()
        if not _wait(process, CLOSED_WITHIN):
            process.kill()
            process.wait()


def _wait(process: Process, timeout: float) -> bool:
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout)
    return process.poll() is not None


def _await_settings(sandbox: Process, announced: Path) -> dict[str, str] | None:
    """What the sandbox announces; None, and a line that says so, where it doesn't."""
    deadline = time.monotonic() + ANNOUNCED_WITHIN
    while not announced.exists():
        if _wait(sandbox, LOOK_EVERY):
            _tell(f"The sandbox ended by itself, with exit code {sandbox.returncode}.")
            return None
        if time.monotonic() > deadline:
            _tell(f"The sandbox was not ready within {ANNOUNCED_WITHIN:g} s.")
            return None
    settings: dict[str, str] = json.loads(announced.read_text(encoding="utf-8"))
    return settings


def _environment() -> dict[str, str]:
    """Ours without any of the bot's settings, and with a path on which both processes find their modules."""
    ours = {name: value for name, value in os.environ.items() if name.lower() not in Settings.model_fields}
    root = Path(__file__).resolve().parents[1]
    if root.name not in {"site-packages", "dist-packages"}:
        ours["PYTHONPATH"] = os.pathsep.join(filter(None, [str(root), ours.get("PYTHONPATH")]))
    return ours


@contextlib.contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Let SIGTERM end us as Ctrl-C does, so that neither process is left behind."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")
