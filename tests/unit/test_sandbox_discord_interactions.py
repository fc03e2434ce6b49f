"""How an interaction may be answered, how late, and how often."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from sandbox_api import Answer, Api, button, row, text, v2

from sandbox.discord import Interaction, Permission
from sandbox.town import Card, Person, Town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

MIB = 1024 * 1024
COMMANDS = [
    {
        "name": "do",
        "description": "Do it",
        "options": [{"type": 3, "name": "what", "description": "What", "autocomplete": True}],
    }
]


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    async with Town(midjourney=False, strict_limits=False, answer_time=0.3) as town:
        yield town


@pytest.fixture
async def api(town: Town) -> AsyncIterator[Api]:
    async with aiohttp.ClientSession() as session:
        api = Api(town.discord, session)
        await api.call("PUT", f"/applications/{town.discord.application['id']}/commands", COMMANDS)
        yield api


def use(person: Person) -> Interaction:
    """Use the command without waiting for its answer."""
    clients = person.town.discord.clients
    return clients.command(person.user, person.channel, clients.offered(person.user, person.channel)["do"], [], [])


def press(person: Person, card: Card) -> Interaction:
    return person.town.discord.clients.press(person.user, card.message, card.buttons[0].raw)


async def answer(api: Api, interaction: Interaction, kind: int, data: Any = None, query: str = "", files: Any = None) -> Answer:
    body = {"type": kind} | ({"data": data} if data is not None else {})
    return await api.call("POST", f"/interactions/{interaction.id}/{interaction.token}/callback{query}", body, files, {})


def hook(api: Api, interaction: Interaction, message: str = "") -> str:
    base = f"/webhooks/{api.discord.application['id']}/{interaction.token}"
    return f"{base}/messages/{message}" if message else base


async def test_a_callback_tells_what_it_made_only_if_asked(town: Town, api: Api) -> None:
    assert (await answer(api, use(town.member), 4, {"content": "x"})).status == 204
    told = await answer(api, use(town.member), 4, {"content": "x"}, "?with_response=1")
    assert told.status == 200
    assert told.data["resource"]["message"]["content"] == "x"
    thinking = await answer(api, use(town.member), 5, {"flags": 64}, "?with_response=true")
    assert thinking.data["interaction"]["response_message_ephemeral"]
    assert thinking.data["interaction"]["response_message_loading"]


async def test_a_late_answer_is_unknown(town: Town, api: Api) -> None:
    interaction = use(town.member)
    await town.until(lambda: interaction.outcome == "failed")
    assert (await answer(api, interaction, 4, {"content": "x"})).refused == (404, 10062)
    assert (await answer(api, Interaction("1", "no", 2, town.member.user, town.channel, {}, {}, 0, 0), 5)).code == 10062


async def test_a_second_answer_is_refused(town: Town, api: Api) -> None:
    interaction = use(town.member)
    await answer(api, interaction, 5)
    assert (await answer(api, interaction, 4, {"content": "x"})).refused == (400, 40060)


async def test_a_refused_answer_leaves_the_interaction_open(town: Town, api: Api) -> None:
    interaction = use(town.member)
    refused = await answer(api, interaction, 4, {"content": "x" * 2001})
    assert refused.refused == (400, 50035)
    assert (await answer(api, interaction, 4, {"content": "x"})).status == 204


@pytest.mark.parametrize("method", ["POST", "PATCH", "GET"])
async def test_nothing_goes_before_the_answer(town: Town, api: Api, method: str) -> None:
    path = hook(api, use(town.member), "" if method == "POST" else "@original")
    assert (await api.call(method, path, None if method == "GET" else {"content": "x"}, headers={})).refused == (404, 10015)


async def test_a_token_dies_after_fifteen_minutes(town: Town, api: Api) -> None:
    interaction = use(town.member)
    await answer(api, interaction, 4, {"content": "x"})
    town.discord.advance(14 * 60)
    assert (await api.call("PATCH", hook(api, interaction, "@original"), {"content": "y"}, headers={})).status == 200
    town.discord.advance(60)
    assert (await api.call("PATCH", hook(api, interaction, "@original"), {"content": "z"}, headers={})).refused == (401, 50027)
    fresh = use(town.member)
    await answer(api, fresh, 5)
    town.discord.expire_tokens()
    assert (await api.call("POST", hook(api, fresh), {"content": "z"}, headers={})).refused == (401, 50027)


async def test_a_forgotten_token_is_unknown(town: Town, api: Api) -> None:
    interaction = use(town.member)
    await answer(api, interaction, 4, {"content": "x"})
    town.discord.forget_token(interaction)
    assert (await api.call("GET", hook(api, interaction, "@original"), headers={})).refused == (404, 10015)


async def test_the_first_follow_up_fills_a_thinking_message(town: Town, api: Api) -> None:
    interaction = use(town.member)
    await answer(api, interaction, 5)
    first = (await api.call("POST", hook(api, interaction), {"content": "one"}, headers={})).data
    second = (await api.call("POST", hook(api, interaction), {"content": "two"}, headers={})).data
    assert interaction.original is not None
    assert first["id"] == interaction.original.id
    assert [message.id for message in interaction.followups] == [second["id"]]
    edited = await api.call("PATCH", hook(api, interaction, second["id"]), {"content": "2"}, headers={})
    assert edited.data["content"] == "2"
    assert (await api.call("DELETE", hook(api, interaction, second["id"]), headers={})).status == 204
    assert (await api.call("GET", hook(api, interaction, second["id"]), headers={})).refused == (404, 10008)


async def test_a_user_install_has_five_follow_ups(town: Town, api: Api) -> None:
    interaction = use(town.stranger)
    assert interaction.user_installed_only
    await answer(api, interaction, 4, {"content": "x"})
    told = [await api.call("POST", hook(api, interaction), {"content": str(n)}, headers={}) for n in range(6)]
    assert [entry.status for entry in told] == [200] * 5 + [400]
    assert interaction.original is not None
    path = f"/channels/{town.elsewhere.id}/messages/{interaction.original.id}"
    assert (await api.call("PATCH", path, {"content": "y"})).refused == (403, 50001)


async def test_external_apps_may_be_made_to_whisper(town: Town, api: Api) -> None:
    assert town.elsewhere.guild is not None
    town.elsewhere.guild.roles[town.elsewhere.guild.id].permissions &= ~Permission.USE_EXTERNAL_APPS
    interaction = use(town.stranger)
    await answer(api, interaction, 4, {"content": "x"})
    assert interaction.original is not None
    assert interaction.original.ephemeral


async def test_an_ephemeral_answer_is_unknown_to_channel_routes(town: Town, api: Api) -> None:
    interaction = use(town.member)
    await answer(api, interaction, 4, {"content": "x", "flags": 64})
    assert interaction.original is not None
    path = f"/channels/{town.channel.id}/messages/{interaction.original.id}"
    assert (await api.call("PATCH", path, {"content": "y"})).refused == (404, 10008)
    assert (await api.call("PATCH", hook(api, interaction, "@original"), {"content": "y"}, headers={})).status == 200


async def test_a_guild_message_is_edited_by_the_bots_token(town: Town, api: Api) -> None:
    interaction = use(town.member)
    await answer(api, interaction, 4, {"content": "x"})
    town.discord.expire_tokens()
    assert interaction.original is not None
    path = f"/channels/{town.channel.id}/messages/{interaction.original.id}"
    assert (await api.call("PATCH", path, {"content": "y"})).data["content"] == "y"


async def test_answers_must_fit_the_interaction(town: Town, api: Api) -> None:
    interaction = use(town.member)
    for kind in (1, 6, 7, 8, 99):
        assert (await answer(api, interaction, kind, {})).errors("type")
    assert (await answer(api, interaction, 5, {"flags": 1 << 15})).errors("flags")


MODAL = {
    "custom_id": "m",
    "title": "Edit",
    "components": [{"type": 18, "label": "Text", "component": {"type": 4, "custom_id": "t", "style": 1}}],
}
LABEL = MODAL["components"][0]


@pytest.mark.parametrize(
    "change",
    [
        {"title": "x" * 46},
        {"title": ""},
        {"custom_id": ""},
        {"components": []},
        {"components": [LABEL | {"component": LABEL["component"] | {"custom_id": str(n)}} for n in range(6)]},
        {"components": [LABEL, LABEL]},
        {"components": [LABEL | {"label": "x" * 46}]},
        {"components": [LABEL | {"component": LABEL["component"] | {"value": "x" * 4001}}]},
        {"components": [LABEL | {"component": LABEL["component"] | {"style": 3}}]},
        {"components": [{"type": 2, "style": 1, "label": "x", "custom_id": "b"}]},
    ],
)
async def test_a_wrong_modal_is_refused(town: Town, api: Api, change: dict[str, Any]) -> None:
    interaction = use(town.member)
    assert (await answer(api, interaction, 9, MODAL | change)).refused == (400, 50035)
    assert (await answer(api, interaction, 9, MODAL)).status == 204


async def test_a_modal_cannot_answer_a_modal(town: Town, api: Api) -> None:
    opened = use(town.member)
    await answer(api, opened, 9, MODAL)
    submitted = town.discord.clients.submit(town.member.user, opened, [])
    assert (await answer(api, submitted, 9, MODAL)).errors("type")
    assert (await answer(api, submitted, 7, {"content": "x"})).errors("type")
    assert (await answer(api, submitted, 4, {"content": "x"})).status == 204


async def test_a_press_may_change_its_own_message(town: Town, api: Api) -> None:
    interaction = use(town.member)
    await answer(api, interaction, 4, v2(text("one"), row(button())))
    assert interaction.original is not None
    card = town.member.sees(interaction.original)
    pressed = press(town.neighbour, card)
    assert (await answer(api, pressed, 7, v2(text("two"), row(button())))).status == 204
    assert (card.now.text, card.now.edits) == ("two", 1)
    deferred = press(town.neighbour, card)
    assert (await answer(api, deferred, 6)).status == 204
    assert (await api.call("PATCH", hook(api, deferred, "@original"), v2(text("three")), headers={})).status == 200
    assert card.now.text == "three"


async def test_an_interaction_has_its_own_file_limit(town: Town, api: Api) -> None:
    # Small ones: eleven megabytes may take longer than an answer may, where the machine is busy.
    town.member.user.file_limit, town.neighbour.user.file_limit = 12 * 1024, 10 * 1024
    interaction, files = use(town.member.dm), {"a.bin": b"x" * (11 * 1024)}
    await answer(api, interaction, 4, {}, "", files)
    assert interaction.outcome == "message"
    refused = use(town.neighbour.dm)
    assert (await answer(api, refused, 4, {}, "", files)).refused == (413, 40005)


async def test_pressing_fails_at_once_where_the_bot_was_removed(town: Town, api: Api) -> None:
    interaction = use(town.member)
    await answer(api, interaction, 4, {"components": [row(button())], "content": "x"})
    assert interaction.original is not None
    town.discord.remove_bot_from_guild(town.guild)
    assert press(town.member, town.member.sees(interaction.original)).outcome == "failed"
