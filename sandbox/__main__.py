"""`python -m sandbox`: a Discord and an image service on loopback, and whoever sits in front of them."""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.errors import Unready

if TYPE_CHECKING:
    from collections.abc import Sequence

FAILED, MISCONFIGURED, INTERRUPTED, BROKEN_PIPE = 1, 78, 130, 141
SIGNALS = {signal.SIGINT, signal.SIGTERM} | ({signal.SIGHUP} if hasattr(signal, "SIGHUP") else set())


def main(argv: Sequence[str] | None = None) -> int:
    """Run until the person leaves, the lines are done, or a signal stops it; the exit code.

    0 where all came to a good end: a served page ends so at a signal too. 1 where a line failed, the bot ended by itself or
    something can't be opened; 78 without the extra `demo`; 130 where a signal stopped anything else.
    """
    wanted = parser().parse_args(argv)
    for stream in (sys.stdout, sys.stderr):
        # Cards hold emoji; a terminal that can't show them shows something else instead of stopping us.
        with contextlib.suppress(AttributeError):
            stream.reconfigure(errors="replace", line_buffering=True)  # type: ignore[union-attr]  # suppressed
    try:
        # Whoever started us may have held signals back until here, where one no longer ends in a traceback.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        return _run(wanted)
    except KeyboardInterrupt:
        # One more, such as the terminal's own beside a forwarded one, would only come in between.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        return INTERRUPTED
    except BrokenPipeError:
        # Nobody reads any more; what is still buffered must not complain of it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except Unready as error:
        sys.stderr.write(f"{error}\n")
        return FAILED


def _run(wanted: argparse.Namespace) -> int:
    if not all(map(importlib.util.find_spec, ("numpy", "PIL", "av"))):
        wish = "pip install -e '.[demo]' in the project's folder"
        sys.stderr.write(f"The sandbox draws its pictures with numpy, Pillow and PyAV, and one of them isn't there: {wish}\n")
        return MISCONFIGURED
    # Imported late: it takes half a second, in which Ctrl-C may come.
    from sandbox.session import run

    return run(wanted)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m sandbox",
        description="A Discord and a Midjourney API on loopback. Without --page, --run or --tour, a prompt line.",
    )
    add = parser.add_argument
    add("--page", action="store_true", help="serve the page, until stopped")
    add("--run", action="append", metavar="LINE", default=[], help="run this line and leave; may be repeated")
    add("--tour", action="store_true", help="show everything once and leave")
    add("--terminal", action="store_true", help="a prompt line, as without any of these")
    add("--port", type=int, default=0, help="Discord's port, and the page's; the image service takes the next one")
    add("--browser", action="store_true", help="open the page in a browser, if there is a desktop")
    add("--fast", action="store_true", help="paint quickly and small, as unattended runs do")
    add("--slow", action="store_true", help="paint as slowly as the real service")
    add("--bot", metavar="COMMAND", help="start this bot, with the settings it needs in its environment")
    add("--bot-folder", type=Path, metavar="DIR", help="where the bot runs")
    add("--bot-log", type=Path, metavar="FILE", default=Path("bot.log"), help="what the bot writes is appended here")
    add("--state", type=Path, metavar="DIR", help="keep everything here between two runs")
    add("--fresh", action="store_true", help="forget what was kept")
    add("--pictures", type=Path, metavar="DIR", default=Path("pictures"), help="where the prompt line saves pictures")
    add("--announce", type=Path, metavar="FILE", help="where to write the bot's settings, as JSON")
    add("--with-parent", action="store_true", help="end with whoever started this")
    traffic = os.environ.get("SANDBOX_TRAFFIC")
    add("--traffic", type=Path, metavar="FILE", default=Path(traffic) if traffic else None, help="record JSONL")
    return parser


if __name__ == "__main__":
    sys.exit(main())
