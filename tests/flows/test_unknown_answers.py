"""Discord took an answer, or did not, and nobody heard which: it is found out before anything is dropped or billed."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from bot_process import RUN, Living, living
from seeing import delivered, painted

from sandbox.discord.model import Permission

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sandbox.town import Person, Reply, Town

WITHIN = 40.0
# The machine's clock is 16 minutes ahead of Discord's and the service's.
_AHEAD = """
import sys, time
clock = time.time
time.time = lambda: clock() + 960
""" + RUN[1].removeprefix("\nimport sys\n")
AHEAD = ("-c", _AHEAD)


@asynccontextmanager
async def killed_while_answering(place: Living, asker: Person, *, after: bool = True) -> AsyncIterator[Reply]:
    """The bot is killed while its answer is on its way; then the interaction's token dies."""
    async with place.town.discord.hold("POST", "/callback", after=after) as held:
        reply = await asker.slash("imagine", prompt="a lighthouse", answered=False)
        await held.reached()
        await place.kill()
    place.town.discord.expire_tokens()
    yield reply
    assert place.town.midjourney.ledger.count() <= 1


@pytest.mark.parametrize("after", [True, False], ids=["taken", "not taken"])
async def test_a_stop_while_an_answer_is_on_its_way_drops_nothing(tmp_path: Path, after: bool) -> None:
    async with living(tmp_path) as place:
        async with place.town.discord.hold("POST", "/callback", after=after) as held:
            reply = await place.town.member.slash("imagine", prompt="a lighthouse", answered=False)
            await held.reached()
            assert await place.bot.terminate() == 0, place.bot.words
            assert "Traceback" not in place.bot.words
            await place.town.gone()
        await place.start()
        if after:
            await reply.until(delivered, timeout=WITHIN)
        # What comes later is done: so nothing is left of the first one where Discord never took it.
        await (await place.town.neighbour.slash("imagine", prompt="a mill")).until(delivered, timeout=WITHIN)
        assert place.town.midjourney.ledger.count() == 1 + after
        assert len(place.town.cards()) == 1 + after


async def test_who_comes_while_the_bot_stops_is_asked_to_try_again(tmp_path: Path) -> None:
    async with living(tmp_path) as place, place.town.discord.hold("POST", "/callback", after=True) as held:
        first = await place.town.member.slash("imagine", prompt="a lighthouse", answered=False)
        await held.reached()
        stopped = asyncio.create_task(place.bot.terminate())
        await place.bot.says("Stopping")
        late = await place.town.neighbour.slash("imagine", prompt="a mill")
        held.release()
        assert "Try again in a moment" in late.text
        assert late.ephemeral
        assert await stopped == 0, place.bot.words
        await place.town.gone()
        await place.start()
        await first.until(delivered, timeout=WITHIN)
        assert place.town.midjourney.ledger.count() == 1


async def test_two_easels_with_one_token_bill_nothing_twice(tmp_path: Path) -> None:
    async with living(tmp_path, MAX_JOBS_PER_USER="0") as place:
        async with place.process(DATA_DIR=str(tmp_path / "other")):
            await place.town.until(lambda: len(place.town.discord.sessions) == 2, 30)
            for prompt in ("a lighthouse", "a mill", "a harbour"):
                await painted(await place.town.member.slash("imagine", prompt=prompt))
            await place.town.until(lambda: place.town.dms_of(place.town.owner))
        assert place.town.midjourney.ledger.count() == 3
        assert len(place.town.cards()) == 3
        told = [card.text for card in place.town.dms_of(place.town.owner)]
        assert all("Another Easel with this token is running" in text for text in told)
        assert len(told) <= 2  # each of the two tells it once


async def test_trouble_after_discord_took_the_answer_is_waited_out(town: Town) -> None:
    town.discord.cut_next("POST", "/callback", after=True)
    town.discord.cut_next("GET", "@original", times=3)
    reply = await town.member.slash("imagine", prompt="a lighthouse")
    await painted(reply)
    assert town.midjourney.ledger.count() == 1
    assert len(town.cards()) == 1


