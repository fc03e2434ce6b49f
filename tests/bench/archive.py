"""A long history in no time: the rows that Easel wrote for two real jobs, copied with ids and times of their own.

Plain SQL on a database that Easel's own migrations made and that no bot has open.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

YEAR = 365 * 86400.0  # seconds over which the history is spread
TIMES = ("created_at", "answered_at", "sent_at", "finished_at", "delivered_at", "closed_at")
# Nothing is lost if this process dies: the database is thrown away then.
FAST = ("journal_mode = OFF", "synchronous = OFF", "temp_store = MEMORY", "cache_size = -500000", "locking_mode = EXCLUSIVE")

COPIES = """CREATE TEMP TABLE copies (number INTEGER PRIMARY KEY, template TEXT, template_image TEXT, template_task TEXT,
    id TEXT, image_id TEXT, task_id TEXT, user_id INTEGER, interaction_id INTEGER, message_id INTEGER, age REAL)"""

# One grid to two upscaled pictures. Ids are as random, or as ascending, as the real ones, and older than all of them.
NUMBER_COPIES = """INSERT INTO copies
    WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < :count)
    SELECT number, jobs.id, media.upstream_id, jobs.task_id, lower(hex(randomblob(8))),
        CAST(1000000000000000000 + number AS TEXT),
        lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-' || hex(randomblob(2)) || '-' || hex(randomblob(2))
            || '-' || hex(randomblob(6))),
        (SELECT id FROM owners WHERE place = number % :owners),
        100000000000000000 + number, 200000000000000000 + number, (:count - number) * :year / :count + 3600
    FROM numbers JOIN jobs ON jobs.id = CASE number % 3 WHEN 0 THEN :grid ELSE :single END
        JOIN media ON media.job_id = jobs.id"""


def stored_pictures(path: Path) -> int:
    """How many pictures a database holds."""
    with closing(sqlite3.connect(path)) as database:
        return int(database.execute("SELECT count(*) FROM media").fetchone()[0])


def fill(path: Path, count: int, user_ids: Sequence[int]) -> None:
    """Add delivered pictures with their jobs and cards, spread over these people and over a year."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        for pragma in FAST:
            database.execute(f"PRAGMA {pragma}")
        database.execute("CREATE TEMP TABLE owners (place INTEGER PRIMARY KEY, id INTEGER)")
        database.executemany("INSERT INTO owners VALUES (?, ?)", enumerate(user_ids))
        database.execute(COPIES)
        database.execute("BEGIN")
        values: dict[str, object] = {"count": count, "owners": len(user_ids), "year": YEAR}
        values |= {"grid": _delivered(database, "generate"), "single": _delivered(database, "upscale1")}
        database.execute(NUMBER_COPIES, values)
        _copy_all(database)
        database.execute("COMMIT")
        database.execute("PRAGMA locking_mode = NORMAL")
        database.execute("PRAGMA journal_mode = WAL")
    # Now, or it would go on while Easel is measured and waits for its own small writes.
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _delivered(database: sqlite3.Connection, action: str) -> str:
    sql = "SELECT id FROM jobs WHERE state = 'delivered' AND closed_at IS NOT NULL AND action = ? LIMIT 1"
    return str(database.execute(sql, (action,)).fetchone()[0])


def _copy_all(database: sqlite3.Connection) -> None:
    jobs = {name: f"copies.{name}" for name in ("id", "user_id", "task_id")}
    jobs["origin"] = "copies.interaction_id || '.0'"
    jobs |= {name: f"jobs.{name} - copies.age" for name in TIMES}
    jobs["result"] = "replace(replace(jobs.result, template_task, copies.task_id), template_image, copies.image_id)"
    cards = {"job_id": "copies.id", "interaction_id": "copies.interaction_id", "message_id": "copies.message_id"}
    cards["token_expires_at"] = "cards.token_expires_at - copies.age"
    _copy(database, "jobs", "jobs.id = template", jobs)
    _copy(database, "cards", "cards.job_id = template", cards)
    _copy(database, "media", "media.job_id = template", {"upstream_id": "copies.image_id", "job_id": "copies.id"})


def _copy(database: sqlite3.Connection, table: str, template: str, changed: Mapping[str, str]) -> None:
    """The template's rows once for each copy; all columns but the changed ones as they are."""
    columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
    values = [changed.get(column, f"{table}.{column}") for column in columns]
    # The order of a CROSS JOIN is kept, so that the template, not the copies, is looked up in an index.
    rows = f"SELECT {', '.join(values)} FROM temp.copies CROSS JOIN {table} ON {template}"  # noqa: S608  # names are ours
    database.execute(f"INSERT INTO main.{table} ({', '.join(columns)}) {rows}")
