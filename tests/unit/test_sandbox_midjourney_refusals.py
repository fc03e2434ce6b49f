"""What the imitated API refuses by itself: nothing refused is billed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from sandbox_midjourney_caller import Caller, calling

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    async with calling() as caller:
        yield caller


async def refused(caller: Caller, endpoint: str, status: int, code: str, **body: Any) -> str:
    """The message of a refusal that must come, and must cost nothing."""
    billed = caller.midjourney.ledger.count()
    got, answer = await caller.post(endpoint, **body)
    assert (got, answer.get("error", {}).get("code")) == (status, code), answer
    assert answer["trace_id"]
    assert caller.midjourney.ledger.count() == billed
    return answer["error"]["message"]


@pytest.mark.parametrize(
    ("endpoint", "body"),
    [
        ("imagine", {}),
        ("imagine", {"prompt": "  "}),
        ("imagine", {"prompt": 7}),
        ("imagine", {"prompt": "a fox", "colour": "red"}),
        ("imagine", {"prompt": "a fox", "mode": "slow"}),
        ("imagine", {"prompt": "a fox", "split_images": "yes"}),
        ("imagine", {"prompt": "a fox", "timeout": True}),
        ("imagine", {"prompt": "a fox", "version": 7}),
        ("imagine", {"prompt": "a fox", "version": "8.1", "mode": "turbo"}),
        ("imagine", {"prompt": "a fox", "version": "8.1", "quality": "1"}),
        ("imagine", {"prompt": "a fox --v 8.1 --q 2"}),
        ("imagine", {"prompt": "a fox --quality 1", "version": "8.1"}),
        ("imagine", {"prompt": "a fox --version 8.1", "quality": "1"}),
        ("imagine", {"prompt": "a fox --v 8.1 --turbo"}),
        ("imagine", {"prompt": "a fox --v 8.1", "mode": "turbo"}),
        ("imagine", {"prompt": "a fox --niji 7 --v 7"}),
        ("imagine", {"prompt": "a fox --niji 7 --hd"}),
        ("imagine", {"prompt": "a fox --niji 7", "version": "7"}),
        ("imagine", {"prompt": "a fox --niji 7", "hd": False}),
        ("imagine", {"prompt": "a fox --v 7", "version": "8"}),
        ("imagine", {"prompt": "a fox --q .5", "quality": "1"}),
        ("imagine", {"prompt": "a fox --hd", "hd": False}),
        ("imagine", {"prompt": "a fox --sd", "hd": True}),
        ("imagine", {"prompt": "a fox", "quality": "high"}),
        ("imagine", {"prompt": "a fox --ar 0:1"}),
        ("imagine", {"prompt": "a fox --seed"}),
        ("imagine", {"prompt": "https://example.com/one.png"}),
        ("imagine", {"prompt": " ".join(["https://example.com/one.png"] * 6) + " a fox"}),
        ("imagine", {"action": "upscale1"}),
        ("imagine", {"action": "variation_region", "image_id": "1", "prompt": "a fox"}),
        ("imagine", {"prompt": "a fox", "callback_url": "nowhere"}),
        ("imagine", {"prompt": "a fox", "mask": "not base64!"}),
        ("edits", {"prompt": "a fox"}),
        ("videos", {"prompt": "a fox"}),
        ("videos", {"action": "extend", "video_id": "unknown"}),
        ("videos", {"image_url": "https://example.com/one.png", "mode": "relax"}),
        ("describe", {"image_url": "https://example.com/one.png", "async": True}),
        ("translate", {}),
        ("shorten", {}),
        ("seed", {"image_id": "unknown"}),
        ("tasks", {"id": "one"}),
        ("tasks", {"action": "retrieve"}),
        ("tasks", {"action": "retrieve_batch", "limit": "12"}),
    ],
)
async def test_a_malformed_body_is_refused(caller: Caller, endpoint: str, body: dict[str, Any]) -> None:
    assert await refused(caller, endpoint, 400, "bad_request", **body)


async def test_a_body_that_is_no_object_is_refused(caller: Caller) -> None:
    for data in (b"", b"{", b"[1]"):
        async with caller.session.post(f"{caller.midjourney.url}/midjourney/imagine", data=data) as response:
            assert response.status == 400


@pytest.mark.parametrize(
    ("prompt", "named"),
    [
        ("a cat --foo 3", "`--foo`, `3`"),
        ("a cat --ar 1:1 -c x", "`-c`, `x`"),
        ("a cat --raw loud", "`loud`"),
        ("a cat --stealth", "`--stealth`"),
    ],
)
async def test_unknown_parameters_are_named(caller: Caller, prompt: str, named: str) -> None:
    assert await refused(caller, "imagine", 400, "bad_request", prompt=prompt) == f"Unrecognized argument(s): {named}"


async def test_known_parameters_pass(caller: Caller) -> None:
    prompt = "a cat --ar 3:2 --no dogs, birds --s 50 --c 5 --seed 4 --raw --tile --sref 123 456 --p abc def --v 7"
    assert (await caller.result(prompt=prompt))["progress"] == 100


@pytest.mark.parametrize(
    "body",
    [
        {"prompt": "a fox --v 6 --q .5", "version": "6", "quality": "0.5"},
        {"prompt": "a fox --v 8.1 --hd", "version": "8.1", "hd": True, "mode": "relax"},
        {"prompt": "a fox --v 8.2 --q 2", "version": "8.2", "quality": "2", "mode": "turbo"},
        {"prompt": "https://example.com/one.png a fox --sd", "hd": False, "moodboard": True},
        {"prompt": "a fox --niji 7 --q 2 --sref 5", "mode": "turbo"},
    ],
)
async def test_what_is_said_twice_and_the_same_passes(caller: Caller, body: dict[str, Any]) -> None:
    assert (await caller.result(**body))["progress"] == 100


async def test_actions_on_8_1_take_neither_quality_nor_turbo(caller: Caller) -> None:
    grid = await caller.result(prompt="a fox --v 8.1", version="8.1")
    press = {"action": "upscale1", "image_id": grid["image_id"]}
    for body in ({"mode": "turbo"}, {"quality": "1"}, {"version": "8.1", "mode": "turbo"}):
        assert "neither" in await refused(caller, "imagine", 400, "bad_request", **press, **body)
    assert (await caller.result(**press, version="8.1", hd=True, mode="fast"))["progress"] == 100


async def test_actions_are_taken_only_where_they_were_offered(caller: Caller) -> None:
    grid = await caller.result(prompt="a fox", version="6")
    assert "not available" in await refused(
        caller, "imagine", 400, "bad_request", action="zoom_out_2x", image_id=grid["image_id"]
    )
    assert "not found" in await refused(caller, "imagine", 400, "bad_request", action="upscale1", image_id="123")
    single = await caller.result(action="upscale1", image_id=grid["image_id"])
    assert "upscale_2x" in single["actions"]
    newer = await caller.result(action="upscale1", image_id=(await caller.result(prompt="a fox --v 7"))["image_id"])
    assert "upscale_subtle" in newer["actions"]
    caller.midjourney.forget_picture(single["image_id"])
    await refused(caller, "imagine", 400, "bad_request", action="upscale_2x", image_id=single["image_id"])


async def test_image_urls_on_this_machine_are_really_fetched(caller: Caller) -> None:
    missing = f"{caller.midjourney.url}/pictures/1.png"
    assert "failed to fetch image" in await refused(caller, "imagine", 400, "bad_request", prompt=f"{missing} a fox")
    assert "failed to fetch image" in await refused(caller, "describe", 400, "bad_request", image_url=missing)
    video = (await caller.post("videos", image_url="https://example.com/fox.png"))[1]["video_urls"][0]
    assert "not an image" in await refused(caller, "edits", 400, "bad_request", image_url=video, prompt="a fox")
    assert (await caller.result(prompt="https://example.com/fox.png a fox"))["progress"] == 100


async def test_moderation_refuses_whole_words(caller: Caller) -> None:
    assert "moderators" in await refused(caller, "imagine", 403, "forbidden", prompt="some Gore, please")
    assert (await caller.result(prompt="gorey grass"))["progress"] == 100


async def test_an_empty_account_is_told(caller: Caller) -> None:
    caller.midjourney.balance = 0
    await refused(caller, "imagine", 403, "used_up", prompt="a fox")
    await refused(caller, "translate", 403, "used_up", content="a fox")
    assert len(caller.midjourney.tasks) == 0


@pytest.mark.parametrize(
    ("header", "status", "code"),
    [
        ({}, 400, "no_token"),
        ({"Authorization": "Bearer wrong"}, 401, "invalid_token"),
        ({"Authorization": "Basic x"}, 400, "no_token"),
    ],
)
async def test_the_token_is_checked(caller: Caller, header: dict[str, str], status: int, code: str) -> None:
    caller.midjourney.readings.tasks_check_token = True
    async with aiohttp.ClientSession(headers=header) as session:
        for endpoint in ("imagine", "tasks"):
            async with session.post(f"{caller.midjourney.url}/midjourney/{endpoint}", json={"prompt": "a fox"}) as response:
                assert (response.status, (await response.json())["error"]["code"]) == (status, code)


async def test_there_is_nothing_elsewhere(caller: Caller) -> None:
    assert (await caller.post("unknown"))[1]["error"]["code"] == "no_api"
    assert (await caller.get(f"{caller.midjourney.url}/midjourney/imagine"))[0] == 404


async def test_a_plain_call_gives_up_after_its_time_out_and_the_task_goes_on(caller: Caller) -> None:
    held = caller.midjourney.hold_next("before_final")
    status, answer = await caller.post("imagine", prompt="a fox", timeout=0.05)
    assert (status, answer["error"]["code"]) == (504, "timeout")
    held.release()
    await caller.midjourney.settled()
    _, batch = await caller.post("tasks", action="retrieve_batch")
    assert batch["items"][0]["response"]["success"] is True
    assert caller.midjourney.ledger.count() == 1
    await asyncio.wait_for(held.reached(), 1)
