"""What was refused, what was certainly not sent, what is unclear: and how often the service was asked."""

from __future__ import annotations

import asyncio
import traceback
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import pytest
from midjourney_service import GRID, TASK, TRACE, Service, client_for, error_body, preview, serve

from bot.midjourney import (
    ApiError,
    BadRequest,
    Busy,
    ImageResult,
    ImagineRequest,
    MidjourneyClient,
    ModerationRefused,
    NotSent,
    QuotaExhausted,
    Refused,
    TaskFailed,
    TokenRejected,
    TranslateRequest,
    Unclear,
)
from bot.midjourney.endpoints import IMAGINE, TRANSLATE

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


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "bad_request", BadRequest),
        (401, "invalid_token", TokenRejected),
        (403, "forbidden", ModerationRefused),
        (403, "used_up", QuotaExhausted),
        (404, "no_api", BadRequest),
        (500, "api_error", Unclear),
        (504, "timeout", Unclear),
    ],
)
async def test_an_http_error_is_raised_after_one_request(
    service: Service, client: MidjourneyClient, status: int, code: str, kind: type[ApiError]
) -> None:
    service.answer({"success": False, **error_body(code, "Told by the service.")}, status=status, times=2)
    with pytest.raises(kind) as caught:
        await client.ask(IMAGINE, FOX)
    assert (caught.value.status, caught.value.trace_id, caught.value.message) == (status, TRACE, "Told by the service.")
    _, error = await collect(client)
    assert type(error) is kind
    assert len(service.received) == 2


@pytest.mark.parametrize(
    ("status", "kind"), [(200, Unclear), (403, Refused), (404, BadRequest), (502, Unclear), (302, Unclear)]
)
async def test_html_instead_of_json_is_sorted_by_its_status(
    service: Service, client: MidjourneyClient, status: int, kind: type[ApiError]
) -> None:
    service.text("<html>Oops</html>", status=status)
    service.text("<html>Oops</html>", status=status)
    with pytest.raises(kind) as caught:
        await client.ask(IMAGINE, FOX)
    assert caught.value.status == status
    assert "<html>" not in str(caught.value)
    assert type((await collect(client))[1]) is kind
    assert len(service.received) == 2


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"success": False, **error_body("forbidden")}, ModerationRefused),
        ({"success": False, **error_body("api_error")}, Unclear),
        ({"success": False, "task_id": TASK, **error_body("api_error")}, TaskFailed),
        ({"success": False}, TaskFailed),
        (preview(80), Unclear),
        ({"task_id": TASK}, Unclear),
        ([], Unclear),
        ({**GRID, "image_url": "", "raw_image_url": None}, Unclear),
    ],
)
async def test_a_failure_may_come_with_200(service: Service, client: MidjourneyClient, body: Any, kind: type[ApiError]) -> None:
    service.answer(body)
    with pytest.raises(ApiError) as caught:
        await client.ask(IMAGINE, FOX)
    assert type(caught.value) is kind
    assert len(service.received) == 1


class Pauses:
    """Takes down what is waited for, and waits."""

    def __init__(self, told: list[tuple[ApiError, float]]) -> None:
        self._told = told

    async def __call__(self, error: ApiError, seconds: float) -> None:
        self._told.append((error, seconds))
        await asyncio.sleep(seconds)


async def test_a_busy_service_is_left_to_whoever_waits_for_room(service: Service, client: MidjourneyClient) -> None:
    told: list[tuple[ApiError, float]] = []
    service.answer(error_body("too_many_requests"), status=429, headers={"Retry-After": "60"})
    service.text("slow down", status=429)
    service.answer(error_body("too_many_requests"))
    for seconds in (60.0, None, None):
        with pytest.raises(Busy) as caught:
            await client.ask(TRANSLATE, TranslateRequest(content="x"), pause=Pauses(told))
        assert (caught.value.code, caught.value.retry_after) == ("too_many_requests", seconds)
    service.answer(error_body("too_many_requests"), status=429)
    _, error = await collect(client)
    assert isinstance(error, Busy)
    assert (len(service.received), told) == (4, [])


async def test_a_look_up_that_finds_no_room_waits_for_it(service: Service, client: MidjourneyClient) -> None:
    service.answer(error_body("too_many_requests"), status=429, times=3)
    service.answer({"items": []})
    assert (await client.tasks()).items == ()
    service.answer(error_body("too_many_requests"), status=429, times=9)
    with pytest.raises(Busy):
        await client.tasks()
    assert len(service.received) == 4 + 6


async def test_retry_after_is_read_as_seconds_or_as_a_date(service: Service, client: MidjourneyClient) -> None:
    past = format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True)
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=600), usegmt=True)
    heard: list[float | None] = []
    for header in ("0.05", past, "soon", "nan", soon.replace("GMT", "-0000")):
        service.answer(error_body("too_many_requests"), status=429, headers={"Retry-After": header})
        with pytest.raises(Busy) as caught:
            await client.ask(IMAGINE, FOX)
        heard.append(caught.value.retry_after)
    assert heard[:4] == [0.05, 0.0, None, None]
    assert heard[4] == pytest.approx(600, abs=60)


