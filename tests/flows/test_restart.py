"""What people did before a restart still holds after it, and what they see can still be pressed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from bot_process import living
from seeing import delivered, noted, painted

from bot.app import log_in, open_easel
from bot.config import Settings
from bot.pace import Pace

WITHIN = 40.0


async def test_a_job_that_waited_before_a_restart_can_still_be_cancelled(tmp_path: Path) -> None:
    async with living(tmp_path, MAX_JOBS_PER_USER="1") as place:
        midjourney, member = place.town.midjourney, place.town.member
        held = midjourney.hold_next("after_line:2")
        first = await member.slash("imagine", prompt="a lighthouse")
        await held.reached()
        second = await member.slash("imagine", prompt="a harbour")
        third = await member.slash("imagine", prompt="a mill")
        assert "3 in all, 3 under way" in (await member.slash("about")).text
        await place.kill()
        await place.start()
        cancelled = await second.now.press("Cancel")
        assert "nothing was billed" in cancelled.text
        held.release()
        for card in (first, third):
            await card.until(delivered, timeout=WITHIN)
        await noted(place.town)
        assert midjourney.ledger.count() == 2
        assert not second.now.pictures


async def test_a_job_that_was_let_go_before_a_restart_stays_so(tmp_path: Path) -> None:
    async with living(tmp_path) as place:
        held = place.town.midjourney.hold_next("after_line:2")
        reply = await place.town.member.slash("imagine", prompt="a lighthouse")
        await held.reached()
        await (await reply.until(lambda card: card.has("Let go"))).press("Let go")
        await place.kill()
        await place.start()
        held.release()
        await place.town.midjourney.settled()
        looked_up = len(place.town.midjourney.received("tasks"))
        await place.town.midjourney.until_received("tasks", looked_up + 1)
        await noted(place.town)
        assert "Let go" in reply.now.text
        assert not reply.now.pictures
        await reply.now.press("Delete")
        await reply.until(lambda card: card.deleted)
        assert place.town.midjourney.ledger.count() == 1


async def test_a_button_of_a_translation_works_after_a_restart(tmp_path: Path) -> None:
    async with living(tmp_path) as place:
        reply = await place.town.member.slash("translate", text="ein roter Fuchs")
        card = await reply.until(lambda state: state.has("Imagine this"))
        modal = (await card.press("Edit first")).modal
        await place.kill()
        await place.start()
        await painted(await modal.submit(prompt="a green fox"))
        await painted(await card.press("Imagine this"))
        assert [entry.body["prompt"] for entry in place.town.midjourney.ledger.entries[1:]] == ["a green fox", "a red fox"]


async def test_a_follow_up_that_nobody_noted_is_found_and_painted(tmp_path: Path) -> None:
    async with living(tmp_path, MAX_JOBS_PER_USER="0") as place:
        member, discord = place.town.member, place.town.discord
        asked = await member.slash("describe", url="https://example.com/fox.png")
        card = await asked.until(lambda state: state.has("Imagine all"))
        first = place.town.midjourney.hold_next("after_line:2", endpoint="imagine")
        async with discord.hold("POST", "/webhooks/", after=True) as sent:
            await card.press("Imagine all")
            await sent.reached()
            await first.reached()  # killed while it is being sent, it would be a doubtful one
            await place.kill()
        assert len(place.town.cards()) == 3  # the description, its first picture, and the follow-up that nobody noted
        await place.start()
        first.release()
        for shown in place.town.cards()[1:]:
            await shown.until(lambda state: state.attachments)
        assert place.town.midjourney.ledger.count("imagine") == 2


async def test_a_start_that_fails_and_is_repeated_doubles_nothing(settings: Settings) -> None:
    async with open_easel(settings, Pace()) as easel:
        await log_in(easel, settings)
        spool = settings.data_dir / "spool"
        spool.rmdir()
        with pytest.raises(FileNotFoundError):
            await easel.begin_work()
        spool.mkdir()
        await easel.begin_work()
        names = [task.get_name() for task in asyncio.all_tasks()]
        assert (names.count("watcher"), names.count("places")) == (1, 1)
