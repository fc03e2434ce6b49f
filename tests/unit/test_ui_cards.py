"""A card is legal whatever it shows, and says what happened and how to go on."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import discord
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.jobs import kinds
from bot.jobs.kinds import KINDS
from bot.jobs.model import Failure, Job, JobId, Order, Place, Progress, State
from bot.midjourney import (
    DescribeRequest,
    Descriptions,
    ImageResult,
    ImagineRequest,
    TranslateRequest,
    Translation,
    VideoResult,
    VideosRequest,
)
from bot.midjourney.endpoints import VIDEOS
from bot.text import ENGLISH, Text, _
from bot.ui.cards.buttons import nothing_told
from bot.ui.cards.kinds import FACES, Face, Told
from bot.ui.cards.layout import card, media_card, notice, parked_card

ID = "0190a2b3c4d5e6f70190a2b3c4d5e6f7"
ORDER = Order(kinds.IMAGINE, 42, ImagineRequest(prompt="x", mode="fast", version="7"), prompt="a **red** fox --ar 16:9")
JOB = Job(JobId(ID), ORDER, Place(1, 3, 2, "token", 9e9, 4, 5), State.QUEUED, 1.0, sent_at=2.0, finished_at=44.3)
PARENT = "https://discord.com/channels/4/3/5"
GRID = {
    "image_id": "123",
    "image_url": "https://cdn.example.com/1.png?width=1024",
    "raw_image_url": "https://cdn.example.com/1.png",
    "raw_image_width": "2048",
    "raw_image_height": 2048,
    "progress": 100,
    "actions": ["upscale1", "upscale2", "reroll", "variation1"],
}
RESULT = ImageResult.model_validate(GRID)
DESCRIBE = replace(
    JOB, order=Order(kinds.DESCRIBE, 42, DescribeRequest(image_url="https://cdn.example.com/in.png")), state=State.DELIVERED
)
TRANSLATE = replace(
    JOB, order=Order(kinds.TRANSLATE, 42, TranslateRequest(content="天使"), prompt="天使"), state=State.DELIVERED
)


def said(words: str) -> Text:
    """Words as a value, as people's own are."""
    return Text("{words}", (("words", words),))


def described(body: dict[str, Any] | None) -> Descriptions | None:
    return None if body is None else Descriptions.model_validate(body)


