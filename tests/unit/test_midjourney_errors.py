"""Every failure lands in the class that tells what may be done about it."""

from __future__ import annotations

import pytest
from midjourney_service import TASK, TRACE, error_body

from bot.midjourney import (
    AccountDisabled,
    ApiError,
    BadRequest,
    Busy,
    Family,
    ModerationRefused,
    NotSent,
    QuotaExhausted,
    Refused,
    TaskFailed,
    TokenRejected,
    Unclear,
    error_from,
    family_of,
)

ROWS = [
    (400, "bad_request", BadRequest),
    (400, "no_token", TokenRejected),
    (400, "api_not_implemented", BadRequest),
    (400, "token_mismatched", TokenRejected),
    (401, "token_mismatched", TokenRejected),
    (401, "invalid_token", TokenRejected),
    (400, "token_expired", TokenRejected),
    (403, "used_up", QuotaExhausted),
    (403, "disabled", AccountDisabled),
    (403, "forbidden", ModerationRefused),
    (404, "no_api", BadRequest),
    (429, "too_many_requests", Busy),
    (500, "api_error", Unclear),
    (504, "timeout", Unclear),
    (500, "task_failed", Unclear),
    (500, "forbidden", ModerationRefused),
    (429, "used_up", QuotaExhausted),
    (403, "too_many_requests", Busy),
    (418, "teapot", Refused),
    (408, "slow", Unclear),
    (302, None, Unclear),
    (429, "rate_limited", Busy),
    (504, "gateway_timeout", Unclear),
    (400, "invalid_parameter", BadRequest),
    (400, "parameter_error", BadRequest),
    (400, "banned_prompt", ModerationRefused),
    # Codes that nobody has heard of: by what is in them, and where it may have been accepted, by the status alone.
    (403, "sensitive_content", ModerationRefused),
    (403, "balance_not_enough", QuotaExhausted),
    (400, "access_token_revoked", TokenRejected),
    (403, "account_banned", AccountDisabled),
    (422, "missing_field", BadRequest),
    (403, "rate_limit_exceeded", Busy),
    (403, "none_of_the_above", Refused),
    (500, "invalid_upstream_answer", Unclear),
    (503, "too_many_of_them", Unclear),
    (408, "invalid_wait", Unclear),
    (400, "timeout", Unclear),
    (400, "gateway_timeout", Unclear),
    (404, "api_error", Unclear),
]

SAME_WITH_200 = [
    ("bad_request", BadRequest),
    ("invalid_parameter", BadRequest),
    ("parameter_error", BadRequest),
    ("banned_prompt", ModerationRefused),
    ("forbidden", ModerationRefused),
    ("used_up", QuotaExhausted),
    ("disabled", AccountDisabled),
    ("invalid_token", TokenRejected),
    ("no_api", BadRequest),
    ("too_many_requests", Busy),
    ("rate_limited", Busy),
    ("api_error", Unclear),
    ("timeout", Unclear),
    ("gateway_timeout", Unclear),
    ("sensitive_content", ModerationRefused),
    ("none_of_the_above", TaskFailed),
]


@pytest.mark.parametrize(("code", "kind"), SAME_WITH_200)
def test_a_failure_told_with_200_is_the_same_failure(code: str, kind: type[ApiError]) -> None:
    assert type(error_from(200, {"success": False, **error_body(code)})) is kind


@pytest.mark.parametrize(("code", "kind"), SAME_WITH_200)
def test_the_end_of_a_task_is_definite_whatever_its_code(code: str, kind: type[ApiError]) -> None:
    ended = error_from(None, {"success": False, **error_body(code)}, final=True)
    assert type(ended) is (TaskFailed if kind in {Busy, Unclear} else kind)


