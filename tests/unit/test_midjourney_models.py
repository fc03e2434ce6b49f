"""Results forgive everything that can be forgiven."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from midjourney_service import GRID, GRID_ACTIONS, TASK, VIDEO, preview
from pydantic import ValidationError

from bot.midjourney import (
    ApiError,
    BadRequest,
    Descriptions,
    ImageResult,
    Seed,
    TaskFailed,
    TaskRecord,
    Translation,
    VideoResult,
    tells_failure,
)

RECORD: dict[str, Any] = {
    "id": TASK,
    "type": "imagine",
    "trace_id": "b0a683a4",
    "request": {"prompt": "A cat sitting on a table", "mode": "fast", "action": "generate", "async": True},
    "created_at": 1720364607.967,
    "started_at": 1720364608.1,
}
FAILED = {
    "success": False,
    "task_id": "7ba0feaf",
    "trace_id": "2cf86e86",
    "error": {"code": "bad_request", "message": "Unrecognized argument(s): `-c`, `x`"},
}


def test_a_grid_is_read() -> None:
    grid = ImageResult.model_validate({**GRID, "sub_image_urls": ["https://x/0.png", "https://x/1.png"]})
    assert grid.complete
    assert (grid.image_id, grid.image_width, grid.raw_image_height) == ("1234197197067915365", 1024, 2048)
    assert grid.actions == tuple(GRID_ACTIONS)
    assert grid.sub_image_urls == ("https://x/0.png", "https://x/1.png")
    assert ImageResult.model_validate_json(grid.model_dump_json()) == grid


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ("1024", 1024),
        (" 1024.0 ", 1024),
        (1024.9, 1024),
        ("", None),
        (None, None),
        ("wide", None),
        (True, None),
        ("nan", None),
        (1e99, None),
    ],
)
def test_widths_come_in_any_shape(told: object, read: int | None) -> None:
    assert ImageResult.model_validate({**GRID, "image_width": told}).image_width == read


@pytest.mark.parametrize(("told", "read"), [(101, 100), (-3, 0), ("35%", 35), ("35", 35), (99.9, 99), ([], 100)])
def test_progress_comes_in_any_shape(told: object, read: int) -> None:
    assert ImageResult.model_validate({**GRID, "progress": told}).progress == read


def test_absent_progress_is_the_end_where_there_is_a_picture() -> None:
    without = {name: value for name, value in GRID.items() if name != "progress"}
    assert ImageResult.model_validate(without).complete
    assert ImageResult.model_validate({"task_id": TASK}).progress == 0
    assert not ImageResult.model_validate({**without, "success": False}).complete


def test_numeric_ids_null_lists_and_unknown_fields_are_fine() -> None:
    result = ImageResult.model_validate(
        {**GRID, "image_id": 1234, "task_id": 5.0, "actions": None, "sub_image_urls": None, "hold": {"x": 1}, "brand_new": [1]}
    )
    assert (result.image_id, result.task_id, result.actions, result.sub_image_urls) == ("1234", "5", (), ())
    assert "brand_new" not in result.model_dump()
    assert ImageResult.model_validate({"actions": ["upscale1", None, 7], "image_url": {}}).actions == ("upscale1", "7")


@pytest.mark.parametrize("body", [[], "text", 7, None])
def test_only_an_object_is_a_result(body: object) -> None:
    with pytest.raises(ValidationError):
        ImageResult.model_validate(body)


def test_the_end_needs_something_to_show() -> None:
    assert not ImageResult.model_validate({**GRID, "image_url": None, "raw_image_url": ""}).complete
    assert ImageResult.model_validate({**GRID, "image_url": None}).complete
    assert not VideoResult.model_validate({**VIDEO, "video_urls": None}).complete
    assert VideoResult.model_validate(VIDEO).complete
    assert not ImageResult().complete


JUNK = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.lists(st.integers() | st.text())
    | st.just({"a": 1})
)


@given(
    st.dictionaries(
        st.sampled_from(
            [*GRID, *VIDEO, *RECORD, "success", "error", "response", "finished_at", "elapsed", "hold", "descriptions", "seed"]
        ),
        JUNK,
    )
)
def test_no_object_whatever_it_holds_breaks_a_result(body: dict[str, Any]) -> None:
    for model in (ImageResult, VideoResult, Descriptions, Translation, Seed):
        model.model_validate(body)
    for record in (TaskRecord.model_validate(body), TaskRecord.model_validate({"response": body, "type": "imagine"})):
        for model in (ImageResult, VideoResult, Descriptions):
            outcome = record.outcome(model)
            assert outcome is None or isinstance(outcome, ApiError) or outcome.complete
            assert outcome is None or record.progress(model) is None


@pytest.mark.parametrize(
    ("body", "failed"),
    [
        (GRID, False),
        (FAILED, True),
        ({"success": "false"}, True),
        ({"error": {"code": "timeout"}}, True),
        ({"error": {}, "image_url": "x"}, False),
        ({"error": "partial", "success": True}, False),
        ({}, False),
    ],
)
def test_a_failure_told_with_success_is_seen(body: dict[str, Any], failed: bool) -> None:
    assert tells_failure(body) is failed


def test_a_running_task_is_neither_finished_nor_failed() -> None:
    record = TaskRecord.model_validate(RECORD)
    assert (record.outcome(ImageResult), record.progress(ImageResult)) == (None, None)
    assert record.request["async"] is True
    record = TaskRecord.model_validate({**RECORD, "response": preview(35)})
    assert record.outcome(ImageResult) is None
    step = record.progress(ImageResult)
    assert step is not None
    assert step.progress == 35


def test_a_finished_task_has_its_picture() -> None:
    record = TaskRecord.model_validate({**RECORD, "response": GRID, "elapsed": 29.437, "finished_at": 1720364637.404})
    picture = record.outcome(ImageResult)
    assert isinstance(picture, ImageResult)
    assert picture.actions == tuple(GRID_ACTIONS)
    assert record.progress(ImageResult) is None
    assert record.elapsed == 29.437
    assert TaskRecord.model_validate({**RECORD, "response": GRID, "duration": "3.5"}).elapsed == 3.5
    assert TaskRecord.model_validate({**RECORD, "response": GRID}).outcome(ImageResult) == picture


def test_finished_videos_are_videos() -> None:
    record = TaskRecord.model_validate({**RECORD, "type": "videos", "response": VIDEO})
    videos = record.outcome(VideoResult)
    assert isinstance(videos, VideoResult)
    assert [(medium.type, medium.upstream_id) for medium in videos.media] == [("clip", videos.video_id)] * 2


@pytest.mark.parametrize("extra", [{}, {"finished_at": 1720364637.404}])
def test_a_failed_task_tells_why(extra: dict[str, Any]) -> None:
    record = TaskRecord.model_validate({**RECORD, "response": FAILED, **extra})
    failure = record.outcome(ImageResult)
    assert isinstance(failure, BadRequest)
    assert (failure.task_id, failure.trace_id) == (TASK, "2cf86e86")


@pytest.mark.parametrize("response", [None, {}, {"success": True}, preview(60)])
def test_a_task_that_ended_with_nothing_failed(response: dict[str, Any] | None) -> None:
    record = TaskRecord.model_validate({**RECORD, "response": response, "finished_at": 1720364637.404})
    assert type(record.outcome(ImageResult)) is TaskFailed


def test_a_task_of_another_kind_needs_no_picture() -> None:
    record = TaskRecord.model_validate(
        {"id": TASK, "type": "describe", "finished_at": 1.0, "response": {"descriptions": ["a"]}}
    )
    described = record.outcome(Descriptions)
    assert isinstance(described, Descriptions)
    assert described.descriptions == ("a",)
    assert described.media == ()


def test_a_timeout_in_a_record_is_final() -> None:
    record = TaskRecord.model_validate({**RECORD, "response": {"success": False, "error": {"code": "timeout"}}})
    failure = record.outcome(ImageResult)
    assert isinstance(failure, TaskFailed)
    assert failure.trace_id == "b0a683a4"


@pytest.mark.parametrize("error", [{}, {"error": None}, {"error": "fetch failed"}, {"error": {"message": "fetch failed"}}])
def test_a_running_record_that_says_no_without_a_reason_goes_on(error: dict[str, Any]) -> None:
    record = TaskRecord.model_validate({**RECORD, "response": {"success": False, "progress": 40, **error}})
    assert (record.outcome(ImageResult), record.progress(ImageResult)) == (None, None)
    ended = TaskRecord.model_validate({**RECORD, "response": {"success": False, **error}, "finished_at": 1720364637.404})
    assert isinstance(ended.outcome(ImageResult), TaskFailed)


@pytest.mark.parametrize("told", ["2024-07-07T15:03:57.404Z", "2024-07-07T15:03:57.404", "2024-07-07T17:03:57.404+02:00"])
def test_times_of_old_records_are_text(told: str) -> None:
    record = TaskRecord.model_validate({**RECORD, "response": preview(60), "started_at": told, "finished_at": told})
    assert record.finished_at == pytest.approx(1720364637.404)
    assert isinstance(record.outcome(ImageResult), TaskFailed)
    assert TaskRecord.model_validate({**RECORD, "finished_at": "soon"}).finished_at is None


def test_a_single_clip_may_stand_where_the_cover_is() -> None:
    url = "https://cdn.example.com/video/0_0.mp4?x=1"
    video = VideoResult.model_validate({"success": True, "video_id": "7", "image_url": url, "progress": 100})
    assert (video.complete, video.preview_url) == (True, None)
    assert [(medium.type, medium.url, medium.upstream_id) for medium in video.media] == [("clip", url, "7")]


def test_what_edits_made_needs_no_actions() -> None:
    url = "https://cdn.example.com/1391372193836826624.png"
    edited = {"image_url": url, "raw_image_url": url, "image_id": "1", "progress": 100, "success": True}
    picture = ImageResult.model_validate(edited)
    assert (picture.complete, picture.actions) == (True, ())
    assert [(medium.url, medium.small_url) for medium in picture.media] == [(url, url)]


def test_whose_a_record_is_is_not_shown() -> None:
    record = TaskRecord.model_validate({**RECORD, "user_id": "me-and-only-me", "credential_id": "my-key"})
    assert "me-and-only-me" not in repr(record)
    assert "my-key" not in repr(record)


def test_a_link_without_a_progress_is_a_picture_only_at_the_end() -> None:
    response = {"image_url": "https://cdn.example.com/preview.png", "progress": None}
    record = TaskRecord.model_validate({**RECORD, "response": response})
    step = record.progress(ImageResult)
    assert record.outcome(ImageResult) is None
    assert step is not None
    assert (step.progress, step.preview_url) == (0, response["image_url"])
    ended = TaskRecord.model_validate({**RECORD, "response": response, "finished_at": 1720364637.404})
    assert isinstance(ended.outcome(ImageResult), ImageResult)
