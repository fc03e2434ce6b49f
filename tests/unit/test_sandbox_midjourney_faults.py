"""Everything the imitated API can be told to do wrong."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from sandbox_midjourney_caller import NDJSON, Caller, calling

from sandbox.traffic import Traffic

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    async with calling() as caller:
        yield caller


async def until_broken(caller: Caller, **body: Any) -> list[dict[str, Any]]:
    """The lines of a stream whose connection must break."""
    lines: list[dict[str, Any]] = []
    with pytest.raises(aiohttp.ClientError):
        await read(caller, lines, **body)
    return lines


async def read(caller: Caller, into: list[dict[str, Any]], **body: Any) -> None:
    """Collect a stream's lines, so that they can be looked at while they come and when it breaks."""
    async for line in caller.stream(**body):
        into.append(line)  # noqa: PERF401 - a comprehension would keep them to itself


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "api_not_implemented"),
        (401, "token_expired"),
        (403, "disabled"),
        (403, "forbidden"),
        (404, "no_api"),
        (429, "too_many_requests"),
        (500, "api_error"),
        (504, "timeout"),
        (500, "something_new"),
    ],
)
async def test_every_error_can_be_provoked_and_costs_nothing(caller: Caller, status: int, code: str) -> None:
    caller.midjourney.fail_next(status, code, "so it is", times=2)
    for _ in range(2):
        got, answer = await caller.post("imagine", prompt="a fox")
        assert (got, answer["error"]) == (status, {"code": code, "message": "so it is"})
    assert caller.midjourney.ledger.count() == 0
    assert (await caller.post("imagine", prompt="a fox"))[0] == 200
    assert [seen.status for seen in caller.midjourney.received("imagine")] == [status, status, 200]


async def test_an_error_can_name_a_pause_or_be_a_page(caller: Caller) -> None:
    url = f"{caller.midjourney.url}/midjourney/imagine"
    caller.midjourney.fail_next(429, retry_after=3)
    caller.midjourney.fail_next(502, html=True)
    async with caller.session.post(url, json={"prompt": "a fox"}) as response:
        assert (response.status, response.headers["Retry-After"]) == (429, "3")
    async with caller.session.post(url, json={"prompt": "a fox"}) as response:
        assert (response.status, response.content_type) == (502, "text/html")


async def test_faults_meet_look_ups_and_pictures_only_by_name(caller: Caller) -> None:
    caller.midjourney.fail_next(500)
    assert (await caller.post("tasks", action="retrieve_batch"))[0] == 200
    assert (await caller.post("imagine", prompt="a fox"))[0] == 500
    result = await caller.result(prompt="a fox")
    caller.midjourney.fail_next(503, endpoint="tasks")
    caller.midjourney.fail_next(503, endpoint="pictures")
    assert (await caller.post("tasks", action="retrieve_batch"))[0] == 503
    assert [(await caller.get(result["image_url"]))[0] for _ in range(2)] == [503, 200]


async def test_a_request_can_be_accepted_and_yet_answered_with_an_error(caller: Caller) -> None:
    caller.midjourney.fail_next(504, accepted=True)
    assert (await caller.post("imagine", prompt="a fox"))[0] == 504
    await caller.midjourney.settled()
    _, batch = await caller.post("tasks", action="retrieve_batch", user_id=caller.midjourney.account.user_id)
    assert (batch["count"], batch["items"][0]["response"]["progress"]) == (1, 100)
    caller.midjourney.fail_next(500, accepted=True, endpoint="translate")
    assert (await caller.post("translate", content="ein Schloss"))[0] == 500
    assert (caller.midjourney.ledger.count(), caller.midjourney.ledger.count("translate")) == (2, 1)


async def test_a_cut_before_acceptance_is_not_billed(caller: Caller) -> None:
    caller.midjourney.cut_next(accepted=False)
    assert await until_broken(caller, prompt="a fox") == []
    assert (caller.midjourney.ledger.count(), len(caller.midjourney.tasks)) == (0, 0)


@pytest.mark.parametrize("after", [0, 1, 3])
async def test_a_cut_stream_leaves_its_task_running(caller: Caller, after: int) -> None:
    caller.midjourney.cut_next(after_lines=after)
    assert len(await until_broken(caller, prompt="a fox")) == after
    await caller.midjourney.settled()
    assert caller.midjourney.tasks.newest.record(caller.midjourney.readings)["response"]["progress"] == 100
    assert caller.midjourney.ledger.count() == 1


async def test_a_plain_and_a_word_call_can_be_cut(caller: Caller) -> None:
    caller.midjourney.cut_next(times=2)
    for endpoint, body in (("imagine", {"prompt": "a fox"}), ("translate", {"content": "ein Schloss"})):
        with pytest.raises(aiohttp.ClientError):
            await caller.post(endpoint, **body)
    await caller.midjourney.settled()
    assert caller.midjourney.ledger.count() == 2


async def test_a_stream_can_end_early_in_good_order(caller: Caller) -> None:
    caller.midjourney.end_early_next(after_lines=2)
    assert [line["progress"] for line in await caller.lines(prompt="a fox")] == [15, 35]
    await caller.midjourney.settled()
    assert caller.midjourney.tasks.newest.finished_at is not None


async def test_an_answer_can_be_slow(caller: Caller) -> None:
    caller.midjourney.slow_next(0.2)
    start = time.monotonic()
    await caller.post("translate", content="ein Schloss")
    assert time.monotonic() - start >= 0.2


