"""A card is legal whatever it shows, and says what happened and how to go on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from card_views import (
    DESCRIBE,
    GRID,
    ID,
    JOB,
    ORDER,
    PARENT,
    RESULT,
    TRANSLATE,
    buttons,
    check,
    described,
    every,
    media,
    said,
    text,
)
from hypothesis import given
from hypothesis import strategies as st

from bot.jobs import kinds
from bot.jobs.model import Failure, Job, Order, Progress, State
from bot.midjourney import (
    ImageResult,
    ImagineRequest,
    Translation,
)
from bot.text import _
from bot.ui.cards.layout import card, notice, parked_card


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
    assert "busy; this waits" in text(view)
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


@pytest.mark.parametrize(("usual", "words"), [(50.4, "about 50 s"), (0.2, "about 1 s"), (600.0, "about 10 min")])
def test_while_nobody_tells_how_far_it_is_the_time_is_counted_beside_the_usual_one(usual: float, words: str) -> None:
    view = card(replace(JOB, state=State.RUNNING), Progress(since=1_700_000_000.4, usual=usual))
    assert f"Painting…\n-# Started <t:1700000000:R>; usually done in {words}." in text(view)


def test_a_job_that_waits_for_room_says_until_when() -> None:
    assert "This is tried again <t:1700000060:R>." in text(card(JOB, Progress(note="busy", until=1_700_000_060.0)))
    assert "waits until it has room" in text(card(JOB, Progress(note="busy")))
