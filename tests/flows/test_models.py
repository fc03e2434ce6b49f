"""The model and what it costs: said twice and the same, handed on to actions, and refused before the service must."""

from __future__ import annotations

from typing import Any

import pytest
from seeing import painted

from sandbox.town import Card, Town

FIELDS = ("prompt", "mode", "version", "hd", "quality", "style_reference", "moodboard")
IMAGE = "https://example.com/fox.png"
ALWAYS_FAST = "always run in fast mode"


def sent(town: Town) -> dict[str, Any]:
    """What the latest request said of the picture."""
    body = town.midjourney.received("imagine")[-1].body
    return {field: body[field] for field in FIELDS if field in body}


async def imagined(town: Town, prompt: str, **options: str) -> Card:
    return await painted(await town.member.slash("imagine", prompt=prompt, **options))


@pytest.mark.parametrize(
    ("words", "version", "mode", "fields"),
    [
        (f"{IMAGE} a fox --hd", "8.1", "relax", {"version": "8.1", "hd": True, "moodboard": True}),
        ("a fox --q 2 --sref 123", "8.2", "turbo", {"version": "8.2", "quality": "2", "style_reference": True}),
        ("a fox --q .5", "6.1", "fast", {"version": "6.1", "quality": "0.5"}),
    ],
)
async def test_an_option_and_a_parameter_send_the_same(
    town: Town, words: str, version: str, mode: str, fields: dict[str, Any]
) -> None:
    card = await imagined(town, words, version=version, mode=mode)
    by_option = sent(town)
    assert f" --v {version}" in card.text, "people see what is sent"
    await imagined(town, f"{words} --v {version} --{mode}")
    assert sent(town) == by_option
    assert by_option.pop("prompt").endswith(f" --v {version}")
    assert by_option == {"mode": mode, **fields}


async def test_niji_is_named_in_the_prompt_alone(town: Town) -> None:
    await imagined(town, "a fox --niji 7 --q 2")
    assert sent(town) == {"prompt": "a fox --niji 7 --quality 2", "mode": "fast"}


async def test_actions_carry_what_their_picture_was_made_with(town: Town) -> None:
    grid = await imagined(town, "a fox --q 2", version="7", mode="turbo")
    carried = {"mode": "turbo", "version": "7", "quality": "2"}
    single = await painted(await grid.press("U1"))
    assert sent(town) == carried
    await painted(await single.press("Zoom Out 2×"))
    assert sent(town) == carried


@pytest.mark.parametrize("mode", ["relax", "fast"])
async def test_on_8_1_actions_run_fast_and_whoever_chose_otherwise_is_told_before(town: Town, mode: str) -> None:
    grid = await imagined(town, "a fox --hd --v 8.1", mode=mode)
    assert ALWAYS_FAST not in grid.text
    held = town.midjourney.hold_next("before_accept", endpoint="imagine")
    reply = await grid.press("U2", by=town.neighbour)
    assert (ALWAYS_FAST in reply.text) == (mode == "relax")
    held.release()
    single = await painted(reply)
    assert sent(town) == {"mode": "fast", "version": "8.1", "hd": True}
    further = await single.press("Zoom Out 2×")
    assert ALWAYS_FAST not in further.text, "this one's picture was made fast"
    await painted(further)
    assert sent(town) == {"mode": "fast", "version": "8.1", "hd": True}


async def test_what_was_chosen_by_default_is_not_carried(town: Town) -> None:
    grid = await imagined(town, "a fox")
    await painted(await grid.press("V1"))
    assert sent(town) == {"mode": "fast"}


@pytest.mark.parametrize(
    ("first", "edited", "named"),
    [
        ({"version": "8.1"}, "a red fox --v 8.1 --q 2", "does not take “--quality 2”"),
        ({"mode": "turbo"}, "a red fox --v 8.1", "has no mode “turbo”"),
        ({"version": "7"}, "a red fox --v 7 --niji 7", "both choose the model"),
    ],
)
async def test_edited_words_are_refused_before_anything_is_sent(
    town: Town, first: dict[str, str], edited: str, named: str
) -> None:
    town.midjourney.fail_next(403, "forbidden")
    failed = await (await town.member.slash("imagine", prompt="gory", **first)).until(lambda card: card.has("Edit prompt"))
    before = len(town.midjourney.received("imagine"))
    refused = await (await failed.press("Edit prompt")).modal.submit(prompt=edited)
    assert refused.ephemeral
    assert named in refused.text
    assert edited in refused.text, "what was typed must not be lost"
    assert len(town.midjourney.received("imagine")) == before
    assert not town.midjourney.ledger.entries


async def test_whoever_deletes_the_version_has_unchosen_it(town: Town) -> None:
    town.midjourney.fail_next(403, "forbidden")
    reply = await town.member.slash("imagine", prompt="gory", version="7", mode="relax")
    modal = (await (await reply.until(lambda card: card.has("Edit prompt"))).press("Edit prompt")).modal
    assert modal.field("Prompt").value == "gory --v 7"
    await painted(await modal.submit(prompt="a red fox"))
    assert sent(town) == {"prompt": "a red fox", "mode": "relax"}
