"""The card's place is gone when the picture comes: the job ends, nothing is tried for ever, and nothing else suffers."""

from __future__ import annotations

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
    "bot removed from the channel": lambda town: town.discord.remove_bot_from_channel(town.channel),
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


async def test_a_press_brings_what_could_not_be_delivered(town: Town) -> None:
    async with painting(town, expired=True) as reply:
        town.discord.remove_bot_from_channel(town.channel)
    await noted(town, by=town.stranger)
    town.discord.restore_bot_in_channel(town.channel)
    await reply.now.press("Let go")
    await painted(reply)
    await noted(town)
    assert town.midjourney.ledger.count() == 1


async def test_a_failure_is_brought_by_a_press_too(town: Town) -> None:
    town.midjourney.fail_task_next("task_failed", "The painter fell asleep")
    held = town.midjourney.hold_next("after_line:2")
    reply = await town.member.slash("imagine", prompt="a lighthouse")
    await held.reached()
    await reply.until(lambda card: card.has("Let go"))
    town.discord.remove_bot_from_channel(town.channel)
    town.discord.expire_tokens()
    held.release()
    await noted(town, by=town.stranger)
    town.discord.restore_bot_in_channel(town.channel)
    await reply.now.press("Let go")
    card = await reply.until(lambda card: card.has("Try again"))
    assert "The painter fell asleep" in card.text
