"""How the service says no. All that is asked here lacks what cannot be done without, so that nothing can come of it."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from bot.probe.model import Fact, Finding, compared, unclear
from bot.probe.probing import DESCRIBE, IMAGINE, TRANSLATE, Probing, Subject, each
from bot.probe.wire import NDJSON, Answer, Token

NO_PROMPT: Final[dict[str, Any]] = {"action": "generate"}
UNKNOWN_PICTURE: Final[dict[str, Any]] = {"action": "upscale1", "image_id": "0"}
BAD, NOWHERE = 400, 404
TOKEN_STATUS: Final = (400, 401)
TOKEN_CODES: Final = {"invalid_token", "token_mismatched", "token_expired"}
ACCOUNT_CODES: Final = {"used_up", "disabled"}

FACTS = (
    Fact(
        name="refusals",
        assumes="what is malformed is refused with 400 bad_request, a message and a trace_id",
        otherwise="Easel also reads failures that come with 200, and sorts unknown codes by what is in them and by the status.",
    ),
    Fact(
        name="refusals of lines",
        assumes="a request for lines that is refused gets a status, too",
        otherwise="Easel reads a failure in a line as it reads one with a status.",
    ),
    Fact(
        name="refusals of async",
        assumes="a malformed request is refused at once with async, too",
        otherwise="Easel finds the failure in the task's record: the card shows it some seconds later.",
    ),
    Fact(
        name="wrong token",
        assumes="a wrong token is refused with 400 or 401 invalid_token, token_mismatched or token_expired",
        otherwise="Unless the code or the status tells that it is the token, the card shows the service's own words instead.",
    ),
    Fact(
        name="no token",
        assumes="no token at all is refused with 400 or 401 no_token",
        otherwise="Nothing: Easel never asks without one.",
    ),
    Fact(
        name="unknown endpoint",
        assumes="an endpoint that is not there is refused with 404 no_api",
        otherwise="Nothing, as long as the endpoints that Easel uses are there.",
    ),
)


class TokenRefused(Exception):
    """The service does not accept the operator's token."""


async def knock(probing: Probing) -> None:
    """Whether anybody is there, and takes our token; raises Silence and TokenRefused."""
    answer = await probing.wire.post(TRANSLATE, {})
    if answer.code in TOKEN_CODES:
        raise TokenRefused(answer.told)


async def _malformed(probing: Probing) -> Finding:
    """Whether each is refused in the form that is known."""
    asked: tuple[tuple[str, dict[str, Any], str], ...] = (
        (IMAGINE, NO_PROMPT, "no prompt"),
        (IMAGINE, UNKNOWN_PICTURE, "unknown picture"),
        (DESCRIBE, {}, "no image"),
    )
    answers, told = [], []
    for path, body, name in asked:
        answer = await probing.wire.post(path, body)
        error = answer.object.get("error")
        message = isinstance(error, dict) and isinstance(error.get("message"), str)
        parts = ("message", message), ("trace_id", bool(answer.object.get("trace_id")))
        missing = [f", no {part}" for part, there in parts if not there]
        answers.append(answer)
        told.append(f"{name}: {answer.told}{''.join(missing)}")
    held = all(map(_is_refusal, answers)) and not any(", no " in each for each in told)
    return _told("; ".join(told), answers, as_assumed=held)


async def _lines(probing: Probing) -> Finding:
    answer = await probing.wire.post(IMAGINE, NO_PROMPT, accept=NDJSON)
    return _told(answer.told, [answer], as_assumed=_is_refusal(answer))


async def _async(probing: Probing) -> Finding:
    answer = await probing.wire.post(IMAGINE, NO_PROMPT | {"async": True})
    taken = " and a task, which can't come to anything" if answer.object.get("task_id") else ""
    return _told(f"{answer.told}{taken}", [answer], as_assumed=_is_refusal(answer))


async def _wrong_token(probing: Probing) -> Finding:
    answer = await probing.wire.post(TRANSLATE, {}, token=Token.WRONG)
    return compared(answer.told, as_assumed=answer.status in TOKEN_STATUS and answer.code in TOKEN_CODES)


async def _no_token(probing: Probing) -> Finding:
    answer = await probing.wire.post("/midjourney/seed", {}, token=Token.NONE)
    return compared(answer.told, as_assumed=answer.status in TOKEN_STATUS and answer.code == "no_token")


async def _unknown_endpoint(probing: Probing) -> Finding:
    answer = await probing.wire.post("/midjourney/easel-probe", {})
    return compared(answer.told, as_assumed=answer.status == NOWHERE and answer.code == "no_api")


def _told(found: str, answers: list[Answer], *, as_assumed: bool) -> Finding:
    """What is refused because of the account tells nothing of what was wrong with the request."""
    if any(answer.code in ACCOUNT_CODES for answer in answers):
        return unclear(f"the account can't be used: {found}")
    return compared(found, as_assumed=as_assumed)


def _is_refusal(answer: Answer) -> bool:
    return answer.status == BAD and answer.code == "bad_request"


SUBJECT = Subject(
    facts=FACTS,
    ask=partial(each, finders=(_malformed, _lines, _async, _wrong_token, _no_token, _unknown_endpoint), facts=FACTS),
)
