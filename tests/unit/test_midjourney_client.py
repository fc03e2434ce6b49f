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
    BadRequest,
    DescribeRequest,
    EditsRequest,
    ImageResult,
    ImagineRequest,
    MidjourneyClient,
    ModerationRefused,
    SeedRequest,
    ShortenRequest,
    TaskFailed,
    TokenRejected,
    TranslateRequest,
    Unclear,
    VideosRequest,
)
from bot.midjourney.endpoints import DESCRIBE, EDITS, IMAGINE, SEED, SHORTEN, TRANSLATE, VIDEOS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

FOX = ImagineRequest(prompt="a red fox", mode="fast")


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
        async for result in client.submit(IMAGINE, request):
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
async def test_lines_without_a_result_leave_the_rest_to_the_task(
    service: Service, client: MidjourneyClient, lines: list[dict[str, Any]], cut: bool
) -> None:
    service.lines(*lines, cut=cut)
    seen, error = await collect(client)
    told = error.task_id if error else seen[-1].task_id if seen else TASK
    # A cut may overtake the last line, and is not waited for behind a line that says 100 per cent.
    assert error is None or (cut and type(error) is Unclear)
    assert told == TASK or cut
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
        async for _ in client.submit(IMAGINE, FOX):
            started.set()

    watching = asyncio.create_task(watch())
    await asyncio.wait_for(started.wait(), 5)
    watching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await watching
    await asyncio.wait_for(service.gone.wait(), 5)


async def test_a_stream_left_early_closes_its_connection(service: Service, client: MidjourneyClient) -> None:
    service.lines(preview(35), hang=True)
    async with aclosing(client.submit(IMAGINE, FOX)) as stream:
        async for _ in stream:
            break
    await asyncio.wait_for(service.gone.wait(), 5)


@pytest.mark.parametrize("answer", [{"task_id": TASK}, {"task_id": TASK, "success": True}])
async def test_a_submission_is_answered_with_its_task(
    service: Service, client: MidjourneyClient, answer: dict[str, Any]
) -> None:
    service.answer(answer)
    seen, error = await collect(client)
    assert ([step.task_id for step in seen], error) == ([TASK], None)
    [sent] = service.received
    assert (sent.body["async"], sent.headers["Accept"]) == (True, "application/x-ndjson")


async def test_the_first_line_is_told_before_another_comes(service: Service, client: MidjourneyClient) -> None:
    service.lines({"task_id": TASK}, hang=True)
    async with aclosing(client.submit(IMAGINE, FOX)) as steps, asyncio.timeout(5):
        assert (await anext(steps)).task_id == TASK
    await asyncio.wait_for(service.gone.wait(), 5)


async def test_a_submission_without_a_task_is_unclear(service: Service, client: MidjourneyClient) -> None:
    service.answer({"success": True})
    _, error = await collect(client)
    assert type(error) is Unclear


async def test_edits_and_videos_are_submitted_in_the_same_way(service: Service, client: MidjourneyClient) -> None:
    edit = EditsRequest(image_url="https://x/a.png", prompt="a hat")
    video = VideosRequest(image_url="https://x/a.png")
    service.answer({**GRID, "actions": None})
    service.lines(preview(10), GRID)
    service.answer({"task_id": TASK})
    assert (await client.ask(EDITS, edit)).complete
    assert [result.progress async for result in client.submit(EDITS, edit)] == [10, 100]
    assert [result.task_id async for result in client.submit(EDITS, edit)] == [TASK]
    service.answer(VIDEO)
    service.lines({**VIDEO, "progress": 40, "video_urls": []}, VIDEO)
    service.answer({"task_id": TASK})
    assert len((await client.ask(VIDEOS, video)).video_urls) == 2
    assert [result.progress async for result in client.submit(VIDEOS, video)] == [40, 100]
    assert [result.task_id async for result in client.submit(VIDEOS, video)] == [TASK]
    assert [sent.path for sent in service.received] == ["/midjourney/edits"] * 3 + ["/midjourney/videos"] * 3


async def test_a_token_is_checked_by_a_request_that_nothing_can_come_of(service: Service, client: MidjourneyClient) -> None:
    service.answer(error_body("bad_request"), status=400)
    await client.check_token()
    service.answer(error_body("invalid_token"), status=401)
    with pytest.raises(TokenRejected):
        await client.check_token()
    service.answer(error_body("no_api"), status=404)
    with pytest.raises(BadRequest):  # that says nothing of the token
        await client.check_token()
    assert [(sent.path, sent.body) for sent in service.received] == [("/midjourney/translate", {})] * 3


async def test_a_token_is_named_without_being_told(client: MidjourneyClient) -> None:
    assert len(client.token_digest) == 16
    assert client.token_digest not in "made-up-token"
    assert client.token_digest == client_for("http://127.0.0.1:9").token_digest


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
