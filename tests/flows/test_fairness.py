"""One person's many jobs don't hold up another's first."""

from __future__ import annotations

import pytest

from sandbox.town import Card, Town

MANY = 20


def painted(card: Card) -> bool:
    """Whether the picture is there."""
    return bool(card.attachments)


def order(town: Town) -> list[str]:
    """The prompts in the order in which they were sent."""
    return [seen.body["prompt"] for seen in town.midjourney.received("imagine")]


@pytest.mark.settings(max_concurrent_jobs=1)
async def test_another_s_first_job_comes_after_at_most_one_of_twenty(town: Town) -> None:
    held = town.midjourney.hold_next("after_accept")
    await town.member.slash("imagine", prompt="harbour 0")
    await held.reached()
    waiting = [await town.member.slash("imagine", prompt=f"harbour {number}") for number in range(1, MANY)]
    other = await town.neighbour.slash("imagine", prompt="a lighthouse")
    assert "place 2" in other.text
    held.release()
    await other.until(painted)
    assert order(town)[0] == "harbour 0"
    assert order(town).index("a lighthouse") <= 2
    assert "Queued" in waiting[-1].now.text


@pytest.mark.settings(max_concurrent_jobs=3, max_jobs_per_user=2)
async def test_a_person_s_own_limit_leaves_room_for_others(town: Town) -> None:
    holds = [town.midjourney.hold_next("after_accept") for _ in range(3)]
    first, second, third = [await town.member.slash("imagine", prompt=f"harbour {number}") for number in range(3)]
    other = await town.neighbour.slash("imagine", prompt="a lighthouse")
    await holds[2].reached()
    assert sorted(order(town)) == ["a lighthouse", "harbour 0", "harbour 1"]
    assert "Queued · next in line" in third.text
    for held in holds:
        held.release()
    for card in (first, second, third, other):
        await card.until(painted)


@pytest.mark.settings(max_jobs_per_user=1)
@pytest.mark.pace(card_every=0.1, places_every=0.1)
async def test_who_waits_sees_their_place_move(town: Town) -> None:
    first_held, second_held = town.midjourney.hold_next("after_accept"), town.midjourney.hold_next("after_accept")
    await town.member.slash("imagine", prompt="a lighthouse")
    await first_held.reached()
    await town.member.slash("imagine", prompt="harbour 1")
    waiting = await town.member.slash("imagine", prompt="harbour 2")
    assert "place 2" in waiting.text
    first_held.release()
    await second_held.reached()
    await waiting.until(lambda card: "next in line" in card.text)
    second_held.release()
    await waiting.until(painted)
