"""What the command line's commands do: run, check, migrate, sync."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from collections.abc import Callable

from bot import app, config, log
from bot.errors import ConfigError
from bot.midjourney import ApiError, MidjourneyClient, TokenRejected
from bot.store import open_database
from bot.ui.edits import TROUBLE

EX_CONFIG = 78  # sysexits.h: something was found in an unconfigured or misconfigured state


def perform(command: str) -> int:
    """Read the settings and do what a command promises; its exit code."""
    try:
        settings = config.load()
        quiet = command == "check" and settings.log_level == "INFO"  # its verdict is all that is asked for
        log.set_up("WARNING" if quiet else settings.log_level, (settings.discord_token, settings.acedatacloud_api_token))
        work = {"run": _run, "check": _check, "migrate": _migrate, "sync": _sync}[command]
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(work(settings))
    except ConfigError as error:
        _say(str(error), error=True)
        return EX_CONFIG


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop's, where the extra `speed` is installed."""
    if importlib.util.find_spec("uvloop") is None:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = importlib.import_module("uvloop").new_event_loop
    return factory


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
