"""A database that an earlier Easel left is brought up to date with all that is in it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from bot.jobs.model import State
from bot.jobs.records import Limits, Records, job_from
from bot.midjourney import ImageResult, ImagineRequest
from bot.store import Queries, open_database
from bot.store.migrations import numbered

if TYPE_CHECKING:
    from pathlib import Path

FIRST = """
    INSERT INTO jobs (id, interaction_id, part, kind, state, user_id, request, prompt, action, created_at, answered_at, sent_at,
        finished_at, delivered_at, closed_at, task_id, result) VALUES ('a', 77, 1, 'imagine', 'delivered', 5,
        '{"prompt": "a fox", "action": "generate", "mode": "fast"}', 'a fox', 'generate', 1, 2, 3, 4, 5, 6, 'task', :result);
    INSERT INTO cards VALUES ('a', 1, 77, 'token', 900, 0, 8, 7, 9, 0, 1, 100, 'de');
    INSERT INTO pictures VALUES ('42', 'a', 'https://x/small.png', 'https://x/raw.png', 10, 20, 4);
    INSERT INTO actions VALUES ('42', 0, 'upscale1')
"""
RESULT = {"image_id": "42", "raw_image_url": "https://x/raw.png", "progress": 100, "actions": ["upscale1"]}


def first_database(path: Path) -> None:
    """What the first migration alone makes, with a picture in it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.executescript(numbered()[0][1])
        database.execute("CREATE TABLE migrations (number INTEGER PRIMARY KEY, applied_at DOUBLE PRECISION NOT NULL)")
        database.execute("INSERT INTO migrations VALUES (1, 0)")
        for statement in FIRST.split(";"):
            database.execute(statement, {"result": json.dumps(RESULT)})


async def test_a_picture_of_the_first_database_is_still_known(tmp_path: Path) -> None:
    path = tmp_path / "easel.db"
    first_database(path)
    async with open_database(path) as database:
        records = Records(Queries(database), Limits())
        job = await records.job("a")
        assert (job.state, job.order.prompt, job.place.token, job.place.original) == (State.DELIVERED, "a fox", "token", False)
        assert job.order.request == ImagineRequest(prompt="a fox", mode="fast")
        assert isinstance(job.result, ImageResult)
        assert job.result.actions == ("upscale1",)
        row = await records.queries.job_of_medium("42")
        assert row is not None
        assert job_from(row) == job
        assert (await database.read("SELECT origin FROM jobs"))[0][0] == "77.1"
        assert await database.read("PRAGMA foreign_key_check") == []
