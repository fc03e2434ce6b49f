"""What one bought description tells: whether it leaves a record, and from when on."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from bot.probe.model import Fact, Finding, compared, not_tested
from bot.probe.probing import DESCRIBE, Found, Probing, ServiceRefused, Subject, records_in
from bot.probe.wire import Answer, Token

WITHIN: Final = 300.0
"""Seconds that the provider's own clients wait for a description."""

FACTS = (
    Fact(
        name="record of a description",
        assumes="a description is in /tasks from its start on",
        otherwise="A doubtful description is found only after its end: it takes longer until its card tells.",
    ),
)


async def _ask(probing: Probing) -> Found:
    url = probing.picture and (probing.picture.image_url or probing.picture.raw_image_url)
    if not url:
        yield FACTS[0].name, not_tested("there is no picture to describe")
        return
    probing.budget.take_description()
    asking = asyncio.create_task(probing.wire.post(DESCRIBE, {"image_url": url}, total=WITHIN), name="probe-describe")
    try:
        began, looked, seen = probing.now(), 0.0, False
        while not asking.done():
            after = probing.now() - began
            records = await _records(probing, url)
            if not asking.done():
                looked, seen = after, seen or bool(records)
        answer = await asking
    finally:
        asking.cancel()
        await asyncio.wait([asking])
    if answer.status != 200:
        raise ServiceRefused(answer.status, answer.code)
    yield FACTS[0].name, _finding(answer, seen, looked >= probing.pace.poll_idle, await _records(probing, url))


async def _records(probing: Probing, url: str) -> list[dict[str, Any]]:
    """The records of descriptions of this picture, which nobody else knows."""
    owner = {"user_id": probing.owner} if probing.owner else {}
    listed = records_in(await probing.wire.look_up(Token.OURS, action="retrieve_batch", type="describe", limit=12, **owner))
    ours = [each for each in listed if probing.owner is None or each.get("user_id") == probing.owner]
    return [each for each in ours if isinstance(each.get("request"), dict) and each["request"].get("image_url") == url]


def _finding(answer: Answer, seen: bool, looked: bool, records: list[dict[str, Any]]) -> Finding:
    after = f"answered after {answer.seconds:.1f} s"
    if seen:
        return compared(f"its record was there while it was at work; {after}", as_assumed=True)
    if not looked:
        return not_tested(f"{after}, too soon for its record to be missed")
    return compared(f"its record came {'only afterwards' if records else 'not at all'}; {after}", as_assumed=False)


SUBJECT = Subject(facts=FACTS, ask=_ask, offer=(DESCRIBE, {"image_url": "https://example.com/picture.png"}))
