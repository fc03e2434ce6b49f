"""Bringing what came of a job to its card: the port through which `bot/jobs` reaches Discord."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace

import discord

from bot.jobs.events import AnsweredElsewhere, Events
from bot.jobs.media import MediaMessages
from bot.jobs.model import Job, Progress, State
from bot.jobs.parking import seconds_left
from bot.jobs.ports import AnsweredByAnother, Outcome, Posted
from bot.jobs.records import Records
from bot.jobs.spool import Spool
from bot.text import _
from bot.ui.cards.layout import card, parked_card, stopped
from bot.ui.discord_errors import TROUBLE, card_is_gone, token_is_dead
from bot.ui.output.lost_cards import find_card, open_card
from bot.ui.output.messenger import Messenger, Way
from bot.ui.output.pacing import Pacer
from bot.ui.output.uploading import Uploader

log = logging.getLogger(__name__)

PICTURES_AT_ONCE = 8  # fetched and uploaded; each streams from disk


class DiscordCards:
    """Cards on Discord: progress at a pace, ends for certain."""

    def __init__(
        self, messenger: Messenger, records: Records, spool: Spool, service_now: Callable[[], float], events: Events
    ) -> None:
        self._messenger = messenger
        self._pace = messenger.pace
        self._records = records
        self._events = events
        self._uploader = Uploader(messenger, spool, MediaMessages(records.queries), service_now)
        self._pacer = Pacer(self._show_now, self._pace)
        self._pictures = asyncio.Semaphore(PICTURES_AT_ONCE)

    async def close(self) -> None:
        """Stop what runs in the background."""
        await self._pacer.close()

    def show(self, job: Job, progress: Progress) -> None:
        """Show how far a job is, at the pace of its card and channel."""
        self._pacer.show(job, progress)

    async def ask_for_press(self, job: Job) -> bool:
        """Ask for a press on a card that only its dying token reaches; False if that may yet succeed at another try."""
        await self._pacer.end(job.id, job.place.channel_id)
        try:
            async with asyncio.timeout(self._pace.edit_timeout):
                await self._messenger.edit(Way.TOKEN, job.place, parked_card(job, self._messenger.language(job.place)))
        except TROUBLE as error:
            log.warning("The card of job %s could not ask for a press: %r", job.id, error)
            return isinstance(error, discord.HTTPException) and (token_is_dead(error) or card_is_gone(error))
        return True

    async def open(self, job: Job, progress: Progress) -> Posted | None:
        """Post the first card of a job with the bot's own token; None if Discord certainly refuses it."""
        channel, view = self._messenger.channel(job.place), stopped(self._card(job, progress))
        try:
            async with asyncio.timeout(self._pace.edit_timeout):
                message = await channel.send(view=view, nonce=job.id, allowed_mentions=discord.AllowedMentions.none())
        except discord.HTTPException as error:
            if error.status >= 500:
                raise
            log.warning("The card of job %s was refused: %s", job.id, error)
            return None
        return Posted(message.id, message.channel.id, ephemeral=False)

    async def find(self, job: Job) -> Posted | None:
        """See `find_card`; of another process with the same token the operator is told."""
        try:
            return await find_card(self._messenger, job)
        except AnsweredByAnother:
            log.warning("The interaction of job %s was answered by another process with this token", job.id)
            self._events.tell(AnsweredElsewhere(job.id))
            raise

    def _card(self, job: Job, progress: Progress | None = None) -> discord.ui.LayoutView:
        return card(job, progress, note=job.order.note, language=self._messenger.language(job.place))

    async def _show_now(self, job: Job, progress: Progress) -> None:
        now = await self._records.job(job.id)
        if not now.is_open or now.let_go_at:
            return  # it ended meanwhile: nothing may be painted over the end
        job = replace(job, place=now.place, state=now.state)
        open_ways = self._messenger.ways(job.place)
        if Way.BOT not in open_ways and seconds_left(job.place, self._messenger.clock.now(), self._pace) <= 0:
            return  # nor over the request for a press, without which the end could not be brought
        for way in open_ways:
            view = self._card(job, progress)
            try:
                await self._messenger.edit(way, job.place, view)
            except discord.HTTPException as error:
                if not await self._token_died(way, job, error):
                    raise
            else:
                return

    async def _token_died(self, way: Way, job: Job, error: discord.HTTPException) -> bool:
        """Whether an edit failed since its token is dead; it is never used again then, for Discord counts such tries."""
        dead = way is Way.TOKEN and token_is_dead(error)
        if dead:
            log.info("The token of job %s was dead", job.id)
            if job.place.token:  # a newer one is left alone
                await self._records.queries.expire_token(job.id, job.place.token)
        return dead

    async def quiet(self, job: Job) -> bool:
        """Drop the progress that waits, and wait for an edit that is under way; whether there was one."""
        return await self._pacer.end(job.id, job.place.channel_id)

    # ── the end

    async def deliver(self, job: Job) -> Outcome:
        """Bring the end of a job to its card; raises if trying again may help."""
        await self._pacer.end(job.id, job.place.channel_id)
        if job.place.message_id is None:
            return await self._open_another(job)
        outcome = Outcome.WAITING
        for way in self._messenger.ways(job.place):
            try:
                await self._deliver_by(way, job)
            except discord.HTTPException as error:
                if await self._token_died(way, job, error):
                    continue
                if not card_is_gone(error):
                    raise
                log.warning("The card of job %s can't be reached: %s", job.id, error.code)
                outcome = Outcome.KEPT_OUT if self._messenger.is_kept_out(error, job.place) else Outcome.UNDELIVERABLE
            else:
                outcome = Outcome.DELIVERED
                break
        return outcome

    async def _open_another(self, job: Job) -> Outcome:
        """Bring the end of a job of which no card is known by another way, and put on record where that is."""
        place = await open_card(self._messenger, job)
        if place is None:
            return Outcome.WAITING
        await self._records.queries.renew(job.id, place)
        return Outcome.DELIVERED

    async def _deliver_by(self, way: Way, job: Job) -> None:
        if job.state is State.FAILED or not job.media:
            async with asyncio.timeout(self._pace.edit_timeout):
                await self._messenger.edit(way, job.place, self._card(job))
        else:
            async with self._pictures, asyncio.timeout(self._pace.upload_timeout):
                await self._uploader.bring(way, job)

    async def delayed(self, job: Job) -> None:
        """Show the picture by its link, and its buttons, until the picture itself can be brought; may raise.

        Where a dying token is the only way, the card asks for a press instead, which brings a new one. An undeliverable
        job's card says so.
        """
        open_ways = self._messenger.ways(job.place)
        if job.state is State.FAILED or not job.media or not open_ways:
            return
        view = self._card(job)
        if Way.BOT in open_ways and job.state is State.FINISHED:
            note = _(
                "For now there is only a link to the picture, which may not work; I keep trying to bring the picture itself."
            )
            linked, link = replace(job, state=State.DELIVERED), job.media[0].small_url or job.media[0].url
            view = card(linked, media=[link], note=note, language=self._messenger.language(job.place))
        async with asyncio.timeout(self._pace.edit_timeout):
            await self._messenger.edit(open_ways[0], job.place, view)
