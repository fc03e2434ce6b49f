"""What the command line's commands do: run, check, migrate, sync, probe."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import discord

from bot import app, config, log, probe, proxies
from bot.client import Easel
from bot.errors import AlreadyRunning, ConfigError
from bot.midjourney import ApiError, Busy, MidjourneyClient
from bot.pace import Pace
from bot.proxies import Proxies
from bot.redaction import Redactor
from bot.registration import explain
from bot.store import check_pages, open_database
from bot.ui.discord_errors import TROUBLE

PATIENCE = 3.0  # seconds: one wants to hear how it is now; but look-ups, a running bot's too, must lie a second apart
# From sysexits.h: something was found in an unconfigured or misconfigured state; a passing failure, worth another try.
EX_CONFIG, EX_TEMPFAIL = 78, 75
SERVER_ERROR = 500
Work = Callable[[config.Settings, Pace, Proxies], Coroutine[None, None, int]]
_redactor: ContextVar[Redactor] = ContextVar("redactor", default=Redactor())  # noqa: B039  # it never changes


@dataclass(frozen=True, slots=True)
class Wishes:
    """What `probe` was asked for: so many pictures at most, and whether they are confirmed already."""

    spend: int = 0
    yes: bool = False


def perform(command: str, pace: Pace, wishes: Wishes | None = None) -> int:
    """Read the settings and do what a command promises; its exit code."""
    os.umask(0o077)  # what is in the files is nobody else's matter
    try:
        settings = config.load()
        quiet = command in ("check", "probe") and settings.log_level == "INFO"  # its verdict is all that is asked for
        ways_out = proxies.from_environment(*settings.service_urls)
        ways_out.shared(*settings.service_urls[:2])
        secrets = (settings.discord_token, settings.acedatacloud_api_token, *ways_out.secrets())
        _redactor.set(Redactor(secrets))
        log.set_up("WARNING" if quiet else settings.log_level, secrets)
        works: dict[str, Work] = {"run": _run, "check": _check, "migrate": _migrate, "sync": _sync}
        work = works.get(command, partial(_probe, wishes=wishes or Wishes()))
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(work(settings, pace, ways_out))
    except ConfigError as error:
        _say(str(error), error=True)
        return EX_TEMPFAIL if isinstance(error, AlreadyRunning) else EX_CONFIG


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop's, if the extra `speed` is installed."""
    if importlib.util.find_spec("uvloop") is None:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = importlib.import_module("uvloop").new_event_loop
    return factory


async def _run(settings: config.Settings, pace: Pace, ways_out: Proxies) -> int:
    await app.run(settings, pace, ways_out)
    return 0


async def _migrate(settings: config.Settings, _pace: Pace, _ways_out: Proxies) -> int:
    async with open_database(settings.database_path):
        _say(f"The database {settings.database_path} is up to date.")
    return 0


async def _sync(settings: config.Settings, pace: Pace, ways_out: Proxies) -> int:
    try:
        async with app.open_easel(settings, pace, ways_out, beside=True) as easel:
            await app.log_in(easel, settings)
            await easel.registration.register()
    except discord.RateLimited as error:
        return _busy(f"Discord at {settings.discord_api_url}", error.retry_after)
    except TROUBLE as error:
        _say(f"The commands are not registered. {_failed(settings, error)}", error=True)
        return 1
    _say("The commands are registered.")
    return 0


async def _check(settings: config.Settings, pace: Pace, ways_out: Proxies) -> int:
    """Plain lines; 0 if all is in order, 78 for a damaged database, 1 for other faults, 75 for too busy to tell."""
    for line in config.strangers():
        _say(f"warning  {line}")
    codes = [await _check_service(settings, pace, ways_out)]
    try:
        async with app.open_easel(settings, pace, ways_out, beside=True) as easel:
            codes.append(await _check_database(easel, settings))
            codes.append(await _check_discord(easel, settings))
    except ConfigError as error:
        codes.append(_wrong(str(error)))
        with tempfile.TemporaryDirectory() as folder:  # Discord is asked all the same
            elsewhere = settings.model_copy(update={"data_dir": Path(folder), "database_url": ""})
            async with app.open_easel(elsewhere, pace, ways_out, beside=True) as easel:
                codes.append(await _check_discord(easel, settings))
    return next((code for code in (EX_CONFIG, 1, EX_TEMPFAIL) if code in codes), 0)


