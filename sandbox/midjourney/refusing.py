"""The forms in which a refusal comes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from aiohttp import web

from . import answers, results
from .accounts import Account
from .tasks import Task, Tasks, ended

if TYPE_CHECKING:
    from .errors import Refusal
    from .readings import Readings
    from .seen import Seen


def refuse(refusal: Refusal, seen: Seen, readings: Readings, tasks: Tasks, account: Account) -> web.Response:
    """With a status, unless the readings want it in a line, or in the record of a task that fails."""
    body = seen.body if isinstance(seen.body, dict) else {}
    if readings.async_refused_later and body.get("async") and refusal.code == "bad_request":
        task = Task(seen.endpoint, body, account=account)
        tasks.add(ended(task, results.failure(task, refusal.code, refusal.message)))
        return answers.accepted(task, success=readings.accepted_says_success)
    if readings.refusals_in_lines and answers.NDJSON in seen.headers.get("Accept", ""):
        line = json.dumps({"success": False} | refusal.body()).encode() + b"\n"
        return web.Response(body=line, content_type=answers.NDJSON)
    return refusal.response()
