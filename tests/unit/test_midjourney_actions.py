"""Every action gets a button that says what it does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from midjourney_service import GRID_ACTIONS

from bot.midjourney import label_of, ordered
from bot.midjourney.actions import GROUPS, LABELS


@pytest.mark.parametrize(
    ("action", "label"),
    [
        ("upscale1", "U1"),
        ("variation4", "V4"),
        ("upscale_subtle", "Upscale (Subtle)"),
        ("redo_upscale_2x", "Redo Upscale (2×)"),
        ("variation_region", "Vary (Region)"),
        ("zoom_out_1_5x", "Zoom Out 1.5×"),
        ("square", "Make Square"),
        ("super_zoom_3x", "Super Zoom 3x"),
        ("pan-left-far", "Pan Left Far"),
        ("", "Action"),
        ("___", "Action"),
        ("x" * 120, "X" + "x" * 78 + "…"),
    ],
)
def test_an_action_has_the_label_users_know(action: str, label: str) -> None:
    assert str(label_of(action).label) == label
    assert label_of(action).name == action


def test_arrows_and_the_reroll_have_emoji() -> None:
    assert [label_of(f"pan_{way}").emoji for way in ("left", "right", "up", "down")] == ["⬅️", "➡️", "⬆️", "⬇️"]
    assert label_of("reroll").emoji == "🔄"


def test_a_grid_is_ordered_as_users_know_it() -> None:
    groups = ordered(["new_thing", *reversed(GRID_ACTIONS), "upscale1"])
    assert [(group, [str(label.label) for label in labels]) for group, labels in groups] == [
        ("upscale_grid", ["U1", "U2", "U3", "U4"]),
        ("reroll", ["Reroll"]),
        ("variation_grid", ["V1", "V2", "V3", "V4"]),
        ("other", ["New Thing"]),
    ]


def test_every_known_action_is_in_a_known_group() -> None:
    assert {label.group for label in LABELS.values()} == set(GROUPS) - {"other"}
    assert len(LABELS) == 9 + 18


@given(st.lists(st.text() | st.sampled_from(sorted(LABELS))))
def test_every_action_appears_exactly_once(actions: list[str]) -> None:
    labels = [label for _, group in ordered(actions) for label in group]
    assert sorted(label.name for label in labels) == sorted(set(actions))
    assert all(0 < len(str(label.label)) <= 80 for label in labels)
