"""What counts as spent, and what of the operator's must not get out."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from bot_process import living
from seeing import delivered, painted

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.town import Town

WITHIN = 40.0


@pytest.mark.settings(daily_jobs_per_user=2)
async def test_what_nobody_knows_the_end_of_counts(town: Town) -> None:
    town.midjourney.cut_next(endpoint="translate", times=2)
    for _ in range(2):
        reply = await town.member.slash("translate", text="ein Fuchs")
        await reply.until(lambda card: "billed twice" in card.text)
    third = await town.member.slash("translate", text="ein Fuchs")
    assert third.ephemeral
    assert "used up" in third.text


@pytest.mark.settings(daily_jobs_per_user=2)
@pytest.mark.parametrize(("status", "code"), [(403, "forbidden"), (400, "bad_request"), (403, "used_up")])
async def test_what_the_service_refused_does_not_count(town: Town, status: int, code: str) -> None:
    for _ in range(3):
        town.midjourney.fail_next(status, code)
        await (await town.member.slash("imagine", prompt="a red fox")).until(lambda card: "⚠️" in card.text)
    await painted(await town.member.slash("imagine", prompt="a red fox"))


@pytest.mark.settings(daily_jobs_per_user=1)
async def test_what_the_service_reports_as_failed_does_not_count(town: Town) -> None:
    town.midjourney.fail_task_next("task_failed", "No GPU was free.")
    await (await town.member.slash("imagine", prompt="a red fox")).until(lambda card: "⚠️" in card.text)
    await painted(await town.member.slash("imagine", prompt="a red fox"))
    assert "used up" in (await town.member.slash("imagine", prompt="a crow")).text


@pytest.mark.settings(daily_jobs_per_user=1)
async def test_what_was_let_go_counts(town: Town) -> None:
    held = town.midjourney.hold_next("after_line:2")
    reply = await town.member.slash("imagine", prompt="a red fox")
    await held.reached()
    await (await reply.until(lambda card: card.has("Let go"))).press("Let go")
    assert "used up" in (await town.member.slash("imagine", prompt="a crow")).text
    held.release()


async def test_a_key_that_the_service_echoes_gets_nowhere(tmp_path: Path) -> None:
    async with living(tmp_path, LOG_LEVEL="DEBUG") as place:
        token = place.town.midjourney.token
        for code in ("invalid_token", "bad_request"):
            place.town.midjourney.fail_next(401, code, f"Bearer {token} is not known")
            card = await (await place.town.member.slash("imagine", prompt="a red fox")).until(lambda card: "⚠️" in card.text)
            assert token not in card.text
        assert "redacted" in card.text
        await place.town.until(lambda: place.town.dms_of(place.town.owner))
        assert token not in place.town.dms_of(place.town.owner)[0].text
        place.town.midjourney.script_next([f'{{"content": "fox {token}"}}'.encode()], endpoint="translate")
        translated = await (await place.town.member.slash("translate", text="ein Fuchs")).until(lambda card: card.has("Delete"))
        assert token not in translated.text
        await (await place.town.member.slash("imagine", prompt="a red fox")).until(delivered, timeout=WITHIN)
        place.town.midjourney.fail_next(401, "invalid_token", f"{token} is wrong", endpoint="translate")
        async with place.process(("-m", "bot", "check")) as check:
            assert await check.ended() == 1
        assert "[redacted] is wrong" in check.words
        assert token not in check.words
        assert token not in place.bot.words
        with closing(sqlite3.connect(tmp_path / "data" / "easel.db")) as database:
            assert not any(token in line for line in database.iterdump())


async def test_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    async with living(tmp_path) as place:
        await painted(await place.town.member.slash("imagine", prompt="a red fox"))
        await place.bot.terminate()
        await place.town.gone()
        left = [tmp_path / "data" / name for name in ("easel.db", "spool")]
        left[0].chmod(0o644)
        left[1].chmod(0o755)
        await place.start()
        files = [*left, *(tmp_path / "data").glob("easel.db*")]
        assert {path.stat().st_mode & 0o077 for path in files} == {0}
