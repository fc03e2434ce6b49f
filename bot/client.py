"""The discord.py client: intents, cogs by name, presses to the router."""

from __future__ import annotations

import asyncio
import logging
import pkgutil
from contextlib import suppress
from email.utils import parsedate_to_datetime
from importlib import import_module

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from bot import __version__
from bot.clock import RemoteClock
from bot.config import Settings
from bot.jobs.events import Events
from bot.jobs.records import Limits, Records
from bot.jobs.service import Jobs
from bot.jobs.spool import Spool
from bot.midjourney import MidjourneyClient
from bot.pace import Pace
from bot.registration import Registration
from bot.store import Queries
from bot.ui.access import Access
from bot.ui.input.answering import refuse
from bot.ui.input.commands import Translator
from bot.ui.input.hands import Hands
from bot.ui.input.presses import routes
from bot.ui.input.router import PRESSES
from bot.ui.languages import Languages
from bot.ui.output.delivery import DiscordCards
from bot.ui.output.messenger import Messenger
from bot.ui.output.operator import Operator
from bot.ui.services import Client, Interaction, Services

log = logging.getLogger(__name__)

NEEDED = 117760  # View Channel, Send Messages, Embed Links, Attach Files, Read Message History


class Tree(app_commands.CommandTree["Easel"]):
    """Commands, of which no new one is taken up while the bot stops."""

    async def interaction_check(self, interaction: discord.Interaction[Easel], /) -> bool:
        """Called by discord.py first, in the task that answers the interaction to its end."""
        return await interaction.client.hands.take(interaction)


class Easel(Client):
    """The bot: what answers people, and the jobs that it starts for them. Whoever makes it closes it."""

    def __init__(
        self, settings: Settings, queries: Queries, api: MidjourneyClient, languages: Languages, pace: Pace, proxy: str | None
    ) -> None:
        self._pace = pace
        self.clock = RemoteClock("Discord")
        super().__init__(
            tree_cls=Tree,
            proxy=proxy,
            http_trace=_reading(self.clock),
            command_prefix=commands.when_mentioned,
            help_command=None,
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
        )
        self.api = api
        self.hands = Hands()
        self.registration = Registration(self.tree, queries, pace)
        self._queries = queries
        self._router = routes()
        self.tree.error(self._refuse)
        records = Records(queries, Limits(per_day=settings.daily_jobs_per_user))
        spool = Spool(settings.spool_path, api)
        messenger, events = Messenger(self, self.clock, languages, pace), Events()
        self.operator = Operator(messenger)
        events.listen(self.operator.hear)
        cards = DiscordCards(messenger, records, spool, api.now, events)
        total, per_user = settings.max_concurrent_jobs, settings.max_jobs_per_user
        jobs = Jobs(records, api, cards, spool, events, self.clock.now, pace, total=total, per_user=per_user)
        access = Access(settings.allowed_guild_ids, settings.allowed_user_ids)
        self.services = Services(access=access, jobs=jobs, cards=cards, languages=languages, pace=pace)

    async def setup_hook(self) -> None:
        """Called by discord.py after the login: load the cogs, which register the commands."""
        await self.tree.set_translator(Translator(self.services.languages))
        for module in pkgutil.iter_modules(import_module("cogs").__path__, "cogs."):
            if module.name not in self.extensions:  # a second login, after Discord was away
                await self.load_extension(module.name)

    @property
    def is_connected(self) -> bool:
        """Whether the gateway's socket is open; discord.py's `is_ready` stays true when it is not."""
        return self.is_ready() and self._socket is not None and self._socket.open

    @property
    def _socket(self) -> discord.gateway.DiscordWebSocket | None:
        """Before the first connection there is none, whatever discord.py's annotation says."""
        return self.ws

    async def close(self) -> None:
        """Leave, even if nobody answers any more: discord.py alone would wait half a minute for Discord's goodbye."""
        await self.registration.close()
        try:
            async with asyncio.timeout(self._pace.goodbye_within):
                await super().close()
        except TimeoutError:
            log.warning("Discord did not say goodbye")
            await self.http.close()

    async def leave_gateway(self) -> None:
        """After an event that discord.py could not go on with: it would leave its connection open beside the next one."""
        if self._socket is not None and self._socket.open:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._pace.goodbye_within):
                    await self._socket.close(code=1000)

    async def forget_login(self) -> None:
        """After a login that failed: the next one opens a session anew and would leave this one open."""
        await self.http.close()
        self.http.connector = discord.utils.MISSING

    async def begin_work(self) -> None:
        """After the login and before the gateway: take up the jobs of the last process, and see to the commands."""
        await self.services.jobs.start()
        self.registration.begin()

    async def restore_files(self) -> bool:
        """Write the database anew if its file was taken away; whether that was so. Raises ConfigError, StoreUnavailable."""
        return await self._queries.restore_file()

    @property
    def alone(self) -> bool:
        """Whether no other process runs on the database."""
        return self._queries.alone

    async def on_ready(self) -> None:
        """Called by discord.py after each new session."""
        servers = "1 server" if len(self.guilds) == 1 else f"{len(self.guilds)} servers"
        log.info("Easel %s is online as %s in %s", __version__, self.user, servers)
        if not self.guilds and self.application_id:
            scopes = ("bot", "applications.commands")
            link = discord.utils.oauth_url(self.application_id, permissions=discord.Permissions(NEEDED), scopes=scopes)
            log.info("To invite it into a server, open %s", link)

    async def on_interaction(self, interaction: Interaction) -> None:
        """Presses and modals; commands have been taken by the tree."""
        self.clock.read(interaction.created_at.timestamp())
        if interaction.type in PRESSES and await self.hands.take(interaction):
            await self._router.route(interaction)

    async def _refuse(self, interaction: Interaction, error: app_commands.AppCommandError) -> None:
        cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
        prompt = getattr(interaction.namespace, "prompt", None) or getattr(interaction.namespace, "text", None)
        await refuse(interaction, cause, prompt=prompt)


def _reading(clock: RemoteClock) -> aiohttp.TraceConfig:
    """Read Discord's clock off the first answer of each session; afterwards interactions tell it, to the millisecond.

    Not off every answer: aiohttp makes a traced request about a fifth dearer.
    """
    trace = aiohttp.TraceConfig()

    async def read(session: aiohttp.ClientSession, _context: object, params: aiohttp.TraceRequestEndParams) -> None:
        with suppress(KeyError, ValueError):
            clock.read(parsedate_to_datetime(params.response.headers["Date"]).timestamp())
            session.trace_configs.remove(trace)

    trace.on_request_end.append(read)
    return trace