@pytest.mark.parametrize(
    ("code", "status", "family"),
    [
        ("rate_limited", None, Family.BUSY),
        ("http_429", None, Family.BUSY),
        ("http_503", None, Family.TROUBLE),
        ("http_404", None, Family.REQUEST),
        ("upstream_timed_out", None, Family.TIMEOUT),
        ("token_balance_exhausted", None, Family.QUOTA),
        ("teapot", 418, Family.FAILED),
        ("teapot", 502, Family.TROUBLE),
        ("teapot", None, Family.FAILED),
        ("", None, Family.FAILED),
    ],
)
def test_every_code_has_a_family(code: str, status: int | None, family: Family) -> None:
    assert family_of(code, status) is family


def test_a_task_s_id_in_a_message_is_blotted_out() -> None:
    error = error_from(500, error_body("api_error", f"task {TASK.upper()} of 7 failed"), task_id=TASK)
    assert error.message == "task … of 7 failed"
    assert TASK not in str(error)


@pytest.mark.parametrize(("status", "code", "kind"), ROWS)
def test_a_row_of_the_error_table_gets_its_class(status: int, code: str | None, kind: type[ApiError]) -> None:
    error = error_from(status, error_body(code) if code else None)
    assert type(error) is kind
    assert error.status == status
    assert error.code == (code or "unclear")


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (400, BadRequest, "http_400"),
        (401, TokenRejected, "http_401"),
        (403, Refused, "http_403"),
        (404, BadRequest, "http_404"),
        (413, Refused, "http_413"),
        (429, Busy, "too_many_requests"),
        (500, Unclear, "unclear"),
        (502, Unclear, "unclear"),
        (503, Unclear, "unclear"),
    ],
)
@pytest.mark.parametrize("body", [None, "<html>", [], 7, {}, {"error": None}, {"error": []}, {"error": {"code": True}}])
def test_without_a_readable_code_the_status_decides(status: int, kind: type[ApiError], code: str, body: object) -> None:
    error = error_from(status, body)
    assert type(error) is kind
    assert error.code == code


def test_a_failure_in_the_direct_answer_is_doubtful_only_where_a_task_may_exist() -> None:
    assert type(error_from(200, error_body("timeout"))) is Unclear
    assert type(error_from(None, error_body("api_error"))) is Unclear
    assert type(error_from(None, error_body("too_many_requests"))) is Busy
    assert type(error_from(None, error_body("forbidden"))) is ModerationRefused
    assert type(error_from(None, {"success": False})) is TaskFailed


@pytest.mark.parametrize("code", ["timeout", "api_error", "too_many_requests", "task_failed", "brand_new"])
def test_the_end_of_a_known_task_is_definite(code: str) -> None:
    assert type(error_from(None, error_body(code), final=True)) is TaskFailed


def test_final_leaves_http_statuses_alone() -> None:
    assert type(error_from(504, error_body("timeout"), final=True)) is Unclear
    assert type(error_from(429, error_body("too_many_requests"), final=True)) is Busy


def test_what_the_service_told_is_kept() -> None:
    error = error_from(429, {**error_body("too_many_requests", "Slow down."), "task_id": TASK}, retry_after=3.0)
    assert isinstance(error, NotSent)
    assert (error.message, error.trace_id, error.retry_after, error.task_id) == ("Slow down.", TRACE, 3.0, TASK)
    assert str(error) == f"too_many_requests: Slow down. (HTTP 429, trace {TRACE})"
    assert str(ApiError("odd")) == "odd"


def test_other_shapes_of_an_error_body_are_read_too() -> None:
    assert error_from(400, {"error": "no prompt"}).message == "no prompt"
    flat = error_from(400, {"code": "bad_request", "detail": "no prompt", "trace_id": 7})
    assert (flat.code, flat.message, flat.trace_id) == ("bad_request", "no prompt", "7")
    assert error_from(400, {"error": {"code": 1234, "trace_id": "t"}}).trace_id == "t"
    assert len(error_from(500, {"message": "x" * 9999}).message) == 2000


@pytest.mark.parametrize("code", ["internal", "unclear", "unfinished", "unreachable", "unanswered", "expired_attachment"])
def test_no_code_of_the_service_passes_for_one_of_ours(code: str) -> None:
    assert error_from(400, error_body(code)).code == f"service_{code}"
