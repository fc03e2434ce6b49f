"""How the service says no. All that is asked here lacks what cannot be done without, so that nothing can come of it."""

from __future__ import annotations

from typing import Any, Final

from bot.probe.model import Fact, Finding, compared, unclear
from bot.probe.probing import DESCRIBE, IMAGINE, Found, Probing, Subject
from bot.probe.wire import NDJSON, Answer, Token

NO_PROMPT: Final[dict[str, Any]] = {"action": "generate"}
UNKNOWN_PICTURE: Final[dict[str, Any]] = {"action": "upscale1", "image_id": "0"}
BAD, NOWHERE = 400, 404
TOKEN_CODES: Final = {"invalid_token", "token_mismatched", "token_expired"}
ACCOUNT_CODES: Final = {"used_up", "disabled"}

FACTS = (
    Fact(
        name="refusals",
        assumes="what is malformed is refused with 400 bad_request, a message and a trace_id",
        otherwise="Easel also reads failures that come with 200, and goes by the status where there is no code.",
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
        otherwise="The job fails with the service's own words, and the operator is not told that it is the token.",
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


async def _ask(probing: Probing) -> Found:
    post = probing.wire.post
    answers = [await _asked_with_our_token(probing), await post(IMAGINE, UNKNOWN_PICTURE), await post(DESCRIBE, {})]
    yield "refusals", _forms(answers)
    answer = await post(IMAGINE, NO_PROMPT, accept=NDJSON)
    yield "refusals of lines", _told(answer.told, [answer], as_assumed=_is_refusal(answer))
    answer = await post(IMAGINE, NO_PROMPT | {"async": True})
    taken = " and a task, which can't come to anything" if answer.object.get("task_id") else ""
    yield "refusals of async", _told(f"{answer.told}{taken}", [answer], as_assumed=_is_refusal(answer))
    answer = await post("/midjourney/shorten", {}, token=Token.WRONG)
    tokens = answer.status in (400, 401) and answer.code in TOKEN_CODES
    yield "wrong token", compared(answer.told, as_assumed=tokens)
    answer = await post("/midjourney/seed", {}, token=Token.NONE)
    yield "no token", compared(answer.told, as_assumed=answer.status in (400, 401) and answer.code == "no_token")
    answer = await post("/midjourney/easel-probe", {})
    yield "unknown endpoint", compared(answer.told, as_assumed=answer.status == NOWHERE and answer.code == "no_api")


async def _asked_with_our_token(probing: Probing) -> Answer:
    """The first request of all; raises TokenRefused."""
    answer = await probing.wire.post(IMAGINE, NO_PROMPT)
    if answer.code in TOKEN_CODES:
        raise TokenRefused(answer.told)
    return answer


def _told(found: str, answers: list[Answer], *, as_assumed: bool) -> Finding:
    """What is refused because of the account tells nothing of what was wrong with the request."""
    if any(answer.code in ACCOUNT_CODES for answer in answers):
        return unclear(f"the account can't be used: {found}")
    return compared(found, as_assumed=as_assumed)


def _forms(answers: list[Answer]) -> Finding:
    """Whether each of them is refused in the form that is known."""
    told = []
    for answer in answers:
        error = answer.object.get("error")
        message = isinstance(error, dict) and isinstance(error.get("message"), str)
        named = ("message", message), ("trace_id", bool(answer.object.get("trace_id")))
        told.append(", ".join([answer.told, *(f"no {name}" for name, there in named if not there)]))
    held = all(answer.status == BAD and answer.code == "bad_request" for answer in answers)
    names = ("no prompt", "unknown picture", "no image")
    found = "; ".join(f"{name}: {each}" for name, each in zip(names, told, strict=True))
    return _told(found, answers, as_assumed=held and not any(", no " in each for each in told))


def _is_refusal(answer: Answer) -> bool:
    return answer.status == BAD and answer.code == "bad_request"


SUBJECT = Subject(facts=FACTS, ask=_ask)
