"""Bringing pictures and clips to Discord: to the card as many as one request may hold, the others in messages of their own.

Each medium comes as the file itself, if that is too large for the place as a smaller one, else as a link. A message of its
own is announced in the store before it is sent, so that after a crash it is looked for, and not simply sent again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import discord

from bot.jobs.media import MediaMessages
from bot.jobs.model import Job
from bot.jobs.ports import Unknowable
from bot.jobs.spool import Spool
from bot.midjourney import DownloadGone, Medium
from bot.text import Text, _, sentences
from bot.ui.cards.layout import ATTACHED, card, media_card
from bot.ui.discord_errors import file_is_too_large
from bot.ui.output.lost_cards import find_message
from bot.ui.output.messenger import Messenger, Way, files_limit

log = logging.getLogger(__name__)

FILES = 10  # in one message
FULL, SMALLER, LINK = range(3)


@dataclass(frozen=True, slots=True)
class Piece:
    """A medium as it can be brought: at which place in the answer, how large as which file, else as which link."""

    position: int
    size: int = 0
    file: Path | None = None
    link: str | None = None
    note: Text | None = None

    @property
    def shown(self) -> str:
        """What a gallery refers to."""
        return f"{ATTACHED}{self.file.name}" if self.file else self.link or ""


class Uploader:
    """Fetches media into the spool, and sends them; `now` tells the time by the service's clock."""

    def __init__(self, messenger: Messenger, spool: Spool, media: MediaMessages, now: Callable[[], float]) -> None:
        self._messenger = messenger
        self._spool = spool
        self._media = media
        self._now = now

    async def bring(self, way: Way, job: Job) -> None:
        """Bring all media of a job to its card and what goes with it; raises what discord.py and the download raise."""
        if way is Way.BOT and job.place.guild_id:
            with suppress(TimeoutError):  # a guild's file limit comes with the gateway, which may not be there yet
                async with asyncio.timeout(self._messenger.pace.ready_within):
                    await self._messenger.client.wait_until_ready()
        posted = await self._media.posted(job) if len(job.media) > 1 else frozenset()
        forms = {position: FULL for position in range(len(job.media)) if position not in posted}
        while True:
            pieces = [await self._piece(way, job, position, form) for position, form in forms.items()]
            group: list[Piece] = []
            try:
                for group in packed(pieces, files_limit()):
                    if group[0] is pieces[0]:
                        await self._edit(way, job, group)
                    else:
                        await self._post(way, job, group)
            except discord.HTTPException as error:
                largest = max(group, key=lambda piece: piece.size)
                if not file_is_too_large(error) or not largest.file:
                    raise
                forms[largest.position] += 1
            else:
                return

    async def _piece(self, way: Way, job: Job, position: int, form: int) -> Piece:
        """A medium in this form, or in the next one that can be had."""
        medium, limit, gone = job.media[position], self._messenger.file_limit(way, job.place), set()
        names = ("raw", "small") if position == 0 else (f"{position}raw", f"{position}small")
        sources = [(FULL, medium.url), (SMALLER, medium.small_url if medium.type == "picture" else None)]
        for which, url in sources[form:]:
            try:
                file = await self._spool.fetch(job.id, names[which], url, limit) if url else None
            except DownloadGone:
                if self._now() - (job.finished_at or 0) < self._messenger.pace.link_lives:
                    raise
                gone.add(url)
                file = None
            if file:
                # One alone needs no packing.
                size = (await asyncio.to_thread(file.stat)).st_size if len(job.media) > 1 else 0
                return Piece(position, size, file, note=None if which == FULL else _smaller(dead=bool(gone)))
        return _linked(position, medium, gone)

    async def _edit(self, way: Way, job: Job, group: Sequence[Piece]) -> None:
        notes = dict.fromkeys(piece.note for piece in group if piece.note)
        note = sentences(*notes) if notes else job.order.note
        language = self._messenger.language(job.place)
        view = card(job, media=[piece.shown for piece in group], note=note, language=language)
        await self._messenger.edit(way, job.place, view, [piece.file for piece in group if piece.file])

    async def _post(self, way: Way, job: Job, group: Sequence[Piece]) -> None:
        """Send a message of its own, once: what an earlier try may have sent is looked for first."""
        positions = [piece.position for piece in group]
        key = f"{job.id}.{positions[0]}"
        if not await self._media.announce(job, positions):
            try:
                message_id = await find_message(self._messenger, job.place, key)
            except Unknowable:
                log.warning("Whether a part of job %s was sent is not known; it is not sent again", job.id)
                message_id = 0
            if message_id is not None:
                await self._media.note(job, positions, message_id)
                return
        language = self._messenger.language(job.place)
        view = media_card(job, [piece.shown for piece in group], key=key, language=language)
        files = [piece.file for piece in group if piece.file]
        message = await self._messenger.send(way, job.place, view, files, nonce=key)
        await self._media.note(job, positions, message.id)


def packed(pieces: Sequence[Piece], limit: int) -> list[list[Piece]]:
    """The pieces in as few messages as hold them in their order: at most so many bytes and ten files each."""
    groups: list[list[Piece]] = []
    for piece in pieces:
        group = groups[-1] if groups else []
        if not group or len(group) == FILES or sum(each.size for each in group) + piece.size > limit:
            groups.append(group := [])
        group.append(piece)
    return groups


def _smaller(*, dead: bool) -> Text:
    if dead:
        return _("The link to the full picture has died; this is a smaller one.")
    return _("The full picture is too large for this place; this is a smaller one.")


def _linked(position: int, medium: Medium, gone: set[str | None]) -> Piece:
    alive = [url for url in (medium.small_url, medium.url) if url and url not in gone]
    note = _("The picture's link has died: the buttons still work.")
    if alive:
        note = _("The picture is too large for this place, and its link will die: the buttons still work.")
    return Piece(position, link=alive[0] if alive else medium.small_url or medium.url, note=note)
