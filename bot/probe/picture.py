"""What one bought picture tells: how it is accepted, what its record holds, how its file is served."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from yarl import URL

from bot.midjourney import suffix_of
from bot.probe import listing
from bot.probe.model import Fact, Finding, compared, host, kind, media_type, not_tested, unclear, word
from bot.probe.probing import IMAGINE, PROMPT, Bought, Found, Probing, ServiceRefused, Subject, result_of
from bot.probe.wire import NDJSON, Silence

OLD_VERSION: Final = "5.2"
"""Its upscaled pictures offer other actions than those of all later models."""
EXTRA: Final = "easel_probe"
BODY: Final[dict[str, Any]] = {"prompt": PROMPT, "action": "generate", "version": OLD_VERSION, "async": True}
ACCOUNT: Final = ("user_id", "application_id", "credential_id")
TIMES: Final = ("created_at", "started_at", "finished_at")
SIZES: Final = ("image_width", "image_height", "raw_image_width", "raw_image_height")

FACTS = (
    Fact(
        name="account in records",
        assumes="a record names the user_id, application_id and credential_id that paid",
        otherwise="Easel can't tell its own tasks from others': what is doubtful is not claimed, and fails after a minute.",
    ),
    Fact(
        name="async for lines",
        assumes="async is answered at once by one object with a task_id, for application/x-ndjson too",
        otherwise="Easel takes lines for progress, and the first line's task_id for the name of the task.",
    ),
    Fact(
        name="success in acceptance",
        assumes="what is answered at once holds no success",
        otherwise="Nothing: Easel goes by the task_id.",
    ),
    Fact(
        name="first sign of life",
        assumes="a request is answered within 40 s",
        otherwise="Easel takes it for doubtful and looks for its task: the card says so meanwhile, and nothing is sent twice.",
    ),
    Fact(
        name="progress in records",
        assumes="the record of a running task tells its progress",
        otherwise="Cards show no percentage until the picture is there.",
    ),
    Fact(
        name="request in records",
        assumes="the service adds fields or defaults to the request in a record",
        otherwise="Nothing: Easel looks only whether what it sent is in it.",
    ),
    Fact(
        name="unknown fields",
        assumes="a field that the service does not know is refused",
        otherwise="Nothing: Easel sends no field of its own.",
    ),
    Fact(
        name="times",
        assumes="times in records are numbers, in unix seconds",
        otherwise="Easel reads times that are ISO text as well.",
    ),
    Fact(
        name="sizes",
        assumes="widths and heights are numbers",
        otherwise="Easel reads sizes that are text as well.",
    ),
    Fact(
        name="picture's host",
        assumes="the picture's link answers 200 with a picture, without a token and without a redirect",
        otherwise="Easel follows up to five redirects and asks again after a failure; until then the card shows the link.",
    ),
)


async def _ask(probing: Probing) -> Found:
    try:
        bought = await probing.buy(IMAGINE, {**BODY, EXTRA: True}, accept=NDJSON)
        sent = bought.record.get("request")
        kept = isinstance(sent, dict) and EXTRA in sent
        yield "unknown fields", compared("kept in the record" if kept else "left out of the record", as_assumed=False)
    except ServiceRefused as refused:
        # If it is taken without the field, then that was the reason.
        bought = await probing.buy(IMAGINE, BODY, accept=NDJSON)
        found = f"{refused.status} {refused.code}"
        meant = refused.code == "bad_request"
        yield "unknown fields", compared(found, as_assumed=True) if meant else unclear(found)
    probing.picture = result_of(bought)
    probing.record_id = bought.record.get("id")
    owner = bought.record.get("user_id")
    probing.owner = owner if isinstance(owner, str) else None
    for fact in (*_accepted(probing, bought), *_recorded(bought)):
        yield fact
    yield "picture's host", await _host(probing)
    async for again in listing.relisted(probing):
        yield again


def _accepted(probing: Probing, bought: Bought) -> Iterator[tuple[str, Finding]]:
    """How it was answered, and how soon."""
    if bought.held_open:
        yield "async for lines", compared("answered by lines with progress", as_assumed=False)
        yield "success in acceptance", not_tested("it was not answered at once")
    else:
        yield "async for lines", compared("answered by one object at once", as_assumed=True)
        yield "success in acceptance", success(bought)
    told = [f"answered after {bought.first_after:.1f} s"]
    if seen := [after for after, record in bought.running if _tells_progress(record)]:
        told.append(f"first progress after {seen[0]:.1f} s")
    told.append(f"finished after {bought.finished_after:.1f} s")
    yield "first sign of life", compared(", ".join(told), as_assumed=bought.first_after <= probing.pace.first_timeout)


def _recorded(bought: Bought) -> Iterator[tuple[str, Finding]]:
    """What its record says of it."""
    names = [name for name in ACCOUNT if bought.record.get(name)]
    yield "account in records", compared(", ".join(names) or "none of them", as_assumed=len(names) == len(ACCOUNT))
    yield "progress in records", _progress(bought)
    request = bought.record.get("request")
    added = sorted(word(name) for name in request if name not in {*BODY, EXTRA}) if isinstance(request, dict) else []
    yield "request in records", compared("adds " + ", ".join(added) if added else "as it was sent", as_assumed=bool(added))
    times = {name: kind(bought.record.get(name)) for name in TIMES}
    yield "times", _types(times)
    yield "sizes", _types({name: kind(bought.response.get(name)) for name in SIZES})


def success(bought: Bought) -> Finding:
    """Whether what was answered at once says `success`."""
    told = "success" in bought.answered[0]
    return compared("it holds success" if told else "it holds none", as_assumed=not told)


def _progress(bought: Bought) -> Finding:
    if any(_tells_progress(record) for _, record in bought.running):
        return compared("running records tell it", as_assumed=True)
    # Painting may just have begun, and the record of a task that is soon over may never come to it.
    half = (bought.first_after + bought.finished_after) / 2
    late = [record for after, record in bought.running if after > half and record.get("started_at")]
    if not late:
        return not_tested("it was finished before a record could tell it")
    return compared(f"{len(bought.running)} records of before its end told none", as_assumed=False)


def _tells_progress(record: dict[str, Any]) -> bool:
    response = record.get("response")
    return isinstance(response, dict) and "progress" in response


def _types(found: dict[str, str]) -> Finding:
    kinds = sorted(set(found.values()))
    told = "; ".join(f"{each}: {', '.join(name for name in found if found[name] == each)}" for each in kinds)
    return compared(told, as_assumed=kinds == ["a number"])


async def _host(probing: Probing) -> Finding:
    picture = probing.picture
    url = picture and (picture.raw_image_url or picture.image_url)
    if not url:
        return compared("the result holds no link", as_assumed=False)
    try:
        answer = await probing.wire.peek(url)
    except Silence as silence:
        return unclear(str(silence))
    is_picture = suffix_of(answer.head) is not None
    place = "the API's own host" if URL(url).host == URL(probing.wire.base_url).host else host(URL(url).raw_host)
    sized = "its size told" if "Content-Length" in answer.headers else "no size told"
    found = f"{place} answers {answer.status}, {media_type(answer.type)}, {sized}, {'a' if is_picture else 'no'} picture"
    return compared(found, as_assumed=answer.status == 200 and is_picture)


SUBJECT = Subject(facts=FACTS, ask=_ask, offer=(IMAGINE, BODY))
