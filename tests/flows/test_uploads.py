"""The final upload goes wrong in every way that Discord has: the picture comes once, on its card, and is paid for once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from sandbox.town import Card, Reply, Town

BY_TOKEN, BY_BOT = "/webhooks/.+/messages/@original", "/channels/.+/messages/"
TROUBLES: dict[str, dict[str, Any]] = {
    "429": {"status": 429, "retry_after": 0.3, "times": 2},
    "502": {"status": 502},
    "502 after it arrived": {"status": 502, "after": True},
}


def delivered(card: Card) -> bool:
    """Whether the picture itself is on the card, with its buttons."""
    return bool(card.attachments) and card.has("U1")


@asynccontextmanager
async def about_to_upload(town: Town) -> AsyncIterator[Reply]:
    """A job whose picture is being fetched, which ends with the block: its next edit is the final one."""
    download = town.midjourney.hold_next("before", endpoint="pictures")
    reply = await town.member.slash("imagine", prompt="a lighthouse")
    await download.reached()
    yield reply
    download.release()


def uploads(town: Town, way: str) -> list[int]:
    """The answers to the edits that brought the picture; 0 where there was none (yet)."""
    return [edit.status for edit in town.discord.exchanges("PATCH", way) if edit.files]


async def assert_delivered_once(town: Town, reply: Card) -> None:
    """One card, one picture on it, one bill."""
    card = await reply.until(delivered)
    assert len(card.attachments) == 1
    assert [each.message for each in town.cards()] == [reply.message]
    assert town.midjourney.ledger.count() == 1
    await town.fetch(card.pictures[0].url)


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)
@pytest.mark.parametrize("way", [BY_TOKEN, BY_BOT], ids=["token", "bot"])
async def test_an_upload_that_discord_would_not_take_is_repeated(town: Town, trouble: dict[str, Any], way: str) -> None:
    async with about_to_upload(town) as reply:
        if way == BY_BOT:
            town.discord.expire_tokens()
        town.discord.fail_next(**trouble, method="PATCH", path=way)
    await town.until(lambda: 200 in uploads(town, way))
    await assert_delivered_once(town, reply)
    assert uploads(town, way) == [trouble["status"]] * trouble.get("times", 1) + [200]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("way", [BY_TOKEN, BY_BOT], ids=["token", "bot"])
async def test_an_upload_whose_connection_was_cut_is_repeated(town: Town, way: str, after: bool) -> None:
    async with about_to_upload(town) as reply:
        if way == BY_BOT:
            town.discord.expire_tokens()
        town.discord.cut_next("PATCH", way, after=after)
    await town.until(lambda: 200 in uploads(town, way))
    await assert_delivered_once(town, reply)
    assert uploads(town, way) == [0, 200]


async def test_a_token_that_dies_during_the_upload_leaves_the_bot_s_own_way(town: Town) -> None:
    async with about_to_upload(town) as reply:
        town.discord.fail_next(401, method="PATCH", path=BY_TOKEN, code=50027)
    await assert_delivered_once(town, reply)
    assert uploads(town, BY_BOT) == [200]


async def test_a_picture_whose_download_breaks_is_fetched_again(town: Town) -> None:
    town.midjourney.cut_next(endpoint="pictures")
    reply = await town.member.slash("imagine", prompt="a lighthouse")
    await assert_delivered_once(town, reply)


@pytest.mark.parametrize("times", [1, 2], ids=["the full picture", "both"])
@pytest.mark.pace(deliver_again=(0.05,))
async def test_a_link_that_is_refused_at_first_is_asked_for_again(town: Town, times: int) -> None:
    town.midjourney.fail_next(403, endpoint="pictures", times=times)
    reply = await town.member.slash("imagine", prompt="a lighthouse")
    card = await reply.until(delivered)
    assert "smaller" not in card.text
    assert "-raw" in card.attachments[0].filename


@pytest.mark.pace(link_lives=0.0)
async def test_a_smaller_picture_is_brought_where_only_the_full_one_s_link_died(town: Town) -> None:
    town.midjourney.fail_next(404, endpoint="pictures")
    card = await (await town.member.slash("imagine", prompt="a lighthouse")).until(delivered)
    assert "The link to the full picture has died" in card.text
    assert "too large" not in card.text


@pytest.mark.pace(link_lives=0.0)
async def test_a_picture_whose_link_died_leaves_its_buttons(town: Town) -> None:
    held = town.midjourney.hold_next("before_final")
    reply = await town.member.slash("imagine", prompt="a lighthouse")
    await held.reached()
    town.midjourney.expire_picture_links()
    held.release()
    card = await reply.until(lambda card: card.has("U1"))
    assert "link has died" in card.text
    assert not card.attachments
    town.midjourney.expire_picture_links(on=False)
    upscaled = await card.press("U1")
    await upscaled.until(lambda state: state.attachments)


@pytest.mark.pace(deliver_again=(0.05,))
async def test_a_link_that_is_dead_is_not_said_to_show_the_picture(town: Town) -> None:
    town.midjourney.expire_picture_links()
    reply = await town.member.slash("imagine", prompt="a lighthouse")
    linked = await reply.until(lambda card: card.has("U1"))
    assert "may not work" in linked.text
    assert "is shown" not in linked.text
    town.midjourney.expire_picture_links(on=False)
    await assert_delivered_once(town, reply)


@pytest.mark.parametrize("dead", ["full", "smaller"])
@pytest.mark.pace(link_lives=0.0)
async def test_the_link_that_lives_is_shown_where_only_the_other_died(town: Town, dead: str) -> None:
    town.midjourney.weigh_pictures(raw=11 * 1024 * 1024, thumbnail=11 * 1024 * 1024)
    if dead == "full":
        town.midjourney.fail_next(404, endpoint="pictures")
    async with about_to_upload(town) as reply:
        if dead == "smaller":  # the request that is held has met its faults already
            town.midjourney.fail_next(404, endpoint="pictures")
    card = await reply.until(lambda card: card.has("U1"))
    assert "too large" in card.text
    assert "has died" not in card.text
    assert ("width=" in card.pictures[0].url) == (dead == "full")


async def test_a_picture_too_large_in_both_sizes_is_shown_by_its_link(town: Town) -> None:
    town.midjourney.weigh_pictures(raw=11 * 1024 * 1024, thumbnail=11 * 1024 * 1024)
    reply = await town.member.slash("imagine", prompt="a lighthouse")
    card = await reply.until(lambda card: card.has("U1"))
    assert "too large" in card.text
    assert not card.attachments
    assert card.pictures[0].url.startswith(town.midjourney.url)


async def test_a_picture_that_discord_finds_too_large_after_all_comes_smaller(town: Town) -> None:
    async with about_to_upload(town) as reply:
        town.discord.fail_next(413, method="PATCH", path=BY_TOKEN, code=40005)
    card = await reply.until(delivered)
    assert "smaller" in card.text
