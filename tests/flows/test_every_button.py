"""Every command and every button, select and modal once: with RECORD_TRAFFIC set, all that the bot can say to Discord."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import numpy as np
import pytest
from PIL import Image
from seeing import painted

from bot.client import Easel
from bot.ui.cards.custom_ids import ActionPressed, OperationPressed, parse
from bot.ui.input.presses import routes
from sandbox.discord.model import Interaction
from sandbox.town import Reply, Town, Upload

COMMAND, MODAL = 2, 5
LONG = "reimagine_" + "x" * 110


def photo() -> Upload:
    """A picture that someone took."""
    file = io.BytesIO()
    Image.fromarray(np.full((48, 64, 3), (30, 90, 200), np.uint8)).save(file, "PNG")
    return Upload(file.getvalue(), "photo.png")


async def pick(town: Town) -> None:
    """Pictures from words, and what is pressed on them."""
    picture = {"aspect": "3:2", "version": "7", "mode": "turbo", "translate": True, "image": photo()}
    grid = await painted(await town.member.slash("imagine", prompt="a red fox in snow", **picture))
    await painted(await grid.press("U1"))
    town.midjourney.next_actions([f"style_{number:02}" for number in range(59)] + [LONG])
    many = await painted(await town.member.slash("imagine", prompt="a red fox"))
    await painted(await many.choose(next(o.value for menu in many.selects for o in menu.options if "Reimagine" in o.label)))
    assert town.midjourney.ledger.count(action=LONG) == 1
    await (await many.press("Delete")).until(lambda card: card.deleted)


async def mend(town: Town) -> None:
    """What fails is tried again, edited and cancelled."""
    for label in ("Try again", "Edit prompt"):
        town.midjourney.fail_task_next("task_failed", "No")
        reply = await town.member.slash("imagine", prompt="a green fox")
        pressed = await (await reply.until(lambda card, label=label: card.has(label))).press(label)
        await painted(await pressed.modal.submit(prompt="a blue fox") if pressed.kind == "modal" else pressed)
    held = town.midjourney.hold_next("after_accept")
    reply = await town.member.slash("imagine", prompt="a grey fox")
    await held.reached()
    await (await reply.until(lambda card: card.has("Let go"))).press("Let go")
    held.release()
    assert (await town.member.slash("imagine", prompt="a fox --nonsense")).ephemeral


async def tell(town: Town) -> None:
    """Words from pictures, words from words, and pictures from either."""
    for command in (town.member.slash("describe", image=photo()), _menu(town)):
        card = await (await command).until(lambda state: state.has("Imagine all"))
        await painted(await card.press("3\ufe0f\u20e3"))
    reply = await card.press("Imagine all")
    for child in (reply, *[await reply.followup(number) for number in range(3)]):
        await painted(child)
    card = await (await town.member.slash("translate", text="ein roter Fuchs")).until(lambda state: state.has("Edit first"))
    await painted(await card.press("Imagine this"))
    await painted(await (await card.press("Edit first")).modal.submit())
    assert (await town.member.slash("about")).ephemeral


async def _menu(town: Town) -> Reply:
    return await town.neighbour.context_menu("Describe this image", await town.member.say("look", photo()))


async def wait_and_press(town: Town) -> None:
    """Where the bot is not, a card asks for a press."""
    held = town.midjourney.hold_next("before_final")
    reply = await town.stranger.slash("imagine", prompt="a white fox")
    await held.reached()
    await (await reply.until(lambda card: card.has("Show"))).press("Show")
    held.release()
    await painted(reply)


def used(interaction: Interaction) -> set[str]:
    """The commands and operations that an interaction named; actions of pictures are `action:…`."""
    data: dict[str, Any] = interaction.data
    if interaction.type == COMMAND:
        return {f"/{data['name']}"}
    presses = [parse(custom_id) for custom_id in (data["custom_id"], *data.get("values", ()))]
    return {press.operation if isinstance(press, OperationPressed) else f"action:{press.action}" for press in presses if press}


@pytest.mark.settings(max_jobs_per_user=0)
@pytest.mark.pace(channel_every=0.01, park_after=0.2)
async def test_every_command_and_every_operation_is_answered(town: Town, easel: Easel) -> None:
    # Here pictures come faster than anywhere else: progress would give way to them for long.
    await pick(town)
    await tell(town)
    await mend(town)
    await wait_and_press(town)
    interactions = town.discord.state.interactions.values()
    assert all(interaction.outcome != "failed" for interaction in interactions)
    seen = set().union(*map(used, interactions))
    offered = {f"/{command.name}" for command in easel.tree.get_commands()}
    assert len(offered) == 5
    assert offered | set(routes()._operations) | {"menu"} <= seen


@pytest.mark.settings(max_jobs_per_user=0)
async def test_every_button_of_a_grid_and_of_a_single_picture_makes_a_picture(town: Town) -> None:
    grid = await painted(await town.member.slash("imagine", prompt="a red fox"))
    single = await painted(await grid.press("U2", by=town.neighbour))
    for card in (grid, single):
        actions = {
            press.action: button for button in card.buttons if isinstance(press := parse(button.custom_id), ActionPressed)
        }
        assert len(actions) >= 9
        actions.pop("variation_region", None)
        before = town.midjourney.ledger.count()
        replies = await asyncio.gather(*(card.press(button.custom_id) for button in actions.values()))
        children = [await painted(reply) for reply in replies]
        assert len({child.message.id for child in children} | {card.message.id}) == len(actions) + 1
        assert town.midjourney.ledger.count() == before + len(actions)
        assert all(town.midjourney.ledger.count(action=action) for action in actions)