async def test_a_card_whose_token_is_dead_is_found_in_its_channel(tmp_path: Path) -> None:
    async with living(tmp_path) as place, killed_while_answering(place, place.town.member) as reply:
        await place.start()
        await reply.until(delivered, timeout=WITHIN)
        assert len(place.town.cards()) == 1


async def test_a_card_that_is_not_among_the_messages_was_never_there(tmp_path: Path) -> None:
    async with living(tmp_path) as place:
        await place.town.member.say("hello")
        async with killed_while_answering(place, place.town.member, after=False):
            await place.start()
            await place.town.until(lambda: place.town.discord.exchanges("GET", "/messages.*before="), 30)
            await painted(await place.town.neighbour.slash("imagine", prompt="a mill"))
            assert len(place.town.cards()) == 1


@pytest.mark.parametrize("after", [True, False], ids=["taken", "not taken"])
async def test_where_the_history_is_hidden_the_person_is_told_in_the_channel(tmp_path: Path, after: bool) -> None:
    async with living(tmp_path) as place:
        place.town.discord.deny_bot(place.town.channel, Permission.READ_MESSAGE_HISTORY)
        async with killed_while_answering(place, place.town.member, after=after):
            await place.start()
            await place.town.until(lambda: len(place.town.cards()) == 1 + after, 30)
            told = place.town.cards()[-1]
            assert "never started" in told.text
            assert told.message.pinged == {place.town.member.user.id}
            assert place.town.midjourney.ledger.count() == 0
            await painted(await told.press("Try again"))


async def test_where_the_bot_has_no_place_the_person_is_told_in_a_direct_message(tmp_path: Path) -> None:
    async with living(tmp_path) as place, killed_while_answering(place, place.town.stranger):
        await place.start()
        await place.town.until(lambda: place.town.dms_of(place.town.stranger), 30)
        assert "never started" in place.town.dms_of(place.town.stranger)[0].text
        assert place.town.midjourney.ledger.count() == 0


async def test_who_takes_no_direct_messages_is_told_at_the_next_command(tmp_path: Path) -> None:
    async with living(tmp_path) as place:
        stranger = place.town.stranger
        stranger.user.accepts_dms = False
        async with killed_while_answering(place, stranger):
            await place.start()
            await place.town.until(lambda: any(each.code == 50007 for each in place.town.discord.exchanges("POST")), 30)
            reply = await stranger.slash("imagine", prompt="a mill")
            told = await reply.followup()
            assert "a lighthouse" in told.text
            assert "never started" in told.text
            assert told.ephemeral
            await reply.until(delivered, timeout=WITHIN)


async def test_what_was_sent_while_the_clock_was_ahead_is_found_when_it_was_set(tmp_path: Path) -> None:
    async with living(tmp_path) as place:
        await place.kill()
        await place.start(AHEAD)
        held = place.town.midjourney.hold_next("after_accept")
        reply = await place.town.member.slash("imagine", prompt="a lighthouse")
        await held.reached()
        await place.kill()
        await place.start()
        held.release()
        await reply.until(delivered, timeout=WITHIN)
        assert place.town.midjourney.ledger.count() == 1


async def test_a_clock_that_is_ahead_keeps_no_picture_from_its_card(tmp_path: Path) -> None:
    async with living(tmp_path) as place:
        await place.kill()
        await place.start(AHEAD)
        await (await place.town.stranger.slash("imagine", prompt="a lighthouse")).until(delivered, timeout=WITHIN)
        await (await place.town.stranger.slash("imagine", prompt="a mill")).until(delivered, timeout=WITHIN)
        assert place.bot.words.count("s ahead of Discord's") == 1
        assert place.bot.words.count("s ahead of the image service's") == 1