@pytest.mark.parametrize(
    ("point", "accepted", "lines"),
    [("before_accept", 0, 0), ("after_accept", 1, 0), ("after_line:2", 1, 2), ("before_final", 1, 5)],
)
async def test_a_request_can_be_held_at_any_point(caller: Caller, point: str, accepted: int, lines: int) -> None:
    held = caller.midjourney.hold_next(point)
    got: list[dict[str, Any]] = []
    reading = asyncio.create_task(read(caller, got, prompt="a fox"))
    await held.reached()
    assert (len(caller.midjourney.ledger.accepted), caller.midjourney.ledger.count()) == (accepted, 0)
    assert [len(task.lines) for task in caller.midjourney.tasks] == [lines] * accepted
    held.release()
    await asyncio.wait_for(reading, 5)
    assert len(got) == 6


async def test_a_held_task_survives_its_client_and_is_finished_afterwards(caller: Caller) -> None:
    held = caller.midjourney.hold_next("after_line:1")
    url = f"{caller.midjourney.url}/midjourney/imagine"
    response = await caller.session.post(url, json={"prompt": "a fox"}, headers={"Accept": NDJSON})
    await held.reached()
    response.close()
    held.release()
    await caller.midjourney.settled()
    assert caller.midjourney.tasks[held.task_id or ""].record(caller.midjourney.readings)["response"]["progress"] == 100


async def test_a_failed_task_ends_its_stream_and_its_record_and_is_not_billed(caller: Caller) -> None:
    caller.midjourney.balance = 1.0
    caller.midjourney.fail_task_next("task_failed", "the paint ran out", times=2)
    lines = await caller.lines(prompt="a fox")
    assert list(lines[-1]) == ["success", "task_id", "trace_id", "error"]
    assert (await caller.get(lines[0]["image_url"]))[0] == 404
    record = caller.midjourney.tasks.newest.record(caller.midjourney.readings)
    assert (record["response"], "finished_at" in record) == (lines[-1], True)
    assert (await caller.post("imagine", prompt="a fox"))[0] == 500
    assert (caller.midjourney.ledger.count(), caller.midjourney.balance, len(caller.midjourney.ledger.accepted)) == (0, 1.0, 2)


async def test_a_failure_can_come_as_200(caller: Caller) -> None:
    caller.midjourney.fail_as_200_next("api_error", "fetch failed")
    status, answer = await caller.post("imagine", prompt="a fox")
    assert (status, answer["success"], answer["error"]["message"]) == (200, False, "fetch failed")
    assert caller.midjourney.ledger.count() == 0


async def test_lines_can_be_chopped_and_still_read(caller: Caller) -> None:
    caller.midjourney.chop_lines()
    assert [line["progress"] for line in await caller.lines(prompt="a fox")] == [15, 35, 55, 75, 95, 100]


async def test_lines_can_be_scripted(caller: Caller) -> None:
    final = {"success": True, "progress": 100, "image_id": "77", "actions": ["glow_up"], "image_width": "64"}
    caller.midjourney.script_next([{"progress": 3}, b"\n", b'{"progress": "half"}\n', final])
    lines = await caller.lines(prompt="a fox")
    assert [line.get("progress") for line in lines] == [3, "half", 100]
    assert lines[-1] == final | {"task_id": lines[0]["task_id"]}
    assert (await caller.result(action="glow_up", image_id="77"))["progress"] == 100


async def test_the_next_result_can_offer_any_actions(caller: Caller) -> None:
    names = [f"action_{number}" for number in range(59)] + ["x" * 120]
    caller.midjourney.next_actions(names)
    result = await caller.result(prompt="a fox")
    assert result["actions"] == names
    assert (await caller.result(action=names[-1], image_id=result["image_id"]))["actions"][0] == "upscale1"


async def test_answers_can_have_odd_habits(caller: Caller) -> None:
    caller.midjourney.readings.string_widths = True
    caller.midjourney.quirks.unknown_fields = True
    result = await caller.result(prompt="a fox")
    assert (result["image_width"], result["raw_image_height"], "flavour" in result) == ("64", "128", True)


async def test_links_can_expire_and_files_can_weigh_or_break(caller: Caller) -> None:
    result = await caller.result(prompt="a fox")
    caller.midjourney.expire_picture_links()
    assert (await caller.get(result["raw_image_url"]))[0] == 404
    caller.midjourney.expire_picture_links(on=False)
    caller.midjourney.weigh_pictures(raw=300_000)
    assert len(await caller.picture(result)) == 300_000
    assert len((await caller.get(result["image_url"]))[1]) < 100_000
    caller.midjourney.cut_next(endpoint="pictures")
    with pytest.raises(aiohttp.ClientError):
        await caller.get(result["raw_image_url"])


async def test_traffic_is_recorded() -> None:
    exchanges: list[tuple[str, str, str, dict[str, Any]]] = []

    class Recorder(Traffic):
        recording = True  # type: ignore[assignment]  # though there is no file

        def exchange(self, service: str, method: str, path: str, **rest: Any) -> None:
            exchanges.append((service, method, path, rest))

    async with calling(traffic=Recorder()) as caller:
        await caller.lines(prompt="a fox")
        await caller.post("imagine")
    assert [(*names, rest["status"]) for *names, rest in exchanges] == [
        ("midjourney", "POST", "/midjourney/imagine", 200),
        ("midjourney", "POST", "/midjourney/imagine", 400),
    ]
    assert json.loads(exchanges[0][3]["request"][1]) == {"prompt": "a fox"}
    assert exchanges[0][3]["response"][1].count(b"\n") == 6
