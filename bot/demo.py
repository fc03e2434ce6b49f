"""`easel demo`: the sandbox in a process of its own, which starts the ordinary bot against it, by URLs alone.

Neither is imported here: what is shown is what runs in earnest.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.config import Settings

FOLDER = Path("easel-demo")
# What a process that a signal ended exits with, less the signal's number.
FAILED, MISCONFIGURED, SIGNALLED = 1, 78, 128
FORWARDED = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


@dataclass(frozen=True)
class Wishes:
    """What the command line asked for; without `run`, `tour` and `terminal` it is the page."""

    run: Sequence[str] = ()
    tour: bool = False
    terminal: bool = False
    port: int = 8765
    browser: bool = True
    fast: bool = False
    slow: bool = False
    fresh: bool = False

    @property
    def page(self) -> bool:
        """Whether the page is wanted."""
        return not (self.run or self.tour or self.terminal)


def run_demo(wishes: Wishes, folder: Path = FOLDER) -> int:
    """Run the demo to its end; the sandbox's exit code, 1 if `folder` can't be written, 78 if the sandbox is not installed.

    The page's world is kept in `folder`; the others' is thrown away, but for the pictures and the bot's log.
    """
    if importlib.util.find_spec("sandbox") is None:  # the Docker image goes without it
        sys.stderr.write("The demo needs all of Easel's source: get that, and type `make demo` in its folder.\n")
        return MISCONFIGURED
    folder = folder.absolute()
    os.umask(0o077)
    try:
        (folder / "pictures").mkdir(parents=True, exist_ok=True)
        with (folder / "bot.log").open("ab"):
            folder.chmod(0o700)  # an earlier version left it open to others on this machine
    except OSError as error:
        sys.stderr.write(f"The demo keeps its things in {folder}, which can't be written: {error.strerror}.\n")
        return FAILED
    if wishes.page:
        return _run(wishes, folder, folder / "bot")
    with tempfile.TemporaryDirectory(prefix="easel-demo-", ignore_cleanup_errors=True) as home:
        return _run(wishes, folder, Path(home))


def _run(wishes: Wishes, folder: Path, home: Path) -> int:
    bot = shlex.join([sys.executable, "-m", "bot", "run"])
    # The bot runs elsewhere, so that no .env counts. Its log goes beside the pictures: between the lines of a conversation
    # it would only confuse.
    arguments = ["--with-parent", "--bot", bot, "--bot-folder", str(home), "--bot-log", str(folder / "bot.log")]
    arguments += [f"--{name}" for name in ("page", "tour", "terminal", "fast", "slow", "fresh") if getattr(wishes, name)]
    arguments += [f"--run={line}" for line in wishes.run]
    if wishes.page:
        arguments += ["--port", str(wishes.port), "--state", str(folder)]
        arguments += ["--browser"] if wishes.browser and sys.stdout.isatty() else []
    else:
        arguments += ["--pictures", str(folder / "pictures")]
    environment = _environment() | {"DATA_DIR": str(home / "data"), "LOG_LEVEL": "WARNING"}
    with _signals_held_back():
        process = subprocess.Popen([sys.executable, "-m", "sandbox", *arguments], env=environment)  # noqa: S603  # our own words, no shell
        for number in FORWARDED:
            signal.signal(number, lambda number, _frame: process.send_signal(number))
    code = process.wait()
    return code if code >= 0 else SIGNALLED - code


@contextlib.contextmanager
def _signals_held_back() -> Iterator[None]:
    """Let no signal come between a process and its handlers: the child inherits this, and lets them in when it is ready."""
    signal.pthread_sigmask(signal.SIG_BLOCK, FORWARDED)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, FORWARDED)


def _environment() -> dict[str, str]:
    """Ours without any of the bot's settings, and with a path on which both processes find their modules."""
    ours = {name: value for name, value in os.environ.items() if name.lower() not in Settings.model_fields}
    root = Path(__file__).resolve().parents[1]
    if root.name not in {"site-packages", "dist-packages"}:
        ours["PYTHONPATH"] = os.pathsep.join(filter(None, [str(root), ours.get("PYTHONPATH")]))
    return ours