def walk(components: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for component in components:
        yield component
        yield from walk(component.get("components", []))
        yield from walk([component["accessory"]] if "accessory" in component else [])


def every(view: discord.ui.LayoutView) -> list[dict[str, Any]]:
    return list(walk(view.to_components()))


def text(view: discord.ui.LayoutView) -> str:
    return "\n".join(component["content"] for component in every(view) if component["type"] == 10)


def buttons(view: discord.ui.LayoutView) -> dict[str, str]:
    """Label (or emoji) of each button, and what it leads to."""
    found = [component for component in every(view) if component["type"] == 2]
    return {b.get("label") or b["emoji"]["name"]: b.get("custom_id") or b["url"] for b in found}


def media(view: discord.ui.LayoutView) -> tuple[str, str]:
    [gallery] = [component for component in every(view) if component["type"] == 12]
    return gallery["items"][0]["media"]["url"], gallery["items"][0]["description"]


def check(view: discord.ui.LayoutView) -> None:
    """Discord's rules for a message of components."""
    components = every(view)
    assert view.timeout is None
    assert view.total_children_count == len(components) <= 40
    texts = [component["content"] for component in components if component["type"] == 10]
    assert all(texts)
    assert sum(len(content.encode("utf-16-le")) // 2 for content in texts) <= 4000
    ids = [component["custom_id"] for component in components if component.get("custom_id")]
    assert len(ids) == len(set(ids))
    assert all(1 <= len(custom_id) <= 100 for custom_id in ids)
    for component in components:
        if component["type"] == 1:
            assert 1 <= len(component["components"]) <= 5
        if component["type"] == 2:
            assert component.get("label") or component.get("emoji")
            assert len(component.get("label") or "") <= 80
            assert len(component.get("url") or "") <= 512
        if component["type"] == 12:
            assert 1 <= len(component["items"][0]["description"]) <= 1024
            assert len(component["items"][0]["media"]["url"]) <= 2048
        assert len(component.get("options", [])) <= 25


@pytest.mark.parametrize(
    ("position", "words"), [(3, "Queued · place 3"), (1, "next in line"), (None, "Starting…"), (0, "Starting…")]
)
def test_a_waiting_job_shows_its_place_and_can_be_cancelled(position: int | None, words: str) -> None:
    view = card(JOB, Progress(position=position))
    assert words in text(view)
    assert buttons(view) == {"Cancel": f"e1:o:cancel:{ID}"}


def test_what_was_typed_and_who_asked_stand_on_the_card() -> None:
    shown = text(card(JOB, note=_("`--q` may be ignored.\n\n<@1> too")))
    assert "**Imagine**\na \\*\\*red\\*\\* fox --ar 16:9\n" in shown
    assert "-# \\`--q\\` may be ignored.\n-# \\<\\@1> too\n-# <@42> · fast · V7" in shown


def test_a_running_job_shows_a_bar_and_its_preview_and_can_be_let_go() -> None:
    job = replace(JOB, state=State.RUNNING)
    view = card(job, Progress(percent=45, preview_url="https://cdn.example.com/p.png", note="busy"))
    assert "▰▰▰▰▱▱▱▱▱▱ 45 %" in text(view)
    assert "busy; still trying" in text(view)
    url, alt = media(view)
    assert url == "https://cdn.example.com/p.png"
    assert alt == "Preview of a picture painted by Midjourney from the words: a **red** fox --ar 16:9"
    assert buttons(view) == {"Let go": f"e1:o:cancel:{ID}"}


@pytest.mark.parametrize(("percent", "bar"), [(-5, "▱▱ 0 %"), (500, "▰▰ 100 %"), (100, "▰▰ 100 %")])
def test_an_odd_percentage_stays_within_the_bar(percent: int, bar: str) -> None:
    assert bar in text(card(replace(JOB, state=State.RUNNING), Progress(percent=percent)))


def test_a_doubtful_submission_says_that_it_is_looked_up() -> None:
    assert "Looking up" in text(card(replace(JOB, state=State.SUBMITTING), Progress(note="checking")))
    assert "how far it is" in text(card(replace(JOB, state=State.RUNNING), Progress(note="asking")))


def test_a_delivered_picture_has_its_actions_link_and_delete() -> None:
    view = card(replace(JOB, state=State.DELIVERED, result=RESULT), media=["attachment://fox.png"], note=_("A smaller one."))
    assert media(view) == ("attachment://fox.png", "Picture painted by Midjourney from the words: a **red** fox --ar 16:9")
    assert buttons(view) == {
        "U1": "e1:a:upscale1:123",
        "U2": "e1:a:upscale2:123",
        "🔄": "e1:a:reroll:123",
        "V1": "e1:a:variation1:123",
        "Full size": "https://cdn.example.com/1.png",
        "Delete": f"e1:o:delete:{ID}",
    }
    assert "-# A smaller one.\n-# <@42> · fast · V7 · 2048 × 2048 · 42 s" in text(view)


def test_a_finished_picture_with_its_file_is_shown_as_delivered() -> None:
    job = replace(JOB, state=State.FINISHED, result=RESULT)
    assert text(card(job, media=["attachment://a.png"])) == text(
        card(replace(job, state=State.DELIVERED), media=["attachment://a.png"])
    )
    assert "bringing it over" in text(card(job))
    assert buttons(card(job)) == {"Show": f"e1:o:show:{ID}"}


def test_minutes_are_told_as_minutes() -> None:
    view = card(replace(JOB, state=State.DELIVERED, result=RESULT, finished_at=127.0))
    assert "2 min 5 s" in text(view)


def test_an_action_names_itself_and_links_to_its_parent() -> None:
    order = replace(ORDER, action="upscale2", image_id="9", parent_url=PARENT)
    view = card(replace(JOB, order=order, state=State.DELIVERED, result=RESULT), media=["https://cdn.example.com/s.png"])
    assert f"**U2** of [this picture]({PARENT})\n" in text(view)
    assert media(view) == (
        "https://cdn.example.com/s.png",
        "Picture (U2) painted by Midjourney from the words: a **red** fox --ar 16:9",
    )


def test_an_action_whose_row_is_gone_names_the_action_alone() -> None:
    order = Order(kinds.IMAGINE, 42, ImagineRequest(action="pan_up", image_id="9"), action="pan_up", image_id="9")
    assert text(card(replace(JOB, order=order))).startswith("**⬆️ Pan Up**\nStarting…")


def test_what_could_not_be_brought_keeps_its_buttons() -> None:
    view = card(replace(JOB, state=State.UNDELIVERABLE, result=RESULT))
    assert "could not be brought here" in text(view)
    assert {"U1", "Full size"} <= buttons(view).keys()


def test_many_actions_leave_the_link_to_the_text() -> None:
    result = ImageResult.model_validate({**GRID, "actions": [f"action_{n}" for n in range(60)]})
    view = card(replace(JOB, state=State.DELIVERED, result=result), media=["attachment://a.png"])
    check(view)
    assert "[Full size](https://cdn.example.com/1.png)" in text(view)


def test_a_long_link_full_of_parentheses_stays_within_the_text() -> None:
    result = ImageResult.model_validate({**GRID, "raw_image_url": "https://cdn.example.com/" + ")" * 480})
    check(card(replace(JOB, state=State.DELIVERED, result=result), media=["attachment://a.png"], note=said("n" * 4000)))


def test_a_card_that_was_let_go_says_so() -> None:
    for state in (State.SUBMITTING, State.RUNNING, State.FINISHED):
        assert "Let go" in text(card(replace(JOB, state=state, let_go_at=3.0)))


def test_a_card_that_was_let_go_does_not_claim_a_bill_that_nobody_knows_of() -> None:
    assert "if the service took it" in text(card(replace(JOB, state=State.SUBMITTING, let_go_at=3.0)))
    assert "so it is paid for" in text(card(replace(JOB, state=State.RUNNING, let_go_at=3.0)))


def test_a_cancelled_job_can_be_started_after_all() -> None:
    view = card(replace(JOB, state=State.CANCELLED))
    assert "nothing was billed" in text(view)
    assert buttons(view)["Start after all"] == f"e1:o:again:{ID}"


@pytest.mark.parametrize(
    ("code", "ways_on"),
    [
        ("too_many_requests", {"Try again"}),
        ("unclear", {"Try again"}),
        ("used_up", {"Try again"}),
        ("forbidden", {"Edit prompt"}),
        ("bad_request", {"Edit prompt"}),
        ("task_failed", {"Try again", "Edit prompt"}),
        ("expired_attachment", set()),
    ],
)
def test_a_failure_offers_a_way_on(code: str, ways_on: set[str]) -> None:
    view = card(replace(JOB, state=State.FAILED, failure=Failure(code)))
    assert "⚠️" in text(view)
    assert buttons(view).keys() == ways_on | {"Delete"}


def test_a_failed_action_has_no_prompt_to_edit() -> None:
    order = replace(ORDER, action="upscale2", parent_url=PARENT)
    view = card(replace(JOB, order=order, state=State.FAILED, failure=Failure("forbidden")))
    assert "Edit prompt" not in buttons(view)


def test_a_failure_without_a_reason_is_still_told() -> None:
    assert "could not do this" in text(card(replace(JOB, state=State.FAILED)))


def test_a_parked_card_says_how_to_see_the_rest() -> None:
    view = parked_card(replace(JOB, state=State.RUNNING))
    assert "Still painting" in text(view)
    assert buttons(view) == {"Show": f"e1:o:show:{ID}"}
    assert "Still at work" in text(parked_card(replace(DESCRIBE, state=State.RUNNING)))


def test_four_descriptions_have_a_button_each_and_one_for_all() -> None:
    view = card(replace(DESCRIBE, result=described({"descriptions": ["a *sign*", "b", "c", "d"]})))
    check(view)
    assert "1️⃣ a \\*sign\\*\n\n2️⃣ b" in text(view)
    assert buttons(view) == {
        **{f"{n}\ufe0f\u20e3": f"e1:o:imagine:{ID}.{n - 1}" for n in range(1, 5)},
        "Imagine all": f"e1:o:imagine_all:{ID}",
        "Delete": f"e1:o:delete:{ID}",
    }
    assert [c["media"]["url"] for c in every(view) if c["type"] == 11] == ["https://cdn.example.com/in.png"]


@pytest.mark.parametrize("result", [None, {}, {"descriptions": []}, {"descriptions": [" ", None]}])
def test_no_descriptions_offer_another_try(result: dict[str, Any] | None) -> None:
    view = card(replace(DESCRIBE, result=described(result)))
    assert "no words" in text(view)
    assert buttons(view).keys() == {"Try again", "Delete"}


def test_one_description_or_thirty_fit() -> None:
    one = card(replace(DESCRIBE, result=described({"descriptions": ["only"]})))
    assert buttons(one).keys() == {"1️⃣", "Delete"}
    many = card(replace(DESCRIBE, result=described({"descriptions": ["*" * 4000] * 30})))
    check(many)
    assert {"1️⃣", "🔟", "20", "Imagine all"} <= buttons(many).keys()


def test_an_empty_description_does_not_move_the_others() -> None:
    view = card(replace(DESCRIBE, result=described({"descriptions": ["a", " ", "c"]})))
    assert buttons(view)["2️⃣"] == f"e1:o:imagine:{ID}.2"


@pytest.mark.parametrize(("kind", "words"), [(DESCRIBE, "Looking closely"), (TRANSLATE, "Translating")])
def test_texts_have_no_bar_while_they_are_made(kind: Job, words: str) -> None:
    assert words in text(card(replace(kind, state=State.RUNNING)))


def test_a_translation_can_be_imagined_or_edited_first() -> None:
    view = card(replace(TRANSLATE, state=State.FINISHED, result=Translation(content="A *white* angel")))
    assert "天使\nA \\*white\\* angel" in text(view)
    assert buttons(view) == {
        "Imagine this": f"e1:o:imagine:{ID}.0",
        "Edit first": f"e1:o:edit:{ID}",
        "Delete": f"e1:o:delete:{ID}",
    }
    assert "no translation" in text(card(replace(TRANSLATE, result=Translation())))


def test_four_thousand_asterisks_are_cut_after_escaping() -> None:
    job = replace(JOB, order=replace(ORDER, prompt="*" * 4000), state=State.DELIVERED, result=RESULT)
    view = card(job, media=["attachment://a.png"], note=said("n" * 4000))
    check(view)
    assert "\\*\\*…\n" in text(view)


def test_a_notice_gives_the_prompt_back_to_be_copied() -> None:
    view = notice("“--foo” is *unknown*.", prompt="a fox ```--foo")
    check(view)
    assert text(view) == "“--foo” is \\*unknown\\*.\n```\na fox `\u200b``--foo\n```"


def test_an_empty_notice_still_says_something() -> None:
    assert text(notice("", prompt=" \n")) == "That did not work."


@given(st.text(), st.none() | st.text("`a\n ", max_size=5000))
def test_any_notice_is_legal(words: str, prompt: str | None) -> None:
    check(notice(words, prompt=prompt))
    check(notice(words * 500, prompt=(prompt or "🦊") * 500))


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
