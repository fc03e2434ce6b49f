"""The imitated API reads what its sources leave open in either way, and lists other people's tasks beside ours."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest
from sandbox_midjourney_caller import NDJSON, Caller, calling


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    async with calling() as caller:
        yield caller


async def listed(caller: Caller, **query: Any) -> list[dict[str, Any]]:
    _, page = await caller.post("tasks", action="retrieve_batch", **query)
    items: list[dict[str, Any]] = page["items"]
    assert page["count"] >= len(items)
    return items


async def test_a_stranger_s_task_with_the_same_words_is_listed_beside_ours(caller: Caller) -> None:
    result = await caller.result(prompt="a red fox")
    ours, stranger = await listed(caller)
    assert (ours["id"], ours["request"]["prompt"]) == (result["task_id"], stranger["request"]["prompt"])
    assert ours["user_id"] == caller.midjourney.account.user_id != stranger["user_id"]
    assert [each["id"] for each in await listed(caller, user_id=ours["user_id"])] == [ours["id"]]
    assert stranger["response"]["progress"] == 100


async def test_a_stranger_has_it_even_where_our_request_was_not_taken(caller: Caller) -> None:
    caller.midjourney.fail_next(500)
    await caller.post("describe", image_url="https://example.com/fox.png")
    (stranger,) = await listed(caller)
    assert (stranger["type"], stranger["user_id"]) == ("describe", caller.midjourney.stranger.user_id)
    assert len(stranger["response"]["descriptions"]) == 4


async def test_another_program_of_ours_has_our_user_and_another_credential(caller: Caller) -> None:
    other = caller.midjourney.account.other_program()
    caller.midjourney.add_task_of(other, "imagine", {"prompt": "a red fox", "action": "generate"})
    (record,) = await listed(caller, user_id=caller.midjourney.account.user_id)
    assert record["credential_id"] != caller.midjourney.account.credential_id


@pytest.mark.parametrize(("reading", "count"), [("everybody", 2), ("own", 1), ("nothing", 0)])
async def test_a_listing_without_a_name_is_read_three_ways(caller: Caller, reading: Any, count: int) -> None:
    caller.midjourney.readings.listing = reading
    await caller.result(prompt="a red fox")
    assert len(await listed(caller)) == count
    assert len(await listed(caller, user_id=caller.midjourney.account.user_id)) == 1


async def test_a_page_and_a_list_of_ids_are_cut_without_a_word(caller: Caller) -> None:
    caller.midjourney.readings.listing_limit = 2
    caller.midjourney.readings.ids_limit = 3
    ids = [(await caller.result(prompt="a red fox"))["task_id"] for _ in range(4)]
    ours = caller.midjourney.account.user_id
    _, page = await caller.post("tasks", action="retrieve_batch", limit=100, user_id=ours)
    assert (len(page["items"]), page["count"]) == (2, 4)
    assert len(await listed(caller, ids=ids, limit=2)) == 2
    caller.midjourney.readings.listing_limit = 50
    assert {each["id"] for each in await listed(caller, ids=ids, limit=50)} == set(ids[:3])


@pytest.mark.parametrize("streams", [False, True])
async def test_async_is_answered_by_one_object_at_once_or_by_lines_once_it_is_painted(caller: Caller, *, streams: bool) -> None:
    caller.midjourney.readings.async_streams = streams
    caller.midjourney.queue["relax"] = 0.3
    url = f"{caller.midjourney.url}/midjourney/imagine"
    body = {"prompt": "a red fox", "async": True, "mode": "relax"}
    began = time.monotonic()
    async with caller.session.post(url, json=body, headers={"Accept": NDJSON}) as response:
        first = await response.content.readline()
        waited = time.monotonic() - began
        rest = (await response.read()).count(b"\n")
    assert b"task_id" in first
    assert (rest, waited >= 0.3) == ((5, True) if streams else (0, False))
    await caller.midjourney.settled()


async def test_records_may_tell_nothing_before_the_end(caller: Caller) -> None:
    caller.midjourney.readings.record_progress = False
    held = caller.midjourney.hold_next("after_line:2")
    _, answer = await caller.post("imagine", **{"prompt": "a red fox", "async": True})
    await held.reached()
    _, record = await caller.post("tasks", action="retrieve", id=answer["task_id"])
    assert ("started_at" in record, "response" in record) == (True, False)
    held.release()
    await caller.midjourney.settled()
    _, record = await caller.post("tasks", action="retrieve", id=answer["task_id"])
    assert record["response"]["progress"] == 100


@pytest.mark.parametrize("from_start", [True, False])
async def test_a_description_is_recorded_from_the_start_or_at_its_end(caller: Caller, *, from_start: bool) -> None:
    caller.midjourney.readings.record_from_start = from_start
    held = caller.midjourney.hold_next("after_accept", endpoint="describe")
    asking = asyncio.create_task(caller.post("describe", image_url="https://example.com/fox.png"))
    await held.reached()
    ours = caller.midjourney.account.user_id
    assert len(await listed(caller, user_id=ours)) == int(from_start)
    held.release()
    await asking
    (record,) = await listed(caller, user_id=ours)
    assert len(record["response"]["descriptions"]) == 4


async def test_times_and_sizes_may_be_text(caller: Caller) -> None:
    caller.midjourney.readings.iso_times = caller.midjourney.readings.string_widths = True
    await caller.result(prompt="a red fox")
    (record,) = await listed(caller, user_id=caller.midjourney.account.user_id)
    assert datetime.fromisoformat(record["finished_at"]).timestamp() == pytest.approx(time.time(), abs=60)
    assert record["response"]["image_width"] == "64"
    assert "email" in record


async def test_a_film_may_be_a_single_clip_in_the_cover_s_place(caller: Caller) -> None:
    caller.midjourney.readings.single_video = True
    source = await caller.result(prompt="a red fox")
    lines = await caller.lines("videos", image_url=source["raw_image_url"], prompt="it runs", resolution="480p")
    assert "video_urls" not in lines[-1]
    status, film = await caller.get(lines[-1]["image_url"])
    assert (status, film[4:8]) == (200, b"ftyp")


@pytest.mark.parametrize(("reading", "status", "told"), [("refused", 400, False), ("dropped", 200, False), ("kept", 200, True)])
async def test_fields_that_nobody_knows(caller: Caller, reading: Any, status: int, *, told: bool) -> None:
    caller.midjourney.readings.extra_fields = reading
    answered, _ = await caller.post("imagine", prompt="a red fox", colour="red")
    records = await listed(caller, user_id=caller.midjourney.account.user_id)
    assert (answered, [each["request"].get("colour") for each in records]) == (
        status,
        [] if status != 200 else ["red" if told else None],
    )
