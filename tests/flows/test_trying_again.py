"""What failed can be tried again, by anyone, on a card of its own; what is sure to fail again is not offered."""

from __future__ import annotations

from typing import Any

import pytest
from seeing import noted, painted

from bot.client import Easel
from bot.jobs.model import JobId, State
from sandbox.town import Card, Town, Upload
from sandbox.town.modals import Modal

LINK = "https://example.com/fox.png"


async def failed(reply: Card) -> Card:
    """The card that says what happened."""
    return await reply.until(lambda card: "⚠️" in card.text)


async def test_a_picture_is_tried_again_by_someone_else_on_their_account(town: Town) -> None:
    town.midjourney.fail_task_next("task_failed", "No")
    card = await failed(await town.member.slash("imagine", prompt="a red fox --ar 3:2", mode="turbo"))
    child = await painted(await card.press("Try again", by=town.neighbour))
    assert str(town.neighbour.id) in child.text
    first, second = (seen.body for seen in town.midjourney.received("imagine"))
    assert first == second


async def test_an_action_is_tried_again_with_its_parent(town: Town) -> None:
    grid = await painted(await town.member.slash("imagine", prompt="a red fox"))
    town.midjourney.fail_task_next("task_failed", "No")
    card = await failed(await grid.press("V2"))
    assert not card.has("Edit prompt"), "an action has no words to edit"
    child = await painted(await card.press("Try again"))
    assert f"/{grid.message.id})" in child.text
    assert town.midjourney.ledger.count(action="variation2") == 1


async def test_words_that_were_lost_are_asked_for_again_only_by_a_press(town: Town) -> None:
    town.midjourney.cut_next(endpoint="translate")
    card = await failed(await town.member.slash("translate", text="ein Fuchs"))
    assert "may be billed twice" in card.text
    await noted(town)
    assert len(town.midjourney.received("translate")) == 1
    again = await card.press("Try again")
    await again.until(lambda state: state.has("Imagine this"))
    assert len(town.midjourney.received("translate")) == 2


async def test_a_cancelled_job_is_started_after_all(town: Town) -> None:
    holds = [town.midjourney.hold_next("after_accept") for _ in range(3)]
    running = [await town.member.slash("imagine", prompt=f"fox {number}") for number in range(3)]
    for held in holds:
        await held.reached()
    waiting = await town.member.slash("imagine", prompt="one fox more")
    cancelled = await waiting.press("Cancel")
    assert "nothing was billed" in cancelled.text
    for held in holds:
        held.release()
    for card in (*running, await cancelled.press("Start after all", by=town.neighbour)):
        await painted(card)
    assert town.midjourney.ledger.count() == 4


async def test_refused_words_are_edited_in_a_modal(town: Town) -> None:
    card = await failed(await town.member.slash("imagine", prompt="a field of gore"))
    assert not card.has("Try again"), "the same words would be refused again"
    modal: Modal = (await card.press("Edit prompt")).modal
    assert modal.field("Prompt").value == "a field of gore"
    mistake = await modal.submit(prompt="a field of corn --ar corn")
    assert mistake.ephemeral
    assert "a field of corn --ar corn" in mistake.text
    child = await painted(await (await card.press("Edit prompt")).modal.submit(prompt="a field of corn"))
    assert "a field of corn" in child.text
    assert town.midjourney.ledger.count() == 1


async def test_a_modal_sent_twice_makes_one_picture(town: Town) -> None:
    card = await failed(await town.member.slash("imagine", prompt="a field of gore"))
    await painted(await (await card.press("Edit prompt")).modal.submit(prompt="a field of corn", twice=True))
    await noted(town)
    assert town.midjourney.ledger.count() == 1


@pytest.mark.parametrize("command", ["imagine", "describe"])
async def test_an_attachment_that_died_is_asked_for_again(
    town: Town, easel: Easel, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    fail = easel.services.jobs._records.fail
    states = []

    async def looked_at(job_id: JobId, *rest: Any) -> bool:
        states.append((await easel.services.jobs.job(job_id)).state)
        return await fail(job_id, *rest)

    monkeypatch.setattr(easel.services.jobs._records, "fail", looked_at)
    image = Upload(await _a_picture(town), "fox.png")
    town.discord.advance(-25 * 3600)  # it was attached yesterday
    options = {"prompt": "a red fox"} if command == "imagine" else {}
    reply = await town.member.slash(command, image=image, **options)
    card = await failed(reply)
    assert "attach the image again" in card.text
    assert not card.has("Try again")
    await noted(town)
    assert town.midjourney.ledger.count() == 1, "only the picture that is attached here was paid for"
    assert len([seen for seen in town.midjourney.requests if seen.endpoint != "tasks"]) == 1
    assert states == [State.QUEUED], "killed here, it would be looked up as if it might have been accepted"


async def test_a_link_that_is_no_image_is_told_as_the_service_tells_it(town: Town) -> None:
    reply = await town.member.slash("describe", image=Upload(b"\x89PNG\r\n\x1a\n but not really", "fox.png"))
    card = await failed(reply)
    assert "not an image" in card.text
    assert town.midjourney.ledger.count() == 0


async def _a_picture(town: Town) -> bytes:
    return await (await painted(await town.member.slash("imagine", prompt="a harbour"))).picture()
