"""`make bench`: what Easel costs, beside a bare discord.py bot and beside itself with a short memory.

The services are imitated in this process and share the machine with the bot, so numbers compare and are not absolute.
Run it on a quiet machine. One case, other sizes: `make bench ARGS="--case load --jobs 1000 --rate 100"`.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence

import ends
import flight
import history
import kills
import load
import stops
from machine import Quietness
from options import Options
from people import Failed

CASES = {"load": load, "flight": flight, "ends": ends, "history": history, "stops": stops, "kills": kills}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the cases and print a table for each; 1 where one failed."""
    wanted, options = _read(argv)
    failed = False
    for name in wanted:
        sys.stderr.write(f"{name}: measuring\n")
        quietness = Quietness()
        try:
            lines = asyncio.run(CASES[name].run(options))
        except Failed as error:
            sys.stderr.write(f"{name} failed. {error}\n")
            failed = True
        else:
            sys.stdout.write(f"\n{lines}\n{quietness}\n\n")
            sys.stdout.flush()
    return int(failed)


def _read(argv: Sequence[str] | None) -> tuple[list[str], Options]:
    parser = argparse.ArgumentParser(prog="make bench", description="Measure Easel.")
    parser.add_argument("--case", action="append", choices=CASES, help="only this one; may be given several times")
    parser.add_argument("--jobs", type=int, metavar="N", help="how many commands or presses (flight: at most 600)")
    parser.add_argument("--rate", type=float, metavar="R", help="how many of them a second")
    parser.add_argument("--pictures", type=int, metavar="N", help="how many are stored in history")
    parser.add_argument(
        "--stops", type=int, metavar="N", help="how many SIGTERMs, and as many kills, in stops; how many kills in kills"
    )
    parser.add_argument(
        "--seed", type=int, default=1, metavar="N", help="what the chances in ends, stops and kills are drawn from"
    )
    given = parser.parse_args(argv)
    if any(value is not None and value <= 0 for value in (given.jobs, given.rate, given.pictures, given.stops)):
        parser.error("numbers must be positive")
    return given.case or list(CASES), Options(given.jobs, given.rate, given.pictures, given.stops, given.seed)


if __name__ == "__main__":
    sys.exit(main())