async def _probe(settings: config.Settings, pace: Pace, ways_out: Proxies, wishes: Wishes) -> int:
    """A table, and the same in a file; 0 if all that was tested is as assumed, 1 if a fact differs, 75 if one is unclear."""
    url, token = settings.acedatacloud_api_base_url, settings.acedatacloud_api_token
    consent = probe.Consent(_say, given=wishes.yes)
    try:
        outcome = await probe.probe(url, token, pace, ways_out, pictures=wishes.spend, confirm=consent.ask)
    except probe.ServiceAway as error:
        _say(f"image service {url} is away: {error}", error=True)
        return EX_TEMPFAIL
    except probe.TokenRefused as error:
        raise ConfigError(f"ACEDATACLOUD_API_TOKEN: {url} does not accept it ({error}).") from None
    for line in probe.table(outcome, shutil.get_terminal_size().columns):
        _say(line)
    text = _redactor.get().text(probe.document(outcome, url))
    try:
        await asyncio.to_thread(Path(probe.FILE).write_text, text, "utf-8")
    except OSError as error:
        raise ConfigError(f"{probe.FILE} can't be written here ({error.strerror}).") from None
    _say(f"The same is in {probe.FILE}, to be attached to an issue: it names nobody and holds no token.")
    if outcome.having(probe.Verdict.DIFFERS):
        return 1
    return EX_TEMPFAIL if outcome.having(probe.Verdict.UNCLEAR) else 0


async def _check_database(easel: Easel, settings: config.Settings) -> int:
    try:
        await check_pages(settings.database_path)
    except ConfigError as error:
        _wrong(str(error))
        return EX_CONFIG
    _say(f"ok       database {settings.database_path}" + ("" if easel.alone else " (a bot is running on it)"))
    return 0


async def _check_service(settings: config.Settings, pace: Pace, ways_out: Proxies) -> int:
    url = settings.acedatacloud_api_base_url
    try:
        hurried = replace(pace, retry_budget=PATIENCE)
        async with MidjourneyClient(url, settings.acedatacloud_api_token, hurried, proxies=ways_out) as api:
            await api.check_token()
    except Busy as error:
        return _busy(f"image service {url}", error.retry_after)
    except ApiError as error:
        return _wrong(app.service_trouble(settings, error))
    _say(f"ok       image service {url}")
    return 0


async def _check_discord(easel: Easel, settings: config.Settings) -> int:
    try:
        await app.log_in(easel, settings)
        application = await easel.application_info()
        _say(f"ok       Discord token: {application.name}")
        code = await _check_commands(easel)
        if application.bot_public and settings.spends_without_limit:
            _say(f"warning  {app.UNLIMITED}")
    except ConfigError as error:
        return _wrong(str(error))
    except discord.RateLimited as error:
        return _busy(f"Discord at {settings.discord_api_url}", error.retry_after)
    except TROUBLE as error:
        # discord.py itself waits if Discord says for how long; this is the network before it, which doesn't.
        if isinstance(error, discord.HTTPException) and error.status == 429:
            return _busy(f"Discord at {settings.discord_api_url}", None)
        return _wrong(_failed(settings, error))
    return code


async def _check_commands(easel: Easel) -> int:
    listed = await easel.registration.are_listed()
    if listed and await easel.registration.has_synced():
        _say("ok       commands are registered")
    elif reason := await easel.registration.refusal():
        return _wrong(f"commands could not be registered when `easel run` last tried: {reason}")
    elif listed:
        _say("note     commands are registered, but perhaps not as they are now: `easel run` registers them anew")
    else:
        _say("note     commands are not registered yet: `easel run` registers them")
    return 0


def _busy(who: str, seconds: float | None) -> int:
    _say(f"busy     {who} was asked too often; try again in {f'{seconds:.0f} s' if seconds else 'a while'}")
    return EX_TEMPFAIL


def _wrong(what: str) -> int:
    _say(f"wrong    {what}")
    return 1


def _failed(settings: config.Settings, error: Exception) -> str:
    refused = isinstance(error, discord.HTTPException) and error.status < SERVER_ERROR
    what = "refuses" if refused else "can't be reached"
    return f"Discord at {settings.discord_api_url} {what}: {explain(error)}"


def _say(line: str, *, error: bool = False) -> None:
    stream = sys.stderr if error else sys.stdout
    stream.write(_redactor.get().text(line) + "\n")
