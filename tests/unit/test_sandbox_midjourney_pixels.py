"""What is drawn: a test must be able to tell by pixels what arrived."""

from __future__ import annotations

import base64
import io
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image
from sandbox_midjourney_caller import Caller, calling

from sandbox.midjourney.pixels import box, distance, pixels, quadrant

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

EQUAL, NEAR, FAR = 0.012, 0.09, 0.1


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    async with calling(size=256, pace=0) as caller:
        yield caller


async def press(caller: Caller, result: dict[str, Any], action: str, **body: Any) -> tuple[dict[str, Any], bytes]:
    """An action's result and its raw picture."""
    answer = await caller.result(action=action, image_id=result["image_id"], **body)
    return answer, await caller.picture(answer)


@pytest.mark.parametrize("prompt", ["a red fox", "ocean at night", "castle", "green forest --ar 16:9"])
async def test_a_grid_has_four_different_pictures_and_the_same_words_give_the_same(caller: Caller, prompt: str) -> None:
    grid = await caller.picture(await caller.result(prompt=prompt))
    assert all(distance(quadrant(grid, a), quadrant(grid, b)) > FAR for a, b in combinations(range(1, 5), 2))
    assert await caller.picture(await caller.result(prompt=prompt)) == grid


async def test_a_thumbnail_is_the_picture_at_half_the_size(caller: Caller) -> None:
    result = await caller.result(prompt="a red fox --ar 3:2")
    _, thumbnail = await caller.get(result["image_url"])
    raw = pixels(await caller.picture(result))
    assert raw.shape == (result["raw_image_height"], result["raw_image_width"], 3)
    assert pixels(thumbnail).shape == (result["image_height"], result["image_width"], 3)
    assert raw.shape[1] / raw.shape[0] == pytest.approx(1.5, abs=0.03)
    assert distance(pixels(thumbnail), raw) < EQUAL


@pytest.mark.parametrize("number", [1, 2, 3, 4])
async def test_an_upscale_is_that_quadrant_larger(caller: Caller, number: int) -> None:
    grid = await caller.result(prompt="a red fox")
    whole = await caller.picture(grid)
    _, upscaled = await press(caller, grid, f"upscale{number}")
    assert pixels(upscaled).shape == (256, 256, 3)
    near = [distance(upscaled, quadrant(whole, other)) for other in range(1, 5)]
    assert near[number - 1] < EQUAL
    assert sorted(near)[1] > FAR


async def test_a_variation_is_near_its_picture_and_a_reroll_is_not(caller: Caller) -> None:
    grid = await caller.result(prompt="a red fox")
    whole = await caller.picture(grid)
    _, varied = await press(caller, grid, "variation3")
    parts = [quadrant(varied, number) for number in range(1, 5)]
    assert all(0.001 < distance(part, quadrant(whole, 3)) < NEAR for part in parts)
    assert distance(parts[0], parts[1]) > 0.001
    _, rerolled = await press(caller, grid, "reroll")
    assert all(distance(quadrant(rerolled, number), quadrant(whole, number)) > FAR for number in range(1, 5))


async def test_a_subtle_variation_is_nearer_than_a_strong_one(caller: Caller) -> None:
    single, picture = await press(caller, await caller.result(prompt="a castle"), "upscale2")
    far = {}
    for action in ("variation_subtle", "variation_strong"):
        _, varied = await press(caller, single, action)
        far[action] = np.mean([distance(quadrant(varied, number), picture) for number in range(1, 5)])
    assert 0.001 < far["variation_subtle"] < far["variation_strong"] < NEAR


async def test_zooming_out_keeps_the_picture_in_the_middle(caller: Caller) -> None:
    single, picture = await press(caller, await caller.result(prompt="a castle"), "upscale1")
    for action, edge in (("zoom_out_2x", 0.25), ("zoom_out_1_5x", 1 / 6)):
        _, wide = await press(caller, single, action)
        middle = box(quadrant(wide, 2), edge, edge, 1 - edge, 1 - edge)
        assert distance(middle, picture) < 0.02
        assert distance(quadrant(wide, 1), quadrant(wide, 2)) > 0.001


