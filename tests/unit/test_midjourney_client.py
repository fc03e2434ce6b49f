"""The client against a real server on loopback: each way to get a result."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import pytest
from midjourney_service import GRID, TASK, TRACE, VIDEO, Service, client_for, error_body, preview, serve

from bot import __version__
from bot.midjourney import (
    ApiError,
    DescribeRequest,
    EditsRequest,
    ImageResult,
    ImagineRequest,
    MidjourneyClient,
    ModerationRefused,
    SeedRequest,
    ShortenRequest,
    TaskFailed,
    TranslateRequest,
    Unclear,
    VideosRequest,
)
from bot.midjourney.endpoints import DESCRIBE, EDITS, IMAGINE, SEED, SHORTEN, TRANSLATE, VIDEOS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

FOX = ImagineRequest(prompt="a red fox", mode="fast")
LATER = ImagineRequest(prompt="a red fox", async_=True)


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with serve() as running:
        yield running


@pytest.fixture
async def client(service: Service) -> AsyncIterator[MidjourneyClient]:
    async with client_for(service.url) as opened:
        yield opened


async def collect(client: MidjourneyClient, request: ImagineRequest = FOX) -> tuple[list[ImageResult], ApiError | None]:
    seen: list[ImageResult] = []
    try:
        async for result in client.stream(IMAGINE, request):
            seen.append(result)  # noqa: PERF401  # what came before a failure counts
    except ApiError as error:
        return seen, error
    return seen, None


async def test_a_plain_answer_is_awaited(service: Service, client: MidjourneyClient) -> None:
    service.answer({**GRID, "image_width": "1024"})
    result = await client.ask(IMAGINE, FOX)
    assert result.complete
    assert result.image_width == 1024
    [sent] = service.received
    assert sent.path == "/midjourney/imagine"
    assert sent.body == {"action": "generate", "prompt": "a red fox", "mode": "fast"}
    assert sent.headers["Authorization"] == "Bearer made-up-token"
    assert sent.headers["Accept"] == "application/json"
    assert sent.headers["User-Agent"] == f"Easel/{__version__}"


async def test_a_stream_tells_every_step(service: Service, client: MidjourneyClient) -> None:
    service.lines(preview(35), b"\r\n", {**preview(75), "task_id": None}, GRID, b"rubbish after the end")
    seen, error = await collect(client)
    assert error is None
    assert [result.progress for result in seen] == [35, 75, 100]
    assert {result.task_id for result in seen} == {TASK}
    assert seen[-1].complete
    assert service.received[0].headers["Accept"] == "application/x-ndjson"


@pytest.mark.parametrize("content_type", ["application/json", "text/plain"])
async def test_a_stream_may_come_as_one_object_or_under_another_name(
    service: Service, client: MidjourneyClient, content_type: str
) -> None:
    service.lines(GRID, content_type=content_type)
    service.lines(preview(35), GRID, content_type=content_type)
    assert [result.progress for result in (await collect(client))[0]] == [100]
    assert [result.progress for result in (await collect(client))[0]] == [35, 100]


@pytest.mark.parametrize("lines", [[preview(35)], [{"task_id": TASK}], [{**GRID, "image_url": None, "raw_image_url": None}]])
@pytest.mark.parametrize("cut", [False, True])
async def test_a_stream_without_an_end_is_unclear_and_names_its_task(
    service: Service, client: MidjourneyClient, lines: list[dict[str, Any]], cut: bool
) -> None:
    service.lines(*lines, cut=cut)
    _, error = await collect(client)
    assert type(error) is Unclear
    # A cut may overtake the last line.
    assert error.task_id == TASK or cut
    assert len(service.received) == 1


async def test_an_empty_stream_is_unclear(service: Service, client: MidjourneyClient) -> None:
    service.lines()
    seen, error = await collect(client)
    assert (seen, type(error)) == ([], Unclear)


async def test_rubbish_in_a_stream_is_unclear(service: Service, client: MidjourneyClient) -> None:
    service.lines(preview(35), b"<html>\n", GRID)
    seen, error = await collect(client)
    assert [result.progress for result in seen] == [35]
    assert isinstance(error, Unclear)
    assert error.task_id == TASK


async def test_a_silent_stream_is_unclear(service: Service) -> None:
    service.lines(preview(35), hang=True)
    async with client_for(service.url, line_timeout=0.2) as client:
        seen, error = await collect(client)
    assert [result.progress for result in seen] == [35]
    assert isinstance(error, Unclear)
    assert error.task_id == TASK


@pytest.mark.parametrize(
    ("code", "kind"),
    [("forbidden", ModerationRefused), ("task_failed", TaskFailed), ("api_error", TaskFailed), ("timeout", Unclear)],
)
async def test_a_failure_in_a_line_ends_the_stream(
    service: Service, client: MidjourneyClient, code: str, kind: type[ApiError]
) -> None:
    service.lines(preview(35), {"success": False, **error_body(code)})
    seen, error = await collect(client)
    assert len(seen) == 1
    assert type(error) is kind
    assert (error.code, error.task_id, error.trace_id) == (code, TASK, TRACE)


async def test_a_cancelled_stream_closes_its_connection(service: Service, client: MidjourneyClient) -> None:
    service.lines(preview(35), hang=True)
    started = asyncio.Event()

    async def watch() -> None:
        async for _ in client.stream(IMAGINE, FOX):
            started.set()

    watching = asyncio.create_task(watch())
    await asyncio.wait_for(started.wait(), 5)
    watching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await watching
    await asyncio.wait_for(service.gone.wait(), 5)


async def test_a_stream_left_early_closes_its_connection(service: Service, client: MidjourneyClient) -> None:
    service.lines(preview(35), hang=True)
    async with aclosing(client.stream(IMAGINE, FOX)) as stream:
        async for _ in stream:
            break
    await asyncio.wait_for(service.gone.wait(), 5)


async def test_a_submission_is_answered_with_its_task(service: Service, client: MidjourneyClient) -> None:
    service.answer({"task_id": TASK})
    service.answer({"task_id": TASK, "success": True})
    assert (await client.submit(IMAGINE, LATER)).task_id == TASK
    assert (await client.submit(IMAGINE, ImagineRequest(prompt="a", callback_url="https://bot.example/cb"))).task_id == TASK
    assert [sent.headers["Accept"] for sent in service.received] == ["application/json", "application/x-ndjson"]
    assert service.received[0].body["async"] is True


async def test_a_submission_needs_the_first_line_only(service: Service, client: MidjourneyClient) -> None:
    service.lines({"task_id": TASK}, hang=True)
    assert (await client.submit(IMAGINE, ImagineRequest(prompt="a", callback_url="https://bot.example/cb"))).task_id == TASK
    await asyncio.wait_for(service.gone.wait(), 5)


async def test_a_submission_that_would_be_waited_for_is_a_mistake(service: Service, client: MidjourneyClient) -> None:
    with pytest.raises(ValueError, match="async or callback_url"):
        await client.submit(IMAGINE, FOX)
    assert service.received == []


async def test_a_submission_without_a_task_is_unclear(service: Service, client: MidjourneyClient) -> None:
    service.answer({"success": True})
    with pytest.raises(Unclear):
        await client.submit(IMAGINE, LATER)


async def test_edits_and_videos_have_the_same_three_ways(service: Service, client: MidjourneyClient) -> None:
    edit = EditsRequest(image_url="https://x/a.png", prompt="a hat")
    video = VideosRequest(image_url="https://x/a.png")
    service.answer({**GRID, "actions": None})
    service.lines(preview(10), GRID)
    service.answer({"task_id": TASK})
    assert (await client.ask(EDITS, edit)).complete
    assert [result.progress async for result in client.stream(EDITS, edit)] == [10, 100]
    assert (await client.submit(EDITS, edit.model_copy(update={"async_": True}))).task_id == TASK
    service.answer(VIDEO)
    service.lines({**VIDEO, "progress": 40, "video_urls": []}, VIDEO)
    service.answer({"task_id": TASK})
    assert len((await client.ask(VIDEOS, video)).video_urls) == 2
    assert [result.progress async for result in client.stream(VIDEOS, video)] == [40, 100]
    assert (await client.submit(VIDEOS, video.model_copy(update={"async_": True}))).task_id == TASK
    assert [sent.path for sent in service.received] == ["/midjourney/edits"] * 3 + ["/midjourney/videos"] * 3


async def test_texts_are_answered(service: Service, client: MidjourneyClient) -> None:
    service.answer({"descriptions": ["one --ar 75:44", "two", "three", "four"], "new": 1})
    service.answer({"content": "Exquisite, flawless, pure white angel"})
    service.answer({"prompts": ["misty lake", "alpine lake"]})
    service.answer({"seed": 3412987745})
    assert len((await client.ask(DESCRIBE, DescribeRequest(image_url="https://x/a.png"))).descriptions) == 4
    assert (await client.ask(TRANSLATE, TranslateRequest(content="x"))).content == "Exquisite, flawless, pure white angel"
    assert (await client.ask(SHORTEN, ShortenRequest(prompt="x"))).prompts == ("misty lake", "alpine lake")
    assert (await client.ask(SEED, SeedRequest(image_id="12"))).seed == "3412987745"
    assert [sent.path.rpartition("/")[2] for sent in service.received] == ["describe", "translate", "shorten", "seed"]


@pytest.mark.parametrize("body", [{}, {"content": None}, {"success": True, "content": ""}])
async def test_a_text_that_is_missing_is_unclear(service: Service, client: MidjourneyClient, body: dict[str, Any]) -> None:
    service.answer(body)
    with pytest.raises(Unclear):
        await client.ask(TRANSLATE, TranslateRequest(content="x"))
