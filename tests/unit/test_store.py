"""The store on a real file: all or nothing, one process, one winner."""

from __future__ import annotations

import asyncio
import inspect
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from job_orders import NOON, order, picture, place, submitted

from bot.errors import ConfigError, StoreUnavailable
from bot.jobs.model import State
from bot.jobs.records import Records
from bot.midjourney import Translation, VideoResult
from bot.store import Asked, Database, Queries, migrations, open_database
from bot.store.database import Writer


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(tmp_path / "deep" / "easel.db") as opened:
        yield opened


async def facts(database: Database) -> dict[str, str]:
    return {row["name"]: row["value"] for row in await database.read("SELECT * FROM facts")}


ADD = "INSERT INTO facts (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING name"


async def test_migrations_are_applied_once(tmp_path: Path) -> None:
    applied = []
    for _ in range(2):
        async with open_database(tmp_path / "easel.db") as database:
            applied.append([tuple(row) for row in await database.read("SELECT number, applied_at FROM migrations")])
    assert applied[0] == applied[1]
    assert [number for number, _ in applied[0]] == [number for number, _ in migrations.numbered()]


async def test_a_broken_migration_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "easel.db"
    known = migrations.numbered()
    broken = "CREATE TABLE extra (id INTEGER); INSERT INTO facts VALUES ('a', 'b'); CREATE TABEL other (id INTEGER);"
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "numbered", lambda: [*known, (9001, broken)])
        with pytest.raises(ConfigError, match="TABEL"):
            async with open_database(path):
                pass
    async with open_database(path) as database:
        assert await database.read("SELECT name FROM sqlite_master WHERE name IN ('extra', 'other')") == []
        assert await facts(database) == {}
        assert len(await database.read("SELECT * FROM migrations")) == len(known)
    monkeypatch.setattr(migrations, "numbered", lambda: [*known, (9001, broken.replace("TABEL", "TABLE"))])
    async with open_database(path) as database:
        assert await facts(database) == {"a": "b"}


def test_a_migration_is_split_at_its_semicolons() -> None:
    assert migrations.statements("-- a; b\nSELECT 1; -- c\n\nSELECT\n2;\n;") == ["SELECT 1", "SELECT\n2"]


async def test_parameters_are_numbered_and_may_repeat_and_come_in_any_order(database: Database) -> None:
    values = range(1, 13)
    sql = "SELECT $12 AS last, $1 AS first, $2 AS second, $1 AS again, $10 AS tenth, " + ", ".join(f"${n}" for n in values)
    row = (await database.read(sql, *values))[0]
    assert [row[name] for name in ("last", "first", "second", "again", "tenth")] == [12, 1, 2, 1, 10]


async def test_the_file_is_in_wal_mode_with_foreign_keys_and_full_synchronisation(database: Database) -> None:
    for ask in (database.read, database.write):
        assert (await ask("PRAGMA journal_mode"))[0][0] == "wal"
        assert (await ask("PRAGMA foreign_keys"))[0][0] == 1
        assert (await ask("PRAGMA synchronous"))[0][0] == 2
    with pytest.raises(sqlite3.IntegrityError):
        await database.write("INSERT INTO media (job_id, position, type, url) VALUES ('nobody', 0, 'picture', 'x')")


async def test_changes_happen_together_and_only_after_the_first(database: Database) -> None:
    assert [len(rows) for rows in await database.change((ADD, "a", "1"), (ADD, "b", "2"))] == [1, 1]
    assert [len(rows) for rows in await database.change((ADD, "a", "3"), (ADD, "c", "3"))] == [0]
    with pytest.raises(StoreUnavailable):
        await database.change((ADD, "d", "4"), ("INSERT INTO nowhere VALUES (1)",))
    assert await facts(database) == {"a": "1", "b": "2"}
    await database.change((ADD, "e", "5"))  # the transaction that failed is over
    assert "e" in await facts(database)


@pytest.mark.parametrize("steps", range(4))
async def test_a_change_whose_caller_is_cancelled_happens_whole_or_not_at_all(database: Database, steps: int) -> None:
    changing = asyncio.create_task(database.change((ADD, "a", ""), (ADD, "b", "")))
    for _ in range(steps):
        await asyncio.sleep(0)
    changing.cancel()
    await asyncio.gather(changing, return_exceptions=True)
    await database.write(ADD, "c", "")
    assert set(await facts(database)) in ({"c"}, {"a", "b", "c"})


