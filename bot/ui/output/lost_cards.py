"""Cards of which only Discord knows: looked for after a cut or a kill, and in place of them a card by another way."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime

import discord

from bot.jobs.model import Job, Place
from bot.jobs.ports import AnsweredByAnother, Posted, Unknowable
from bot.ui.cards.custom_ids import OperationPressed, parse
from bot.ui.cards.layout import card, stopped
from bot.ui.discord_errors import card_is_gone, token_is_dead
from bot.ui.output.messenger import Messenger

log = logging.getLogger(__name__)

Columns = dict[str, object]
"""Of a card that is there now."""

READ_AT_MOST = 1000  # messages after an interaction among which its card is looked for
NOT_FOUND = 404
CLOCKS_DIFFER = 60.0  # seconds


async def find_card(messenger: Messenger, job: Job) -> Posted | None:
    """What `Cards.find` promises: asks by the interaction's token, and if that is dead or none looks in the channel."""
    async with asyncio.timeout(messenger.pace.edit_timeout):
        if job.place.token and job.place.original:
            with suppress(Unknowable):
                return await _ask_by_token(messenger, job)
        return await _look_in_channel(messenger, job)


async def _ask_by_token(messenger: Messenger, job: Job) -> Posted | None:
    """The interaction's own answer; raises Unknowable for a token that may be dead: it says nothing of when it lived."""
    place = job.place
    try:
        message = await messenger.webhook(place).fetch_message("@original")  # type: ignore[arg-type]  # formatted into the path as it is
    except discord.HTTPException as error:
        now = messenger.clock.now()
        if error.status == NOT_FOUND and now is not None and place.may_be_reached_by_token(now):
            return None
        if error.status == NOT_FOUND or token_is_dead(error):
            raise Unknowable from error
        raise
    if not _has_key(message, job.id):
        raise AnsweredByAnother
    return Posted(message.id, place.channel_id, message.flags.ephemeral)


async def _look_in_channel(messenger: Messenger, job: Job) -> Posted | None:
    """Read what came after the interaction. Raises Unknowable if the bot can't, or can't know whether it could.

    Without the permission to read them Discord shows no messages and says nothing; so that a card is missing means
    something only if any message was shown, and not more came than were read.
    """
    message_id = await find_message(messenger, job.place, job.id, after=job.place.interaction_id or _before(messenger, job))
    return None if message_id is None else Posted(message_id, job.place.channel_id, ephemeral=False)


async def find_message(messenger: Messenger, place: Place, key: str, *, after: int | None = None) -> int | None:
    """A message of the channel on which something can be pressed that has this key, among those after `after` or the card.

    None if it is certainly not there. Raises Unknowable if the bot can't read, or can't know whether it could.
    """
    if not place.has_bot:
        raise Unknowable
    channel = messenger.channel(place)
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


def _before(messenger: Messenger, job: Job) -> int:
    """A message id from before a job was recorded, by Discord's clock."""
    moment = (messenger.clock.now() or time.time()) - (time.time() - job.created_at) - CLOCKS_DIFFER
    return discord.utils.time_snowflake(datetime.fromtimestamp(moment, UTC))


def _has_key(message: discord.Message, key: str) -> bool:
    """Whether something on a message can be pressed that has this key."""
    for item in discord.ui.LayoutView.from_message(message).walk_children():
        pressed = parse(str(getattr(item, "custom_id", "")))
        if isinstance(pressed, OperationPressed) and pressed.key == key:
            return True
    return False


async def open_card(messenger: Messenger, job: Job) -> Columns | None:
    """Bring the end of a job of which no card is known by the first way there is: a follow-up, the channel, a direct message.

    The columns of that card, or None if there is no way now. Raises what discord.py raises if the same way may
    work at another try.
    """
    for way in (_by_follow_up, _by_channel, _by_direct_message):
        try:
            async with asyncio.timeout(messenger.pace.edit_timeout):
                place = await way(messenger, job)
        except discord.HTTPException as error:
            if error.status >= 500:
                raise
            log.info("Job %s could not be told of by this way: %s", job.id, error)
        else:
            if place is not None:
                return place
    return None


async def _by_follow_up(messenger: Messenger, job: Job) -> Columns | None:
    if not job.place.may_be_reached_by_token(messenger.clock.now()):
        return None
    webhook = messenger.webhook(job.place)
    message = await webhook.send(view=_view(messenger, job), wait=True, allowed_mentions=discord.AllowedMentions.none())
    return {"message_id": message.id, "original": 0}


async def _by_channel(messenger: Messenger, job: Job) -> Columns | None:
    if not job.place.has_bot:
        return None
    return _columns(await _send(messenger, messenger.channel(job.place).send, job), job.place.guild_id)


async def _by_direct_message(messenger: Messenger, job: Job) -> Columns | None:
    person = await messenger.client.fetch_user(job.order.user_id)
    return _columns(await _send(messenger, person.send, job), None)


async def _send(messenger: Messenger, send: Callable[..., Awaitable[discord.Message]], job: Job) -> discord.Message:
    """Once: the nonce makes Discord take a repetition within some minutes for the same message."""
    asker = discord.AllowedMentions(users=[discord.Object(job.order.user_id)], everyone=False, roles=False)
    return await send(view=_view(messenger, job), nonce=job.id, allowed_mentions=asker)


def _columns(message: discord.Message, guild_id: int | None) -> Columns:
    return {
        "message_id": message.id,
        "channel_id": message.channel.id,
        "guild_id": guild_id,
        "has_bot": 1,
        "token_expires_at": 0,
    }


def _view(messenger: Messenger, job: Job) -> discord.ui.LayoutView:
    return stopped(card(job, language=messenger.language(job.place)))
