"""Commands are registered as Discord registers them, or refused at their place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from sandbox_api import Api

from sandbox.town import Town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ASK = {"name": "ask", "description": "Ask"}


def option(name: str = "what", **more: Any) -> dict[str, Any]:
    return {"type": 3, "name": name, "description": "What"} | more


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    async with Town(midjourney=False) as town:
        yield town


@pytest.fixture
async def api(town: Town) -> AsyncIterator[Api]:
    async with aiohttp.ClientSession() as session:
        yield Api(town.discord, session)


MANY = [{"name": f"{'x' * 90}{number}", "value": "y" * 100} for number in range(10)]
WRONG = [
    ({"name": "Ask"}, ("name",)),
    ({"name": "a sk"}, ("name",)),
    ({"name": ""}, ("name",)),
    ({"name": "x" * 33}, ("name",)),
    ({"description": ""}, ("description",)),
    ({"description": "x" * 101}, ("description",)),
    ({"name_localizations": {"de": "Frag"}}, ("name_localizations", "de")),
    ({"options": [option(str(n)) for n in range(26)]}, ("options",)),
    ({"options": [option(), option()]}, ("options", "1", "name")),
    ({"options": [option("a"), option("b", required=True)]}, ("options", "1", "required")),
    ({"options": [option(choices=[{"name": str(n), "value": "x"} for n in range(26)])]}, ("options", "0", "choices")),
    ({"options": [option(choices=[{"name": "a", "value": "x"}] * 2)]}, ("options", "0", "choices", "1", "name")),
    ({"options": [option(choices=[{"name": "a", "value": "x" * 101}])]}, ("options", "0", "choices", "0", "value")),
    ({"options": [option(type=99)]}, ("options", "0", "type")),
    ({"options": [option(max_length=6001)]}, ("options", "0", "max_length")),
    ({"options": [option(str(n), description="x" * 100, choices=MANY) for n in range(25)]}, ()),
    ({"type": 3, "description": "x"}, ("description",)),
]


@pytest.mark.parametrize(("change", "place"), WRONG)
async def test_a_wrong_command_is_refused_at_its_place(api: Api, change: dict[str, Any], place: tuple[str, ...]) -> None:
    answer = await api.call("PUT", api.commands, [ASK | change])
    assert answer.refused == (400, 50035)
    assert answer.errors("0", *place)


async def test_overwriting_replaces_all_and_keeps_ids(api: Api) -> None:
    first = (await api.call("PUT", api.commands, [ASK, {"name": "Describe", "type": 3}])).data
    second = (await api.call("PUT", api.commands, [ASK | {"description": "Ask again"}])).data
    assert first[0]["id"] == second[0]["id"]
    assert [command["description"] for command in (await api.call("GET", api.commands)).data] == ["Ask again"]
    assert (await api.call("PUT", api.commands, [ASK, ASK])).refused == (400, 50035)
    assert (await api.call("PUT", api.commands, {})).refused == (400, 50035)


async def test_there_is_room_for_so_many(api: Api) -> None:
    many = [ASK | {"name": f"ask{n}"} for n in range(101)]
    assert (await api.call("PUT", api.commands, many)).refused == (400, 30040)
    menus = [{"name": f"Menu {n}", "type": 3} for n in range(15)]
    assert (await api.call("PUT", api.commands, many[:100] + menus)).status == 200
    assert (await api.call("POST", api.commands, ASK)).refused == (400, 30040)


async def test_single_commands_come_change_and_go(api: Api) -> None:
    made = await api.call("POST", api.commands, ASK)
    assert made.status == 201
    assert (await api.call("POST", api.commands, ASK)).status == 200
    path = f"{api.commands}/{made.data['id']}"
    assert (await api.call("PATCH", path, {"description": "New"})).data["description"] == "New"
    assert (await api.call("GET", path)).data["name"] == "ask"
    assert (await api.call("DELETE", path)).status == 204
    assert (await api.call("GET", path)).refused == (404, 10063)


async def test_a_guild_has_commands_of_its_own(town: Town, api: Api) -> None:
    base = api.commands.replace("/commands", f"/guilds/{town.guild.id}/commands")
    await api.call("PUT", base, [ASK])
    offered = town.discord.clients.offered
    assert list(offered(town.member.user, town.channel)) == ["ask"]
    assert list(offered(town.member.user, town.member.dm.channel)) == []


ENTRY = {"name": "launch", "type": 4, "handler": 2}


async def test_an_entry_point_command_stays_unless_it_is_deleted_by_itself(town: Town, api: Api) -> None:
    made = town.discord.commands.add_entry_point()
    assert (await api.call("PUT", api.commands, [ASK])).refused == (400, 50240)
    assert [each["id"] for each in (await api.call("GET", api.commands)).data] == [made["id"]]
    kept = (await api.call("PUT", api.commands, [ASK, ENTRY])).data
    assert (kept[1]["id"], kept[1]["handler"]) == (made["id"], 2)
    assert (await api.call("DELETE", f"{api.commands}/{made['id']}")).status == 204
    assert (await api.call("PUT", api.commands, [ASK])).status == 200


@pytest.mark.parametrize(
    ("change", "place"),
    [({"options": [option()]}, ("options",)), ({"handler": 3}, ("handler",)), ({"name": ""}, ("name",))],
)
async def test_a_wrong_entry_point_command_is_refused(api: Api, change: dict[str, Any], place: tuple[str, ...]) -> None:
    answer = await api.call("PUT", api.commands, [ENTRY | change])
    assert answer.refused == (400, 50035)
    assert answer.errors("0", *place)


async def test_there_is_one_entry_point_command_and_it_is_global(town: Town, api: Api) -> None:
    assert (await api.call("PUT", api.commands, [ENTRY, ENTRY | {"name": "play"}])).refused == (400, 30040)
    base = api.commands.replace("/commands", f"/guilds/{town.guild.id}/commands")
    assert (await api.call("PUT", base, [ENTRY])).refused == (400, 50035)
    assert (await api.call("PUT", api.commands, [ASK | {"handler": 2}])).refused == (400, 50035)


async def test_localizations_are_listed_only_where_they_are_asked_for(town: Town, api: Api) -> None:
    made = town.discord.commands.add_entry_point()
    assert "name_localizations" not in (await api.call("GET", api.commands)).data[0]
    assert (await api.call("GET", f"{api.commands}?with_localizations=true")).data == [made]