@pytest.mark.parametrize("dated", [False, True])
async def test_a_retry_after_that_does_not_fit_ends_the_trying(service: Service, client: MidjourneyClient, dated: bool) -> None:
    far = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True) if dated else "60"
    service.answer(error_body("too_many_requests"), status=429, headers={"Retry-After": far}, times=2)
    with pytest.raises(Busy) as caught:
        await client.tasks()
    assert caught.value.retry_after is not None
    assert caught.value.retry_after >= 59
    assert len(service.received) == 1


async def test_a_cut_connection_is_unclear_and_never_tried_again(service: Service, client: MidjourneyClient) -> None:
    service.disconnect(3)
    with pytest.raises(Unclear):
        await client.ask(IMAGINE, FOX)
    for _ in range(2):
        _, error = await collect(client)
        assert isinstance(error, Unclear)
    assert len(service.received) == 3


async def test_a_connection_that_went_stale_is_unclear_and_never_tried_again(
    service: Service, client: MidjourneyClient
) -> None:
    service.answer({"content": "one"})
    service.disconnect()
    await client.ask(TRANSLATE, TranslateRequest(content="x"))
    with pytest.raises(Unclear):
        await client.ask(IMAGINE, FOX)
    assert len(service.received) == 2
    assert len({sent.port for sent in service.received}) == 1


async def test_an_answer_that_is_cut_short_is_unclear(service: Service, client: MidjourneyClient) -> None:
    service.lines(b'{"image_url": "https://cdn', cut=True, content_type="application/json")
    with pytest.raises(Unclear):
        await client.ask(IMAGINE, FOX)
    assert len(service.received) == 1


async def test_an_answer_that_is_no_http_is_unclear_and_keeps_the_token_secret() -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"rubbish\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    async with server, client_for(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}") as client:
        with pytest.raises(Unclear) as caught:
            await client.ask(IMAGINE, FOX)
    assert "made-up-token" not in "".join(traceback.format_exception(caught.value))
    assert "made-up-token" not in repr(client)


async def test_an_answer_that_does_not_come_is_unclear(service: Service) -> None:
    service.hang()
    service.hang()
    async with client_for(service.url, total_timeout=0.2, text_timeout=0.2) as client:
        with pytest.raises(Unclear, match="in time"):
            await client.ask(IMAGINE, FOX)
        with pytest.raises(Unclear, match="in time"):
            await client.ask(TRANSLATE, TranslateRequest(content="x"))
    assert len(service.received) == 2


async def test_a_refused_connection_is_tried_again_then_told_as_not_sent(unused_tcp_port: int) -> None:
    told: list[tuple[ApiError, float]] = []
    async with client_for(f"http://127.0.0.1:{unused_tcp_port}") as client:
        with pytest.raises(NotSent) as caught:
            await client.ask(IMAGINE, FOX, pause=Pauses(told))
    assert type(caught.value) is NotSent
    assert caught.value.code == "unreachable"
    assert len(told) == 5


async def test_a_host_that_does_not_complete_a_connection_was_not_sent_to(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr("aiohttp.connector.TCPConnector._resolve_host", never)
    async with client_for("http://127.0.0.1:9", connect_timeout=0.05, retry_budget=0.0) as client:
        with pytest.raises(NotSent):
            await client.ask(IMAGINE, FOX)


async def test_an_impossible_address_was_not_sent_to() -> None:
    async with client_for("http://", retry_budget=0.0) as client:
        with pytest.raises(NotSent):
            await client.ask(IMAGINE, FOX)


async def test_waiting_for_a_free_connection_is_no_dead_connection(service: Service) -> None:
    service.lines(preview(35), hang=True)
    service.answer({"items": []})
    service.answer(GRID)
    async with client_for(service.url, connections=1, connect_timeout=0.1) as client:
        async with aclosing(client.submit(IMAGINE, FOX)) as stream:
            await anext(stream)
            waiting = asyncio.create_task(client.ask(IMAGINE, FOX))
            # Longer than a connection may take; look-ups don't wait behind pictures.
            await asyncio.wait([waiting], timeout=0.3)
            assert not waiting.done()
            assert (await client.tasks()).items == ()
        assert (await waiting).complete


async def test_a_connection_that_never_gets_free_was_not_sent(service: Service) -> None:
    async with client_for(service.url, connections=0, retry_budget=0.0, slot_timeout=0.05) as client:
        with pytest.raises(NotSent, match="in use"):
            await client.ask(IMAGINE, FOX)
    assert service.received == []


async def test_a_large_mask_is_sent_whole(service: Service, client: MidjourneyClient) -> None:
    service.answer(GRID)
    mask = "A" * 3_000_000
    await client.ask(IMAGINE, ImagineRequest(action="variation_region", image_id="1", prompt="a hat", mask=mask))
    assert service.received[0].body["mask"] == mask


async def test_a_text_of_a_megabyte_is_unclear_and_a_picture_may_have_one(service: Service, client: MidjourneyClient) -> None:
    service.answer({"content": "x" * 2**20})
    with pytest.raises(Unclear, match="more than 262144 bytes"):
        await client.ask(TRANSLATE, TranslateRequest(content="x"))
    service.answer({**GRID, "long": "x" * 2**20, "actions": ["upscale1"] * 110_000})
    assert (await client.ask(IMAGINE, FOX)).actions == ("upscale1",) * 200
