"""What a press carries comes back as it was sent, or goes by the row's key."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.ui.cards.custom_ids import LIMIT, ActionPressed, OperationPressed, action_id, operation_id, parse

KEY = "0190a2b3c4d5e6f70190a2b3c4d5e6f7.3"


def test_an_action_names_itself_and_its_picture() -> None:
    custom_id = action_id("upscale2", "1234197197067915365", key=KEY)
    assert custom_id == "e1:a:upscale2:1234197197067915365"
    assert parse(custom_id) == ActionPressed("upscale2", "1234197197067915365")


@pytest.mark.parametrize("action", ["x" * 120, "a:b", "a ", "\ta", "a\nb", "", "a\u200b", "a\ud800", "🦊" * 50])
def test_an_action_that_does_not_fit_goes_by_its_rows_key(action: str) -> None:
    assert parse(action_id(action, "1", key=KEY)) == OperationPressed("action", KEY)


@pytest.mark.parametrize("image_id", ["", "1:2", "9" * 100, " 1"])
def test_a_picture_id_that_does_not_fit_goes_by_its_rows_key(image_id: str) -> None:
    assert parse(action_id("reroll", image_id, key=KEY)) == OperationPressed("action", KEY)


@pytest.mark.parametrize(
    "foreign",
    [
        "",
        "e1",
        "e1:a:reroll",
        "e1:a::1",
        "e1:a:reroll:",
        "e1:a:a:b:c",
        "e1:o:",
        "e1:o:cancel",
        "e1:o::1",
        "e2:o:cancel:1",
        "hello",
    ],
)
def test_a_foreign_custom_id_means_nothing(foreign: str) -> None:
    assert parse(foreign) is None


def test_an_operation_may_have_no_key_or_one_with_colons() -> None:
    assert parse(operation_id("about")) == OperationPressed("about", "")
    assert parse(operation_id("show", "a:b")) == OperationPressed("show", "a:b")


@pytest.mark.parametrize(("operation", "key"), [("", "1"), ("a:b", "1"), ("show", " 1"), ("show", "x" * 95), ("show", "a\n")])
def test_an_operation_that_could_not_be_read_back_is_refused(operation: str, key: str) -> None:
    with pytest.raises(ValueError, match="custom id"):
        operation_id(operation, key)


@given(st.text(max_size=130), st.text(max_size=130))
@example("upscale1", "1")
def test_whatever_is_written_is_read_back(action: str, image_id: str) -> None:
    custom_id = action_id(action, image_id, key=KEY)
    assert 1 <= len(custom_id) <= LIMIT
    assert custom_id.isprintable()
    assert parse(custom_id) in {ActionPressed(action, image_id), OperationPressed("action", KEY)}


@given(st.text(max_size=40), st.text(max_size=60))
def test_an_operation_comes_back_or_is_refused(operation: str, key: str) -> None:
    try:
        custom_id = operation_id(operation, key)
    except ValueError:
        return
    assert parse(custom_id) == OperationPressed(operation, key)


@given(st.text())
def test_anything_can_be_parsed(custom_id: str) -> None:
    parse(custom_id)
    parse("e1:a:" + custom_id)
    parse("e1:o:" + custom_id)
