"""The real bot as a page shows it: what comes over its WebSocket, to whom, and what can be done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from page_client import Visit, painted, text_of, visiting, walk

if TYPE_CHECKING:
    from sandbox.town import Town


async def test_a_picture_comes_while_one_watches_and_is_pressed_on(visit: Visit) -> None:
    told = await visit.slash("imagine", prompt="a red fox")
    assert told["outcome"] == "message"
    card = await visit.message(told["message_id"], painted)
    assert card["client"]["header"]["user"]["global_name"] == "Member"
    assert card["client"]["header"]["text"] == "/imagine"
    versions = [f["message"] for f in visit.frames if f["type"] == "message" and f["message"]["id"] == card["id"]]
    assert not versions[0]["attachments"], "it was there before its picture"
    shown = [media for version in versions for item in walk(version["components"]) for media in item.get("items") or []]
    assert all(item["media"].get("width") for item in shown), "nothing moves once a picture is loaded"
    pressed = await visit.press(card, "U2")
    upscaled = await visit.message(pressed["message_id"], painted)
    assert upscaled["client"]["header"] is None
    assert upscaled["client"]["reference"]["message_id"] == card["id"]
    assert "a red fox" in upscaled["client"]["reference"]["text"]
    async with visit.session.get(upscaled["attachments"][0]["url"]) as response:
        assert response.status == 200


async def test_an_ephemeral_message_is_seen_by_its_owner_alone_until_dismissed(town: Town, page_url: str, visit: Visit) -> None:
    async with visiting(page_url, person=town.neighbour.user.id) as other:
        told = await visit.slash("imagine", prompt="a fox --ar wide")
        notice = await visit.message(told["message_id"])
        assert notice["client"]["only_you"]
        assert notice["client"]["may"] == ["dismiss"]
        said = await visit.slash("about")
        await other.send("say", channel_id=other.channel, content="hello")
        hello = (await visit.next("message", lambda frame: frame["message"]["content"] == "hello"))["message"]
        await other.message(hello["id"])
        assert notice["id"] not in other.messages
        assert hello["client"]["may"] == []
        await visit.send("dismiss", channel_id=visit.channel, message_id=notice["id"])
        await visit.until(lambda: notice["id"] not in visit.messages)
        await visit.send("open", channel_id=visit.channel)
        await visit.next("channel")
        assert {hello["id"], said["message_id"]} & set(visit.messages)
        assert notice["id"] not in visit.messages


async def test_a_form_is_opened_filled_in_and_sent(visit: Visit) -> None:
    told = await visit.slash("translate", text="一只红色的狐狸")
    card = await visit.message(told["message_id"], lambda message: "Edit first" in str(message.get("components")))
    opened = await visit.press(card, "Edit first")
    assert opened["outcome"] == "modal"
    field = next(item for item in walk(opened["modal"]["components"]) if item["type"] == 4)
    assert field["value"]
    refused = await visit.act("submit", interaction_id=opened["interaction_id"], components=[])
    assert refused["outcome"] == "refused"
    filled = [{"type": 18, "component": {"type": 4, "id": field["id"], "custom_id": field["custom_id"], "value": "a blue fox"}}]
    sent = await visit.act("submit", interaction_id=opened["interaction_id"], components=filled)
    assert "a blue fox" in text_of(await visit.message(sent["message_id"], painted))


async def test_an_uploaded_picture_is_described(visit: Visit, town: Town) -> None:
    told = await visit.slash("imagine", prompt="a red fox")
    card = await visit.message(told["message_id"], painted)
    async with visit.session.get(card["attachments"][0]["url"]) as response:
        file = await visit.upload("my fox.png", await response.read())
    assert (file["content_type"], file["width"]) == ("image/png", 512)
    described = await visit.slash("describe", image=file["id"])
    await visit.message(described["message_id"], lambda message: "Imagine" in str(message.get("components")))
    menu = visit.command("Describe this image", "message")
    again = await visit.act("menu", command_id=menu["id"], message_id=card["id"])
    shown = await visit.message(again["message_id"])
    assert shown["client"]["header"]["text"] == "Describe this image"
    assert town.midjourney.received("describe")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({}, "prompt is required"),
        ({"prompt": "fox", "mode": "wild"}, "it offers fast, "),
        ({"prompt": 7}, "prompt takes no int"),
    ],
)
async def test_what_a_client_would_not_send_is_refused(visit: Visit, options: dict[str, object], reason: str) -> None:
    told = await visit.slash("imagine", **options)
    assert told["outcome"] == "refused"
    assert reason in told["reason"]


async def test_nobody_who_may_not_use_applications_is_offered_any(town: Town, page_url: str) -> None:
    async with visiting(page_url, ready=False, person=town.barred.user.id) as visit:
        assert visit.latest["commands"]["slash"] == visit.latest["commands"]["message"] == []
        assert visit.latest["hello"]["you"]["role"] == "may use no commands"
        await visit.send("be", person_id=town.member.user.id)
        await visit.until(lambda: visit.latest["commands"]["slash"])
        assert visit.latest["hello"]["you"]["name"] == "Member"


async def test_a_stranger_uses_what_they_have_installed_where_the_bot_is_not(town: Town, page_url: str) -> None:
    async with visiting(page_url, person=town.stranger.user.id) as visit:
        places = visit.latest["hello"]["guilds"]
        assert [(guild["name"], guild["bot"], guild["channels"][0]["here"]) for guild in places] == [
            ("Elsewhere", False, "user-installed")
        ]
        told = await visit.slash("imagine", prompt="a red fox")
        await visit.message(told["message_id"], painted)


async def test_a_moderator_deletes_and_others_hear_of_it(town: Town, page_url: str, visit: Visit) -> None:
    await visit.send("say", channel_id=visit.channel, content="hello")
    said = (await visit.next("message"))["message"]
    assert said["client"]["may"] == ["delete"]
    async with visiting(page_url, person=town.neighbour.user.id) as neighbour:
        await neighbour.send("delete", channel_id=neighbour.channel, message_id=said["id"])
        assert "may not" in (await neighbour.next("notice"))["text"]
    async with visiting(page_url, person=town.moderator.user.id) as moderator:
        await moderator.send("delete", channel_id=moderator.channel, message_id=said["id"])
    gone = await visit.next("gone")
    assert gone["message_id"] == said["id"]


async def test_what_makes_no_sense_is_answered_with_a_notice(visit: Visit) -> None:
    for kind, frame in (
        ("dance", {}),
        ("open", {"channel_id": "1"}),
        ("press", {}),
        ("switch", {"id": "none"}),
        ("be", {"person_id": "1"}),
    ):
        await visit.send(kind, **frame)
        assert (await visit.next("notice"))["text"]
    gone = await visit.act("press", message_id="1", component_id=1)
    assert gone["outcome"] == "refused"
    assert (await visit.slash("about"))["outcome"] == "message"
