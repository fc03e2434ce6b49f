"""The page's drawer: what went over the wire for a card, and the switches for what goes wrong."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from page_client import JSON, Visit, painted, text_of

from sandbox.town import Town

TOKEN_LIFE = 15 * 60


def switch(visit: Visit, name: str) -> JSON:
    """A switch as told last."""
    told = visit.latest.get("switches") or visit.latest["hello"]
    return next(each for each in told["switches"] if each["id"] == name)


async def turn(visit: Visit, name: str, **value: Any) -> None:
    """Turn a switch, and wait until it is told."""
    await visit.send("switch", id=name, **value)
    await visit.next("switches")


async def paint(visit: Visit, prompt: str) -> JSON:
    """A card with its picture."""
    told = await visit.slash("imagine", prompt=prompt)
    return await visit.message(told["message_id"], painted)


async def test_each_card_shows_its_own_traffic(visit: Visit, town: Town) -> None:
    fox, owl = await paint(visit, "a red fox"), await paint(visit, "an owl in snow")
    pressed = await visit.press(fox, "U3")
    upscaled = await visit.message(pressed["message_id"], painted)
    for card, action in ((fox, "generate"), (owl, "generate"), (upscaled, "upscale3")):
        await visit.send("wire", on=True, message_id=card["id"])
        await visit.next("wire", lambda frame: frame["reset"])
        posts = [entry for entry in visit.entries.values() if entry["kind"] == "midjourney" and entry["method"] == "POST"]
        assert [entry["request"]["action"] for entry in posts if not entry["path"].endswith("/tasks")] == [action]
        assert posts[0]["status"] == 200
        assert list(posts[0]["response"]) == ["task_id"]
        assert posts[-1]["response"]["items"][0]["response"]["progress"] == 100
        assert all(card["id"] in entry["cards"] for entry in visit.entries.values())
        kinds = [(entry["kind"], entry["path"].partition("/")[0] or entry["method"]) for entry in visit.entries.values()]
        assert kinds[0] == ("gateway", "INTERACTION_CREATE")
        assert ("discord", "PATCH") in kinds
        assert any(entry["method"] == "GET" and "file" in entry["response"] for entry in visit.entries.values())
    # The press was on the fox, and led to the upscaled one: both show it.
    await visit.send("wire", on=True, message_id=None)
    await visit.next("wire", lambda frame: frame["reset"])
    presses = [e for e in visit.entries.values() if e["path"] == "INTERACTION_CREATE" and e["response"]["d"]["type"] == 3]
    assert presses[0]["cards"] == sorted([fox["id"], upscaled["id"]])
    assert town.discord.bot_token not in json.dumps(list(visit.entries.values()))
    assert town.midjourney.token not in json.dumps(list(visit.entries.values()))


async def test_the_life_of_a_cards_token_is_told_until_it_is_ended(visit: Visit) -> None:
    card = await paint(visit, "a red fox")
    await visit.send("wire", on=True, message_id=card["id"])
    told = await visit.next("token")
    assert 0 < told["expires_at"] - time.time() <= TOKEN_LIFE
    await visit.send("switch", id="tokens-expire")
    told = await visit.next("token")
    assert told["expires_at"] <= time.time() + 1


async def test_a_failure_is_armed_met_once_and_then_no_longer_armed(visit: Visit) -> None:
    await turn(visit, "api-fails", value="403")
    assert switch(visit, "api-fails")["value"] == "403"
    told = await visit.slash("imagine", prompt="a red fox")
    card = await visit.message(told["message_id"], lambda message: "refused" in text_of(message) if message else False)
    await visit.until(lambda: switch(visit, "api-fails")["value"] is None)
    await visit.send("wire", on=True, message_id=card["id"])
    await visit.next("wire", lambda frame: frame["reset"])
    assert 403 in [entry["status"] for entry in visit.entries.values()]
    await paint(visit, "another fox")


async def test_a_broken_stream_is_looked_up_and_the_card_shows_how(visit: Visit) -> None:
    await turn(visit, "stream-breaks")
    card = await paint(visit, "a red fox")
    await visit.send("wire", on=True, message_id=card["id"])
    await visit.next("wire", lambda frame: frame["reset"])
    cut = [entry for entry in visit.entries.values() if entry["status"] == 0 and entry["ms"] is not None]
    looked_up = [entry for entry in visit.entries.values() if entry["path"].endswith("/tasks")]
    assert len(cut) == 1
    assert looked_up


async def test_toggles_stay_until_they_are_switched_off(visit: Visit, town: Town) -> None:
    await turn(visit, "used-up", value=True)
    told = await visit.slash("imagine", prompt="a red fox")
    await visit.message(told["message_id"], lambda message: "operator" in text_of(message) if message else False)
    await turn(visit, "used-up", value=False)
    await turn(visit, "bot-removed", value=True)
    assert town.discord.state.permissions(town.discord.state.bot, town.channel) == 0
    await turn(visit, "bot-removed", value=False)
    await paint(visit, "another fox")


async def test_a_lost_gateway_is_found_again(visit: Visit) -> None:
    await visit.send("wire", on=True, message_id=None)
    await visit.send("switch", id="gateway-drops")
    await visit.until(lambda: "RESUMED" in [entry["path"] for entry in visit.entries.values()])
    await paint(visit, "a red fox")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("api-fails", "400", "could not make sense"),
        ("api-fails", "401", "operator"),
        ("api-fails", "403-used-up", "operator"),
        ("moderation", None, "refused"),
        ("task-fails", None, "failed"),
    ],
)
async def test_each_failure_is_told_on_a_card(visit: Visit, name: str, value: str | None, words: str) -> None:
    await turn(visit, name, **({} if value is None else {"value": value}))
    told = await visit.slash("imagine", prompt="a red fox")
    await visit.message(told["message_id"], lambda message: words in text_of(message) if message else False)
    await visit.until(lambda: not (switch(visit, name).get("on") or switch(visit, name).get("value")))


@pytest.mark.parametrize("status", ["429", "502"])
async def test_what_discord_answers_once_is_got_over(visit: Visit, status: str) -> None:
    await visit.send("wire", on=True, message_id=None)
    await turn(visit, "discord-fails", value=status)
    await paint(visit, "a red fox")
    assert int(status) in [entry["status"] for entry in visit.entries.values()]


async def test_a_switch_that_waits_is_taken_back(visit: Visit) -> None:
    await turn(visit, "task-fails")
    assert switch(visit, "task-fails")["on"]
    await turn(visit, "task-fails")
    await turn(visit, "api-fails", value="500")
    await turn(visit, "api-fails", value=None)
    assert not switch(visit, "task-fails")["on"]
    await paint(visit, "a red fox")
