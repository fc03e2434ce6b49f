"""Delete belongs to the one who asked and to those who may manage messages; a job that is under way is let go."""

from __future__ import annotations

import pytest
from seeing import noted, painted

from sandbox.discord.model import Permission
from sandbox.town import Card, Person, Reply, Town


def gone(card: Card) -> bool:
    """Whether the message was deleted."""
    return card.deleted


async def imagine(person: Person, prompt: str = "a red fox") -> Card:
    """The card of /imagine with its picture."""
    return await painted(await person.slash("imagine", prompt=prompt))


async def press_delete(card: Card) -> Reply:
    """Delete a card that doesn't offer it (yet), as one that has been overtaken does."""
    job_id = card.buttons[0].custom_id.rpartition(":")[2]
    raw = {"type": 2, "style": 2, "label": "Delete", "custom_id": f"e1:o:delete:{job_id}", "id": 99}
    return await card.person.outcome(card.person.town.discord.clients.press(card.person.user, card.message, raw), answered=True)


@pytest.mark.parametrize("who", ["member", "moderator"])
async def test_a_picture_is_deleted_by_who_may(town: Town, who: str) -> None:
    card = await imagine(town.member)
    await card.press("Delete", by=getattr(town, who))
    await card.until(gone)
    assert not town.cards()


@pytest.mark.parametrize("place", ["dm", "elsewhere", "whispered"])
async def test_a_picture_is_deleted_wherever_it_is(town: Town, place: str) -> None:
    if place == "whispered":
        guild = town.elsewhere.guild
        assert guild is not None
        guild.roles[guild.id].permissions &= ~Permission.USE_EXTERNAL_APPS
    card = await imagine(town.member.dm if place == "dm" else town.stranger)
    town.discord.expire_tokens()
    await card.press("Delete")
    await card.until(gone)


async def test_nobody_else_may_delete_it(town: Town) -> None:
    card = await imagine(town.member)
    reply = await card.press("Delete", by=town.neighbour)
    assert reply.ephemeral
    assert "Only the one who asked" in reply.text
    assert not card.now.deleted


async def test_not_even_the_other_one_in_a_private_channel(town: Town) -> None:
    card = await imagine(town.stranger.at(town.private))
    reply = await card.press("Delete", by=town.neighbour.at(town.private))
    assert reply.ephemeral
    assert not card.now.deleted


@pytest.mark.settings(max_jobs_per_user=1)
async def test_deleting_a_waiting_job_costs_nothing(town: Town) -> None:
    held = town.midjourney.hold_next("after_accept")
    first = await town.member.slash("imagine", prompt="a red fox")
    await held.reached()
    second = await town.member.slash("imagine", prompt="a green fox")
    await press_delete(second)
    await second.until(gone)
    held.release()
    await painted(first)
    await noted(town)
    assert town.midjourney.ledger.count() == 1


async def test_a_cancelled_card_is_deleted(town: Town) -> None:
    held = town.midjourney.hold_next("after_accept")
    reply = await town.member.slash("imagine", prompt="a red fox")
    await held.reached()
    let_go = await (await reply.until(lambda card: card.has("Let go"))).press("Let go")
    await let_go.press("Delete")
    await reply.until(gone)
    held.release()
    await noted(town)
    assert town.midjourney.ledger.count() == 1


async def test_deleting_a_running_job_lets_it_go(town: Town) -> None:
    held = town.midjourney.hold_next("after_accept")
    reply = await town.member.slash("imagine", prompt="a red fox")
    await held.reached()
    await press_delete(await reply.until(lambda card: card.has("Let go")))
    await reply.until(gone)
    held.release()
    await noted(town)
    assert town.midjourney.ledger.count() == 1
    assert not town.cards()
