"""Answering an interaction: the row first, then the card, and never nothing."""

from __future__ import annotations

import asyncio
import logging
import secrets

import discord

from bot.errors import UserError
from bot.jobs.model import TOKEN_LIFE, Job, Order, Place
from bot.jobs.ports import AnsweredByAnother, Posted
from bot.jobs.records import AlreadyRecorded
from bot.text import Text, _, _n
from bot.ui.cards.layout import card, notice, stopped
from bot.ui.discord_errors import LATE, TROUBLE, is_malformed
from bot.ui.services import Interaction, language_for, services

log = logging.getLogger(__name__)


def place_of(interaction: Interaction) -> Place:
    """Where the answer to an interaction will be, and what reaches it later."""
    in_dm = interaction.context.dm_channel or (interaction.guild_id is None and interaction.is_guild_integration())
    return Place(
        application_id=interaction.application_id,
        interaction_id=interaction.id,
        token=interaction.token,
        token_expires_at=interaction.created_at.timestamp() + TOKEN_LIFE,
        channel_id=interaction.channel_id or 0,
        guild_id=interaction.guild_id,
        # In a channel that is hidden from the bot only the token reaches the card, as where the bot isn't at all.
        has_bot=in_dm or (interaction.is_guild_integration() and interaction.app_permissions.view_channel),
        file_limit=interaction.filesize_limit,
        locale=str(interaction.locale),
        guild_locale=str(interaction.guild_locale) if interaction.guild_locale else None,
    )


def token_of(interaction: Interaction) -> dict[str, object]:
    """What a press on a card renews: the way to it by the press's own token."""
    return {
        "interaction_id": interaction.id,
        "token": interaction.token,
        "token_expires_at": interaction.created_at.timestamp() + TOKEN_LIFE,
        "original": 1,
        "file_limit": interaction.filesize_limit,
    }


async def begin(interaction: Interaction, *orders: Order) -> None:
    """Record jobs, answer with their cards at once, and let them run; raises UserError if that is refused."""
    services(interaction).access.check(interaction.user.id, interaction.guild_id)
    try:
        jobs = await services(interaction).jobs.record(orders, place_of(interaction), origin=str(interaction.id))
    except AlreadyRecorded:
        log.info("Interaction %s came twice", interaction.id)
        return
    first, *others = jobs
    try:
        if not await _show_and_run(interaction, first):
            await _drop(interaction, jobs)
            return  # nobody is there who could be told
    except discord.HTTPException:
        await _drop(interaction, jobs)
        raise
    lost = [job for job in others if not await _show_and_run(interaction, job)]
    await _drop(interaction, lost)
    if lost:
        await tell(
            interaction,
            _n(
                "{n} of {all} could not be started: Discord did not take its card. Try again.",
                "{n} of {all} could not be started: Discord did not take their cards. Try again.",
                len(lost),
                all=len(jobs),
            ),
        )
    await _tell_unanswered(interaction)


async def _drop(interaction: Interaction, jobs: list[Job]) -> None:
    for job in jobs:
        await services(interaction).jobs.abandon(job.id)


async def _show_and_run(interaction: Interaction, job: Job) -> bool:
    """Only a job whose card is there runs; False if it certainly got none.

    Where that is not known the row stays as it is, queued and unanswered, and its card is looked for until it is known: by
    this process or, if it ends before, by the next. Raises discord.HTTPException if Discord refused the card itself.
    """
    jobs = services(interaction).jobs
    language = services(interaction).languages.of_card(job.place)
    view = stopped(card(job, jobs.outlook(job), note=job.order.note, language=language))
    try:
        answer = await (_answer(interaction, job, view) if job.place.original else _follow_up(interaction, job, view))
        if answer is not None:
            await jobs.answered(job, answer)
    except AnsweredByAnother:
        return False
    except Exception as error:
        if is_malformed(error):
            raise
        log.warning("Whether job %s has a card is not known", job.id, exc_info=True)
        jobs.unanswered.find(job)
        return True
    return answer is not None


async def _answer(interaction: Interaction, job: Job, view: discord.ui.LayoutView) -> Posted | None:
    """Answer; if that is doubtful look whether it arrived, and send it once more if it did not.

    None if Discord certainly took no answer. Raises what `Cards.find` raises if that can't be told now, and
    discord.HTTPException if the card was refused: there is time left to say so.
    """
    for _attempt in range(2):
        refused: discord.HTTPException | None = None
        try:
            async with asyncio.timeout(services(interaction).pace.answer_within):
                response = await interaction.response.send_message(view=view)
        except TROUBLE as error:
            if isinstance(error, discord.NotFound) and error.code == LATE:
                log.warning("Interaction %s was answered too late", interaction.id)
                return None
            refused = error if isinstance(error, discord.HTTPException) and is_malformed(error) else None
        else:
            message = response.resource
            if isinstance(message, discord.InteractionMessage):
                channel_id = message.channel.id if message.channel else job.place.channel_id
                return Posted(message.id, channel_id, message.flags.ephemeral)
        # A 40060 says that it did arrive, a cut connection may mean it.
        if answer := await services(interaction).cards.find(job):
            return answer
        if refused:
            raise refused
    return None


async def _follow_up(interaction: Interaction, job: Job, view: discord.ui.LayoutView) -> Posted | None:
    """Send a card that is not the first one; None if Discord certainly took none, raises if that isn't known."""
    try:
        async with asyncio.timeout(services(interaction).pace.follow_up_within):
            message = await interaction.followup.send(view=view, wait=True)
    except discord.HTTPException as error:
        if error.status >= 500:
            raise
        log.warning("A follow-up of interaction %s was refused", interaction.id, exc_info=True)
        return None
    return Posted(message.id, message.channel.id if message.channel else job.place.channel_id, message.flags.ephemeral)


async def _tell_unanswered(interaction: Interaction) -> None:
    """Tell a person of their jobs that were dropped and that nothing else could tell them of."""
    jobs = services(interaction).jobs
    for job in await jobs.unanswered.untold(interaction.user.id):
        try:
            async with asyncio.timeout(services(interaction).pace.follow_up_within):
                await interaction.followup.send(view=stopped(card(job, language=language_for(interaction))), ephemeral=True)
        except TROUBLE:
            log.warning("Interaction %s could not tell of job %s", interaction.id, job.id, exc_info=True)
        else:
            await jobs.unanswered.told(job)


async def refuse(interaction: Interaction, error: Exception, *, prompt: str | None = None) -> None:
    """Tell only the person who asked what went wrong: a UserError's own words, else an apology with a reference."""
    if isinstance(error, UserError):
        text = error.text
    else:
        reference = secrets.token_hex(4)
        log.error("Interaction %s broke (reference %s)", interaction.id, reference, exc_info=error)
        text = _(
            "Sorry, something went wrong on my side. If it happens again, tell whoever runs me this reference: {reference}",
            reference=reference,
        )
    await tell(interaction, text, prompt=prompt)


async def tell(interaction: Interaction, text: Text, *, prompt: str | None = None) -> None:
    """Say something to the person who asked, and to nobody else."""
    view = stopped(notice(text, prompt=prompt, language=language_for(interaction)))
    try:
        async with asyncio.timeout(services(interaction).pace.follow_up_within):
            if interaction.response.is_done():
                await interaction.followup.send(view=view, ephemeral=True)
            else:
                await interaction.response.send_message(view=view, ephemeral=True)
    except TROUBLE:
        log.warning("Interaction %s could not be told why it was refused", interaction.id, exc_info=True)
