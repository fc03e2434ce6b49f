"""What the imitated API refuses with: one exception, and the table of its codes."""

from __future__ import annotations

import uuid
from typing import Any

from aiohttp import web

STATUS = {
    "bad_request": 400,
    "invalid_parameter": 400,
    "parameter_error": 400,
    "banned_prompt": 400,
    "no_token": 400,
    "api_not_implemented": 400,
    "token_mismatched": 401,
    "invalid_token": 401,
    "token_expired": 401,
    "used_up": 403,
    "disabled": 403,
    "forbidden": 403,
    "no_api": 404,
    "too_many_requests": 429,
    "rate_limited": 429,
    "api_error": 500,
    "task_failed": 500,
    "timeout": 504,
    "gateway_timeout": 504,
}
MESSAGES = {
    "invalid_parameter": "Invalid parameter: mode",
    "parameter_error": "参数错误",
    "banned_prompt": "提示词包含敏感内容",
    "no_token": "No token was sent.",
    "invalid_token": "The token is invalid.",
    "token_mismatched": "The token does not match this API.",
    "token_expired": "The token has expired.",
    "used_up": "Your balance is exhausted.",
    "disabled": "Your credential is disabled.",
    "forbidden": "Sorry! Our AI moderators feel your prompt might be against our community standards.",
    "no_api": "There is no such API.",
    "too_many_requests": "You have exceeded the rate limit.",
    "rate_limited": "当前请求过多，请稍后再试",
    "gateway_timeout": "The upstream did not answer in time.",
    "api_error": "fetch failed",
    "timeout": "Timeout to generate the image.",
    "task_failed": "The task failed.",
}
CODES = {400: "bad_request", 401: "invalid_token", 403: "forbidden", 404: "no_api", 429: "too_many_requests", 504: "timeout"}


class Refusal(Exception):
    """The API answers with an error instead of a result; nothing is billed unless `accepted`."""

    def __init__(
        self,
        code: str,
        message: str | None = None,
        *,
        status: int | None = None,
        retry_after: float | None = None,
        html: bool = False,
    ) -> None:
        self.code = code
        self.message = message or MESSAGES.get(code, "The request could not be served.")
        self.status = status or STATUS.get(code, 500)
        self.retry_after = retry_after
        self.html = html
        super().__init__(f"{self.status} {code}: {self.message}")

    def body(self, trace_id: str | None = None) -> dict[str, Any]:
        """The JSON body; server errors carry `success: false` beside the error, as in the wild."""
        body: dict[str, Any] = {"success": False} if self.status >= 500 or self.status == 200 else {}
        return body | {"error": {"code": self.code, "message": self.message}, "trace_id": trace_id or str(uuid.uuid4())}

    def response(self) -> web.Response:
        """The HTTP answer, as JSON or as a gateway's HTML page."""
        headers = {} if self.retry_after is None else {"Retry-After": f"{self.retry_after:g}"}
        if self.html:
            page = f"<html><head><title>{self.status}</title></head><body><h1>{self.status} Bad Gateway</h1></body></html>"
            return web.Response(status=self.status, text=page, content_type="text/html", headers=headers)
        return web.json_response(self.body(), status=self.status, headers=headers)


def bad(message: str) -> Refusal:
    """A `400 bad_request` with this message."""
    return Refusal("bad_request", message)
