"""Every failure is told in words a person can act on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.jobs.model import Failure
from bot.text import ENGLISH
from bot.ui.cards import failures
from bot.ui.cards.kinds import FACES

TRACE = "2efa9340-b21b-4e26"
OPERATORS = [
    "used_up",
    "disabled",
    "no_token",
    "invalid_token",
    "token_mismatched",
    "token_expired",
    "http_401",
    "xyz_token_expired",
]


def told(code: str, message: str = "", *, kind: str = "imagine", pressed: bool = False) -> str:
    return failures.failure(Failure(code, message, TRACE), FACES[kind].refused, ENGLISH, pressed=pressed)


@pytest.mark.parametrize(
    ("code", "part"),
    [
        ("forbidden", "moderation"),
        ("too_many_requests", "busy"),
        ("http_429", "busy"),
        ("rate_limited", "busy"),
        ("gateway_timeout", "too long"),
        ("banned_prompt", "moderation"),
        ("unreachable", "could not be reached"),
        ("api_error", "trouble"),
        ("http_502", "trouble"),
        ("timeout", "too long"),
        ("unclear", "billed twice"),
        ("expired_attachment", "attach the image again"),
        ("unanswered", "never started"),
        ("internal", "Sorry"),
    ],
)
def test_a_failure_is_explained(code: str, part: str) -> None:
    assert part in told(code)


@pytest.mark.parametrize("code", OPERATORS)
def test_what_only_the_operator_can_mend_says_so(code: str) -> None:
    assert failures.operator_matter(Failure(code))
    assert "operator has been told" in told(code)
    assert failures.can_try_again(Failure(code))


@pytest.mark.parametrize(("kind", "refused"), [("imagine", "prompt"), ("describe", "image"), ("translate", "text")])
def test_moderation_is_told_for_what_was_refused(kind: str, refused: str) -> None:
    assert refused in told("forbidden", kind=kind)
    assert "Another button" in told("forbidden", kind=kind, pressed=True)


def test_the_services_own_words_are_shown_escaped_and_cut() -> None:
    text = told("bad_request", "Unrecognized `-c` <@1> " + "x" * 5000)
    assert r"Unrecognized \`-c\` \<\@1>" in text
    assert len(text) < 1500


def test_a_pressed_picture_that_is_no_longer_known_is_told() -> None:
    assert "no longer know that picture" in told("bad_request", pressed=True)


def test_an_unknown_failure_has_a_small_reference() -> None:
    assert told("tomorrow", "No room.").endswith(f"It said: No room.\n-# Reference: {TRACE}")
    assert failures.failure(Failure("tomorrow"), FACES["imagine"].refused, ENGLISH) == "The image service could not do this."


def test_a_family_that_was_stored_counts_more_than_the_code() -> None:
    assert "busy" in failures.failure(Failure("odd", family="busy"), FACES["imagine"].refused, ENGLISH)


def test_a_message_in_chinese_is_shown_as_it_is() -> None:
    assert "It said: 参数错误" in told("parameter_error", "参数错误")


def test_an_error_of_ours_shows_its_reference() -> None:
    assert told("internal", "K7Q2").endswith("-# Reference: K7Q2")


@pytest.mark.parametrize(
    "code", ["forbidden", "banned_prompt", "bad_request", "parameter_error", "http_400", "expired_attachment"]
)
def test_what_would_fail_again_is_not_tried_again(code: str) -> None:
    assert not failures.can_try_again(Failure(code))


@pytest.mark.parametrize("code", ["too_many_requests", "api_error", "timeout", "unclear", "internal", "unanswered", "tomorrow"])
def test_what_may_succeed_another_time_can_be_tried_again(code: str) -> None:
    assert failures.can_try_again(Failure(code))
    assert not failures.operator_matter(Failure(code))


def test_a_refused_prompt_can_be_reworded() -> None:
    assert all(failures.can_be_reworded(Failure(code)) for code in ("forbidden", "banned_prompt", "invalid_parameter"))
    assert not failures.can_be_reworded(Failure("timeout"))


@given(st.text(), st.text(), st.none() | st.text(), st.sampled_from(sorted(FACES)), st.booleans())
def test_any_failure_has_words(code: str, message: str, trace_id: str | None, kind: str, pressed: bool) -> None:
    text = failures.failure(Failure(code, message, trace_id), FACES[kind].refused, ENGLISH, pressed=pressed)
    assert 0 < len(text) < 1500
