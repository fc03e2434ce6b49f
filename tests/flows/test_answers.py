"""The first answer goes wrong: a job runs only where its card is there, and costs nothing where it isn't."""

from __future__ import annotations

import pytest
from seeing import delivered, lose_patience, noted, painted

from sandbox.town import Card, Town, Upload

CALLBACK = "/callback"


async def test_an_answer_that_arrived_though_discord_said_502_is_found(town: Town) -> None:
    town.discord.fail_next(502, method="POST", path=CALLBACK, after=True)
    reply = await town.member.slash("imagine", prompt="a lighthouse")
    await painted(reply)
    assert [exchange.code for exchange in town.discord.exchanges("POST", CALLBACK)][-1] == 40060
    assert len(town.cards()) == 1
    assert town.midjourney.ledger.count() == 1


@pytest.mark.parametrize("prompt", ["a fox --nonsense", "a fox"])
async def test_a_refusal_that_comes_too_late_breaks_nothing(town: Town, caplog: pytest.LogCaptureFixture, prompt: str) -> None:
    lose_patience(town)
    town.discord.fail_next(404, method="POST", path=CALLBACK, code=10062)
    assert (await town.member.slash("imagine", prompt=prompt, answered=False)).kind == "failed"
    await painted(await town.member.slash("imagine", prompt="a lighthouse"))
    assert town.midjourney.ledger.count() == 1
    assert ("could not be told" in caplog.text) == ("nonsense" in prompt)


async def test_a_follow_up_that_discord_does_not_take_costs_nothing(town: Town) -> None:
    asked = await town.member.slash("describe", url="https://example.com/fox.png")
    card = await asked.until(lambda state: state.has("Imagine all"))
    town.discord.fail_next(404, method="POST", path="/webhooks/", code=10015)
    reply = await card.press("Imagine all")
    for child in (reply, await reply.followup(0), await reply.followup(1)):
        await painted(child)
    assert "1 of 4 could not be started" in (await reply.followup(2)).text
    assert reply.followups[2].ephemeral
    await noted(town)
    assert len(reply.followups) == 3
    assert town.midjourney.ledger.count("imagine") == 3


async def test_a_press_whose_answer_came_too_late_makes_no_job(town: Town) -> None:
    card = await painted(await town.member.slash("imagine", prompt="a lighthouse"))
    lose_patience(town)
    town.discord.fail_next(404, method="POST", path=CALLBACK, code=10062)
    assert (await card.press("U1", answered=False)).kind == "failed"
    await noted(town)
    assert town.midjourney.ledger.count() == 1
    child = await card.press("U2")
    await painted(child)


async def test_an_image_that_is_too_large_is_refused_at_once(town: Town) -> None:
    image = Upload(b"\x89PNG\r\n\x1a\n" + bytes(21 * 1024 * 1024), "fox.png")
    for command, options in (("imagine", {"prompt": "a fox"}), ("describe", {})):
        reply = await town.member.slash(command, image=image, **options)
        assert reply.ephemeral
        assert "21 MiB, and at most 20 MiB" in reply.text
    assert not town.midjourney.requests


async def test_a_busy_service_is_told_while_it_is_tried(town: Town) -> None:
    town.midjourney.fail_next(429, endpoint="imagine")
    reply = await town.member.slash("imagine", prompt="a lighthouse")
    busy = await reply.until(lambda card: "busy" in card.text, timeout=10)
    assert not delivered(busy)
    await painted(reply)
    assert town.midjourney.ledger.count() == 1


async def test_words_from_a_busy_service_come_in_the_end(town: Town) -> None:
    town.midjourney.fail_next(429, endpoint="describe")
    reply = await town.member.slash("describe", url="https://example.com/fox.png")
    await reply.until(lambda card: "busy" in card.text, timeout=10)
    await reply.until(lambda card: card.has("Imagine all"))
    assert town.midjourney.ledger.count("describe") == 1


async def test_an_owner_who_takes_no_messages_is_no_trouble(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    town.owner.user.accepts_dms = False
    town.midjourney.balance = 0
    card: Card = await town.member.slash("imagine", prompt="a lighthouse")
    await card.until(lambda state: "operator" in state.text)
    await town.until(lambda: [e for e in town.discord.exchanges("POST", "/channels/.+/messages") if e.code == 50007])
    await noted(town)
    town.midjourney.balance = 1
    await painted(await card.now.press("Try again"))
    assert "The owner could not be told" in caplog.text
