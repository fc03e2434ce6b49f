"""What the image service can answer instead of a picture, sorted by what may be done about it.

ApiError
├── NotSent                 certainly not accepted: safe to send again
│   └── Busy                429: it has no room
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

import re
from enum import StrEnum
from typing import Any, Final

UNREACHABLE = "unreachable"
"""Our code for NotSent: no connection could be made."""
UNCLEAR = "unclear"
"""Our code for Unclear if the service gave none."""

OURS: Final = frozenset({UNREACHABLE, UNCLEAR, "unfinished", "expired_attachment", "internal", "unanswered"})
"""Codes of our own, which nothing that the service says is taken for."""
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

    @property
    def family(self) -> Family:
        """What it is about."""
        return family_of(self.code, self.status)

    def __str__(self) -> str:
        facts = {"HTTP": self.status, "trace": self.trace_id}
        told = ", ".join(f"{name} {value}" for name, value in facts.items() if value is not None)
        text = f"{self.code}: {self.message}" if self.message else self.code
        return f"{text} ({told})" if told else text


class NotSent(ApiError):
    """Certainly not received or not accepted: safe to send again."""


class Busy(NotSent):
    """The service had no room (429)."""


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


class Family(StrEnum):
    """What a failure is about, whatever its code is called; new codes turn up, and each must find its family."""

    WORDS = "words"
    """Moderation dislikes the prompt or the image: other words may pass."""
    REQUEST = "request"
    """The service can't make sense of the body: the same again would fail again."""
    ENDPOINT = "endpoint"
    """There is no such endpoint, or not for this account."""
    TOKEN = "token"  # noqa: S105  # no secret
    ACCOUNT = "account"
    QUOTA = "quota"
    BUSY = "busy"
    TIMEOUT = "timeout"
    TROUBLE = "trouble"
    """The service's own: its gateway's, or what is behind it."""
    FAILED = "failed"
    """Anything else."""


_FAMILIES: Final = {
    "bad_request": Family.REQUEST,
    "invalid_parameter": Family.REQUEST,
    "parameter_error": Family.REQUEST,
    "no_token": Family.TOKEN,
    "token_mismatched": Family.TOKEN,
    "invalid_token": Family.TOKEN,
    "token_expired": Family.TOKEN,
    "api_not_implemented": Family.ENDPOINT,
    "no_api": Family.ENDPOINT,
    "used_up": Family.QUOTA,
    "disabled": Family.ACCOUNT,
    "forbidden": Family.WORDS,
    "banned_prompt": Family.WORDS,
    "too_many_requests": Family.BUSY,
    "rate_limited": Family.BUSY,
    "api_error": Family.TROUBLE,
    "timeout": Family.TIMEOUT,
    "gateway_timeout": Family.TIMEOUT,
    "task_failed": Family.FAILED,
}
"""The codes that are known."""
_SIGNS: Final = (
    (Family.BUSY, ("rate_limit", "too_many")),
    (Family.TIMEOUT, ("timeout", "timed_out")),
    (Family.QUOTA, ("quota", "balance", "used_up", "insufficient", "exhausted")),
    (Family.ACCOUNT, ("account", "disabled", "suspended")),
    (Family.TOKEN, ("token", "credential", "unauthorized")),
    (Family.WORDS, ("banned", "moderat", "sensitive", "forbidden", "nsfw")),
    (Family.REQUEST, ("parameter", "argument", "invalid", "missing", "malformed", "bad_request")),
)
"""What is in a code that nobody has heard of, in the order in which it counts: `invalid_token_balance` is about money."""
_STATUSES: Final = {
    400: Family.REQUEST,
    401: Family.TOKEN,
    402: Family.QUOTA,
    404: Family.REQUEST,
    408: Family.TIMEOUT,
    422: Family.REQUEST,
    429: Family.BUSY,
    504: Family.TIMEOUT,
}
_CLASSES: Final[dict[Family, type[Refused]]] = {
    Family.WORDS: ModerationRefused,
    Family.REQUEST: BadRequest,
    Family.ENDPOINT: BadRequest,
    Family.TOKEN: TokenRejected,
    Family.ACCOUNT: AccountDisabled,
    Family.QUOTA: QuotaExhausted,
}
_DOUBTFUL: Final = frozenset({Family.TIMEOUT, Family.TROUBLE})
_TOO_MANY: Final = "too_many_requests"
_UUID: Final = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)


