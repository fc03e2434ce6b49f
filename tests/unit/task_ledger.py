"""The `/tasks` of a service, and a watcher that asks it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from email.utils import formatdate
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from job_orders import KEY, NOON, submitted
from midjourney_service import client_for, error_body

from bot.jobs.account import Account
from bot.jobs.model import Job, State
from bot.jobs.records import Records
from bot.jobs.seeker import Seeker
from bot.jobs.usual import Usual
from bot.jobs.watcher import Watcher
from bot.midjourney import Answer, ImagineRequest
from bot.pace import Pace


class Ledger:
    """The `/tasks` of a service: its records, newest first, and what it was asked."""

    def __init__(self) -> None:
        self.owner: dict[str, Any] = {"user_id": "us", "credential_id": "our key"}
        self.records: list[dict[str, Any]] = []
        self.asked: list[dict[str, Any]] = []
        self.broken = 0
        self.cap = 1000  # records on a page, whatever is asked for
        self.endless = False  # lists tasks of strangers without end
        self.late: asyncio.Queue[Job] = asyncio.Queue()  # jobs of which a task turned up after they were given up
        self.behind = 0.0  # seconds that its clock is behind ours
        self._changed = asyncio.Condition()

    def add(
        self, task_id: str, *, created_at: float = NOON, prompt: str = "a fox", response: Any = None, owner: Any = None
    ) -> dict[str, Any]:
        record = {
            "id": task_id,
            "type": "imagine",
            "request": {"action": "generate", "prompt": prompt, "mode": "fast"},
            "created_at": created_at,
            "response": response,
            **(self.owner if owner is None else owner),
        }
        self.records.insert(0, record)
        return record

    async def handle(self, request: web.Request) -> web.Response:
        asked = await request.json()
        async with self._changed:
            self.asked.append(asked)
            self._changed.notify_all()
        if self.broken:
            self.broken -= 1
            return web.json_response(error_body("invalid_token"), status=401)
        if "ids" in asked:
            found = [record for record in self.records if record["id"] in asked["ids"]]
        else:
            found = [record for record in self.records if record["created_at"] >= asked["created_at_min"]]
        start = asked.get("offset", 0)
        page = found[start : start + min(asked["limit"], self.cap)]
        if self.endless and "ids" not in asked:
            page = [{"id": f"{start + n}", "created_at": time.time(), "request": {}} for n in range(asked["limit"])]
            return web.json_response({"items": page})
        date = formatdate(time.time() - self.behind, usegmt=True)
        return web.json_response({"items": page, "count": len(found)}, headers={"Date": date})

    async def asked_times(self, count: int) -> None:
        async with asyncio.timeout(10), self._changed:
            await self._changed.wait_for(lambda: len(self.asked) >= count)


QUICK = Pace(poll_due=0.005, poll_idle=0.005, seek_every=0.005, seek_late_every=0.005)
KNOWN = {"user_id": "us", "credential_id": "our key"}


@asynccontextmanager
async def watching(
    ledger: Ledger, records: Records, *, known: dict[str, Any] | None = KNOWN, **pace: float
) -> AsyncIterator[Watcher]:
    app = web.Application()
    app.router.add_post("/midjourney/tasks", ledger.handle)
    async with TestServer(app, host="127.0.0.1") as server, client_for(str(server.make_url("/"))) as client:
        if known:
            token = known.get("of") or client.token_digest
            stored = {"token": token, "user_id": known["user_id"], "credential_id": known["credential_id"]}
            await records.queries.remember("account", json.dumps(stored))
        account, quick = Account(records.queries, client.token_digest), replace(QUICK, **pace)
        seeker = Seeker(client, records, account, quick)
        seeker.take_up(await records.unclear_jobs(time.time() - 3600), ledger.late.put_nowait)
        watcher = Watcher(client, seeker, account, Usual(), quick)
        running = asyncio.create_task(watcher.run())
        try:
            yield watcher
        finally:
            assert not running.done()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def running_job(records: Records, number: int, task_id: str) -> Job:
    """A job whose task is known."""
    job = await submitted(records, number, request=ImagineRequest(prompt=f"fox {number}"))
    return replace(job, state=State.RUNNING, task_id=task_id, sent_with=KEY)


def ignore(_: Answer) -> None:
    pass
