"""A picture from words, and what its buttons make of it."""

from __future__ import annotations

import pytest

from sandbox.midjourney.pixels import distance, pixels, quadrant
from sandbox.town import Card, Person, Reply, Town

GRID = ["U1", "U2", "U3", "U4", "🔄", "V1", "V2", "V3", "V4"]


async def imagine(person: Person, prompt: str = "a red fox in snow") -> Card:
    """The card of /imagine with its picture on it."""
    reply = await person.slash("imagine", prompt=prompt)
    return await reply.until(lambda card: card.pictures and card.has("V4"))


async def finished(reply: Card, *buttons: str) -> Card:
    """The card with its picture and these buttons."""
    return await reply.until(lambda card: card.pictures and all(map(card.has, buttons)))


async def test_words_become_a_picture_with_progress_and_buttons(town: Town) -> None:
    reply = await town.member.slash("imagine", prompt="a red fox in snow")
    assert not reply.ephemeral
    assert "a red fox in snow" in reply.text
    card = await finished(reply, *GRID)
    assert [button.words for button in card.buttons[:9]] == GRID
    assert any("%" in state.text for state in card.history)
    assert "a red fox in snow" in card.pictures[0].alt
    assert pixels(await card.picture()).shape == (512, 512, 3)
    assert town.midjourney.ledger.count() == 1


async def test_upscaling_makes_the_quadrant_on_a_card_of_its_own_that_links_to_its_parent(town: Town) -> None:
    grid = await imagine(town.member)
    upscaled = await finished(await grid.press("U2"))
    assert upscaled.message is not grid.message
    assert f"/{grid.message.id})" in upscaled.text
    picture = await upscaled.picture()
    near = [distance(picture, quadrant(await grid.picture(), number)) for number in (1, 2, 3, 4)]
    assert near[1] < 0.06
    assert min(near) == near[1]


async def test_the_buttons_of_an_upscaled_picture_work_in_turn(town: Town) -> None:
    upscaled = await finished(await (await imagine(town.member)).press("U3"), "Zoom Out 2×")
    await finished(await upscaled.press("Zoom Out 2×"))
    assert town.midjourney.ledger.count() == 3


async def test_buttons_work_for_others_and_after_the_token_expired(town: Town) -> None:
    grid = await imagine(town.member)
    town.discord.expire_tokens()
    card = await finished(await grid.press("V1", by=town.neighbour), *GRID)
    assert str(town.neighbour.id) in card.text
    assert town.midjourney.ledger.count(action="variation1") == 1


@pytest.mark.parametrize("place", ["dm", "elsewhere", "private"])
async def test_pictures_are_painted_wherever_the_bot_is_installed(town: Town, place: str) -> None:
    person = {"dm": town.member.dm, "elsewhere": town.stranger, "private": town.stranger.at(town.private)}[place]
    grid = await imagine(person)
    assert await finished(await grid.press("U1"))
    assert town.midjourney.ledger.count() == 2


async def test_a_double_press_makes_one_job(town: Town) -> None:
    grid = await imagine(town.member)
    await finished(await grid.press("U2"))
    await grid.press("U2", answered=False)
    await town.midjourney.settled()
    assert town.midjourney.ledger.count(action="upscale2") == 1


@pytest.mark.parametrize("command", [True, False], ids=["command", "button"])
async def test_an_interaction_that_comes_twice_makes_one_job(town: Town, command: bool) -> None:
    if command:
        reply: Reply = await town.member.slash("imagine", prompt="a red fox", twice=True)
    else:
        reply = await (await imagine(town.member)).press("V2", twice=True)
    await finished(reply, *GRID)
    assert town.midjourney.ledger.count() == (1 if command else 2)
    assert len(town.cards()) == (1 if command else 2)


@pytest.mark.settings(max_jobs_per_user=1)
async def test_a_waiting_job_is_cancelled_for_nothing(town: Town) -> None:
    held = town.midjourney.hold_next("after_accept")
    first = await town.member.slash("imagine", prompt="a red fox")
    await held.reached()
    second = await town.member.slash("imagine", prompt="a green forest")
    await second.press("Cancel")
    cancelled = await second.until(lambda card: "Cancelled" in card.text)
    assert not cancelled.pictures
    held.release()
    await finished(first, *GRID)
    assert town.midjourney.ledger.count() == 1
    await finished(await cancelled.press("Start after all"), *GRID)


async def test_a_running_job_is_let_go(town: Town) -> None:
    held = town.midjourney.hold_next("after_accept")
    reply = await town.member.slash("imagine", prompt="a red fox")
    await held.reached()
    await reply.until(lambda card: card.buttons)
    await reply.press(lambda button: "cancel" in button.custom_id)
    card = await reply.until(lambda state: "Let go" in state.text)
    held.release()
    await town.midjourney.settled()
    assert "Let go" in card.now.text
    assert not card.now.pictures


async def test_nobody_else_may_cancel(town: Town) -> None:
    held = town.midjourney.hold_next("after_accept")
    reply = await town.member.slash("imagine", prompt="a red fox")
    await held.reached()
    refusal = await reply.press(lambda button: "cancel" in button.custom_id, by=town.neighbour)
    assert refusal.ephemeral
    assert "Only the one who asked" in refusal.text
    held.release()
    await finished(reply, *GRID)


async def test_sixty_actions_are_all_there_and_work(town: Town) -> None:
    long = "reimagine_" + "x" * 110
    actions = [f"style_{number:02}" for number in range(59)] + [long]
    town.midjourney.next_actions(actions)
    reply = await town.member.slash("imagine", prompt="a red fox")
    card = await reply.until(lambda state: state.pictures and state.selects)
    labels = [option.label for menu in card.selects for option in menu.options] + [button.words for button in card.buttons]
    for number in range(59):
        assert any(f"{number:02}" in label for label in labels), number
    assert any(label.lower().startswith("reimagine") for label in labels)
    await finished(await card.choose(card.selects[0].options[0].value))
    assert town.midjourney.ledger.count() == 2


async def test_vary_region_is_explained(town: Town) -> None:
    town.midjourney.next_actions(["upscale1", "variation_region"])
    reply = await town.member.slash("imagine", prompt="a red fox")
    card = await reply.until(lambda state: state.pictures and state.has("U1"))
    answer = await card.press(lambda button: "variation_region" in button.custom_id)
    assert answer.ephemeral
    assert "needs a mask" in answer.text
    assert town.midjourney.ledger.count() == 1


async def test_a_very_long_prompt_of_signs_fits_its_card(town: Town) -> None:
    reply = await town.member.slash("imagine", prompt="*" * 4000)
    card = await finished(reply, *GRID)
    assert "\\*" in card.text
    assert town.midjourney.ledger.entries[0].body["prompt"] == "*" * 4000
