"""Every action is reachable, exactly once, within Discord's limits."""

import logging
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.text import ENGLISH
from bot.ui.cards.buttons import ButtonRow, action_choices, picture_controls
from bot.ui.cards.custom_ids import ActionPressed, OperationPressed, parse

JOB = "0190a2b3c4d5e6f70190a2b3c4d5e6f7"
LINK = "https://cdn.example.com/1.png"
GRID = [*(f"upscale{n}" for n in range(1, 5)), "reroll", *(f"variation{n}" for n in range(1, 5))]
UPSCALED = [
    "upscale_subtle",
    "upscale_creative",
    "redo_upscale_subtle",
    "variation_subtle",
    "variation_strong",
    "variation_region",
    "zoom_out_2x",
    "zoom_out_1_5x",
    "square",
    "pan_left",
    "pan_right",
    "pan_up",
    "pan_down",
]
MANY = [f"new_action_{n}" for n in range(59)] + ["x" * 120]


def components(rows: list[ButtonRow]) -> list[dict[str, Any]]:
    return [component for row in rows for component in row.to_component_dict()["components"]]


def cost(rows: list[ButtonRow]) -> int:
    return len(rows) + len(components(rows))


def pressable(rows: list[ButtonRow]) -> list[str]:
    """The custom ids behind every button and option."""
    options = [option["value"] for component in components(rows) for option in component.get("options", [])]
    return options + [c["custom_id"] for c in components(rows) if "custom_id" in c and "options" not in c]


def reached(rows: list[ButtonRow], actions: list[str]) -> Counter[str]:
    """How often each action can be pressed."""
    found: Counter[str] = Counter()
    for pressed in map(parse, pressable(rows)):
        if isinstance(pressed, ActionPressed):
            found[pressed.action] += 1
        elif isinstance(pressed, OperationPressed) and pressed.operation == "action":
            job, _, index = pressed.key.rpartition(".")
            assert job == JOB
            found[actions[int(index)]] += 1
    return found


def labels(rows: list[ButtonRow]) -> list[list[str]]:
    return [
        [
            c.get("label") or (c.get("emoji") or {}).get("name") or c["placeholder"]
            for c in row.to_component_dict()["components"]
        ]
        for row in rows
    ]


def controls(
    actions: list[str], *, image_id: str = "123", link: str | None = LINK, budget: int = 35
) -> tuple[list[ButtonRow], bool]:
    made = picture_controls(actions, image_id, ENGLISH, job_id=JOB, link=link, budget=budget)
    return made.rows, made.link_left


def test_a_grid_has_its_rows_as_users_know_them() -> None:
    rows, link_left = controls(GRID)
    assert labels(rows) == [["U1", "U2", "U3", "U4", "🔄"], ["V1", "V2", "V3", "V4"], ["Full size", "Delete"]]
    assert not link_left


def test_an_upscaled_picture_has_its_rows_as_users_know_them() -> None:
    assert labels(controls(UPSCALED)[0]) == [
        ["Upscale (Subtle)", "Upscale (Creative)", "Redo Upscale (Subtle)"],
        ["Vary (Subtle)", "Vary (Strong)", "Vary (Region)"],
        ["Zoom Out 2×", "Zoom Out 1.5×", "Make Square"],
        ["⬅️", "➡️", "⬆️", "⬇️"],
        ["Full size", "Delete"],
    ]


def test_no_actions_leave_our_own_buttons() -> None:
    assert labels(controls([])[0]) == [["Full size", "Delete"]]
    assert labels(controls([], link=None)[0]) == [["Delete"]]


def test_an_action_named_twice_has_one_button() -> None:
    rows, _ = controls([*GRID, *GRID])
    assert reached(rows, GRID) == Counter(GRID)


def test_eight_buttons_stand_four_and_four() -> None:
    names = [f"{redo}upscale_{how}" for redo in ("", "redo_") for how in ("subtle", "creative", "2x", "4x")]
    assert [len(row) for row in labels(controls(names)[0])] == [4, 4, 2]


@pytest.mark.parametrize("count", [60, 200, 424])
def test_many_actions_overflow_into_menus_and_none_is_dropped(count: int) -> None:
    actions = [f"new_action_{n}" for n in range(count - 1)] + ["x" * 120]
    rows, link_left = controls(actions)
    assert reached(rows, actions) == Counter(actions)
    assert cost(rows) <= 35
    assert link_left
    assert f"e1:o:delete:{JOB}" in pressable(rows)


def test_the_link_gives_way_before_delete_and_delete_before_an_action() -> None:
    actions = MANY[:20]  # four rows of five: 24 components
    assert labels(controls(actions, budget=27)[0])[-1] == ["Full size", "Delete"]
    rows, link_left = controls(actions, budget=26)
    assert labels(rows)[-1] == ["Delete"]
    assert link_left
    rows, _ = controls(actions, budget=25)
    assert labels(rows)[-1] == ["More actions"]
    assert reached(rows, actions) == Counter(actions)


def test_a_link_too_long_for_a_button_is_left_for_the_text() -> None:
    rows, link_left = controls(GRID, link=LINK + "?" + "x" * 600)
    assert link_left
    assert labels(rows)[-1] == ["Delete"]


def test_what_no_message_can_hold_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        rows, _ = controls([f"action_{n}" for n in range(500)])
    assert cost(rows) <= 35
    assert "76 of 501 choices had no room" in caplog.text


@pytest.mark.parametrize("odd", ["a:b", "two words", " edge ", "🦊 fox", "x" * 300, "\u200b", "", "__", "a\nb"])
@pytest.mark.parametrize("others", [GRID, MANY])
def test_an_odd_name_is_reachable_and_has_a_label(odd: str, others: list[str]) -> None:
    actions = [odd, *others]
    rows, _ = controls(actions)
    assert reached(rows, actions) == Counter(actions)
    assert all(label.strip() for row in labels(rows) for label in row)


def test_a_picture_without_an_id_goes_by_the_jobs_row() -> None:
    [choices, *_] = action_choices(["upscale1"], "", JOB)
    assert choices[0].custom_id == f"e1:o:action:{JOB}.0"


@settings(deadline=None)
@given(st.lists(st.sampled_from([*GRID, *UPSCALED]) | st.text(max_size=120), max_size=150), st.integers(16, 35), st.booleans())
def test_any_actions_make_legal_rows(actions: list[str], budget: int, linked: bool) -> None:
    rows, _ = controls(actions, budget=budget, link=LINK if linked else None)
    assert reached(rows, actions) == Counter(set(actions))
    assert cost(rows) <= budget
    ids = [component["custom_id"] for component in components(rows) if "custom_id" in component]
    assert len(ids) == len(set(ids))
    for row in rows:
        inside = row.to_component_dict()["components"]
        assert 1 <= len(inside) <= 5
        assert len(inside) == 1 or not any("options" in component for component in inside)
    for component in components(rows):
        assert len((component.get("label") or "").encode("utf-16-le")) <= 160
        options = component.get("options", [])
        assert len(options) <= 25
        assert len({option["value"] for option in options}) == len(options)
        assert all(1 <= len(option["label"]) <= 100 and 1 <= len(option["value"]) <= 100 for option in options)
