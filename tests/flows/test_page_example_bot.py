"""Another bot than ours on the page: discord.py's own kind of example, started by the sandbox itself."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from page_client import JSON, Visit, visiting, walk

from sandbox.supervisor import Supervisor
from sandbox.town import Town
from sandbox.web import Page

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

COMMAND = shlex.join([sys.executable, str(Path(__file__).with_name("example_bot.py"))])


@pytest.fixture
async def town(tmp_path: Path, page: Page) -> AsyncIterator[Town]:
    """A town with the example bot in it, and its page open."""
    async with Town(midjourney=False, routes=page.routes()) as town:
        bot = Supervisor(COMMAND, town.settings(), tmp_path / "bot.log")
        async with page.open(town, bot):
            try:
                await bot.start()
                await town.ready()
                yield town
            finally:
                await bot.close()


@pytest.fixture
async def visit(town: Town, page: Page) -> AsyncIterator[Visit]:
    """A member's page."""
    async with visiting(page.url(town)) as visit:
        yield visit


def component(message: JSON, kind: int) -> JSON:
    """The first component of a type."""
    return next(item for item in walk(message["components"]) if item["type"] == kind)


async def test_a_view_counts_until_its_button_is_disabled(visit: Visit) -> None:
    told = await visit.slash("counter")
    message = await visit.message(told["message_id"])
    assert message["embeds"][0]["title"] == "Counting"
    for number in ("1", "2", "3"):
        pressed = await visit.press(message, str(int(number) - 1))
        assert pressed["outcome"] == "updated"
        await visit.message(message["id"], lambda shown, label=number: component(shown, 2)["label"] == label)
    refused = await visit.press(message, "3")
    assert (refused["outcome"], refused["reason"]) == ("refused", "It is switched off.")


async def test_menus_take_what_they_offer(visit: Visit, town: Town) -> None:
    told = await visit.slash("colours")
    message = await visit.message(told["message_id"])
    colours, someone = component(message, 3), component(message, 5)
    for values in ([], ["pink"], ["red", "green", "blue"], ["red", "red"]):
        refused = await visit.act("choose", message_id=message["id"], component_id=colours["id"], values=values)
        assert refused["outcome"] == "refused"
    chosen = await visit.act("choose", message_id=message["id"], component_id=colours["id"], values=["red", "blue"])
    assert (await visit.message(chosen["message_id"]))["content"] == "Your favourites: red, blue"
    neighbour = town.neighbour.user.id
    chosen = await visit.act("choose", message_id=message["id"], component_id=someone["id"], values=[neighbour])
    assert (await visit.message(chosen["message_id"]))["content"] == "You chose Neighbour"


async def test_a_form_takes_a_choice_and_files(visit: Visit) -> None:
    opened = await visit.slash("feedback")
    inputs = [label["component"] for label in opened["modal"]["components"]]
    assert [item["type"] for item in inputs] == [4, 3, 19]
    file = await visit.upload("notes.txt", b"seventeen bytes..")
    values: list[JSON] = [{"value": "Ada"}, {"values": ["5"]}, {"values": [file["id"]]}]
    filled = [
        {"type": 18, "id": 1, "component": {key: item[key] for key in ("type", "id", "custom_id")} | value}
        for item, value in zip(inputs, values, strict=True)
    ]
    sent = await visit.act("submit", interaction_id=opened["interaction_id"], components=filled)
    assert (await visit.message(sent["message_id"]))["content"] == "Ada gave 5; notes.txt (17 bytes)"


async def test_what_has_no_outcome_in_time_has_failed(visit: Visit, town: Town) -> None:
    town.discord.clients.patience = 0.0
    assert (await visit.slash("counter"))["outcome"] == "failed"


async def test_the_bot_suggests_while_one_types(visit: Visit) -> None:
    command = visit.command("eat")
    typed = [{"name": "fruit", "type": 3, "value": "ap", "focused": True}, {"name": "amount", "type": 4, "value": "x"}]
    told = await visit.act("autocomplete", command_id=command["id"], options=typed)
    assert told["choices"] == [{"name": "Apple", "value": "apple"}, {"name": "Apricot", "value": "apricot"}]
    eaten = await visit.slash("eat", fruit="apple", amount=2)
    assert (await visit.message(eaten["message_id"]))["content"] == "2 × apple"
    assert (await visit.slash("eat", fruit="apple", amount=10))["outcome"] == "refused"


async def test_commands_are_told_in_the_language_of_the_person(visit: Visit, town: Town) -> None:
    await visit.send("speak", locale="de")
    await visit.until(lambda: visit.command("greet")["name_shown"] == "gruesse")
    command = visit.command("greet")
    assert command["description"] == "Jemanden grüßen"
    assert [(option["name"], option["name_shown"]) for option in command["options"]] == [("who", "wen")]
    told = await visit.slash("greet", who=town.neighbour.user.id)
    greeting = await visit.message(told["message_id"])
    assert greeting["content"] == f"Hello <@{town.neighbour.user.id}>"
    assert not greeting["client"]["pinged"]


async def test_a_messages_menu_leads_to_an_answer_that_was_thought_over(visit: Visit) -> None:
    await visit.send("say", channel_id=visit.channel, content="hello")
    said = (await visit.next("message"))["message"]
    menu = visit.command("Shout", "message")
    told = await visit.act("menu", command_id=menu["id"], message_id=said["id"])
    assert told["outcome"] == "deferred"
    # Discord shows the bot no content of a message that doesn't mention it, except in a menu's own interaction.
    answer = await visit.message(told["message_id"], lambda message: message["content"] == "HELLO")
    assert answer["client"]["header"]["text"] == "Shout"


async def test_what_is_not_answered_fails(visit: Visit, town: Town) -> None:
    town.discord.clients.answer_time = 0.3
    assert (await visit.slash("ignore"))["outcome"] == "failed"


async def test_the_bot_is_killed_and_started_again(visit: Visit) -> None:
    await visit.send("bot", do="kill")
    await visit.next("bot", lambda told: told["bot"]["process"] == "stopped" and not told["bot"]["online"])
    await visit.send("bot", do="start")
    await visit.next("bot", lambda told: told["bot"]["process"] == "running" and told["bot"]["online"])
    told = await visit.slash("eat", fruit="apple")
    assert told["outcome"] == "message"
