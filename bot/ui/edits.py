"""Editing a card by whichever way still reaches it: the interaction's token while it lives, else the bot's own."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import aiohttp
import discord

from bot.jobs.model import Place

if TYPE_CHECKING:
    from bot.client import Easel

EDIT_TIMEOUT = 30.0  # seconds for an edit without a file
MARGIN = 20.0  # seconds before its death in which a token is not relied on any more
REQUEST_LIMIT = 25 * 1024 * 1024  # bytes of a whole request (Discord: resources/message)
DEFAULT_FILE_LIMIT = 10 * 1024 * 1024
_OVERHEAD = 64 * 1024  # bytes of a request beside its file

EXPIRED, UNKNOWN_WEBHOOK = 50027, 10015
KEPT_OUT = {50001, 50013}  # access, permissions
GONE = {10003, 10008, 50005, *KEPT_OUT}  # channel, message, not ours


TROUBLE: Final = (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError)
"""What a call to Discord raises where it may have failed; a connection that closes without an answer is no OSError."""


class Way(Enum):
    """How a card is reached."""

    TOKEN = auto()
    BOT = auto()


def ways(place: Place, now: float | None) -> list[Way]:
    """The ways that may still work, best first; `now` by Discord's clock, and None lets a token be tried of whatever age."""
    found = []
    if place.token and place.token_expires_at > 0 and (now is None or place.token_expires_at - MARGIN > now):
        found.append(Way.TOKEN)
    if place.has_bot and place.message_id is not None and not place.ephemeral:
        found.append(Way.BOT)
    return found


def file_limit(easel: Easel, way: Way, place: Place) -> int:
    """How many bytes a file may have on this way."""
    limit = place.file_limit
    if way is Way.BOT:
        guild = easel.get_guild(place.guild_id) if place.guild_id else None
        limit = guild.filesize_limit if guild else DEFAULT_FILE_LIMIT
    return min(limit, request_limit())


def request_limit() -> int:
    """How many bytes the files of one request may have."""
    return REQUEST_LIMIT - _OVERHEAD


async def edit(easel: Easel, way: Way, place: Place, view: discord.ui.LayoutView, files: Sequence[Path] = ()) -> None:
    """Edit the card; the files become its only attachments. Raises what discord.py raises."""
    view.stop()
    options: dict[str, Any] = {"view": view, "allowed_mentions": discord.AllowedMentions.none()}
    options["attachments"] = _opened(files)
    if way is Way.TOKEN:
        assert place.token is not None  # noqa: S101  # `ways` saw to it
        webhook = discord.Webhook.partial(place.application_id, place.token, client=easel)
        # The message of a press is known to its token only as @original; the id is formatted into the path as it is.
        message_id = cast("int", "@original") if place.original else place.message_id
        assert message_id is not None  # noqa: S101  # a follow-up is answered, so its id is known
        await webhook.edit_message(message_id, **options)
    else:
        assert place.message_id is not None  # noqa: S101  # `ways` saw to it
        channel = easel.get_partial_messageable(place.channel_id, guild_id=place.guild_id)
        await channel.get_partial_message(place.message_id).edit(**options)


async def send(
    easel: Easel, way: Way, place: Place, view: discord.ui.LayoutView, files: Sequence[Path], *, nonce: str
) -> discord.Message:
    """Send a further message beside the card; raises what discord.py raises.

    `nonce` makes Discord take a repetition within some minutes for the same message, where the bot's own token is the way.
    """
    view.stop()
    options: dict[str, Any] = {"view": view, "allowed_mentions": discord.AllowedMentions.none(), "files": _opened(files)}
    if way is Way.TOKEN:
        assert place.token is not None  # noqa: S101  # `ways` saw to it
        webhook = discord.Webhook.partial(place.application_id, place.token, client=easel)
        return await webhook.send(wait=True, **options)
    channel = easel.get_partial_messageable(place.channel_id, guild_id=place.guild_id)
    return await channel.send(nonce=nonce, **options)


def _opened(files: Sequence[Path]) -> list[discord.File]:
    """A `File` closes when it was sent or has failed, so every try opens its own."""
    return [discord.File(file, filename=file.name) for file in files]


def token_is_dead(error: discord.HTTPException) -> bool:
    """Whether this refusal means that the interaction's token will never work again."""
    return error.code in {EXPIRED, UNKNOWN_WEBHOOK} or error.status == 401


def card_is_gone(error: discord.HTTPException) -> bool:
    """Whether this refusal means that the bot can't reach the message by trying again at once."""
    return error.code in GONE


def is_kept_out(easel: Easel, error: discord.HTTPException, place: Place) -> bool:
    """Whether the bot is only kept out of the channel, which its guild may mend: it is still in that guild."""
    known = not easel.is_ready() or easel.get_guild(place.guild_id or 0) is not None
    return error.code in KEPT_OUT and place.guild_id is not None and known


def file_is_too_large(error: discord.HTTPException) -> bool:
    """Whether this refusal is about the size of the file."""
    return error.status == 413 or error.code == 40005
