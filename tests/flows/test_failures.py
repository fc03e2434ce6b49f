"""Every failure leaves a card that says what happened and offers a way on; nothing is lost or billed twice."""

from __future__ import annotations

import pytest
from seeing import lose_patience

from bot.client import Easel
from sandbox.town import Card, Town

SETTLED = ("Cancel", "Let go")


def over(card: Card) -> bool:
    """Nothing is under way on this card any more."""
    return not any(card.has(label) or any(button.label == label for button in card.buttons) for label in SETTLED)


def labels(card: Card) -> set[str]:
    return {button.label or button.emoji or "" for button in card.buttons}


def painted(card: Card) -> bool:
    return "U1" in labels(card)


def failed(card: Card) -> bool:
    return "⚠️" in card.text or "Try again" in labels(card)


async def test_a_refused_prompt_is_explained_and_not_billed(town: Town) -> None:
    card = await (await town.member.slash("imagine", prompt="a field of gore")).until(failed)
    assert "refused" in card.text
    assert town.midjourney.ledger.total == 0


@pytest.mark.settings(max_jobs_per_user=1)  # so that the second starts when the first has given its slot back
async def test_a_job_can_be_cancelled_while_the_service_is_busy(town: Town) -> None:
    town.midjourney.fail_next(429, "too_many_requests", retry_after=2)
    busy = await (await town.member.slash("imagine", prompt="a red fox")).until(lambda card: "busy" in card.text)
    await busy.press("Cancel")
    await busy.until(lambda card: "Cancelled; nothing was billed" in card.text)
    await (await busy.press("Start after all")).until(painted)
    assert len(town.midjourney.received("imagine")) == 2
    assert town.midjourney.ledger.count() == 1


async def test_an_empty_balance_is_told_to_the_owner_once(town: Town) -> None:
    town.midjourney.balance = 0
    for _ in range(2):
        card = await (await town.member.slash("imagine", prompt="a red fox")).until(failed)
        assert "operator" in card.text
    await town.until(lambda: town.dms_of(town.owner))
    assert len(town.dms_of(town.owner)) == 1


async def test_a_broken_stream_is_followed_by_looking_up_its_task(town: Town) -> None:
    town.midjourney.cut_next(after_lines=2)
    await (await town.member.slash("imagine", prompt="a red fox")).until(painted)
    assert town.midjourney.ledger.count("imagine") == 1


async def test_an_accepted_request_that_got_an_error_is_found_and_billed_once(town: Town) -> None:
    town.midjourney.fail_next(504, "timeout", accepted=True)
    await (await town.member.slash("imagine", prompt="a red fox")).until(painted)
    assert town.midjourney.ledger.count("imagine") == 1


async def test_a_task_that_fails_says_why(town: Town) -> None:
    town.midjourney.fail_task_next("task_failed", "The painter fell asleep")
    card = await (await town.member.slash("imagine", prompt="a red fox")).until(failed)
    assert "The painter fell asleep" in card.text
    again = await card.press("Try again")
    await again.until(painted)


async def test_an_unclear_translation_is_not_repeated(town: Town) -> None:
    town.midjourney.cut_next(accepted=True)
    card = await (await town.member.slash("translate", text="一只红色的狐狸")).until(failed)
    assert town.midjourney.ledger.count("translate") == 1
    assert "Try again" in labels(card)


async def test_a_picture_outlives_its_token(town: Town) -> None:
    held = town.midjourney.hold_next("before_final")
    card = await town.member.slash("imagine", prompt="a red fox")
    await held.reached()
    town.discord.expire_tokens()
    held.release()
    await card.until(painted)


@pytest.mark.pace(card_every=0.05)
async def test_a_dead_token_is_tried_once(town: Town) -> None:
    held = town.midjourney.hold_next("after_line:1")
    card = await town.member.slash("imagine", prompt="a red fox")
    await held.reached()
    await card.until(lambda card: "%" in card.text)
    town.discord.expire_tokens()
    held.release()
    await card.until(painted)
    assert [each.code for each in town.discord.exchanges("PATCH") if each.status == 401] == [50027]


