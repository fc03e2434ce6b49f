"""Composition root: opens everything in order, closes it in reverse."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot import config
from bot.background import Background
from bot.client import Easel
from bot.clock import uptime
from bot.config import Settings
from bot.errors import ConfigError, StoreUnavailable
from bot.gateway import closed_for_good
from bot.midjourney import ApiError, MidjourneyClient, TokenRejected
from bot.pace import Pace
from bot.proxies import Proxies
from bot.store import Queries, check_pages, open_database
from bot.ui.discord_errors import TROUBLE
from bot.ui.languages import Languages
from bot.ui.languages import load as load_languages

log = logging.getLogger(__name__)

LOCALES = Path(__file__).with_name("locales")
UNLIMITED = (
    "Anyone can add this bot and spend your balance: make it private in the developer portal, or set ALLOWED_GUILD_IDS, "
    "ALLOWED_USER_IDS or DAILY_JOBS_PER_USER."
)
LONGEST_WAIT_BESIDE = 30.0  # seconds, as short as discord.py allows


@asynccontextmanager
async def open_easel(
    settings: Settings,
    pace: Pace,
    ways_out: Proxies | None = None,
    *,
    beside: bool = False,
    wait: float = 0.0,
    languages: Languages | None = None,
) -> AsyncIterator[Easel]:
    """Everything but the connection to Discord; raises ConfigError. `beside` a running bot nothing may be started.

    Another process on the same database gets `wait` seconds to leave. `languages` are those that come with Easel, and
    without `ways_out` no proxy is asked.
    """
    # discord.py has these two as class attributes only.
    Route.BASE = settings.discord_api_url
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(settings.discord_gateway_url)
    # Nor does a bot that paints need to hear that it can't speak.
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    await asyncio.to_thread(_prepare, settings)
    async with AsyncExitStack() as stack:
        queries = Queries(await stack.enter_async_context(open_database(settings.database_path, beside=beside, wait=wait)))
        url, token, ways_out = settings.acedatacloud_api_base_url, settings.acedatacloud_api_token, ways_out or Proxies()
        api = await stack.enter_async_context(MidjourneyClient(url, token, pace, proxies=ways_out))
        spoken = languages if languages is not None else await asyncio.to_thread(load_languages, LOCALES)
        easel = await stack.enter_async_context(
            Easel(settings, queries, api, spoken, pace, ways_out.shared(*settings.service_urls[:2]))
        )
        if beside:  # whoever asks at a command line shall hear at once that Discord makes one wait
            easel.http.max_ratelimit_timeout = LONGEST_WAIT_BESIDE
        stack.push_async_callback(easel.operator.close)
        stack.push_async_callback(easel.services.cards.close)
        stack.push_async_callback(easel.services.jobs.close)
        yield easel


def _prepare(settings: Settings) -> None:
    """Make the folders, and keep others out of them; raises ConfigError."""
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        settings.spool_path.mkdir(exist_ok=True)
        _tighten(settings, settings.spool_path)
    except (FileExistsError, NotADirectoryError) as error:
        raise ConfigError(f"DATA_DIR: {error.filename} is not a folder.") from error
    except OSError as error:
        raise ConfigError(f"DATA_DIR: {settings.data_dir} can't be used ({error}).") from error


def _tighten(settings: Settings, spool: Path) -> None:
    """Files that an earlier version left open to others on this machine hold prompts, and tokens that live for 15 minutes."""
    database = settings.database_path
    beside = [database.with_name(database.name + end) for end in ("", "-wal", "-shm", ".lock")]
    for path in (*beside, settings.data_dir / "alive", spool, *spool.iterdir()):
        with suppress(OSError):  # not there, or not ours
            path.chmod(path.stat().st_mode & 0o700)


async def log_in(easel: Easel, settings: Settings) -> None:
    """Log in to Discord; raises ConfigError if the token is refused."""
    try:
        await easel.login(settings.discord_token.get_secret_value())
    except discord.LoginFailure:
        raise ConfigError("DISCORD_TOKEN: Discord does not accept it.") from None


def service_trouble(settings: Settings, error: ApiError) -> str:
    """What keeps the image service from working, with the setting that may mend it."""
    url = settings.acedatacloud_api_base_url
    refused = isinstance(error, TokenRejected)
    return f"ACEDATACLOUD_API_TOKEN: {url} does not accept it ({error})" if refused else f"image service {url}: {error}"


async def run(settings: Settings, pace: Pace, ways_out: Proxies) -> None:
    """Be the bot until SIGTERM or SIGINT; raises ConfigError."""
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    for line in config.strangers():
        log.warning("%s", line)
    tasks = Background()
    async with open_easel(settings, pace, ways_out, wait=pace.database_within) as easel:
        # Their failures are ours to raise.
        bot = asyncio.create_task(_serve(easel, settings, pace), name="bot")
        keeper = asyncio.create_task(_keep_files(easel, settings, pace), name="files")
        tasks.spawn("alive", _touch(easel, settings.data_dir / "alive", pace.alive_every))
        tasks.spawn("image service", _try_service(easel, settings))
        waiter = tasks.spawn("stop", stop.wait())
        try:
            await asyncio.wait({bot, keeper, waiter}, return_when=asyncio.FIRST_COMPLETED)
            for task in (bot, keeper):
                if task.done():
                    task.result()
        finally:
            log.info("Stopping")
            # The gateway stays open meanwhile: whoever comes now is told to try again.
            await easel.hands.finish(pace.hands_within)
            with suppress(TimeoutError):
                async with asyncio.timeout(pace.jobs_within):
                    await easel.services.jobs.close()
                    await tasks.close()
            await easel.hands.close()
            for task in (bot, keeper):
                task.cancel()
            # Again and again: discord.py connects in `asyncio.wait_for`, which before Python 3.12 forgets a cancellation that
            # comes in the very moment in which a connection fails, and would connect for ever.
            while (await asyncio.wait({bot, keeper}, timeout=pace.goodbye_within))[1]:
                bot.cancel()
            await asyncio.gather(bot, keeper, return_exceptions=True)


async def _serve(easel: Easel, settings: Settings, pace: Pace) -> None:
    """Stay connected. Whatever discord.py trips over in one event must not end the bot."""
    first, longest = pace.connect_again
    pause = first / 2
    at_work = False
    while not easel.is_closed():
        began = uptime()
        try:
            if not at_work:
                await log_in(easel, settings)
                if settings.spends_without_limit and easel.application and easel.application.bot_public:
                    log.warning("%s", UNLIMITED)
                await _begin_work(easel, settings)
                at_work = True
            await easel.connect(reconnect=True)
        except (discord.ConnectionClosed, discord.PrivilegedIntentsRequired) as error:
            raise closed_for_good(error) from error
        except ConfigError:
            raise
        except Exception as error:
            # An old outage is no reason to stay away for long after one odd event.
            pause = first if uptime() - began > pace.held_for else min(pause * 2, longest)
            # After a first connection that failed, discord.py trips over the one before, which never was.
            met = error.__context__ if isinstance(error, AttributeError) else error
            if isinstance(met, TROUBLE):
                log.warning("Discord can't be reached (%s: %s); trying again in %.0f s", type(met).__name__, met, pause)
                log.debug("The failure in full", exc_info=True)
            else:
                log.exception("The connection to Discord broke; connecting again in %.0f s", pause)
            await (easel.leave_gateway() if at_work else easel.forget_login())
            await asyncio.sleep(pause)


async def _begin_work(easel: Easel, settings: Settings) -> None:
    """Take up the jobs; raises ConfigError if the database is damaged, whoever finds that out first."""
    try:
        await easel.begin_work()
    except Exception:
        await check_pages(settings.database_path)
        raise


async def _try_service(easel: Easel, settings: Settings) -> None:
    """Tell the operator at the start what people would else find out, by a request of which nothing can come."""
    try:
        await easel.api.check_token()
    except ApiError as error:
        log.warning("%s", service_trouble(settings, error))


async def _keep_files(easel: Easel, settings: Settings, pace: Pace) -> None:
    """Look whether the database is whole, and from then on whether it is there; raises ConfigError."""
    await check_pages(settings.database_path)
    while True:
        await asyncio.sleep(pace.look_at_files_every)
        try:
            await easel.restore_files()
        except StoreUnavailable as error:
            log.warning("The database's file is gone and can't be written anew yet: %s", error)


async def _touch(easel: Easel, path: Path, every: float) -> None:
    """Show a health check that the gateway is there."""
    while True:
        if easel.is_connected:
            try:
                await asyncio.to_thread(_touch_in_folder, path)
            except OSError as error:
                log.warning("The health check's file could not be touched: %s", error)
        await asyncio.sleep(every)


def _touch_in_folder(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
