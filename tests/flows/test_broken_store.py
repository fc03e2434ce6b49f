"""Odd answers, rows that can't be read, a full disk, a damaged or missing database: what can be saved is saved."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from bot_process import living
from seeing import delivered, noted, painted

if TYPE_CHECKING:
    from pathlib import Path

    from bot.client import Easel
    from sandbox.town import Town

WITHIN = 40.0
TRY_AGAIN, CORRECT_IT = 75, 78


def deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = {"deeper": [value]}
    return value


@pytest.mark.settings(max_concurrent_jobs=1)
@pytest.mark.parametrize("odd", [{"flavour": deep(150)}, {"hold": deep(150)}, {"actions": ["upscale1"] * 110_000}], ids=list)
async def test_an_odd_field_costs_neither_the_picture_nor_the_slot(town: Town, odd: dict[str, Any]) -> None:
    first = await painted(await town.member.slash("imagine", prompt="a red fox"))
    answer = town.midjourney.tasks.newest.record(town.midjourney.readings)["response"]
    town.midjourney.script_next([{**answer, "task_id": "another", "image_id": "77", **odd}])
    odd_one = await painted(await town.member.slash("imagine", prompt="a crow"))
    assert await odd_one.picture() == await first.picture()
    await painted(await town.neighbour.slash("imagine", prompt="a mill"))


@pytest.mark.settings(max_concurrent_jobs=1)
async def test_half_a_letter_in_raw_bytes_costs_neither(town: Town) -> None:
    town.midjourney.readings.async_streams = True
    held = town.midjourney.hold_next("after_line:2")
    await town.member.slash("translate", text="ein Fuchs")
    town.midjourney.script_next([b'{"content": "fox \xed\xa0\x80"}'], endpoint="translate")
    town.midjourney.script_next(
        [b'{"task_id": "odd\xed\xa0\x80", "image_id": "\xed\xa0\x80", "progress": 100, "image_url": "http://x/\xed\xa0\x80"}']
    )
    await town.member.slash("imagine", prompt="a crow")
    held.release()
    await painted(await town.neighbour.slash("imagine", prompt="a mill"))


async def test_rows_that_cannot_be_read_do_not_keep_the_bot_from_its_work(tmp_path: Path) -> None:
    async with living(tmp_path, MAX_JOBS_PER_USER="0") as place:
        held = place.town.midjourney.hold_next("after_line:2")
        cards = [await place.town.member.slash("imagine", prompt=f"a fox {number}") for number in range(5)]
        await held.reached()
        await place.kill()
        held.release()
        broken = ("request = '{'", "kind = 'unheard of'", "state = 'odd'", "failure = '[1'")
        with closing(sqlite3.connect(tmp_path / "data" / "easel.db")) as database:
            ids = [row[0] for row in database.execute("SELECT id FROM jobs ORDER BY created_at")]
            for job_id, change in zip(ids, broken, strict=False):
                database.execute(f"UPDATE jobs SET {change} WHERE id = ?", (job_id,))  # noqa: S608 - ours
            database.commit()
        await place.start()
        await cards[4].until(delivered, timeout=WITHIN)
        assert place.bot.words.count("can't be read") == len(broken)
        pressed = await cards[0].now.press("Cancel" if cards[0].now.has("Cancel") else "Let go")
        assert "no longer know" in pressed.text


async def test_on_a_full_disk_nothing_is_refused_that_then_runs(town: Town, easel: Easel) -> None:
    writer = easel._queries._db._writer
    pages = (await writer.fetch("PRAGMA page_count"))[0][0]
    await writer.fetch(f"PRAGMA max_page_count = {pages}")
    refused = []
    while True:  # until the last page is full
        reply = await town.member.slash("translate", text="ein Fuchs " * 300)
        if reply.ephemeral:
            refused.append(reply)
            break
    assert "Sorry" in refused[0].text
    await writer.fetch("PRAGMA max_page_count = 1000000")
    await noted(town)
    ran = [card for card in town.cards() if "⚠️" not in card.text]
    assert town.midjourney.ledger.count() == len(ran)


# The look at the pages ends long after the jobs were to be taken up, as on a busy machine or with a large file.
LATE_LOOK = """
import asyncio, sys
from bot import __main__, app
look = app.check_pages
async def late(path):
    await asyncio.sleep(3)
    await look(path)
app.check_pages = late
sys.exit(__main__.main(["run"]))
"""


@pytest.mark.parametrize("run", [("-m", "bot", "run"), ("-c", LATE_LOOK)], ids=["at once", "late"])
async def test_a_damaged_database_is_said_in_a_line(tmp_path: Path, run: tuple[str, ...]) -> None:
    async with living(tmp_path) as place:
        await painted(await place.town.member.slash("imagine", prompt="a red fox"))
        await place.bot.terminate()
        file = tmp_path / "data" / "easel.db"
        pages = bytearray(file.read_bytes())
        pages[4096 * 2 : 4096 * 5] = b"\xff" * (4096 * 3)
        file.write_bytes(pages)
        for command in (("-m", "bot", "check"), run):
            async with place.process(command) as bot:
                assert await bot.ended(30) == CORRECT_IT, bot.words
            assert "is damaged" in bot.words or "can't be opened" in bot.words
            assert "Traceback" not in bot.words


async def test_a_folder_that_goes_while_the_bot_runs_is_made_anew(tmp_path: Path) -> None:
    async with living(tmp_path) as place:
        first = await painted(await place.town.member.slash("imagine", prompt="a red fox"))
        shutil.rmtree(tmp_path / "data")
        second = await painted(await place.town.member.slash("imagine", prompt="a crow"))
        async with asyncio.timeout(WITHIN):
            while "written anew" not in place.bot.words:
                await place.town.member.slash("about")
        third = await painted(await place.town.member.slash("imagine", prompt="a mill"))
        await noted(place.town)
        await place.kill()
        await place.start()
        assert "3 in all, 0 under way" in (await place.town.member.slash("about")).text
        for card in (first, second, third):
            assert card.has("U1")


async def test_a_lock_file_that_vanished_opens_no_door(tmp_path: Path) -> None:
    async with living(tmp_path) as place:
        (tmp_path / "data" / "easel.db.lock").unlink()
        async with place.process(("-m", "bot", "migrate")) as second:
            assert await second.ended() == TRY_AGAIN
        assert "another process" in second.words
