"""The four ways to get a result, task records, callbacks and the ledger."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from sandbox_midjourney_caller import NDJSON, Caller, calling

from sandbox.midjourney import pixels
from sandbox.midjourney.bell import Bell

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

GRID = ["upscale1", "upscale2", "upscale3", "upscale4", "reroll", "variation1", "variation2", "variation3", "variation4"]
KEYS = [
    "image_url",
    "image_width",
    "image_height",
    "image_id",
    "raw_image_url",
    "raw_image_width",
    "raw_image_height",
    "progress",
    "actions",
    "task_id",
    "success",
]


class Mailbox:
    """Receives callbacks."""

    def __init__(self) -> None:
        self.posts: list[dict[str, Any]] = []
        self.bell = Bell()
        self.url = ""

    async def receive(self, request: web.Request) -> web.Response:
        self.posts.append(await request.json())
        self.bell.ring()
        return web.Response()

    async def until(self, count: int) -> list[dict[str, Any]]:
        await self.bell.until(lambda: len(self.posts) >= count, 5)
        return self.posts


@asynccontextmanager
async def mailbox() -> AsyncIterator[Mailbox]:
    box = Mailbox()
    app = web.Application()
    app.router.add_post("/hook", box.receive)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    box.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield box
    await runner.cleanup()


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    async with calling() as caller:
        yield caller


async def test_a_plain_call_is_answered_with_a_grid_in_the_api_s_shape(caller: Caller) -> None:
    result = await caller.result(prompt="a red fox")
    assert list(result) == KEYS
    assert result["actions"] == GRID
    assert (result["image_width"], result["raw_image_width"], result["progress"]) == (64, 128, 100)
    assert caller.midjourney.ledger.count("imagine", prompt="a red fox") == 1


async def test_a_stream_tells_growing_progress_and_actions_only_at_the_end(caller: Caller) -> None:
    lines = await caller.lines(prompt="a red fox")
    assert [line["progress"] for line in lines] == [15, 35, 55, 75, 95, 100]
    assert all(list(line) == KEYS and line["task_id"] == lines[0]["task_id"] for line in lines)
    assert [line["actions"] for line in lines] == [[]] * 5 + [GRID]


async def test_a_preview_lives_until_the_picture_exists(caller: Caller) -> None:
    held = caller.midjourney.hold_next("after_line:2")
    stream = caller.stream(prompt="a red fox")
    first = await anext(stream)
    await held.reached()
    status, preview = await caller.get(first["image_url"])
    assert (status, pixels.pixels(preview).shape) == (200, (16, 16, 3))
    held.release()
    rest = [line async for line in stream]
    assert (await caller.get(first["image_url"]))[0] == 404
    assert (await caller.get(rest[-1]["image_url"]))[0] == 200


async def test_an_async_call_is_answered_at_once_and_found_among_the_tasks(caller: Caller) -> None:
    held = caller.midjourney.hold_next("before_final")
    body = {"prompt": "a red fox", "async": True}
    status, answer = await caller.post("imagine", **body)
    assert (status, list(answer)) == (200, ["task_id"])
    await held.reached()
    _, record = await caller.post("tasks", action="retrieve", id=answer["task_id"])
    assert body.items() < record["request"].items()
    assert (record["request"]["image_id"], record["request"]["mode"]) == (None, "fast")
    assert record["response"]["progress"] == 95
    assert "finished_at" not in record
    held.release()
    await caller.midjourney.settled()
    _, record = await caller.post("tasks", action="retrieve", trace_id=record["trace_id"])
    assert list(record) == [
        "id",
        "type",
        "trace_id",
        "request",
        "created_at",
        "started_at",
        "response",
        "elapsed",
        "finished_at",
        "user_id",
        "actor_user_id",
        "application_id",
        "credential_id",
    ]
    assert record["response"]["actions"] == GRID


async def test_a_task_that_has_not_begun_has_no_response(caller: Caller) -> None:
    held = caller.midjourney.hold_next("after_accept")
    call = asyncio.create_task(caller.post("imagine", prompt="a red fox"))
    await held.reached()
    assert len(caller.midjourney.ledger.accepted) == 1
    _, found = await caller.post("tasks", action="retrieve_batch", user_id=caller.midjourney.account.user_id)
    assert (found["count"], "response" in found["items"][0]) == (1, False)
    assert caller.midjourney.ledger.count() == 0
    held.release()
    assert (await call)[0] == 200
    assert caller.midjourney.ledger.count() == 1


async def test_a_callback_brings_the_result_with_its_trace(caller: Caller) -> None:
    async with mailbox() as box:
        _, answer = await caller.post("imagine", prompt="a red fox", callback_url=box.url)
        (post,) = await box.until(1)
    assert list(post) == [*KEYS, "trace_id"]
    assert (post["task_id"], post["success"], post["progress"]) == (answer["task_id"], True, 100)


async def test_a_callback_with_lines_wanted_brings_the_progress_too(caller: Caller) -> None:
    async with mailbox() as box:
        url = f"{caller.midjourney.url}/midjourney/imagine"
        body = {"prompt": "a red fox", "callback_url": box.url}
        async with caller.session.post(url, json=body, headers={"Accept": NDJSON}) as response:
            assert list(await response.json(content_type=None)) == ["task_id"]
        posts = await box.until(6)
    assert {post["progress"] for post in posts} == {15, 35, 55, 75, 95, 100}


async def test_callbacks_can_be_lost_and_doubled(caller: Caller) -> None:
    caller.midjourney.lose_callbacks(1)
    caller.midjourney.double_callbacks(1)
    async with mailbox() as box:
        await caller.post("imagine", prompt="lost", callback_url=box.url)
        await caller.midjourney.settled()
        _, answer = await caller.post("imagine", prompt="doubled", callback_url=box.url)
        posts = await box.until(2)
    assert [post["task_id"] for post in posts] == [answer["task_id"]] * 2


async def test_a_failed_task_tells_its_callback(caller: Caller) -> None:
    caller.midjourney.fail_task_next("bad_request", "Unrecognized argument(s): `-c`, `x`")
    async with mailbox() as box:
        await caller.post("imagine", prompt="a cat", callback_url=box.url)
        (post,) = await box.until(1)
    assert list(post) == ["success", "task_id", "trace_id", "error"]
    assert post["error"] == {"code": "bad_request", "message": "Unrecognized argument(s): `-c`, `x`"}
    assert caller.midjourney.ledger.count() == 0


async def test_tasks_are_listed_newest_first_and_paged(caller: Caller) -> None:
    start, ours = time.time(), caller.midjourney.account.user_id
    ids = [(await caller.result(prompt=f"number {number}"))["task_id"] for number in range(4)]
    _, page = await caller.post("tasks", action="retrieve_batch", limit=2, offset=1, created_at_min=start - 1, user_id=ours)
    assert [item["id"] for item in page["items"]] == [ids[2], ids[1]]
    assert page["count"] == 4
    _, some = await caller.post("tasks", action="retrieve_batch", ids=[ids[0], ids[3], "unknown"])
    assert [item["id"] for item in some["items"]] == [ids[3], ids[0]]
    for nothing in ({"type": "videos"}, {"created_at_max": start - 1}, {"trace_ids": []}):
        assert (await caller.post("tasks", action="retrieve_batch", **nothing))[1] == {"items": [], "count": 0}


async def test_an_unknown_task_is_an_empty_object(caller: Caller) -> None:
    assert await caller.post("tasks", action="retrieve", id="unknown") == (200, {})


async def test_two_look_ups_within_a_second_are_one_too_many() -> None:
    async with calling(tasks_interval=30.0) as caller:
        assert (await caller.post("tasks", action="retrieve_batch"))[0] == 200
        status, answer = await caller.post("tasks", action="retrieve_batch")
        assert (status, answer["error"]["code"]) == (429, "too_many_requests")
        assert caller.midjourney.lookups.refused == 1


async def test_records_can_show_up_never(caller: Caller) -> None:
    caller.midjourney.records_never()
    result = await caller.result(prompt="a red fox")
    assert await caller.post("tasks", action="retrieve", id=result["task_id"]) == (200, {})
    caller.midjourney.records_late(0)
    result = await caller.result(prompt="a red fox")
    assert (await caller.post("tasks", action="retrieve", id=result["task_id"]))[1]["id"] == result["task_id"]


async def test_edits_give_four_pictures_without_actions(caller: Caller) -> None:
    source = await caller.result(prompt="a red fox --ar 2:1")
    status, result = await caller.post("edits", image_url=source["raw_image_url"], prompt="at night", split_images=True)
    assert (status, "actions" in result, len(result["sub_image_urls"])) == (200, False, 4)
    assert (result["image_url"], result["image_width"]) == (result["raw_image_url"], result["raw_image_width"])
    whole = await caller.picture(result)
    for number, url in enumerate(result["sub_image_urls"], start=1):
        assert pixels.distance((await caller.get(url))[1], pixels.quadrant(whole, number)) < 0.01


async def test_videos_are_streamed_and_extended(caller: Caller) -> None:
    source = await caller.result(prompt="a red fox")
    lines = await caller.lines("videos", image_url=source["raw_image_url"], prompt="it runs", resolution="480p")
    video = lines[-1]
    assert (video["progress"], len(video["video_urls"]), video["image_width"]) == (100, 4, 480)
    status, film = await caller.get(video["video_urls"][3])
    assert (status, film[4:8]) == (200, b"ftyp")
    status, longer = await caller.post("videos", action="extend", video_id=video["video_id"], video_index=1)
    assert (status, longer["video_id"] != video["video_id"]) == (200, True)
    assert caller.midjourney.ledger.count("videos") == 2


async def test_words_are_answered_and_billed_and_only_descriptions_leave_a_task(caller: Caller) -> None:
    source = await caller.result(prompt="a red fox --ar 16:9")
    tasks = len(caller.midjourney.tasks)
    _, described = await caller.post("describe", image_url=source["raw_image_url"])
    assert len(set(described["descriptions"])) == 4
    assert all(" --ar " in text for text in described["descriptions"])
    assert (await caller.post("translate", content="雪地里的红狐狸"))[1]["content"].startswith("in the snow")
    assert (await caller.post("translate", content="精致完美纯白天使"))[1]["content"].startswith("Exquisite, flawless")
    assert (await caller.post("translate", content="Ein roter Fuchs im Schnee"))[1] == {"content": "a red fox in snow"}
    _, short = await caller.post("shorten", prompt="a misty mountain lake at the dawn --ar 16:9")
    assert short["prompts"][0] == "misty mountain lake dawn --ar 16:9"
    assert (await caller.post("seed", image_id=source["image_id"]))[1]["seed"].isdigit()
    assert len(caller.midjourney.tasks) == tasks + 1
    assert (
        caller.midjourney.tasks.newest.record(caller.midjourney.readings)["response"]["descriptions"]
        == described["descriptions"]
    )
    assert {name: caller.midjourney.ledger.count(name) for name in ("describe", "translate", "shorten", "seed")} == {
        "describe": 1,
        "translate": 3,
        "shorten": 1,
        "seed": 1,
    }
