"""A client may send any key with a press: only keys of what can be seen where it is pressed are obeyed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from seeing import noted, painted

if TYPE_CHECKING:
    from sandbox.town import Card, Person, Reply, Town

OPERATIONS = ["show", "cancel", "delete", "again", "edit", "imagine", "imagine_all", "action"]


async def press(card: Card, custom_id: str, by: Person) -> Reply:
    """Send a custom id of one's own with a press on a card, as a changed client can."""
    raw = {"type": 2, "style": 2, "label": "Forged", "custom_id": custom_id, "id": 99}
    return await by.outcome(by.town.discord.clients.press(by.user, card.message, raw), answered=True)


def key_of(card: Card) -> str:
    """The job's key, which stands in its *Delete*."""
    return str(card.button("Delete").raw["custom_id"]).rpartition(":")[2]


def submissions(town: Town) -> int:
    return len(town.midjourney.received("imagine")) + len(town.midjourney.received("describe"))


async def assert_unknown(town: Town, secret: Card, at: Card, by: Person) -> None:
    """Whatever a press asks of a job, the answer is the one that a key of nobody's gets, and nothing happens."""
    await noted(town)
    before, edits = submissions(town), secret.now.edits
    for operation in OPERATIONS:
        index = ".0" if operation in {"imagine", "action"} else ""
        forged = await press(at, f"e1:o:{operation}:{key_of(secret)}{index}", by)
        nobodys = await press(at, f"e1:o:{operation}:0123456789abcdef{index}", by)
        assert forged.ephemeral
        assert forged.text == nobodys.text
    assert (submissions(town), secret.now.edits, secret.now.deleted, at.now.deleted) == (before, edits, False, False)


async def test_a_key_of_another_channel(town: Town) -> None:
    secret = await painted(await town.member.slash("imagine", prompt="a secret fox"))
    at = await painted(await town.neighbour.at(town.other_channel).slash("imagine", prompt="a crow"))
    await assert_unknown(town, secret, at, town.neighbour.at(town.other_channel))
    await assert_unknown(town, secret, at, town.member.at(town.other_channel))


async def test_a_key_of_a_direct_message(town: Town) -> None:
    secret = await painted(await town.member.dm.slash("imagine", prompt="a secret fox"))
    at = await painted(await town.neighbour.slash("imagine", prompt="a crow"))
    await assert_unknown(town, secret, at, town.neighbour)
    own = await painted(await town.neighbour.dm.slash("imagine", prompt="a mill"))
    await assert_unknown(town, secret, own, town.neighbour.dm)


async def test_a_key_of_a_place_without_the_bot(town: Town) -> None:
    secret = await painted(await town.stranger.slash("imagine", prompt="a secret fox"))
    at = await painted(await town.member.slash("imagine", prompt="a crow"))
    await assert_unknown(town, secret, at, town.member)


async def test_in_a_direct_message_one_s_own_keys_are_obeyed(town: Town) -> None:
    card = await painted(await town.member.slash("imagine", prompt="a red fox"))
    own = await painted(await town.member.dm.slash("imagine", prompt="a mill"))
    await painted(await press(own, f"e1:o:again:{key_of(card)}", town.member.dm))
    assert town.midjourney.ledger.entries[-1].body["prompt"] == "a red fox"


@pytest.mark.parametrize("operation", ["show", "cancel", "delete"])
async def test_one_s_own_key_changes_nobody_else_s_card(town: Town, operation: str) -> None:
    own = await painted(await town.member.slash("imagine", prompt="a red fox"))
    at = await painted(await town.neighbour.slash("imagine", prompt="a crow"))
    await noted(town)
    edits = at.now.edits
    reply = await press(at, f"e1:o:{operation}:{key_of(own)}", town.member)
    assert "no longer know" in reply.text
    assert (at.now.edits, at.now.deleted) == (edits, False)


async def test_a_modal_is_as_good_as_the_card_it_was_opened_from(town: Town) -> None:
    secret = await painted(await town.member.dm.slash("imagine", prompt="a secret fox"))
    town.midjourney.fail_next(403, "forbidden")
    failed = await (await town.neighbour.slash("imagine", prompt="gory")).until(lambda card: card.has("Edit prompt"))
    modal = (await failed.press("Edit prompt")).modal
    assert modal._opened.modal is not None
    modal._opened.modal["custom_id"] = f"e1:o:edited:{key_of(secret)}"
    reply = await modal.submit({"Prompt": "a crow"})
    assert "no longer know" in reply.text


async def test_a_picture_of_another_place_is_an_unknown_one(town: Town) -> None:
    held = await town.member.dm.slash("imagine", prompt="a secret fox", mode="relax")
    secret = await painted(held)
    upscale = str(secret.button("U1").raw["custom_id"])
    at = await painted(await town.neighbour.slash("imagine", prompt="a crow"))
    reply = await painted(await press(at, upscale, town.neighbour))
    assert "secret" not in reply.text
    assert town.midjourney.ledger.entries[-1].body == {
        "action": "upscale1",
        "image_id": upscale.rpartition(":")[2],
        "async": True,
    }


async def test_a_picture_of_the_same_server_is_known_in_its_other_channels(town: Town) -> None:
    card = await painted(await town.member.slash("imagine", prompt="a red fox", mode="relax"))
    at = await painted(await town.member.at(town.other_channel).slash("imagine", prompt="a crow"))
    reply = await press(at, str(card.button("U1").raw["custom_id"]), town.member.at(town.other_channel))
    assert "a red fox" in (await painted(reply)).text
