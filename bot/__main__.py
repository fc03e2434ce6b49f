"""The command line: `python -m bot`, and the same as `easel`.

What the commands need is imported when one is chosen: it takes a second, in which Ctrl-C should not end in a traceback.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from bot import __version__
from bot.pace import Pace

EX_USAGE, INTERRUPTED = 2, 130


def main(argv: Sequence[str] | None = None, pace: Pace | None = None) -> int:
    """Run a command; its exit code. Tests hand in a shorter pace."""
    parser = _parser()
    options = parser.parse_args(argv)
    if options.command is None:
        parser.print_help(sys.stderr)
        return EX_USAGE
    try:
        if options.command == "demo":
            return _demo(options)
        from bot.operations import Wishes, perform

        wishes = Wishes(spend=options.spend, yes=options.yes) if options.command == "probe" else None
        return perform(options.command, pace or Pace(), wishes)
    except KeyboardInterrupt:
        return INTERRUPTED


def _demo(options: argparse.Namespace) -> int:
    if options.fresh and (options.run or options.tour or options.terminal):
        options.refuse("argument --fresh: only the page keeps anything; not allowed with --run, --tour or --terminal")
    from bot.demo import Wishes, run_demo

    names = ("run", "tour", "terminal", "port", "browser", "fast", "slow", "fresh")
    return run_demo(Wishes(**{name: getattr(options, name) for name in names}))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="easel",
        description="A Discord bot that paints with Midjourney.",
        epilog="Settings come from the environment or from a file .env in this folder; .env.example explains them. "
        "Exit codes: 0 all well, 1 something is wrong, 2 a wrong command line, 75 try again (another Easel has the database, "
        "check or sync found somebody too busy, or probe the service away), 78 a person must correct something: a setting, the "
        "database, or what made Discord close the connection for good.",
    )
    parser.add_argument("--version", action="version", version=f"Easel {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")

    def add(name: str, words: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=words, description=f"{words[0].upper()}{words[1:]}.")

    add("run", "be the bot, until SIGTERM or Ctrl-C")
    _add_demo(add("demo", "try it in a browser, without any account: a Discord and an image service on this machine"))
    add("check", "tell whether tokens, database and commands are in order")
    add("migrate", "bring the database up to date (run does it by itself)")
    add("sync", "register the commands with Discord (run does it in the background when they changed)")
    _add_probe(add("probe", "find out which of the facts that Easel relies on hold for your image service"))
    return parser


def _add_demo(demo: argparse.ArgumentParser) -> None:
    demo.epilog = (
        "Serves its page until Ctrl-C. What happens there is kept in the folder easel-demo, for the next time. "
        "--run and --tour need no page and keep only their pictures."
    )
    how = demo.add_mutually_exclusive_group()
    how.add_argument("--run", action="append", default=[], metavar="LINE", help="do this and exit; may be given several times")
    how.add_argument("--tour", action="store_true", help="show everything once, unattended, and exit")
    how.add_argument("--terminal", action="store_true", help="a prompt line here, instead of the page")
    demo.add_argument("--port", type=_port, default=8765, help="the page's port, 8765 by default; the next one is needed too")
    demo.add_argument("--no-browser", dest="browser", action="store_false", help="only say where the page is")
    pace = demo.add_mutually_exclusive_group()
    pace.add_argument("--fast", action="store_true", help="paint quickly")
    pace.add_argument("--slow", action="store_true", help="paint as slowly as the real service")
    demo.add_argument("--fresh", action="store_true", help="forget what the page kept")
    demo.set_defaults(refuse=demo.error)


def _add_probe(probe: argparse.ArgumentParser) -> None:
    probe.epilog = (
        "Writes a table, and the same to probe.json in this folder, without secrets. Without --spend nothing is billed. Best "
        "run while no bot uses the same token. Exit codes: 0 nothing that was tested differs, 1 something does, 75 the service "
        "is away or left a fact unclear, 78 a setting must be corrected."
    )
    words = "also buy so many pictures, 1 unless said, and a description; the price is shown, and you are asked first"
    probe.add_argument("--spend", nargs="?", type=_count, const=1, default=0, metavar="N", help=words)
    probe.add_argument("--yes", action="store_true", help="spend without being asked")


def _count(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= 5:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of pictures, from 1 to 5")
    return int(text)


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: a number from 1 to 65534")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
