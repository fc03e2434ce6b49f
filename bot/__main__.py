"""The command line: `python -m bot`, and the same as `easel`."""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import sys
from collections.abc import Callable, Sequence

from bot import __version__, app, config, log
from bot.errors import ConfigError
from bot.midjourney import ApiError, MidjourneyClient, TokenRejected
from bot.store import open_database
from bot.ui.edits import TROUBLE

EX_USAGE = 2
EX_CONFIG = 78  # sysexits.h: something was found in an unconfigured or misconfigured state


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; its exit code."""
    parser = _parser()
    options = parser.parse_args(argv)
    if options.command is None:
        parser.print_help(sys.stderr)
        return EX_USAGE
    try:
        if options.command == "demo":
            from bot.demo import run_demo  # only the demo needs the sandbox

            return run_demo(options.run)
        settings = config.load()
        quiet = options.command == "check" and settings.log_level == "INFO"  # its verdict is all that is asked for
        log.set_up("WARNING" if quiet else settings.log_level, (settings.discord_token, settings.acedatacloud_api_token))
        work = {"run": _run, "check": _check, "migrate": _migrate, "sync": _sync}[options.command]
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(work(settings))
    except ConfigError as error:
        _say(str(error), error=True)
        return EX_CONFIG
    except KeyboardInterrupt:
        return 130


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop's, where the extra `speed` is installed."""
    if importlib.util.find_spec("uvloop") is None:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = importlib.import_module("uvloop").new_event_loop
    return factory


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="easel",
        description="A Discord bot that paints with Midjourney.",
        epilog="Settings come from the environment or from a file .env in this folder; .env.example explains them. "
        "Exit codes: 0 all well, 1 something is wrong, 2 a wrong command line, 78 a setting is missing or malformed.",
    )
    parser.add_argument("--version", action="version", version=f"Easel {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")

    def add(name: str, words: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=words, description=f"{words[0].upper()}{words[1:]}.")

    add("run", "be the bot, until SIGTERM or Ctrl-C")
    demo = add("demo", "try it without any account: a Discord and an image service on this machine")
    demo.add_argument("--run", action="append", default=[], metavar="LINE", help="do this and exit; may be given several times")
    add("check", "tell whether tokens, database and commands are in order")
    add("migrate", "bring the database up to date (run does it by itself)")
    add("sync", "register the commands with Discord (run does it when they changed)")
    return parser


async def _run(settings: config.Settings) -> int:
    await app.run(settings)
    return 0


async def _migrate(settings: config.Settings) -> int:
    async with open_database(settings.database_path):
        _say(f"The database {settings.database_path} is up to date.")
    return 0


async def _sync(settings: config.Settings) -> int:
    try:
        async with app.open_easel(settings, beside=True) as easel:
            await app.log_in(easel, settings)
            await easel.sync_commands(force=True)
    except TROUBLE as error:
        _say(_unreachable(settings, error), error=True)
        return 1
    _say("The commands are registered.")
    return 0


async def _check(settings: config.Settings) -> int:
    """Plain lines; 0 where all is in order, 1 otherwise."""
    for line in config.strangers():
        _say(f"warning  {line}")
    good = await _check_api(settings)
    try:
        async with app.open_easel(settings, beside=True) as easel:
            _say(f"ok       database {settings.database_path}" + ("" if easel.alone else " (a bot is running on it)"))
            await app.log_in(easel, settings)
            application = await easel.application_info()
            _say(f"ok       Discord token: {application.name}")
            if await easel.in_sync():
                _say("ok       commands are registered")
            else:
                _say("note     commands are not registered yet, or have changed: `easel run` registers them")
            if application.bot_public and settings.spends_without_limit:
                _say(f"warning  {app.UNLIMITED}")
    except ConfigError as error:
        _say(f"wrong    {error}")
        good = False
    except TROUBLE as error:
        _say(f"wrong    {_unreachable(settings, error)}")
        good = False
    return 0 if good else 1


async def _check_api(settings: config.Settings) -> bool:
    url = settings.acedatacloud_api_base_url
    try:
        # One try: whoever asks wants to hear how it is now.
        async with MidjourneyClient(url, settings.acedatacloud_api_token, retry_budget=0) as api:
            await api.tasks(limit=1)
    except TokenRejected as error:
        _say(f"wrong    ACEDATACLOUD_API_TOKEN: {url} does not accept it ({error})")
    except ApiError as error:
        _say(f"wrong    image service {url}: {error}")
    else:
        _say(f"ok       image service {url}")
        return True
    return False


def _unreachable(settings: config.Settings, error: Exception) -> str:
    return f"Discord at {settings.discord_api_url} can't be reached: {error}"


def _say(line: str, *, error: bool = False) -> None:
    stream = sys.stderr if error else sys.stdout
    stream.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
