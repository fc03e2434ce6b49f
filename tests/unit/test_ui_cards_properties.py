"""Any job of any kind, in any state and with any words, makes a card that Discord takes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from card_views import (
    ID,
    JOB,
    PARENT,
    check,
    said,
    text,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.jobs import kinds
from bot.jobs.kinds import KINDS
from bot.jobs.model import Failure, Job, JobId, Order, Progress, State
from bot.midjourney import (
    DescribeRequest,
    ImagineRequest,
    TranslateRequest,
    VideoResult,
    VideosRequest,
)
from bot.midjourney.endpoints import VIDEOS
from bot.text import ENGLISH, _
from bot.ui.cards.buttons import nothing_told
from bot.ui.cards.kinds import FACES, Face, Told
from bot.ui.cards.layout import card, media_card, parked_card

BODIES = st.fixed_dictionaries(
    {},
    optional={
        "image_id": st.none() | st.text() | st.integers(),
        "raw_image_url": st.none() | st.text() | st.integers(0, 3000).map(lambda n: "https://cdn.example.com/" + "(" * n),
        "image_url": st.text(),
        "raw_image_width": st.none() | st.text() | st.integers() | st.floats(),
        "raw_image_height": st.integers(),
        "actions": st.none() | st.lists(st.text(max_size=120), max_size=80),
        "descriptions": st.none() | st.lists(st.text(), max_size=30),
        "content": st.none() | st.text(),
    },
)
WIDE = st.text() | st.sampled_from(["*" * 4000, "🦊" * 4000, "@" * 9000, "\n" * 500, "a\u0301" * 3000, "\\" * 5000])
REQUESTS = {
    kinds.IMAGINE: st.builds(ImagineRequest, prompt=st.just("x"), version=st.none() | WIDE, hd=st.none() | st.booleans()),
    kinds.DESCRIBE: st.builds(DescribeRequest, image_url=WIDE.filter(bool)),
    kinds.TRANSLATE: st.builds(TranslateRequest, content=WIDE.filter(bool)),
}
ORDERS = st.builds(
    Order,
    kind=st.just(kinds.IMAGINE),
    user_id=st.integers(0, 2**63),
    request=REQUESTS[kinds.IMAGINE],
    prompt=WIDE,
    action=st.just("generate") | st.sampled_from(["upscale1", "pan_up"]) | WIDE,
    parent_url=st.none() | WIDE | st.just(PARENT),
)
JOBS = st.builds(
    Job,
    id=st.just(JobId(ID)),
    order=ORDERS,
    place=st.just(JOB.place),
    state=st.sampled_from(State),
    created_at=st.just(1.0),
    sent_at=st.none() | st.floats(0, 1e10),
    finished_at=st.none() | st.floats(0, 1e10),
    let_go_at=st.none() | st.just(3.0),
    failure=st.none() | st.builds(Failure, code=st.text() | st.sampled_from(["forbidden", "bad_request"]), message=WIDE),
)
PROGRESS = st.none() | st.builds(
    Progress,
    position=st.none() | st.integers(),
    percent=st.integers(),
    preview_url=st.none() | WIDE | st.just("https://cdn.example.com/p.png"),
    note=st.none() | st.sampled_from(["busy", "checking"]) | WIDE,
)


@settings(deadline=None)
@given(JOBS, st.data(), PROGRESS, st.lists(WIDE | st.just("attachment://a.png"), max_size=12), st.none() | WIDE)
@pytest.mark.parametrize("kind", KINDS.values(), ids=str)
def test_any_job_makes_a_legal_card(
    kind: kinds.Kind, job: Job, data: st.DataObject, progress: Progress | None, media: list[str], note: str | None
) -> None:
    result = data.draw(st.none() | BODIES.map(kind.endpoint.answer.model_validate))
    job = replace(job, order=replace(job.order, kind=kind, request=data.draw(REQUESTS[kind])), result=result)
    check(card(job, progress, media=media, note=note and said(note)))
    check(parked_card(replace(job, order=replace(job.order, note=note and said(note)))))


@pytest.mark.parametrize("state", State)
def test_a_kind_that_only_the_tests_know_goes_through_every_state(monkeypatch: pytest.MonkeyPatch, state: State) -> None:
    film = kinds.Kind("film", VIDEOS)
    told = Face(
        title=_("Film"),
        at_work=_("Filming…"),
        still=_("Still filming."),
        refused=_("Nobody films that."),
        told=lambda job, _room: Told("", nothing_told(job.id, ENGLISH)),
        alt_text=lambda _job, _preview: _("A film"),
    )
    monkeypatch.setitem(FACES, film.name, told)
    request = VideosRequest(image_url="https://x/a.png", prompt="it runs")
    clips = VideoResult.model_validate({"video_id": "7", "video_urls": [f"https://x/{n}.mp4" for n in range(4)]})
    order = Order(film, 42, request, prompt="it runs")
    job = replace(JOB, order=order, state=state, result=clips, failure=Failure("forbidden"))
    for media in ((), tuple(medium.url for medium in clips.media)):
        view = card(job, Progress(percent=40, preview_url="https://x/p.png"), media=media)
        check(view)
        assert "**Film**" in text(view)
    check(parked_card(job))
    check(media_card(job, [medium.url for medium in clips.media], key=f"{ID}.1"))
