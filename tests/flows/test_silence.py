"""The image service does not answer for a while: people are told, nobody is billed twice, and no picture is lost."""

from __future__ import annotations

from typing import Any

import pytest
from seeing import delivered, noted

from bot.client import Easel
from bot.errors import StoreUnavailable
from sandbox.town import Card, Town

FOR_LONG = 1000


pytestmark = pytest.mark.pace(lookup_repeats=0)  # a look-up that is not answered fails at once


def offers_another_try(card: Card) -> bool:
    return "does not answer" in card.text and card.has("Try again") and card.has("Let go")


@pytest.mark.settings(max_concurrent_jobs=1)
@pytest.mark.pace(silent_after=0.3, silent_again=0.3, places_every=0.1)
async def test_a_doubtful_job_offers_another_try_and_those_who_wait_are_told_why(town: Town) -> None:
    waits = await _waiting_behind_a_doubtful_job(town)
    assert "place" in waits.now.text or "next in line" in waits.now.text
    town.midjourney._faults.clear()
    for reply in town.cards():
        await reply.until(delivered, timeout=20)
    assert town.midjourney.ledger.count(prompt="a red fox") == 1
    assert town.midjourney.ledger.count(prompt="a harbour") == 1


async def _waiting_behind_a_doubtful_job(town: Town) -> Any:
    town.midjourney.fail_next(502, accepted=True)
    town.midjourney.fail_next(502, endpoint="tasks", times=FOR_LONG)
    doubtful = await town.member.slash("imagine", prompt="a red fox")
    await doubtful.until(offers_another_try, timeout=20)
    waits = await town.neighbour.slash("imagine", prompt="a harbour")
    assert "does not answer" in waits.now.text
    return waits


@pytest.mark.pace(silent_after=0.3, silent_again=0.3, twin_within=0.2)
async def test_another_try_meanwhile_is_a_job_of_its_own(town: Town) -> None:
    town.midjourney.fail_next(502, accepted=True)
    town.midjourney.fail_next(502, endpoint="tasks", times=FOR_LONG)
    doubtful = await town.member.slash("imagine", prompt="a red fox")
    shown = await doubtful.until(offers_another_try, timeout=20)
    again = await shown.press("Try again")
    await town.midjourney.until_received("imagine", 2)
    town.midjourney._faults.clear()
    for card in (again, doubtful):
        await card.until(delivered, timeout=20)
    assert town.midjourney.ledger.count(prompt="a red fox") == 2


@pytest.mark.pace(ask_again=0.05)
async def test_a_paid_text_waits_for_a_store_that_fails(town: Town, easel: Easel, monkeypatch: pytest.MonkeyPatch) -> None:
    finish, failures = easel.services.jobs._records.queries.finish, iter([StoreUnavailable("disk is full")] * 3)

    async def full_at_first(*args: Any) -> Any:
        if failure := next(failures, None):
            raise failure
        return await finish(*args)

    monkeypatch.setattr(easel.services.jobs._records.queries, "finish", full_at_first)
    reply = await town.member.slash("translate", text="一只红色的狐狸")
    await reply.until(lambda card: card.has("Imagine this"))
    await noted(town)
    assert town.midjourney.ledger.count("translate") == 1
