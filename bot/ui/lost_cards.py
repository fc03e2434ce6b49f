"""Cards of which only Discord knows: looked for after a cut or a kill, and in place of them a card by another way."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import discord

from bot.jobs.model import Job, Place
from bot.jobs.ports import AnsweredByAnother, Outcome, Posted, Unknowable
from bot.ui.cards import card
from bot.ui.custom_ids import OperationPressed, parse
from bot.ui.edits import EDIT_TIMEOUT, MARGIN, card_is_gone, token_is_dead

if TYPE_CHECKING:
    from bot.client import Easel

log = logging.getLogger(__name__)

READ_AT_MOST = 1000  # messages after an interaction among which its card is looked for
NOT_FOUND = 404
CLOCKS_DIFFER = 60.0  # seconds


async def find_card(easel: Easel, job: Job) -> Posted | None:
    """What `Cards.find` promises: asks by the interaction's token, and where that is dead or none looks in the channel."""
    async with asyncio.timeout(EDIT_TIMEOUT):
        if job.place.token and job.place.original:
            with suppress(Unknowable):
                return await _ask_by_token(easel, job, job.place.token)
        return await _look_in_channel(easel, job)


async def _ask_by_token(easel: Easel, job: Job, token: str) -> Posted | None:
    """The interaction's own answer; raises Unknowable for a token that may be dead: it says nothing of when it lived."""
    place, now = job.place, easel.clock.now()
    webhook = discord.Webhook.partial(place.application_id, token, client=easel)
    try:
        message = await webhook.fetch_message("@original")  # type: ignore[arg-type]  # formatted into the path as it is
    except discord.HTTPException as error:
        lives = now is not None and now < place.token_expires_at - MARGIN
        if error.status == NOT_FOUND and lives:
            return None
        if error.status == NOT_FOUND or token_is_dead(error):
            raise Unknowable from error
        raise
    if not _has_key(message, job.id):
        raise AnsweredByAnother
    return Posted(message.id, place.channel_id, message.flags.ephemeral)


async def _look_in_channel(easel: Easel, job: Job) -> Posted | None:
    """Read what came after the interaction. Raises Unknowable where the bot can't, or can't know whether it could.

    Without the permission to read them Discord shows no messages and says nothing; so that a card is missing means
    something only where any message was shown, and not more came than were read.
    """
    message_id = await find_message(easel, job.place, job.id, after=job.place.interaction_id or _before(easel, job))
    return None if message_id is None else Posted(message_id, job.place.channel_id, ephemeral=False)


async def find_message(easel: Easel, place: Place, key: str, *, after: int | None = None) -> int | None:
    """A message of the channel on which something can be pressed that has this key, among those after `after` or the card.

    None where it is certainly not there. Raises Unknowable where the bot can't read, or can't know whether it could.
    """
    if not place.has_bot:
        raise Unknowable
    channel = easel.get_partial_messageable(place.channel_id, guild_id=place.guild_id)
    asked = discord.Object(after or place.message_id or 0)
    read = 0
    try:
        async for message in channel.history(limit=READ_AT_MOST, after=asked, oldest_first=True):
            if _has_key(message, key):
                return message.id
            read += 1
        if not read:
            read = len([message async for message in channel.history(limit=1, before=asked)])
    except discord.HTTPException as error:
        if card_is_gone(error):
            raise Unknowable from error
        raise
    if not 0 < read < READ_AT_MOST:
        raise Unknowable
    return None


def _before(easel: Easel, job: Job) -> int:
    """A message id from before a job was recorded, by Discord's clock."""
    moment = (easel.clock.now() or time.time()) - (time.time() - job.created_at) - CLOCKS_DIFFER
    return discord.utils.time_snowflake(datetime.fromtimestamp(moment, UTC))


def _has_key(message: discord.Message, key: str) -> bool:
    """Whether something on a message can be pressed that has this key."""
    for item in discord.ui.LayoutView.from_message(message).walk_children():
        pressed = parse(str(getattr(item, "custom_id", "")))
        if isinstance(pressed, OperationPressed) and pressed.key == key:
            return True
    return False


async def open_card(easel: Easel, job: Job) -> Outcome:
    """Bring the end of a job of which no card is known by the first way there is: a follow-up, the channel, a direct message.

    WAITING where there is none now. Raises what discord.py raises where the same way may work at another try.
    """
    for way in (_by_follow_up, _by_channel, _by_direct_message):
        try:
            async with asyncio.timeout(EDIT_TIMEOUT):
                place = await way(easel, job)
        except discord.HTTPException as error:
            if error.status >= 500:
                raise
            log.info("Job %s could not be told of by this way: %s", job.id, error)
        else:
            if place is not None:
                await easel.jobs.unanswered.told(job, place)
                return Outcome.TOLD
    return Outcome.WAITING


Columns = dict[str, object]
"""Of the card that is there now."""


async def _by_follow_up(easel: Easel, job: Job) -> Columns | None:
    token, now = job.place.token, easel.clock.now()
    if token is None or (now is not None and now >= job.place.token_expires_at - MARGIN):
        return None
    webhook = discord.Webhook.partial(job.place.application_id, token, client=easel)
    message = await webhook.send(view=_stopped(easel, job), wait=True, allowed_mentions=discord.AllowedMentions.none())
    return {"message_id": message.id, "original": 0}


async def _by_channel(easel: Easel, job: Job) -> Columns | None:
    if not job.place.has_bot:
        return None
    channel = easel.get_partial_messageable(job.place.channel_id, guild_id=job.place.guild_id)
    return _columns(await _send(easel, channel.send, job), job.place.guild_id)


async def _by_direct_message(easel: Easel, job: Job) -> Columns | None:
    person = await easel.fetch_user(job.order.user_id)
    return _columns(await _send(easel, person.send, job), None)


async def _send(easel: Easel, send: Callable[..., Awaitable[discord.Message]], job: Job) -> discord.Message:
    """Once: the nonce makes Discord take a repetition within some minutes for the same message."""
    asker = discord.AllowedMentions(users=[discord.Object(job.order.user_id)], everyone=False, roles=False)
    return await send(view=_stopped(easel, job), nonce=job.id, allowed_mentions=asker)


def _columns(message: discord.Message, guild_id: int | None) -> Columns:
    return {
        "message_id": message.id,
        "channel_id": message.channel.id,
        "guild_id": guild_id,
        "has_bot": 1,
        "token_expires_at": 0,
    }


def _stopped(easel: Easel, job: Job) -> discord.ui.LayoutView:
    view = card(job, language=easel.languages.of_card(job.place))
    view.stop()
    return view
