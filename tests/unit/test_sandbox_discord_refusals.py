"""What Discord refuses of a message, the sandbox refuses with the same status, code and place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from sandbox_api import Api, button, row, text, v2

from sandbox.discord import Permission
from sandbox.town import Town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

MIB = 1024 * 1024
CONTAINER, SECTION, GALLERY = 17, 9, 12


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    async with Town(midjourney=False, strict_limits=False) as town:
        yield town


@pytest.fixture
async def api(town: Town) -> AsyncIterator[Api]:
    async with aiohttp.ClientSession() as session:
        yield Api(town.discord, session)


def gallery(*urls: str) -> dict[str, Any]:
    return {"type": GALLERY, "items": [{"media": {"url": url}} for url in urls]}


def select(**more: Any) -> dict[str, Any]:
    return {"type": 3, "custom_id": "menu", "options": [{"label": "one", "value": "1"}]} | more


def option(number: int, **more: Any) -> dict[str, Any]:
    return {"label": f"option {number}", "value": str(number)} | more


IN_ROW = ("components", "0", "components", "0")
REFUSED = [
    ("six buttons in a row", {"components": [row(*(button(str(n)) for n in range(6)))]}, ("components", "0", "components")),
    ("an empty row", {"components": [row()]}, ("components", "0", "components")),
    ("six rows", {"components": [row(button(str(n))) for n in range(6)]}, ("components",)),
    ("a select beside a button", {"components": [row(select(), button())]}, ("components", "0", "components")),
    ("content over 2000", {"content": "x" * 2001}, ("content",)),
    ("no custom_id", {"components": [row(button(""))]}, (*IN_ROW, "custom_id")),
    ("a long custom_id", {"components": [row(button("x" * 101))]}, (*IN_ROW, "custom_id")),
    (
        "a doubled custom_id",
        {"components": [row(button("a"), button("a"))]},
        ("components", "0", "components", "1", "custom_id"),
    ),
    ("a long label", {"components": [row(button(label="x" * 81))]}, (*IN_ROW, "label")),
    ("neither label nor emoji", {"components": [row(button(label=None))]}, (*IN_ROW, "label")),
    ("a word as emoji", {"components": [row(button(emoji={"name": "fox"}))]}, (*IN_ROW, "emoji", "name")),
    ("an unknown style", {"components": [row(button(style=9))]}, (*IN_ROW, "style")),
    ("a link without url", {"components": [row(button("", style=5))]}, (*IN_ROW, "url")),
    ("a link with custom_id", {"components": [row(button("a", style=5, url="https://a.b"))]}, (*IN_ROW, "custom_id")),
    ("a link to a file", {"components": [row(button("", style=5, url="file:///etc"))]}, (*IN_ROW, "url")),
    ("26 options", {"components": [row(select(options=[option(n) for n in range(26)]))]}, (*IN_ROW, "options")),
    ("no options", {"components": [row(select(options=[]))]}, (*IN_ROW, "options")),
    ("a long option", {"components": [row(select(options=[option(1, label="x" * 101)]))]}, (*IN_ROW, "options", "0", "label")),
    ("a doubled option", {"components": [row(select(options=[option(1), option(1)]))]}, (*IN_ROW, "options", "1", "value")),
    ("more than there are", {"components": [row(select(max_values=2))]}, (*IN_ROW, "options")),
    ("more at least than at most", {"components": [row(select(min_values=2))]}, (*IN_ROW, "max_values")),
    ("a long placeholder", {"components": [row(select(placeholder="x" * 151))]}, (*IN_ROW, "placeholder")),
    ("V2 without the flag", {"components": [text("hello")]}, ("components", "0", "type")),
    ("content beside V2", v2(text("hello"), content="x"), ("content",)),
    ("embeds beside V2", v2(text("hello"), embeds=[{"title": "x"}]), ("embeds",)),
    ("V2 without components", v2(), ("components",)),
    ("41 components", v2(*(text("x") for _ in range(41))), ("components",)),
    (
        "41 nested",
        v2({"type": CONTAINER, "components": [row(*(button(f"{r}{n}") for n in range(5))) for r in range(7)]}),
        ("components",),
    ),
    ("4001 characters", v2(text("x" * 2001), text("x" * 2000)), ("components",)),
    ("an empty text", v2(text("")), ("components", "0", "content")),
    ("an empty gallery", v2(gallery()), ("components", "0", "items")),
    ("a gallery of eleven", v2(gallery(*["https://a.b/c.png"] * 11)), ("components", "0", "items")),
    ("an absent attachment", v2(gallery("attachment://cat.png")), ("components", "0", "items", "0", "media", "url")),
    ("a local file", v2(gallery("file:///etc/passwd")), ("components", "0", "items", "0", "media", "url")),
    ("a section without accessory", v2({"type": SECTION, "components": [text("x")]}), ("components", "0", "accessory")),
    (
        "a section of four",
        v2({"type": SECTION, "components": [text("x")] * 4, "accessory": button()}),
        ("components", "0", "components"),
    ),
    (
        "a container in a container",
        v2({"type": CONTAINER, "components": [{"type": CONTAINER, "components": [text("x")]}]}),
        None,
    ),
    (
        "a bad colour",
        v2({"type": CONTAINER, "accent_color": 1 << 24, "components": [text("x")]}),
        ("components", "0", "accent_color"),
    ),
    ("a doubled id", v2(text("x") | {"id": 3}, text("y") | {"id": 3}), ("components", "1", "id")),
    ("a long title", {"embeds": [{"title": "x" * 257}]}, ("embeds", "0", "title")),
    ("eleven embeds", {"embeds": [{"title": "x"}] * 11}, ("embeds",)),
    ("6001 in embeds", {"embeds": [{"description": "x" * 3001}, {"description": "x" * 3000}]}, ("embeds",)),
    ("an attachment that isn't there", {"content": "x", "attachments": [{"id": "7"}]}, ("attachments", "0", "id")),
]


@pytest.mark.parametrize(("body", "place"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
async def test_a_wrong_body_is_refused_at_its_place(town: Town, api: Api, body: Any, place: tuple[str, ...] | None) -> None:
    answer = await api.call("POST", f"/channels/{town.channel.id}/messages", body)
    assert answer.refused == (400, 50035)
    if place is not None:
        assert answer.errors(*place)
    assert town.cards() == []


ACCEPTED = [
    {"content": "x" * 2000},
    {"components": [row(*(button(f"{r}{n}", label="x" * 80) for n in range(5))) for r in range(5)]},
    v2(*(text("x" * 100) for _ in range(40))),
    v2({"type": SECTION, "components": [text("x")], "accessory": {"type": 11, "media": {"url": "https://a.b/c.png"}}}),
    v2({"type": 14}, row(select(options=[option(n) for n in range(25)], max_values=25))),
    {"embeds": [{"title": "x", "fields": [{"name": "a", "value": "b"}], "image": {"url": "https://a.b/c.png"}}]},
]


@pytest.mark.parametrize("body", ACCEPTED)
async def test_a_body_at_the_limits_is_taken(town: Town, api: Api, body: Any) -> None:
    answer = await api.call("POST", f"/channels/{town.channel.id}/messages", body)
    assert answer.status == 200
    assert len(town.cards()) == 1


async def test_an_empty_message_is_refused(town: Town, api: Api) -> None:
    assert (await api.call("POST", f"/channels/{town.channel.id}/messages", {"content": ""})).refused == (400, 50006)


async def test_a_wrong_token_and_unknown_routes_are_refused(town: Town, api: Api) -> None:
    assert (await api.call("GET", "/users/@me", headers={"Authorization": "Bot nonsense"})).refused == (401, 0)
    assert (await api.call("GET", "/nowhere")).status == 404
    assert (await api.call("GET", "/users/@me")).headers["Content-Type"] == "application/json"
    assert town.discord.requests[0].code == 0


async def test_broken_json_is_refused(town: Town, api: Api) -> None:
    url = f"{town.discord.api_url}/channels/{town.channel.id}/messages"
    async with api.session.post(url, data=b"{", headers=api.headers | {"Content-Type": "application/json"}) as response:
        assert (response.status, (await response.json())["code"]) == (400, 50109)


async def test_unknown_places_and_people_are_refused(town: Town, api: Api) -> None:
    for path, code in (("/channels/1", 10003), ("/users/1", 10013), ("/guilds/1", 10004)):
        assert (await api.call("GET", path)).refused == (404, code)
    assert (await api.call("GET", f"/channels/{town.channel.id}/messages/1")).refused == (404, 10008)
    assert (await api.call("GET", f"/channels/{town.elsewhere.id}")).refused == (403, 50001)
    assert (await api.call("PUT", "/applications/1/commands", [])).refused == (403, 20012)


async def test_the_bot_is_shut_out_of_a_channel_and_a_guild(town: Town, api: Api) -> None:
    messages = f"/channels/{town.channel.id}/messages"
    sent = (await api.call("POST", messages, {"content": "here"})).data["id"]
    town.discord.deny_bot(town.channel, Permission.SEND_MESSAGES)
    assert (await api.call("POST", messages, {"content": "x"})).refused == (403, 50013)
    town.discord.remove_bot_from_channel(town.channel)
    assert (await api.call("PATCH", f"{messages}/{sent}", {"content": "x"})).refused == (403, 50001)
    town.discord.restore_bot_in_channel(town.channel)
    assert (await api.call("PATCH", f"{messages}/{sent}", {"content": "x"})).status == 200
    town.discord.remove_bot_from_guild(town.guild)
    assert (await api.call("GET", f"{messages}/{sent}")).refused == (403, 50001)
    town.discord.add_bot_to_guild(town.guild)
    town.discord.delete_channel(town.channel)
    assert (await api.call("GET", f"{messages}/{sent}")).refused == (404, 10003)


async def test_other_peoples_messages_are_theirs(town: Town, api: Api) -> None:
    card = await town.member.say("mine")
    path = f"/channels/{town.channel.id}/messages/{card.message.id}"
    assert (await api.call("PATCH", path, {"content": "x"})).refused == (403, 50005)
    assert (await api.call("DELETE", path)).refused == (403, 50013)


async def test_a_deleted_message_is_unknown(town: Town, api: Api) -> None:
    path = f"/channels/{town.channel.id}/messages"
    sent = (await api.call("POST", path, {"content": "x"})).data["id"]
    town.discord.delete_message(town.cards()[0].message)
    assert (await api.call("PATCH", f"{path}/{sent}", {"content": "y"})).refused == (404, 10008)
    assert (await api.call("GET", path)).data == []


async def test_dms_go_only_to_those_who_take_them(town: Town, api: Api) -> None:
    for person, taken in ((town.member, True), (town.stranger, True), (town.newcomer("nobody", town.elsewhere), False)):
        channel = (await api.call("POST", "/users/@me/channels", {"recipient_id": person.user.id})).data["id"]
        answer = await api.call("POST", f"/channels/{channel}/messages", {"content": "hello"})
        assert answer.status == 200 if taken else answer.refused == (403, 50007)
    town.member.user.accepts_dms = False
    channel = town.member.dm.channel.id
    assert (await api.call("POST", f"/channels/{channel}/messages", {"content": "x"})).refused == (403, 50007)


async def test_files_have_limits(town: Town, api: Api) -> None:
    path, files = f"/channels/{town.channel.id}/messages", {"a.bin": b"x" * (10 * MIB + 1)}
    assert (await api.call("POST", path, {}, files)).refused == (413, 40005)
    town.guild.premium_tier = 2
    assert (await api.call("POST", path, {}, files)).status == 200
    many = {f"{n}.bin": b"x" * (9 * MIB) for n in range(3)}
    assert (await api.call("POST", path, {}, many)).refused == (413, 40005)
    eleven = {f"{n}.txt": b"x" for n in range(11)}
    assert (await api.call("POST", path, {}, eleven)).errors("attachments") == ["BASE_TYPE_MAX_LENGTH"]


async def test_edits_keep_files_unless_told_otherwise(town: Town, api: Api) -> None:
    path = f"/channels/{town.channel.id}/messages"
    sent = (await api.call("POST", path, {"content": "x"}, {"a b.txt": b"one"})).data
    assert [entry["filename"] for entry in sent["attachments"]] == ["a_b.txt"]
    kept = (await api.call("PATCH", f"{path}/{sent['id']}", {"content": "y"})).data
    assert [entry["id"] for entry in kept["attachments"]] == [sent["attachments"][0]["id"]]
    listed = {"attachments": [{"id": sent["attachments"][0]["id"]}, {"id": 0, "filename": "c.txt", "description": "two"}]}
    both = (await api.call("PATCH", f"{path}/{sent['id']}", listed, {"c.txt": b"two"})).data
    assert [entry.get("description") for entry in both["attachments"]] == [None, "two"]
    none = (await api.call("PATCH", f"{path}/{sent['id']}", {"attachments": []})).data
    assert none["attachments"] == []


async def test_the_v2_flag_can_be_added_but_not_taken_away(town: Town, api: Api) -> None:
    path = f"/channels/{town.channel.id}/messages"
    sent = (await api.call("POST", path, {"content": "x"})).data["id"]
    assert (await api.call("PATCH", f"{path}/{sent}", v2(text("y")))).errors("content")
    assert (await api.call("PATCH", f"{path}/{sent}", v2(text("y"), content=None))).data["flags"] & 1 << 15
    assert (await api.call("PATCH", f"{path}/{sent}", {"flags": 0, "content": "x"})).errors("flags")
    assert (await api.call("PATCH", f"{path}/{sent}", {"content": "x"})).errors("content")


async def test_only_allowed_mentions_ping(town: Town, api: Api) -> None:
    path, who = f"/channels/{town.channel.id}/messages", town.member.user.id
    told = f"<@{who}> @everyone"
    await api.call("POST", path, {"content": told})
    await api.call("POST", path, {"content": told, "allowed_mentions": {"parse": []}})
    await api.call("POST", path, v2(text(told), allowed_mentions={"parse": [], "users": [who]}))
    assert [card.message.pinged for card in town.cards()] == [{who}, set(), {who}]


async def test_the_same_nonce_sends_once(town: Town, api: Api) -> None:
    path, body = f"/channels/{town.channel.id}/messages", {"content": "x", "nonce": "job-1", "enforce_nonce": True}
    first, second = [await api.call("POST", path, body) for _ in range(2)]
    assert first.data["id"] == second.data["id"]
    assert len(town.cards()) == 1
