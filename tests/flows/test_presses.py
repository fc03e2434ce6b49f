"""No press is left without an answer, whatever it was on, whoever pressed, and whatever became of its row."""

from __future__ import annotations

from dataclasses import replace

import pytest
from seeing import noted, painted

from bot.client import Easel
from bot.ui.access import Access
from sandbox.town import Card, Person, Reply, Town

UNKNOWN = {
    "foreign": "vote:yes",
    "of a later version": "e2:a:upscale1:123",
    "of an operation that is gone": "e1:o:collage:123",
    "broken action": "e1:a:upscale1",
    "broken operation": "e1:o:show",
    "menu without a choice": "e1:o:menu:123.0",
}
GONE = {
    "imagine": "e1:o:imagine:0123456789abcdef.0",
    "imagine_all": "e1:o:imagine_all:0123456789abcdef",
    "again": "e1:o:again:0123456789abcdef",
    "edit": "e1:o:edit:0123456789abcdef",
    "show": "e1:o:show:0123456789abcdef",
    "cancel": "e1:o:cancel:0123456789abcdef",
    "delete": "e1:o:delete:0123456789abcdef",
    "action": "e1:o:action:0123456789abcdef.3",
}


async def imagine(person: Person) -> Card:
    """The card of /imagine with its picture."""
    return await painted(await person.slash("imagine", prompt="a red fox"))


async def press(card: Card, custom_id: str) -> Reply:
    """Press a button that the bot of today would not make."""
    raw = {"type": 2, "style": 2, "label": "Old", "custom_id": custom_id, "id": 99}
    interaction = card.person.town.discord.clients.press(card.person.user, card.message, raw)
    return await card.person.outcome(interaction, answered=True)


async def forget_everything(easel: Easel) -> None:
    """As if the database had been lost."""
    for table in ("media", "cards", "jobs"):
        await easel._queries._db.write(f"DELETE FROM {table}")  # noqa: S608  # our own names


@pytest.mark.parametrize("custom_id", UNKNOWN.values(), ids=UNKNOWN)
async def test_an_unknown_button_is_explained(town: Town, custom_id: str) -> None:
    card = await imagine(town.member)
    reply = await press(card, custom_id)
    assert reply.ephemeral
    assert "version of me that is gone" in reply.text
    assert town.midjourney.ledger.count() == 1


@pytest.mark.parametrize("custom_id", GONE.values(), ids=GONE)
async def test_a_button_whose_job_nobody_knows_is_explained(town: Town, custom_id: str) -> None:
    card = await imagine(town.member)
    await noted(town)
    reply = await press(card, custom_id)
    assert reply.ephemeral
    assert "no longer know" in reply.text
    assert not card.now.deleted
    assert town.midjourney.ledger.count() == 1


@pytest.mark.parametrize("key", ["99", "x", ""], ids=["beyond the last", "no number", "nothing"])
@pytest.mark.parametrize("operation", ["imagine", "action"])
async def test_a_place_that_a_list_does_not_have_is_explained(town: Town, operation: str, key: str) -> None:
    card = await imagine(town.member)
    job_id = card.button("Delete").custom_id.rpartition(":")[2]
    reply = await press(card, f"e1:o:{operation}:{job_id}.{key}")
    assert reply.ephemeral
    assert "no longer know" in reply.text


async def test_a_picture_s_buttons_work_without_its_row(town: Town, easel: Easel) -> None:
    card = await imagine(town.member)
    await forget_everything(easel)
    child = await painted(await card.press("U3"))
    assert town.midjourney.ledger.count(action="upscale3") == 1
    assert not {"mode", "version", "hd", "quality"} & town.midjourney.received("imagine")[-1].body.keys()
    assert "U3" in child.text
    assert "a red fox" not in child.text
    grandchild = await painted(await child.press("Zoom Out 2×"))
    assert f"/{child.message.id})" in grandchild.text


async def test_a_listed_action_is_run_by_its_whole_name(town: Town) -> None:
    long = "reimagine_" + "x" * 110
    town.midjourney.next_actions(["upscale1", long, "odd:name", " blanks "])
    card = await imagine(town.member)
    listed = [button for button in card.buttons if button.custom_id.startswith("e1:o:action:")]
    assert len(listed) == 3
    for button in listed:
        await painted(await card.press(button.custom_id))
    assert [entry.body["action"] for entry in town.midjourney.ledger.entries[1:]] == [long, "odd:name", " blanks "]


@pytest.mark.settings(allowed_guild_ids="1", allowed_user_ids="2")
async def test_who_may_not_is_told_so_for_every_command(town: Town) -> None:
    for command, options in (
        ("imagine", {"prompt": "x"}),
        ("describe", {"url": "https://example.com/x.png"}),
        ("translate", {"text": "x"}),
    ):
        reply = await town.member.slash(command, **options)
        assert reply.ephemeral
        assert "not opened" in reply.text
    assert not town.midjourney.requests
    assert "Easel" in (await town.member.slash("about")).text


async def test_a_press_by_someone_not_allowed_gets_a_private_answer(town: Town, easel: Easel) -> None:
    card = await imagine(town.member)
    translated = await (await town.member.slash("translate", text="ein Fuchs")).until(lambda state: state.has("Edit first"))
    # As after a restart with other settings.
    easel.services = replace(easel.services, access=Access(user_ids=frozenset({town.member.id})))
    for shown, label in ((card, "U1"), (translated, "Imagine this"), (translated, "Edit first")):
        reply = await shown.press(label, by=town.neighbour)
        assert reply.ephemeral
        assert "not opened" in reply.text
    assert town.midjourney.ledger.count("imagine") == 1
    await painted(await card.press("U1"))
    assert town.midjourney.ledger.count("imagine") == 2


async def test_a_handler_that_breaks_apologizes_with_a_reference(
    town: Town, easel: Easel, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    card = await imagine(town.member)

    async def broken(*_: object) -> None:
        raise RuntimeError("the secret inside of the bot")

    monkeypatch.setattr(easel.services.jobs, "job_of_picture", broken)
    reply = await card.press("U1")
    assert reply.ephemeral
    assert "the secret" not in reply.text
    reference = reply.text.rpartition(" ")[2]
    assert f"(reference {reference})" in caplog.text
    monkeypatch.setattr(easel.services.jobs, "record", broken)
    reply = await town.member.slash("imagine", prompt="a red fox")
    assert "something went wrong" in reply.text
    assert "a red fox" in reply.text
