"""To which interaction a request to the image service belongs, told by what is in it alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.discord.model import Interaction
from sandbox.town import Town
from sandbox.web.resemblance import NONE, Likeness, resemblance
from sandbox.web.wire import Wire, digest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

JSON = dict[str, Any]
URL = "http://127.0.0.1:1/cdn/attachments/1/42424242/fox.png?ex=1"


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    """A town without a bot."""
    async with Town(midjourney=False) as town:
        yield town


def used(town: Town, kind: int = 2, **data: Any) -> Interaction:
    """An interaction with this data, answered with a message."""
    state = town.discord.state
    interaction = Interaction(
        state.new_id(), f"token-{state.new_id()}", kind, town.member.user, town.channel, {}, data, 0, state.now()
    )
    interaction.outcome = "message"
    state.interactions[interaction.id] = state.tokens[interaction.token] = interaction
    return interaction


def typed(prompt: str, **others: str) -> list[JSON]:
    """Options of a command."""
    return [{"name": name, "type": 3, "value": value} for name, value in ({"prompt": prompt} | others).items()]


LIKE: dict[str, tuple[JSON, JSON]] = {
    "an option's words": ({"prompt": "a red fox"}, {"options": typed("a red fox")}),
    "words with parameters added": ({"prompt": "a red fox --ar 3:2"}, {"options": typed("a red fox", aspect="3:2")}),
    "a picture in a button": ({"action": "upscale2", "image_id": "1795"}, {"custom_id": "v1:upscale2:1795"}),
    "an attached file": ({"image_url": URL}, {"resolved": {"attachments": {"42424242": {}}}}),
    "a form's words": ({"prompt": "blue"}, {"components": [{"type": 18, "component": {"custom_id": "p", "value": "blue"}}]}),
}
UNLIKE: dict[str, tuple[JSON, JSON]] = {
    "other words": ({"prompt": "an owl"}, {"options": typed("a red fox")}),
    "only the mode": ({"prompt": "an owl", "mode": "fast"}, {"options": typed("a red fox", mode="fast")}),
    "only the action": ({"action": "upscale2", "image_id": "1"}, {"custom_id": "v1:upscale2:2"}),
}


@pytest.mark.parametrize(("body", "data"), LIKE.values(), ids=LIKE)
async def test_what_occurs_in_an_interaction_is_like_it(town: Town, body: JSON, data: JSON) -> None:
    assert resemblance(body, used(town, **data)) > NONE


@pytest.mark.parametrize(("body", "data"), UNLIKE.values(), ids=UNLIKE)
async def test_what_does_not_occur_in_it_is_not(town: Town, body: JSON, data: JSON) -> None:
    assert resemblance(body, used(town, **data)) == NONE


async def test_the_same_is_liker_than_a_part(town: Town) -> None:
    body = {"prompt": "a red fox", "action": "generate"}
    likenesses: list[Likeness] = [
        resemblance(body, used(town, options=typed(prompt))) for prompt in ("fox", "a red fox in snow", "a red fox")
    ]
    assert likenesses == sorted(likenesses)
    assert len(set(likenesses)) == 3


async def test_equal_requests_go_to_those_who_have_waited_longest(town: Town) -> None:
    wire = Wire(town.discord.state, town.traffic)
    first, second = used(town, options=typed("a red fox")), used(town, options=typed("a red fox"))
    for _ in range(3):
        call = town.traffic.begin("midjourney", "POST", "/midjourney/imagine", {"prompt": "a red fox"})
        town.traffic.end(call, 200, "application/json", b'{"task_id": "t"}')
    assert [entry.interactions for entry in wire.entries] == [[first], [second], [second]]


async def test_look_ups_and_downloads_are_known_by_the_ids_that_were_given(town: Town) -> None:
    wire = Wire(town.discord.state, town.traffic)
    fox = used(town, options=typed("a red fox"))
    call = town.traffic.begin("midjourney", "POST", "/midjourney/imagine", {"prompt": "a red fox"})
    # It is fetched while the stream that names it still goes on.
    preview = town.traffic.begin("midjourney", "GET", "/pictures/111.png?width=64")
    town.traffic.end(preview, 200, "image/png", "file 111.png, 5 bytes")
    assert wire.entries[1].interactions == []
    lines = b'{"task_id": "t1", "image_url": "http://127.0.0.1:1/pictures/111.png?width=64"}\n{"image_id": "222"}\n'
    town.traffic.end(call, 200, "application/x-ndjson", lines)
    for ids in (["t1"], ["t2"]):
        town.traffic.begin("midjourney", "POST", "/midjourney/tasks", {"action": "retrieve_batch", "ids": ids})
    town.traffic.begin("midjourney", "GET", "/pictures/222.png")
    assert [entry.interactions for entry in wire.entries] == [[fox], [fox], [fox], [], [fox]]


async def test_a_lost_request_is_looked_for_by_whoever_sent_it(town: Town) -> None:
    wire = Wire(town.discord.state, town.traffic)
    fox = used(town, options=typed("a red fox"))
    call = town.traffic.begin("midjourney", "POST", "/midjourney/imagine", {"prompt": "a red fox"})
    town.traffic.end(call, 0)
    town.traffic.begin("midjourney", "POST", "/midjourney/tasks", {"action": "retrieve_batch", "limit": 50})
    assert [entry.interactions for entry in wire.entries] == [[fox], [fox]]


def test_tokens_and_masks_are_cut_short() -> None:
    told = digest({"token": "t" * 100, "mask": "m" * 9000, "list": [{"token": "short"}], "text": "kept"})
    assert told["token"] == "t" * 12 + "…"
    assert told["mask"].endswith("(9,000 characters)")
    assert (told["list"], told["text"]) == ([{"token": "short"}], "kept")
