"""The picture is painted, and something stands between it and its card."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.client import Easel
from bot.errors import StoreUnavailable
from sandbox.town import Card, Town


def painted(card: Card) -> bool:
    return card.has("U1")


@pytest.mark.pace(deliver_again=(0.1,))
async def test_a_picture_that_cannot_be_fetched_yet_is_shown_by_its_link_and_brought_later(town: Town) -> None:
    town.midjourney.fail_next(500, endpoint="pictures", times=3)
    reply = await town.member.slash("imagine", prompt="a red fox")
    linked = await reply.until(painted)
    assert not linked.attachments
    assert linked.pictures[0].url.startswith(town.midjourney.url)
    assert "keep trying" in linked.text
    brought = await linked.until(lambda card: card.attachments)
    assert painted(brought)
    assert "keep trying" not in brought.text
    assert town.midjourney.ledger.count() == 1


@pytest.mark.pace(deliver_again=(600.0,))
async def test_where_only_a_token_reaches_a_press_hurries_the_next_try(town: Town) -> None:
    town.midjourney.fail_next(500, endpoint="pictures")
    reply = await town.stranger.slash("imagine", prompt="a red fox")
    waiting = await reply.until(lambda card: card.has("Show"))
    assert "bringing it over" in waiting.text
    await waiting.press("Show")
    brought = await waiting.until(lambda card: card.attachments)
    assert painted(brought)


@pytest.mark.pace(deliver_again=(0.05,), deliver_for=0.2)
async def test_a_delivery_that_fails_for_a_day_is_given_up_until_someone_asks(town: Town) -> None:
    town.midjourney.fail_next(500, endpoint="pictures", times=1000)
    reply = await town.member.slash("imagine", prompt="a red fox")
    card = await reply.until(lambda card: "could not be brought" in card.text)
    await card.press("U1")
    await town.midjourney.until_received("imagine", 2)
    town.midjourney._faults.clear()
    await card.press("Show")
    brought = await card.until(lambda card: card.attachments)
    assert "could not be brought" not in brought.text
    assert not brought.has("Show")


async def test_a_bug_of_ours_does_not_cost_a_picture_that_is_paid_for(
    town: Town, easel: Easel, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish = easel.services.jobs._records.finish
    failed = []

    async def stumbles(*arguments: Any) -> Any:
        if not failed:
            failed.append(True)
            raise StoreUnavailable("disk I/O error")
        return await finish(*arguments)

    monkeypatch.setattr(easel.services.jobs._records, "finish", stumbles)
    card = await (await town.member.slash("imagine", prompt="a red fox")).until(lambda card: card.attachments)
    assert painted(card)
    assert failed
    assert town.midjourney.ledger.count() == 1


@pytest.mark.settings(max_concurrent_jobs=1)
async def test_a_slot_is_given_back_whatever_goes_wrong(town: Town, easel: Easel, monkeypatch: pytest.MonkeyPatch) -> None:
    submitting = easel.services.jobs._records.queries.submitting
    failed = []

    async def stumbles(*arguments: Any) -> Any:
        if not failed:
            failed.append(True)
            raise StoreUnavailable("disk I/O error")
        return await submitting(*arguments)

    monkeypatch.setattr(easel.services.jobs._records.queries, "submitting", stumbles)
    broken = await town.member.slash("imagine", prompt="a red fox")
    card = await broken.until(lambda card: card.has("Try again"))
    assert "went wrong in the bot" in card.text
    await (await card.press("Try again")).until(painted)


@pytest.mark.pace(deliver_again=(0.1,))
async def test_a_picture_that_was_taken_from_the_spool_is_fetched_again(town: Town, easel: Easel, tmp_path: Path) -> None:
    held = town.midjourney.hold_next("before_final")
    reply = await town.member.slash("imagine", prompt="a red fox")
    await held.reached()
    stem = f"{(await easel.services.jobs._records.queries.open_jobs())[0]['id']}-raw"
    easel.services.jobs._spool._whole[stem] = tmp_path / "spool" / f"{stem}.png"  # known, but not there
    held.release()
    await reply.until(lambda card: card.attachments)
