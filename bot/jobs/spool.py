"""Pictures and clips on their way to Discord: in a folder until they are delivered, since the API's links die."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from bot.jobs.model import JobId
from bot.midjourney import HEAD, DownloadFailed, DownloadTooLarge, MidjourneyClient, suffix_of

log = logging.getLogger(__name__)


class Spool:
    """Files named after their job; what is in memory says which of them are whole."""

    def __init__(self, folder: Path, api: MidjourneyClient) -> None:
        self._folder = folder
        self._api = api
        self._whole: dict[str, Path] = {}

    async def take_up(self, open_jobs: Collection[JobId]) -> None:
        """Find what the last process left on its way to these jobs; halves and others are deleted."""
        self._whole = await asyncio.to_thread(_sweep, self._folder, open_jobs)

    async def fetch(self, job_id: JobId, name: str, url: str, limit: int) -> Path | None:
        """A file with what the link leads to, or None if that has more than `limit` bytes.

        Raises DownloadFailed and DownloadGone.
        """
        stem = f"{job_id}-{name}"
        if known := self._whole.get(stem):
            with suppress(FileNotFoundError):  # somebody tidied up
                return known if await asyncio.to_thread(lambda: known.stat().st_size) <= limit else None
        try:
            file = await self._download(url, stem, limit)
        except DownloadTooLarge:
            return None
        self._whole[stem] = file
        return file

    async def _download(self, url: str, stem: str, limit: int) -> Path:
        try:
            return await self._api.download(url, self._folder / stem, limit=limit)
        except DownloadFailed:
            if await asyncio.to_thread(self._folder.is_dir):
                raise
        # Somebody took the folder away.
        await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True)
        return await self._api.download(url, self._folder / stem, limit=limit)

    async def forget(self, job_id: JobId) -> None:
        """Nobody will ask for these again."""
        for stem in [stem for stem in self._whole if stem.startswith(f"{job_id}-")]:
            file = self._whole.pop(stem)
            await asyncio.to_thread(file.unlink, missing_ok=True)


def _sweep(folder: Path, open_jobs: Collection[JobId]) -> dict[str, Path]:
    """The whole files of these jobs; everything else goes."""
    kept = {}
    for file in folder.iterdir():
        if file.name.partition("-")[0] in open_jobs and _is_whole(file):
            kept[file.stem] = file
            continue
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            log.warning("%s is no picture of mine, and can't be deleted: %s", file, error.strerror)
    return kept


def _is_whole(file: Path) -> bool:
    """Whether it begins as what its name says: nothing does that a power cut emptied, and no half one has such a name."""
    try:
        with file.open("rb") as opened:
            return suffix_of(opened.read(HEAD)) == file.suffix
    except OSError:
        return False
