"""All the SQL there is. Each method is one question or one change; what rows mean is `bot/jobs`' matter.

A change that two could want says yes to the one that made it, with True or the row as it stands then: a conditional
UPDATE decides. Whether a job may be recorded is asked in the transaction that inserts it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from bot.store.database import Database, Row, Statement

_JOB = """SELECT jobs.*, cards.application_id, cards.interaction_id AS card_interaction_id, cards.token, cards.token_expires_at,
    cards.original, cards.guild_id, cards.channel_id, cards.message_id, cards.ephemeral, cards.has_bot, cards.file_limit,
    cards.locale, cards.guild_locale FROM jobs JOIN cards ON cards.job_id = jobs.id """
_JOB_BY_ID = _JOB + "WHERE jobs.id = $1"
_NO_TWIN = """AND NOT EXISTS (SELECT 1 FROM jobs AS twin
    WHERE twin.state = 'submitting' AND twin.words = jobs.words AND twin.id <> jobs.id)"""


class Asked(NamedTuple):
    """Who asks for how many jobs, and what would speak against it: see `Load`. No `per_day` (0) is no limit."""

    user_id: int
    since: float
    press: str | None
    press_since: float
    origins: Sequence[str]
    may_wait: int
    per_day: int


class Load(NamedTuple):
    """Whether more was allowed, and what there was already: jobs of the same origin, and of the same person those
    that wait, those since a moment that may be billed, and the twin of a press.
    """

    allowed: bool
    same: int
    waiting: int
    recent: int
    twin: str | None


class Queries:
    """Questions to and changes of the store."""

    def __init__(self, database: Database) -> None:
        self._db = database

    @property
    def alone(self) -> bool:
        """Whether no other process runs on the database."""
        return self._db.alone

    async def restore_file(self) -> bool:
        """See `Database.restore_file`."""
        return await self._db.restore_file()

    async def record(self, rows: Sequence[tuple[str, Mapping[str, object]]], *, asked: Asked) -> Load:
        """Insert rows, each with its table, if what is there already allows it; all or none."""
        marks = ", ".join(f"${n}" for n in range(8, 8 + len(asked.origins)))
        sql = f"""SELECT same = 0 AND twin IS NULL AND waiting + $5 <= $6 AND ($7 = 0 OR recent + $5 <= $7) AS allowed,
            same, waiting, recent, twin FROM (SELECT
            (SELECT count(*) FROM jobs WHERE origin IN ({marks})) AS same,
            (SELECT count(*) FROM jobs WHERE closed_at IS NULL AND user_id = $1 AND state = 'queued') AS waiting,
            (SELECT count(*) FROM jobs WHERE user_id = $1 AND created_at >= $2
                AND state <> 'cancelled' AND (state <> 'failed' OR may_be_billed = 1)) AS recent,
            (SELECT id FROM jobs WHERE user_id = $1 AND created_at > $4 AND press = $3
                AND state NOT IN ('failed', 'cancelled') LIMIT 1) AS twin) AS load"""  # noqa: S608  # only marks
        who = (asked.user_id, asked.since, asked.press, asked.press_since)
        check = (sql, *who, len(asked.origins), asked.may_wait, asked.per_day, *asked.origins)
        done = await self._db.change(check, *(_insert(table, values) for table, values in rows))
        row = done[0][0]
        return Load(bool(row["allowed"]), row["same"], row["waiting"], row["recent"], row["twin"])

    async def job(self, job_id: str) -> Row | None:
        """A job with its card."""
        return _first(await self._db.read(_JOB_BY_ID, job_id))

    async def open_jobs(self) -> Sequence[Row]:
        """All jobs with something left to do, oldest first."""
        return await self._db.read(_JOB + "WHERE jobs.closed_at IS NULL ORDER BY jobs.created_at")

    async def jobs_at(self, message_id: int) -> Sequence[Row]:
        """The jobs whose card is this message, newest last."""
        return await self._db.read(_JOB + "WHERE cards.message_id = $1 ORDER BY jobs.created_at", message_id)

    async def job_of_medium(self, upstream_id: str) -> Row | None:
        """The job that made a picture or clip, by what the API calls it."""
        sql = _JOB + "WHERE jobs.id = (SELECT job_id FROM media WHERE upstream_id = $1 LIMIT 1)"  # noqa: S608  # joins two constants
        return _first(await self._db.read(sql, upstream_id))

    async def count(self) -> tuple[int, int]:
        """How many jobs there are in all, and how many are open."""
        # Two counts, since each can then walk an index alone: one over both would read every job, its result included.
        sql = "SELECT (SELECT count(*) FROM jobs) AS every, (SELECT count(*) FROM jobs WHERE closed_at IS NULL) AS open"
        row = (await self._db.read(sql))[0]
        return row["every"], row["open"]

    async def answered(self, job_id: str, now: float, *, message_id: int, channel_id: int, ephemeral: int) -> bool:
        """The card is there: note where, and let the job run."""
        card = "UPDATE cards SET message_id = $2, channel_id = $3, ephemeral = $4 WHERE job_id = $1 RETURNING 1"
        job = "UPDATE jobs SET answered_at = $2 WHERE id = $1 AND answered_at IS NULL AND state = 'queued' RETURNING 1"
        done = await self._db.change((card, job_id, message_id, channel_id, ephemeral), (job, job_id, now))
        return bool(done[-1])

    async def renew(self, job_id: str, values: Mapping[str, object]) -> None:
        """Store a newer interaction's token for a card."""
        columns = ", ".join(f"{name} = ${n}" for n, name in enumerate(values, 2))
        await self._db.write(f"UPDATE cards SET {columns} WHERE job_id = $1", job_id, *values.values())  # noqa: S608  # names are ours

    async def expire_token(self, job_id: str, token: str) -> None:
        """This token of a card is dead; one that came since is not."""
        await self._db.write("UPDATE cards SET token_expires_at = 0 WHERE job_id = $1 AND token = $2", job_id, token)

    async def submitting(self, job_id: str, now: float, twin_since: float, sent_with: str) -> Row | None:
        """Committed before the request is sent; the job with its card as it stands then.

        None if it must not be sent: it does not wait any more, or one with the very same words was sent since
        `twin_since` and is not known to be accepted.
        """
        sql = """UPDATE jobs SET state = 'submitting', sent_at = $2, sent_with = $4
            WHERE id = $1 AND state = 'queued' AND answered_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM jobs AS twin
                WHERE twin.state = 'submitting' AND twin.words = jobs.words AND twin.sent_at >= $3) RETURNING 1"""
        return _asked_for(await self._db.change((sql, job_id, now, twin_since, sent_with), (_JOB_BY_ID, job_id)))

    async def unsent(self, job_id: str) -> None:
        """The request was certainly not taken: the job waits again."""
        await self._db.write("UPDATE jobs SET state = 'queued', sent_at = NULL WHERE id = $1 AND state = 'submitting'", job_id)

    async def running(self, job_id: str, task_id: str) -> bool:
        """The task is known; False if another job holds it."""
        sql = """UPDATE jobs SET state = 'running', task_id = $2 WHERE id = $1 AND state = 'submitting'
            AND NOT EXISTS (SELECT 1 FROM jobs WHERE task_id = $2) RETURNING 1"""
        return bool(await self._db.write(sql, job_id, task_id))

    async def claim(self, job_id: str, task_id: str, *, given_up: bool) -> bool:
        """The task of a doubtful job is found, or of one that was given up; False if another job holds or may have made it."""
        state = "state = 'failed' AND may_be_billed = 1" if given_up else "state = 'submitting'"
        sql = f"""UPDATE jobs SET state = 'running', task_id = $2, failure = NULL, finished_at = NULL, delivered_at = NULL,
            closed_at = NULL, may_be_billed = 1
            WHERE id = $1 AND task_id IS NULL AND {state}
            AND NOT EXISTS (SELECT 1 FROM jobs WHERE task_id = $2) {_NO_TWIN} RETURNING 1"""  # noqa: S608  # joins two constants
        return bool(await self._db.write(sql, job_id, task_id))

    async def reopen(self, job_id: str) -> bool:
        """The known task of a job that was given up has ended after all."""
        sql = """UPDATE jobs SET state = 'running', failure = NULL, finished_at = NULL, delivered_at = NULL, closed_at = NULL
            WHERE id = $1 AND state = 'failed' AND may_be_billed = 1 AND task_id IS NOT NULL RETURNING 1"""
        return bool(await self._db.write(sql, job_id))

    async def unclear_jobs(self, since: float) -> Sequence[Row]:
        """The jobs sent since then that were given up without knowing what becomes of them, or whether they were accepted."""
        sql = _JOB + "WHERE state = 'failed' AND may_be_billed = 1 AND sent_at >= $1"
        return await self._db.read(sql, since)

    async def held_tasks(self, task_ids: Sequence[str]) -> set[str]:
        """Which of these tasks belong to some job."""
        marks = ", ".join(f"${n}" for n in range(1, len(task_ids) + 1))
        rows = await self._db.read(f"SELECT task_id FROM jobs WHERE task_id IN ({marks})", *task_ids)  # noqa: S608  # only marks
        return {row["task_id"] for row in rows}

    async def finish(self, job_id: str, result: str, now: float, media: Sequence[Mapping[str, object]]) -> Row | None:
        """Close the work on a job; the job with its card, for the one caller that did, and so must deliver it."""
        sql = """UPDATE jobs SET state = 'finished', result = $2, finished_at = $3
            WHERE id = $1 AND state IN ('submitting', 'running') RETURNING 1"""
        changes: list[Statement] = [(sql, job_id, result, now), *(_insert("media", medium) for medium in media)]
        return _asked_for(await self._db.change(*changes, (_JOB_BY_ID, job_id)))

    async def posted_media(self, job_id: str) -> list[tuple[int, int]]:
        """The places in a job's answer that have a message of their own, and which."""
        sql = "SELECT position, message_id FROM media WHERE job_id = $1 AND message_id IS NOT NULL"
        return [(row["position"], row["message_id"]) for row in await self._db.read(sql, job_id)]

    async def post_media(self, job_id: str, positions: Sequence[int], now: float) -> bool:
        """They are about to be sent in a message of their own; False if they were before."""
        marks = ", ".join(f"${n}" for n in range(3, 3 + len(positions)))
        sql = f"""UPDATE media SET posting_at = $2 WHERE job_id = $1 AND position IN ({marks})
            AND posting_at IS NULL RETURNING 1"""  # noqa: S608  # only marks
        return len(await self._db.write(sql, job_id, now, *positions)) == len(positions)

    async def note_media(self, job_id: str, positions: Sequence[int], message_id: int) -> None:
        """The message that holds them."""
        marks = ", ".join(f"${n}" for n in range(3, 3 + len(positions)))
        sql = f"UPDATE media SET message_id = $2 WHERE job_id = $1 AND position IN ({marks})"  # noqa: S608  # only marks
        await self._db.write(sql, job_id, message_id, *positions)

    async def fail(self, job_id: str, failure: str, now: float, *, may_be_billed: int, unless_claimed: int = 0) -> bool:
        """Give a job up, `unless_claimed` (1) only if it has no task; True for the one caller that did, and so must tell it."""
        sql = """UPDATE jobs SET state = 'failed', failure = $2, finished_at = $3, may_be_billed = $4
            WHERE id = $1 AND state IN ('queued', 'submitting', 'running') AND ($5 = 0 OR task_id IS NULL) RETURNING 1"""
        return bool(await self._db.write(sql, job_id, failure, now, may_be_billed, unless_claimed))

    async def cancel(self, job_id: str, now: float) -> bool:
        """Drop a job that was not sent."""
        sql = "UPDATE jobs SET state = 'cancelled', closed_at = $2 WHERE id = $1 AND state = 'queued' RETURNING 1"
        return bool(await self._db.write(sql, job_id, now))

    async def let_go(self, job_id: str, now: float) -> bool:
        """The asker no longer waits for a job that can't be stopped."""
        sql = """UPDATE jobs SET let_go_at = $2
            WHERE id = $1 AND let_go_at IS NULL AND state IN ('submitting', 'running') RETURNING 1"""
        return bool(await self._db.write(sql, job_id, now))

    async def close(self, job_id: str, now: float, *, state: str, delivered: bool) -> bool:
        """The card shows the end, or never will; False if the job is not in this `state` any more: its end is another."""
        sql = """UPDATE jobs SET closed_at = $2, delivered_at = $3,
            state = CASE WHEN state = 'failed' THEN state ELSE $4 END
            WHERE id = $1 AND state = $5 AND state IN ('finished', 'failed', 'undeliverable') RETURNING 1"""
        outcome = "delivered" if delivered else "undeliverable"
        return bool(await self._db.write(sql, job_id, now, now if delivered else None, outcome, state))

    async def fact(self, name: str) -> str | None:
        """What the bot remembers under this name."""
        row = _first(await self._db.read("SELECT value FROM facts WHERE name = $1", name))
        return row["value"] if row else None

    async def remember(self, name: str, value: str) -> None:
        """Remember it, in place of what was."""
        sql = "INSERT INTO facts (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
        await self._db.write(sql, name, value)


def _first(rows: Sequence[Row]) -> Row | None:
    return rows[0] if rows else None


def _asked_for(results: Sequence[Sequence[Row]]) -> Row | None:
    """What the last statement of a change gave; the first one gave nothing if the change did not happen."""
    return _first(results[-1]) if results[0] else None


def _insert(table: str, values: Mapping[str, object]) -> Statement:
    """Insert a row into one of our tables, unless its key is there."""
    columns, marks = ", ".join(values), ", ".join(f"${n}" for n in range(1, len(values) + 1))
    sql = f"INSERT INTO {table} ({columns}) VALUES ({marks}) ON CONFLICT DO NOTHING"  # noqa: S608  # names are ours
    return (sql, *values.values())