@pytest.mark.parametrize(
    ("action", "kept", "at"),
    [
        ("pan_left", (0, 0, 0.5, 1), (0.5, 0, 1, 1)),
        ("pan_right", (0.5, 0, 1, 1), (0, 0, 0.5, 1)),
        ("pan_up", (0, 0, 1, 0.5), (0, 0.5, 1, 1)),
        ("pan_down", (0, 0.5, 1, 1), (0, 0, 1, 0.5)),
    ],
)
async def test_panning_keeps_one_half(caller: Caller, action: str, kept: Any, at: Any) -> None:
    single, picture = await press(caller, await caller.result(prompt="a castle"), "upscale1")
    _, panned = await press(caller, single, action)
    assert distance(box(quadrant(panned, 4), *at), box(picture, *kept)) < 0.02


@pytest.mark.parametrize("ratio", ["2:1", "1:2"])
async def test_making_it_square_adds_to_both_sides(caller: Caller, ratio: str) -> None:
    single, picture = await press(caller, await caller.result(prompt=f"a castle --ar {ratio}"), "upscale1")
    result, squared = await press(caller, single, "square")
    assert (result["raw_image_width"], result["raw_image_height"]) == (256, 256)
    part = (0, 0.25, 1, 0.75) if ratio == "2:1" else (0.25, 0, 0.75, 1)
    assert distance(box(quadrant(squared, 1), *part), picture) < 0.025


async def test_upscaling_again_makes_it_two_or_four_times_as_large(caller: Caller) -> None:
    single, picture = await press(caller, await caller.result(prompt="a castle", version="6"), "upscale4")
    for action, edge in (("upscale_2x", 512), ("upscale_4x", 1024)):
        result, larger = await press(caller, single, action)
        assert pixels(larger).shape == (edge, edge, 3)
        assert distance(larger, picture) < EQUAL
        assert "redo_upscale_2x" in result["actions"]


async def test_a_region_is_repainted_where_the_mask_is_white(caller: Caller) -> None:
    single, picture = await press(caller, await caller.result(prompt="a castle"), "upscale1")
    mask = Image.new("L", (256, 256))
    mask.paste(255, (128, 0, 256, 256))
    file = io.BytesIO()
    mask.save(file, "PNG")
    body = {"mask": base64.b64encode(file.getvalue()).decode(), "prompt": "a green dragon"}
    _, repainted = await press(caller, single, "variation_region", **body)
    for number in range(1, 5):
        part = quadrant(repainted, number)
        assert distance(box(part, 0, 0, 0.48, 1), box(picture, 0, 0, 0.48, 1)) < 0.02
        assert distance(box(part, 0.52, 0, 1, 1), box(picture, 0.52, 0, 1, 1)) > NEAR


async def test_an_image_prompt_shows_in_the_result(caller: Caller) -> None:
    source = await caller.result(prompt="ocean at night")
    plain = await caller.picture(await caller.result(prompt="a bright fox"))
    mixed = await caller.picture(await caller.result(prompt=f"{source['raw_image_url']} a bright fox"))
    picture = await caller.picture(source)
    assert distance(quadrant(mixed, 1), picture) < distance(quadrant(plain, 1), picture)


async def test_a_long_chain_of_actions_stays_quick_and_right(caller: Caller) -> None:
    result = await caller.result(prompt="a castle")
    for action in ("upscale1", "zoom_out_2x", "upscale2", "pan_left", "variation1", "upscale3", "square"):
        result, _ = await press(caller, result, action)
    assert result["progress"] == 100


async def test_a_cheap_sandbox_serves_one_picture_for_all() -> None:
    async with calling(size=64, cheap=True) as caller:
        first = await caller.result(prompt="one")
        second = await caller.result(prompt="two")
        assert await caller.picture(first) == await caller.picture(second)
        assert pixels(await caller.picture(first)).shape == (64, 64, 3)
