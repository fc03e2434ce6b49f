"""What the image service can answer instead of a picture, sorted by what may be done about it.

ApiError
├── NotSent                 certainly not accepted: safe to send again
│   └── Busy                429, after the retries were used up
├── Refused                 a definite no: nothing will be made
│   ├── ModerationRefused   the prompt or image is against the rules
│   ├── QuotaExhausted      the account's balance is used up
│   ├── TokenRejected       the operator's token is wrong, missing or expired
│   ├── AccountDisabled     the credential or application is disabled
│   ├── BadRequest          the body, a parameter or the endpoint is wrong
│   └── TaskFailed          the task was taken and failed, for any other reason
└── Unclear                 perhaps accepted and billed: look it up, never send it again
"""

from __future__ import annotations

from typing import Any

UNREACHABLE = "unreachable"
"""Our code for NotSent: no connection could be made."""
UNCLEAR = "unclear"
"""Our code for Unclear if the service gave none."""

MESSAGE_LIMIT = 2000
"""Characters of a service's message that are kept; some answer with whole pages."""


class ApiError(Exception):
    """The image service refused a request, or gave no usable answer.

    `code` is the API's `error.code`, or one of ours (`unreachable`, `unclear`, `http_<status>`). `message` is the
    API's own text. `retry_after` is in seconds. `task_id` is set when the service had named a task before it failed.
    """

    def __init__(
        self,
        code: str,
        message: str = "",
        *,
        trace_id: str | None = None,
        status: int | None = None,
        retry_after: float | None = None,
        task_id: str | None = None,
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.trace_id = trace_id
        self.status = status
        self.retry_after = retry_after
        self.task_id = task_id

    def __str__(self) -> str:
        facts = {"HTTP": self.status, "trace": self.trace_id, "task": self.task_id}
        told = ", ".join(f"{name} {value}" for name, value in facts.items() if value is not None)
        text = f"{self.code}: {self.message}" if self.message else self.code
        return f"{text} ({told})" if told else text


class NotSent(ApiError):
    """Certainly not received or not accepted: safe to send again."""


class Busy(NotSent):
    """The service had no room (429), and still had none when the retries were used up."""


class Refused(ApiError):
    """The service answered with a definite no; nothing will be made."""


class ModerationRefused(Refused):
    """The service's moderators refused the prompt or the image."""


class QuotaExhausted(Refused):
    """The operator's balance or quota is used up."""


class TokenRejected(Refused):
    """The operator's token is wrong, missing or expired."""


class AccountDisabled(Refused):
    """The operator's credential or application is disabled."""


class BadRequest(Refused):
    """The service can't read the request: a body, a parameter or an endpoint that it doesn't know."""


class TaskFailed(Refused):
    """The service took the task and reported its failure, for a reason that has no class of its own."""


class Unclear(ApiError):
    """Perhaps received and billed: look it up, never send it again."""


_REFUSALS: dict[str, type[Refused]] = {
    "forbidden": ModerationRefused,
    "used_up": QuotaExhausted,
    "token_mismatched": TokenRejected,
    "invalid_token": TokenRejected,
    "token_expired": TokenRejected,
    "no_token": TokenRejected,
    "disabled": AccountDisabled,
    "bad_request": BadRequest,
    "api_not_implemented": BadRequest,
    "no_api": BadRequest,
}
_BUSY = "too_many_requests"
_DOUBTFUL = frozenset({"api_error", "timeout"})
_BY_STATUS: dict[int, type[Refused]] = {400: BadRequest, 401: TokenRejected, 404: BadRequest}


def error_from(
    status: int | None,
    body: Any | None,
    *,
    retry_after: float | None = None,
    final: bool = False,
    task_id: str | None = None,
) -> ApiError:
    """Sort a failure into the tree, by the HTTP status and whatever the body says; never raises.

    `status` None or 2xx means that the failure was told inside a body: a plain answer, a line of a stream, a callback,
    a task record. Then `final` tells whether it is the end of a task that the service had taken (callback, record, a
    line with a task): a definite failure, whatever its code. Otherwise it is the direct answer to a submission, where
    `api_error` and `timeout` leave open whether a task was made, and `too_many_requests` says that none was.
    `final` changes nothing for other statuses: 4xx is a definite no, 5xx (and 3xx, 408) leaves it open.
    """
    code, message, trace_id, named = _read(body)
    told = status is None or 200 <= status < 300
    kind = _told(code, final=final) if told else _answered(status or 0, code)
    ours = {Unclear: UNCLEAR, Busy: _BUSY, TaskFailed: "task_failed"}.get(kind, f"http_{status}")
    return kind(
        code or ours,
        message,
        trace_id=trace_id,
        status=status,
        retry_after=retry_after,
        task_id=task_id or named,
    )


def _told(code: str | None, *, final: bool) -> type[ApiError]:
    if not final and code == _BUSY:
        return Busy
    if not final and code in _DOUBTFUL:
        return Unclear
    return _REFUSALS.get(code or "", TaskFailed)


def _answered(status: int, code: str | None) -> type[ApiError]:
    # A refusal in so many words is believed whatever the status: it never leads to a second submission on its own.
    if code in _REFUSALS:
        return _REFUSALS[code]
    if status == 429:
        return Busy
    # 408 is a 4xx by number only: a gateway says it about the far end, too, which may be at work.
    if not 400 <= status < 500 or status == 408:
        return Unclear
    if code == _BUSY:
        return Busy
    return Refused if code else _BY_STATUS.get(status, Refused)


def _read(body: Any) -> tuple[str | None, str, str | None, str | None]:
    """Code, message, trace id and task id of an error body, as far as it has them."""
    outer = body if isinstance(body, dict) else {}
    error = outer.get("error")
    inner = error if isinstance(error, dict) else outer
    message = inner.get("message") or inner.get("detail") or (error if isinstance(error, str) else "")
    trace_id = _text(outer.get("trace_id")) or _text(inner.get("trace_id"))
    return _text(inner.get("code")), (_text(message) or "")[:MESSAGE_LIMIT], trace_id, _text(outer.get("task_id"))


def _text(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(value).strip() or None
