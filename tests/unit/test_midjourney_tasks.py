"""Looking tasks up: free, repeatable, and slow enough for the service."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from midjourney_service import GRID, TASK, TRACE, Service, client_for, error_body, serve

from bot.midjourney import (
    BadRequest,
    ImageResult,
    MidjourneyClient,
    Refused,
    TokenRejected,
    Unclear,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with serve() as running:
        yield running


@pytest.fixture
async def client(service: Service) -> AsyncIterator[MidjourneyClient]:
    async with client_for(service.url) as opened:
        yield opened


async def test_one_task_is_looked_up(service: Service, client: MidjourneyClient) -> None:
    service.answer({"id": TASK, "type": "imagine", "request": {}, "response": GRID, "finished_at": 1720364637.4})
    service.answer({"id": TASK, "success": False, "response": {"success": False, **error_body("bad_request")}})
    service.answer({})
    found = await client.task(TASK)
    assert found is not None
    assert isinstance(found.outcome(ImageResult), ImageResult)
    failed = await client.task(trace_id=TRACE)
    assert failed is not None
    assert isinstance(failed.outcome(ImageResult), BadRequest)
    assert await client.task(TASK) is None
    assert [sent.body for sent in service.received][:2] == [
        {"action": "retrieve", "id": TASK},
        {"action": "retrieve", "trace_id": TRACE},
    ]
    assert service.received[0].headers["x-record-exempt"] == "true"


async def test_many_tasks_are_looked_up_in_one_call(service: Service, client: MidjourneyClient) -> None:
    service.answer({"items": [{"id": "a", "response": GRID}, None, {}, {"id": "b"}], "count": 2})
    service.answer({"items": [], "count": 0})
    service.answer({})
    service.answer({"items": None})
    assert [record.id for record in (await client.tasks(iter(["a", "b"]))).items] == ["a", "b"]
    assert (await client.tasks(trace_ids=["t"])).items == ()
    assert (await client.tasks(offset=12, limit=50, user_id="u", created_at_min=1.0, created_at_max=2.0)).items == ()
    assert (await client.tasks()).items == ()
    assert (await client.tasks([])).items == ()
    assert [sent.body for sent in service.received] == [
        {"action": "retrieve_batch", "ids": ["a", "b"], "limit": 2},
        {"action": "retrieve_batch", "trace_ids": ["t"], "limit": 1},
        {
            "action": "retrieve_batch",
            "offset": 12,
            "limit": 50,
            "user_id": "u",
            "created_at_min": 1.0,
            "created_at_max": 2.0,
        },
        {"action": "retrieve_batch"},
    ]


async def test_a_look_up_is_repeated_after_an_unclear_end_because_it_bills_nothing(
    service: Service, client: MidjourneyClient
) -> None:
    service.answer(error_body("api_error"), status=500)
    service.disconnect()
    service.answer({"items": [{"id": "a"}]})
    assert len((await client.tasks()).items) == 1
    service.answer(error_body("api_error"), status=500, times=3)
    with pytest.raises(Unclear):
        await client.tasks()
    service.answer(error_body("invalid_token"), status=401)
    with pytest.raises(TokenRejected):
        await client.tasks()
    service.answer({"success": False, **error_body("disabled")})
    with pytest.raises(Refused):
        await client.task(TASK)
    assert len(service.received) == 3 + 3 + 1 + 1


async def test_look_ups_keep_their_distance(service: Service) -> None:
    service.answer({"items": []}, times=4)
    async with client_for(service.url, tasks_interval=0.1) as client:
        await asyncio.gather(*(client.tasks() for _ in range(4)))
    times = [sent.at for sent in service.received]
    assert len(times) == 4
    assert times[-1] - times[0] >= 0.25


async def test_a_client_that_is_not_open_says_so() -> None:
    with pytest.raises(RuntimeError, match="async with"):
        await client_for("http://127.0.0.1:9").tasks()
