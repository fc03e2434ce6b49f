"""The bot dies at the worst moments and comes back: nothing is lost, nothing is paid for or shown twice."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from bot_process import Living, living

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sandbox.discord.faults import Held
    from sandbox.town import Card, Reply

UPLOAD = r"/messages/"
WITHIN = 40.0
# The minute in which an accepted task must show up in /tasks, shortened for a test that waits for its end.
_PATIENCE = "from bot import __main__; from bot.pace import Pace; __main__.main(['run'], Pace(accepted_within=2.0))"
IMPATIENT = ("-c", _PATIENCE)


def delivered(card: Card) -> bool:
    """Whether the picture itself is on the card."""
    return bool(card.attachments)


async def assert_one_delivery(place: Living, card: Card) -> None:
    """The picture came once, to its card, and was paid for once."""
    await card.until(delivered, timeout=WITHIN)
    assert place.town.midjourney.ledger.count("imagine") == 1
    shown = place.town.cards()
    assert [each.message for each in shown] == [card.message]
    assert len(shown[0].attachments) == 1


@asynccontextmanager
async def held_upload(place: Living, *, after: bool) -> AsyncIterator[tuple[Reply, Held]]:
    """A job whose final edit, the one with the file, is held: progress has ended when the picture is fetched."""
    download = place.town.midjourney.hold_next("before", endpoint="pictures")
    reply = await place.town.member.slash("imagine", prompt="a lighthouse")
    await download.reached()
    async with place.town.discord.hold("PATCH", UPLOAD, after=after) as held:
        download.release()
        await held.reached()
        yield reply, held


async def test_a_killed_bot_takes_up_its_queue(tmp_path: Path) -> None:
    async with living(tmp_path, MAX_JOBS_PER_USER="1") as place:
        midjourney, member = place.town.midjourney, place.town.member
        held = midjourney.hold_next("after_line:2")
        first = await member.slash("imagine", prompt="a lighthouse")
        await held.reached()
        second = await member.slash("imagine", prompt="a harbour")
        await place.kill()
        assert len(midjourney.ledger.accepted) == 1
        await place.start()
        held.release()
        await first.until(delivered, timeout=WITHIN)
        await second.until(delivered, timeout=WITHIN)
        assert midjourney.ledger.count("imagine") == 2
        assert len(place.town.cards()) == 2


async def test_a_submission_that_was_accepted_unheard_is_looked_up(tmp_path: Path) -> None:
    async with living(tmp_path) as place:
        held = place.town.midjourney.hold_next("after_accept")
        reply = await place.town.member.slash("imagine", prompt="a lighthouse")
        await held.reached()
        await place.kill()
        assert len(place.town.midjourney.ledger.accepted) == 1
        await place.start()
        await place.town.midjourney.until_received("tasks")
        held.release()
        await assert_one_delivery(place, reply)
        assert len(place.town.midjourney.received("imagine")) == 1


async def test_a_submission_that_never_arrived_is_not_repeated_but_offered_again(tmp_path: Path) -> None:
    async with living(tmp_path) as place:
        held = place.town.midjourney.hold_next("before_accept")
        reply = await place.town.member.slash("imagine", prompt="a lighthouse")
        await held.reached()
        await place.kill()
        await place.start(IMPATIENT)
        card = await reply.until(lambda card: card.has("Try again"), timeout=WITHIN)
        assert "may be billed twice" in card.text
        assert len(place.town.midjourney.received("imagine")) == 1
        assert place.town.midjourney.ledger.count() == 0


async def test_a_job_that_waited_for_a_busy_service_is_simply_queued_again(tmp_path: Path) -> None:
    async with living(tmp_path) as place:
        place.town.midjourney.fail_next(429, "too_many_requests", retry_after=20)
        reply = await place.town.member.slash("imagine", prompt="a lighthouse")
        await reply.until(lambda card: "busy" in card.text)
        await place.kill()
        await place.start()
        await assert_one_delivery(place, reply)
        assert all("ids" in seen.body for seen in place.town.midjourney.received("tasks")), "it was sought as a doubtful one"


async def test_a_painting_under_way_is_followed_to_its_end(tmp_path: Path) -> None:
    async with living(tmp_path) as place:
        held = place.town.midjourney.hold_next("after_line:2")
        reply = await place.town.member.slash("imagine", prompt="a lighthouse")
        await held.reached()
        await place.kill()
        await place.start()
        held.release()
        await assert_one_delivery(place, reply)
        assert len(place.town.midjourney.received("imagine")) == 1


async def test_an_upload_that_was_cut_off_is_repeated_on_the_same_card(tmp_path: Path) -> None:
    async with living(tmp_path) as place:
        async with held_upload(place, after=False) as (reply, _):
            await place.kill()
            assert not delivered(reply.now)
        await place.start()
        await assert_one_delivery(place, reply)


@pytest.mark.parametrize("left", [b"", b"<html>gone</html>"])
async def test_what_a_power_cut_left_of_a_picture_is_fetched_again(tmp_path: Path, left: bytes) -> None:
    async with living(tmp_path) as place:
        async with held_upload(place, after=False) as (reply, _):
            await place.kill()
        [file] = (tmp_path / "data" / "spool").iterdir()
        picture = file.read_bytes()
        file.write_bytes(left)
        await place.start()
        await assert_one_delivery(place, reply)
        assert await reply.now.picture() == picture


async def test_an_upload_nobody_noted_leaves_one_message_with_one_picture(tmp_path: Path) -> None:
    async with living(tmp_path) as place:
        async with held_upload(place, after=True) as (reply, _):
            assert delivered(reply.now)
            edits = reply.now.edits
            await place.kill()
        await place.start()
        await reply.until(lambda card: card.edits > edits, timeout=WITHIN)
        await assert_one_delivery(place, reply)


@pytest.mark.parametrize("point", ["after_accept", "after_line:2"])
async def test_sigterm_in_the_middle_of_a_job_ends_in_time_and_loses_nothing(tmp_path: Path, point: str) -> None:
    async with living(tmp_path) as place:
        held = place.town.midjourney.hold_next(point)
        reply = await place.town.member.slash("imagine", prompt="a lighthouse")
        await held.reached()
        assert await place.bot.terminate() == 0, place.bot.words
        assert "Traceback" not in place.bot.words
        await place.town.gone()
        await place.start()
        held.release()
        await assert_one_delivery(place, reply)


async def test_a_second_process_on_the_same_database_says_so_and_leaves(tmp_path: Path) -> None:
    async with living(tmp_path) as place:
        async with place.process() as second:
            assert await second.ended(30) == 75  # it waits whether the other one leaves
        assert "another process" in second.words.splitlines()[-1]
        assert "Traceback" not in second.words
        reply = await place.town.member.slash("imagine", prompt="a lighthouse")
        await assert_one_delivery(place, reply)


async def test_a_bot_that_starts_waits_for_who_has_the_database(tmp_path: Path) -> None:
    async with living(tmp_path) as place, place.process() as second:
        await second.says("waiting up to 10 s")
        assert await place.bot.terminate() == 0
        await second.says("is online")
        reply = await place.town.member.slash("imagine", prompt="a lighthouse")
        await assert_one_delivery(place, reply)


async def test_a_button_from_before_a_restart_still_works(tmp_path: Path) -> None:
    async with living(tmp_path) as place:
        reply = await place.town.member.slash("imagine", prompt="a lighthouse")
        await reply.until(delivered, timeout=WITHIN)
        await place.kill()
        await place.start()
        pressed = await reply.now.press("U1")
        upscaled = pressed if pressed.kind == "message" else await pressed.followup()
        assert upscaled.message is not reply.message
        await upscaled.until(delivered, timeout=WITHIN)
        assert place.town.midjourney.ledger.count("imagine") == 2


async def test_a_missing_token_is_named_in_one_line(tmp_path: Path) -> None:
    async with living(tmp_path) as place, place.process(DISCORD_TOKEN="", DATA_DIR=str(tmp_path / "other")) as bot:
        assert await bot.ended() == 78
        assert len(bot.words.splitlines()) == 1, bot.words
        assert "DISCORD_TOKEN" in bot.words
