"""Jobs for the tests of the store and of what stands on it."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.jobs.kinds import IMAGINE
from bot.jobs.model import Job, Order, Place
from bot.jobs.records import Limits, Records
from bot.midjourney import ImageResult, ImagineRequest
from bot.store import Queries, open_database

KEY = hashlib.sha256(b"made-up-token").hexdigest()[:16]  # what names the token of `client_for`
NOON = 20_000 * 86400 + 43200.0
PLACE = Place(
    application_id=1, interaction_id=0, token="made-up", token_expires_at=NOON + 900, channel_id=7, guild_id=8, has_bot=True
)


def order(user_id: int = 5, **values: Any) -> Order:
    return Order(**{"kind": IMAGINE, "user_id": user_id, "request": ImagineRequest(prompt="a fox"), **values})


def place(interaction_id: int, **values: Any) -> Place:
    return replace(PLACE, interaction_id=interaction_id, **values)


def picture(image_id: str | None = None, **values: Any) -> ImageResult:
    url = f"https://example.com/{image_id}.png" if image_id else None
    return ImageResult.model_validate({"image_id": image_id, "image_url": url, "progress": 100, **values})


@asynccontextmanager
async def open_records(path: Path, limits: Limits | None = None) -> AsyncIterator[Records]:
    async with open_database(path / "easel.db") as database:
        yield Records(Queries(database), limits or Limits())


async def submitted(records: Records, interaction_id: int, now: float = NOON, **values: Any) -> Job:
    """A job whose request was sent, and whose answer is not known."""
    job = (await records.record([order(**values)], place(interaction_id), now, origin=str(interaction_id)))[0]
    assert await records.queries.answered(job.id, now, message_id=interaction_id, channel_id=7, ephemeral=0)
    assert await records.queries.submitting(job.id, now, now + 1, KEY)
    return await records.job(job.id)
