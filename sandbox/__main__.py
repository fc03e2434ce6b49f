"""`python -m sandbox`: both services on loopback, and a person in front of them."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.console import Console
from sandbox.midjourney import Midjourney
from sandbox.town import Town
from sandbox.traffic import Traffic

if TYPE_CHECKING:
    from collections.abc import Sequence

READY_WITHIN = 60.0
INTERRUPTED = 130
# Seconds between two steps of progress, and the edge of a grid in pixels.
PERSON_LIKE = 0.4, 1024
QUICK = 0.05, 512


def main(argv: Sequence[str] | None = None) -> int:
    """Run until the person leaves or the lines are done; 0 unless a line failed (1) or Ctrl-C was pressed (130)."""
    wanted = _parser().parse_args(argv)
    for stream in (sys.stdout, sys.stderr):
        # Cards hold emoji; a terminal that can't show them shows something else instead of stopping us.
        with contextlib.suppress(AttributeError):
            stream.reconfigure(errors="replace", line_buffering=True)  # type: ignore[union-attr]  # suppressed
    try:
        return asyncio.run(_run(wanted))
    except KeyboardInterrupt:
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="A Discord and a Midjourney API on loopback.")
    parser.add_argument("--announce", type=Path, metavar="FILE", help="where to write the bot's settings, as JSON")
    parser.add_argument("--pictures", type=Path, metavar="DIR", default=Path("demo-pictures"), help="where to save pictures")
    parser.add_argument("--run", action="append", metavar="LINE", default=[], help="run this line and leave; may be repeated")
    parser.add_argument("--tour", action="store_true", help="show everything once and leave")
    parser.add_argument("--fast", action="store_true", help="paint quickly and small, as unattended runs do")
    traffic = os.environ.get("SANDBOX_TRAFFIC")
    parser.add_argument("--traffic", type=Path, metavar="FILE", default=Path(traffic) if traffic else None, help="record JSONL")
    return parser


async def _run(wanted: argparse.Namespace) -> int:
    attended = not (wanted.run or wanted.tour)
    pace, size = PERSON_LIKE if attended and not wanted.fast else QUICK
    async with AsyncExitStack() as stack:
        town = await stack.enter_async_context(Town(wanted.traffic, midjourney=False))
        # Not the town's own, since pictures for a person to look at are larger. It records beside Discord's traffic.
        traffic = Traffic(wanted.traffic)
        stack.callback(traffic.close)
        town.midjourney = await stack.enter_async_context(Midjourney(traffic=traffic, pace=pace, size=size))
        if wanted.announce:
            await asyncio.to_thread(announce, wanted.announce, town.settings())
        console = Console(town, wanted.pictures)
        try:
            await town.ready(timeout=READY_WITHIN)
        except TimeoutError:
            console.tell(f"No bot with commands came to the gateway within {READY_WITHIN:g} s.")
            return 1
        if wanted.run:
            return await console.run(wanted.run)
        return await console.tour() if wanted.tour else await console.talk()


def announce(file: Path, settings: dict[str, str]) -> None:
    """Write the settings so that a reader finds all of them or no file."""
    partial = file.with_name(f"{file.name}.partial")
    partial.write_text(json.dumps(settings), encoding="utf-8")
    partial.replace(file)


if __name__ == "__main__":
    sys.exit(main())
