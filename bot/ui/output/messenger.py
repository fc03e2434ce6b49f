"""Messages by whichever way still reaches a place: the interaction's token while it lives, else the bot's own."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto
from pathlib import Path
from typing import Any, cast

import discord

from bot.clock import RemoteClock
from bot.jobs.model import Place
from bot.pace import Pace
from bot.text import Language
from bot.ui.discord_errors import is_refused_access
from bot.ui.languages import Languages

REQUEST_LIMIT = 25 * 1024 * 1024  # bytes of a whole request (Discord: resources/message)
DEFAULT_FILE_LIMIT = 10 * 1024 * 1024
_OVERHEAD = 64 * 1024  # bytes of a request beside its file


class Way(Enum):
    """How a card is reached."""

    TOKEN = auto()
    BOT = auto()


class Messenger:
    """Sends and edits; knows Discord's clock, and in which language a place is spoken to."""

    def __init__(self, client: discord.Client, clock: RemoteClock, languages: Languages, pace: Pace) -> None:
        self.client = client
        self.clock = clock
        self.languages = languages
        self.pace = pace

    def language(self, place: Place) -> Language:
        """The language of a card at this place."""
        return self.languages.of_card(place)

    def ways(self, place: Place) -> list[Way]:
        """The ways that may still work, best first; if Discord's time is not known, a token is tried of whatever age."""
        possible = {Way.TOKEN: place.may_be_reached_by_token(self.clock.now()), Way.BOT: place.is_reached_by_bot}
        return [way for way, is_open in possible.items() if is_open]

    def webhook(self, place: Place) -> discord.Webhook:
        """The way of the place's token, which it must have."""
        assert place.token is not None  # noqa: S101  # whoever chose the way saw to it
        webhook = discord.Webhook.partial(place.application_id, place.token, client=self.client)
        webhook.proxy = self.client.http.proxy  # discord.py forgets it here alone
        return webhook

    def channel(self, place: Place) -> discord.PartialMessageable:
        """The place's channel, reached by the bot's own token."""
        return self.client.get_partial_messageable(place.channel_id, guild_id=place.guild_id)

    def file_limit(self, way: Way, place: Place) -> int:
        """How many bytes a file may have on this way."""
        limit = place.file_limit
        if way is Way.BOT:
            guild = self.client.get_guild(place.guild_id) if place.guild_id else None
            limit = guild.filesize_limit if guild else DEFAULT_FILE_LIMIT
        return min(limit, files_limit())

    def is_kept_out(self, error: discord.HTTPException, place: Place) -> bool:
        """Whether the bot is only kept out of the channel, which its guild may mend: it is still in that guild."""
        known = not self.client.is_ready() or self.client.get_guild(place.guild_id or 0) is not None
        return is_refused_access(error) and place.guild_id is not None and known

    async def edit(self, way: Way, place: Place, view: discord.ui.LayoutView, files: Sequence[Path] = ()) -> None:
        """Edit the card; the files become its only attachments. Raises what discord.py raises."""
        view.stop()
        options: dict[str, Any] = {"view": view, "allowed_mentions": discord.AllowedMentions.none()}
        options["attachments"] = _opened(files)
        if way is Way.TOKEN:
            # The message of a press is known to its token only as @original; the id is formatted into the path as it is.
            message_id = cast("int", "@original") if place.original else place.message_id
            assert message_id is not None  # noqa: S101  # a follow-up is answered, so its id is known
            await self.webhook(place).edit_message(message_id, **options)
        else:
            assert place.message_id is not None  # noqa: S101  # whoever chose the way saw to it
            await self.channel(place).get_partial_message(place.message_id).edit(**options)

    async def send(
        self, way: Way, place: Place, view: discord.ui.LayoutView, files: Sequence[Path], *, nonce: str
    ) -> discord.Message:
        """Send a further message beside the card; raises what discord.py raises.

        `nonce` makes Discord take a repetition within some minutes for the same message, if the bot's own token is the way.
        """
        view.stop()
        options: dict[str, Any] = {"view": view, "allowed_mentions": discord.AllowedMentions.none(), "files": _opened(files)}
        if way is Way.TOKEN:
            return await self.webhook(place).send(wait=True, **options)
        return await self.channel(place).send(nonce=nonce, **options)


def files_limit() -> int:
    """How many bytes the files of one request may have."""
    return REQUEST_LIMIT - _OVERHEAD


def _opened(files: Sequence[Path]) -> list[discord.File]:
    """A `File` closes when it was sent or has failed, so every try opens its own."""
    return [discord.File(file, filename=file.name) for file in files]
