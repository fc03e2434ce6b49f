"""What is asked of the image service is answered with a task's id; how far it is, and its end, are asked for."""

from __future__ import annotations

import pytest

from sandbox.town import Card, Town

pytestmark = pytest.mark.usefixtures("reading")


def painted(card: Card) -> bool:
    return bool(card.pictures) and card.has("U1")


async def test_a_picture_is_submitted_once_and_polled_to_its_end(town: Town) -> None:
    card = await (await town.member.slash("imagine", prompt="a red fox")).until(painted)
    (sent,) = town.midjourney.received("imagine")
    assert (sent.body["async"], sent.headers["Accept"]) == (True, "application/x-ndjson")
    assert town.midjourney.ledger.count("imagine", prompt="a red fox") == 1
    upscaled = await (await card.press("U2")).until(lambda card: card.pictures and card.has("Vary (Subtle)"))
    assert upscaled.message is not card.message
    assert town.midjourney.ledger.count("imagine", action="upscale2") == 1


@pytest.mark.pace(started_after=0.1)
async def test_a_job_that_waits_in_the_service_s_own_queue_is_no_doubtful_one(town: Town) -> None:
    town.midjourney.queue["relax"] = 1.0
    reply = await town.member.slash("imagine", prompt="a red fox", mode="relax")
    if not town.midjourney.readings.async_streams:
        waiting = await reply.until(lambda card: "usually done in about" in card.text)
        assert "Started <t:" in waiting.text
    await reply.until(painted)
    assert (len(town.midjourney.received("imagine")), town.midjourney.ledger.count()) == (1, 1)
    assert all("user_id" not in seen.body for seen in town.midjourney.received("tasks")), "it was sought as a doubtful one"


async def test_progress_and_preview_are_shown_where_they_are_told(town: Town) -> None:
    held = town.midjourney.hold_next("after_line:2")
    reply = await town.member.slash("imagine", prompt="a red fox")
    await held.reached()
    if town.midjourney.readings.record_progress:
        shown = await reply.until(lambda card: "35 %" in card.text)
        assert shown.pictures
    held.release()
    await reply.until(painted)


async def test_a_task_that_fails_is_told_and_not_billed(town: Town) -> None:
    town.midjourney.fail_task_next("task_failed", "The paint ran out.")
    card = await (await town.member.slash("imagine", prompt="a red fox")).until(lambda card: "⚠️" in card.text)
    assert "The paint ran out" in card.text
    assert (len(town.midjourney.ledger.accepted), town.midjourney.ledger.count()) == (1, 0)


async def test_words_are_answered_at_once(town: Town) -> None:
    described = await town.member.slash("describe", url="https://example.com/fox.png")
    await described.until(lambda card: card.has("Imagine all"))
    translated = await town.member.slash("translate", text="ein roter Fuchs")
    await translated.until(lambda card: card.has("Imagine this"))
    assert (town.midjourney.ledger.count("describe"), town.midjourney.ledger.count("translate")) == (1, 1)