def family_of(code: str, status: int | None = None) -> Family:
    """What a failure is about: by its code, if that is known, else by what is in it, else by its status."""
    known = _FAMILIES.get(code)
    if known is not None:
        return known
    if code.startswith("http_") and code[5:].isdecimal():
        status = int(code[5:])
    elif found := next((family for family, signs in _SIGNS if any(sign in code for sign in signs)), None):
        return found
    if status is None:
        return Family.FAILED
    return _STATUSES.get(status, Family.TROUBLE if status >= 500 else Family.FAILED)


def error_from(
    status: int | None,
    body: Any | None,
    *,
    retry_after: float | None = None,
    final: bool = False,
    task_id: str | None = None,
) -> ApiError:
    """Sort a failure into the tree, by the HTTP status and whatever the body says; never raises.

    `status` None or 2xx means that the failure was told inside a body: a plain answer, a line, a callback, a task record.
    Then `final` tells whether it is the end of a task that the service had taken (callback, record, a line with a task): a
    definite failure, whatever its code. Otherwise it is the direct answer to a request, and means what it would mean with
    its status: `api_error` and time-outs leave open whether a task was made, and `too_many_requests` says that none was.
    `final` changes nothing for other statuses: 4xx is a definite no, 5xx (and 3xx, 408) leaves it open.
    """
    code, message, trace_id, named = _read(body)
    told = status is None or 200 <= status < 300
    kind = _told(code, final=final) if told else _answered(status or 0, code)
    ours = {Unclear: UNCLEAR, Busy: _TOO_MANY, TaskFailed: "task_failed"}.get(kind, f"http_{status}")
    return kind(
        code or ours,
        message,
        trace_id=trace_id,
        status=status,
        retry_after=retry_after,
        task_id=task_id or named,
    )


def _told(code: str | None, *, final: bool) -> type[ApiError]:
    family = family_of(code or "")
    if not final and family is Family.BUSY:
        return Busy
    if not final and family in _DOUBTFUL:
        return Unclear
    return _CLASSES.get(family, TaskFailed)


def _answered(status: int, code: str | None) -> type[ApiError]:
    # A refusal in so many words is believed whatever the status: it never leads to a second submission on its own.
    known = _FAMILIES.get(code or "")
    if known in _CLASSES:
        return _CLASSES[known]
    if status == 429:
        return Busy
    # 408 is a 4xx by number only: a gateway says it about the far end, too, which may be at work. What is in the name of
    # an unknown code proves nothing there.
    if not 400 <= status < 500 or status == 408 or known in _DOUBTFUL:
        return Unclear
    family = family_of(code, status) if code else _STATUSES.get(status, Family.FAILED)
    return Busy if family is Family.BUSY else _CLASSES.get(family, Refused)


def _read(body: Any) -> tuple[str | None, str, str | None, str | None]:
    """Code, message, trace id and task id of an error body, as far as it has them."""
    outer = body if isinstance(body, dict) else {}
    error = outer.get("error")
    inner = error if isinstance(error, dict) else outer
    message = inner.get("message") or inner.get("detail") or (error if isinstance(error, str) else "")
    trace_id = _text(outer.get("trace_id")) or _text(inner.get("trace_id"))
    # A task's id is a key to its prompt and picture: it must not get onto a card or into a log by way of a message.
    words = _UUID.sub("…", (_text(message) or "")[:MESSAGE_LIMIT])
    code = _text(inner.get("code"))
    return f"service_{code}" if code in OURS else code, words, trace_id, _text(outer.get("task_id"))


def _text(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(value).strip() or None
