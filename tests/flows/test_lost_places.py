"""The card's place is gone when the picture comes: the job ends, nothing is tried for ever, and nothing else suffers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from seeing import delivered, noted, painted

from sandbox.discord.model import Guild
from sandbox.town import Reply, Town


def guild_of(town: Town) -> Guild:
    """The town's own guild."""
    assert town.channel.guild is not None
    return town.channel.guild


LOSSES: dict[str, Callable[[Town], None]] = {
    "bot removed from the guild": lambda town: town.discord.remove_bot_from_guild(guild_of(town)),
    "channel deleted": lambda town: town.discord.delete_channel(town.channel),
}


@asynccontextmanager
async def painting(town: Town, *, expired: bool) -> AsyncIterator[Reply]:
    """A job that is painted during the block; its token may be dead when the picture is there."""
    held = town.midjourney.hold_next("before_final")
    reply = await town.member.slash("imagine", prompt="a lighthouse")
    await held.reached()
    await reply.until(lambda card: card.has("Let go"))
    yield reply
    if expired:
        town.discord.expire_tokens()
    held.release()


async def assert_given_up(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    """The job is closed without a crash, and the bot works on elsewhere."""
    await noted(town, by=town.stranger)
    assert "can't be reached" in caplog.text
    assert "undeliverable" in caplog.text
    assert not [record for record in caplog.records if record.exc_info]
    assert town.midjourney.ledger.count() == 1
    await painted(await town.stranger.slash("imagine", prompt="a harbour"))


@pytest.mark.parametrize("lose", LOSSES.values(), ids=LOSSES)
async def test_a_picture_whose_place_is_gone_is_given_up(
    town: Town, caplog: pytest.LogCaptureFixture, lose: Callable[[Town], None]
) -> None:
    caplog.set_level("INFO", "bot")
    async with painting(town, expired=True) as reply:
        lose(town)
    await assert_given_up(town, caplog)
    assert not delivered(reply.now)


@pytest.mark.parametrize("expired", [False, True], ids=["by token", "by bot"])
async def test_a_card_that_someone_deleted_is_not_made_again(
    town: Town, caplog: pytest.LogCaptureFixture, expired: bool
) -> None:
    caplog.set_level("INFO", "bot")
    async with painting(town, expired=expired) as reply:
        town.discord.delete_message(reply.message)
    await assert_given_up(town, caplog)
    assert not town.cards()


async def test_a_card_that_was_deleted_while_it_waited_for_the_upload_s_end(town: Town) -> None:
    download = town.midjourney.hold_next("before", endpoint="pictures")
    reply = await town.member.slash("imagine", prompt="a lighthouse")
    await download.reached()
    async with town.discord.hold("PATCH", "/messages/") as upload:
        download.release()
        await upload.reached()
        town.discord.delete_message(reply.message)
    await noted(town)
    assert not town.cards()


@asynccontextmanager
async def kept_out(town: Town, caplog: pytest.LogCaptureFixture) -> AsyncIterator[None]:
    """The bot may not see the channel, and has noticed, when the block begins; it is let in again afterwards."""
    async with asyncio.timeout(20):
        while "can't be reached" not in caplog.text:  # nothing tells of a log line; meanwhile the bot is asked something
            await town.stranger.slash("about")
    yield
    town.discord.restore_bot_in_channel(town.channel)


@pytest.mark.parametrize("fails", [False, True], ids=["a picture", "a failure"])
@pytest.mark.pace(deliver_again=(0.05,))
async def test_what_a_hidden_channel_kept_from_its_card_comes_when_the_bot_is_let_in_again(
    town: Town, caplog: pytest.LogCaptureFixture, fails: bool
) -> None:
    if fails:
        town.midjourney.fail_task_next("task_failed", "The painter fell asleep")
    held = town.midjourney.hold_next("after_line:2")
    reply = await town.member.slash("imagine", prompt="a lighthouse")
    await held.reached()
    await reply.until(lambda card: card.has("Let go"))
    town.discord.remove_bot_from_channel(town.channel)
    town.discord.expire_tokens()
    held.release()
    async with kept_out(town, caplog):
        assert not reply.now.has("Delete")
    await reply.until(lambda card: card.has("Try again" if fails else "U1"))
    await noted(town)
    assert town.midjourney.ledger.count() == (0 if fails else 1)  # a failed task is paid back
    assert not [record for record in caplog.records if record.exc_info]


@pytest.mark.pace(deliver_again=(0.05,), deliver_for=0.2)
async def test_a_channel_that_stays_hidden_is_given_up_after_a_day(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "bot")
    async with painting(town, expired=True):
        town.discord.remove_bot_from_channel(town.channel)
    await assert_given_up(town, caplog)


@pytest.mark.pace(deliver_again=(600.0,))
async def test_a_press_brings_what_could_not_be_delivered(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    async with painting(town, expired=True) as reply:
        town.discord.remove_bot_from_channel(town.channel)
    async with kept_out(town, caplog):
        pass
    await reply.now.press("Let go")
    await painted(reply)
    await noted(town)
    assert town.midjourney.ledger.count() == 1


@pytest.mark.pace(deliver_again=(600.0,))
async def test_a_failure_is_brought_by_a_press_too(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    town.midjourney.fail_task_next("task_failed", "The painter fell asleep")
    held = town.midjourney.hold_next("after_line:2")
    reply = await town.member.slash("imagine", prompt="a lighthouse")
    await held.reached()
    await reply.until(lambda card: card.has("Let go"))
    town.discord.remove_bot_from_channel(town.channel)
    town.discord.expire_tokens()
    held.release()
    async with kept_out(town, caplog):
        pass
    await reply.now.press("Let go")
    card = await reply.until(lambda card: card.has("Try again"))
    assert "The painter fell asleep" in card.text