@pytest.mark.parametrize("question", ["SELECT 0", "SELECT NULL", "SELECT 1 WHERE 1 = 2"])
async def test_a_change_that_is_not_allowed_changes_nothing(database: Database, question: str) -> None:
    assert len(await database.change((question,), (ADD, "a", ""))) == 1
    assert await facts(database) == {}


async def test_a_second_process_is_refused_until_the_first_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "easel.db"
    async with open_database(path):
        with pytest.raises(ConfigError, match="another process"):
            async with open_database(path):
                pass
    async with open_database(path):
        pass


async def test_a_file_that_is_no_database_is_told_to_the_operator(tmp_path: Path) -> None:
    path = tmp_path / "easel.db"
    path.write_bytes(b"no database at all " * 100)
    with pytest.raises(ConfigError, match="can't be opened"):
        async with open_database(path):
            pass


async def test_a_file_in_place_of_the_folder_is_told_to_the_operator(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way")
    with pytest.raises(ConfigError, match=r"can't be opened: .*/data is not a folder\.$"):
        async with open_database(tmp_path / "data" / "easel.db"):
            pass


async def test_exactly_one_of_two_finishers_wins(records: Records) -> None:
    job = await submitted(records, 1)
    won = await asyncio.gather(
        records.finish(job.id, picture("9"), NOON),
        records.queries.fail(job.id, '{"code": "unclear"}', NOON, may_be_billed=1),
        records.finish(job.id, picture("9"), NOON),
    )
    assert sorted(map(bool, won)) == [False, False, True]


async def test_an_answer_keeps_its_media_in_their_order(records: Records) -> None:
    one, four, none = [await submitted(records, n) for n in (1, 2, 3)]
    clips = VideoResult.model_validate({"video_id": "7", "video_urls": [f"https://x/{n}.mp4" for n in range(4)]})
    assert await records.finish(one.id, picture("9", raw_image_url="https://x/raw.png"), NOON)
    assert await records.finish(four.id, clips, NOON)
    assert await records.finish(none.id, Translation(content="fox"), NOON)
    sql = "SELECT position, type, upstream_id, url FROM media ORDER BY upstream_id DESC, position"
    assert [tuple(row) for row in await records.queries._db.read(sql)] == [
        (0, "picture", "9", "https://x/raw.png"),
        *((n, "clip", "7", f"https://x/{n}.mp4") for n in range(4)),
    ]


async def test_a_job_is_sent_once_and_only_when_its_card_is_there(records: Records) -> None:
    job = (await records.record([order()], place(1), NOON, origin="1"))[0]
    assert not await records.queries.submitting(job.id, NOON, NOON, "key")
    assert await records.queries.answered(job.id, NOON, message_id=3, channel_id=7, ephemeral=0)
    won = await asyncio.gather(records.queries.submitting(job.id, NOON, NOON, "key"), records.queries.cancel(job.id, NOON))
    assert sorted(map(bool, won)) == [False, True]
    assert not await records.queries.submitting(job.id, NOON, NOON, "key")


async def test_a_task_that_another_job_holds_is_refused(records: Records) -> None:
    first, second = await submitted(records, 1), await submitted(records, 2)
    assert await records.queries.running(first.id, "task")
    assert not await records.queries.running(second.id, "task")
    assert (await records.job(second.id)).state is State.SUBMITTING
    assert await records.queries.running(second.id, "other")
    assert await records.queries.held_tasks(["task", "other", "free"]) == {"task", "other"}


async def test_a_closed_job_is_open_no_more_and_keeps_its_failure(records: Records) -> None:
    done, failed = await submitted(records, 1), await submitted(records, 2)
    await records.finish(done.id, picture(), NOON)
    await records.queries.fail(failed.id, '{"code": "internal"}', NOON, may_be_billed=0)
    assert await records.queries.count() == (2, 2)
    for job, state in ((done, State.FINISHED), (failed, State.FAILED)):
        assert await records.queries.close(job.id, NOON, state=state, delivered=True)
    assert [(await records.job(job.id)).state for job in (done, failed)] == [State.DELIVERED, State.FAILED]
    assert await records.queries.count() == (2, 0)
    assert await records.queries.open_jobs() == []


async def test_a_fact_is_replaced(records: Records) -> None:
    assert await records.queries.fact("commands") is None
    await records.queries.remember("commands", "a")
    await records.queries.remember("commands", "b")
    assert await records.queries.fact("commands") == "b"


async def ask_record(queries: Queries) -> None:
    asked = Asked(5, NOON, "a", NOON, origins=["1.0"], may_wait=20, per_day=0)
    load = await queries.record([("facts", {"name": "a", "value": "b"})], asked=asked)
    assert load.allowed


EVERY_QUESTION: Mapping[str, Callable[[Queries], Awaitable[object]]] = {
    "answered": lambda queries: queries.answered("a", NOON, message_id=1, channel_id=7, ephemeral=0),
    "cancel": lambda queries: queries.cancel("a", NOON),
    "claim": lambda queries: queries.claim("a", "b", given_up=False),
    "close": lambda queries: queries.close("a", NOON, state="finished", delivered=True),
    "count": lambda queries: queries.count(),
    "expire_token": lambda queries: queries.expire_token("a", "b"),
    "fact": lambda queries: queries.fact("a"),
    "fail": lambda queries: queries.fail("a", "{}", NOON, may_be_billed=0),
    "finish": lambda queries: queries.finish("a", "{}", NOON, ()),
    "held_tasks": lambda queries: queries.held_tasks(["a", "b"]),
    "job": lambda queries: queries.job("a"),
    "job_of_medium": lambda queries: queries.job_of_medium("a"),
    "jobs_at": lambda queries: queries.jobs_at(1),
    "let_go": lambda queries: queries.let_go("a", NOON),
    "note_media": lambda queries: queries.note_media("a", [1, 2], 3),
    "open_jobs": lambda queries: queries.open_jobs(),
    "post_media": lambda queries: queries.post_media("a", [1, 2], NOON),
    "posted_media": lambda queries: queries.posted_media("a"),
    "record": ask_record,
    "remember": lambda queries: queries.remember("a", "b"),
    "reopen": lambda queries: queries.reopen("a"),
    "renew": lambda queries: queries.renew("a", {"token": "b"}),
    "running": lambda queries: queries.running("a", "b"),
    "submitting": lambda queries: queries.submitting("a", NOON, NOON, "key"),
    "unclear_jobs": lambda queries: queries.unclear_jobs(NOON),
    "unsent": lambda queries: queries.unsent("a"),
}


@pytest.mark.parametrize(
    "name", sorted({name for name, _ in inspect.getmembers(Queries, inspect.iscoroutinefunction)} - {"restore_file"})
)
async def test_no_question_takes_longer_for_all_the_pictures_there_are(
    records: Records, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    plans = []
    fetch, change = Writer.fetch, Writer.change

    async def explained(self: Writer, sql: str, *args: object) -> list[Any]:
        plans.append([row["detail"] for row in await fetch(self, f"EXPLAIN QUERY PLAN {sql}", *args)])
        return await fetch(self, sql, *args)

    async def explained_change(self: Writer, *statements: tuple[Any, ...]) -> list[list[Any]]:
        for sql, *args in statements:
            plans.append([row["detail"] for row in await fetch(self, f"EXPLAIN QUERY PLAN {sql}", *args)])
        return await change(self, *statements)

    monkeypatch.setattr(Writer, "fetch", explained)
    monkeypatch.setattr(Writer, "change", explained_change)
    await EVERY_QUESTION[name](records.queries)
    assert plans
    walks = [step for plan in plans for step in plan if ("SCAN" in step or "AUTOMATIC" in step) and "CONSTANT ROW" not in step]
    # That index holds open jobs only, of which there are few however many there have been.
    walks = [step for step in walks if not step.endswith("USING INDEX jobs_open")]
    walks = [step for step in walks if step != "SCAN load"]  # one row, of the counts that speak for or against a job
    if name == "count":
        # A number must be counted somewhere; an index of small entries is far shorter than the rows.
        walks = [step for step in walks if "USING COVERING INDEX" not in step]
    assert walks == []