async def test_an_upload_that_met_a_502_is_tried_again(town: Town) -> None:
    held = town.midjourney.hold_next("before_final")
    card = await town.member.slash("imagine", prompt="a red fox")
    await held.reached()
    town.discord.fail_next(502, method="PATCH", times=1)
    held.release()
    await card.until(painted)


async def test_a_late_acknowledgement_costs_nothing(town: Town) -> None:
    lose_patience(town)
    town.discord.fail_next(404, method="POST", path="callback", code=10062)
    reply = await town.member.slash("imagine", prompt="a red fox", answered=False)
    assert reply.kind == "failed"
    assert town.midjourney.ledger.total == 0
    assert not town.midjourney.received("imagine")


async def test_a_picture_too_large_for_the_place_comes_smaller(town: Town) -> None:
    town.midjourney.weigh_pictures(raw=11 * 1024 * 1024)
    card = await (await town.member.slash("imagine", prompt="a red fox")).until(painted)
    assert "too large" in card.text
    assert card.attachments


@pytest.mark.settings(allowed_user_ids="1")
async def test_someone_not_allowed_is_told_so_privately(town: Town) -> None:
    reply = await town.member.slash("imagine", prompt="a red fox")
    assert reply.ephemeral
    assert "not opened" in reply.text
    assert town.midjourney.ledger.total == 0


@pytest.mark.settings(daily_jobs_per_user=1)
async def test_the_day_s_jobs_can_be_used_up(town: Town) -> None:
    await (await town.member.slash("imagine", prompt="a red fox")).until(painted)
    reply = await town.member.slash("imagine", prompt="a red fox")
    assert reply.ephemeral
    assert "for today" in reply.text


@pytest.mark.settings(max_jobs_per_user=1)
async def test_only_twenty_of_one_person_wait(town: Town) -> None:
    held = town.midjourney.hold_next("after_accept")
    await town.member.slash("imagine", prompt="first")
    await held.reached()
    for number in range(20):
        await town.member.slash("imagine", prompt=f"number {number}")
    reply = await town.member.slash("imagine", prompt="one too many")
    assert reply.ephemeral
    assert "waiting" in reply.text
    held.release()


async def test_someone_else_s_job_is_not_theirs_to_cancel(town: Town) -> None:
    held = town.midjourney.hold_next("after_accept")
    card = await town.member.slash("imagine", prompt="a red fox")
    await held.reached()
    shown = await card.until(lambda card: "Let go" in labels(card))
    reply = await shown.press("Let go", by=town.neighbour)
    assert reply.ephemeral
    await shown.press("Let go", by=town.moderator)
    held.release()
    await card.until(lambda card: not {"Let go", "Cancel"} & labels(card))


async def test_a_press_on_a_picture_the_service_forgot_gets_an_answer(town: Town) -> None:
    card = await (await town.member.slash("imagine", prompt="a red fox")).until(painted)
    for task in town.midjourney.tasks:
        town.midjourney.forget_picture(task.record(town.midjourney.readings)["response"]["image_id"])
    reply = await card.press("U2")
    gone = await reply.until(over)
    assert "no longer" in gone.text


async def test_what_breaks_in_the_bot_is_apologized_for_with_a_reference(
    town: Town, easel: Easel, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object) -> bool:
        raise RuntimeError("the secret inside of the bot")

    with monkeypatch.context() as patch:
        patch.setattr(easel.services.jobs._records.queries, "submitting", broken)
        card = await (await town.member.slash("imagine", prompt="a red fox")).until(failed)
    assert "the secret" not in card.text
    reference = card.text.partition("Reference: ")[2].split()[0]
    assert f"Job {reference} broke" in caplog.text
    assert town.midjourney.ledger.count() == 0
    await (await card.press("Try again")).until(painted)
