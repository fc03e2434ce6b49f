"""Pictures are parts of a field over the plane: what moves or widens the window shows the same field, pixel by pixel."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pytest
from PIL import Image
from sandbox_midjourney_caller import Caller, calling

from sandbox.midjourney.actions import changed, fresh
from sandbox.midjourney.drawing import FRAME, Array, Window
from sandbox.midjourney.pixels import box, pixels
from sandbox.midjourney.scenes import Mask, Mixed, Photo, Scene, photo
from sandbox.midjourney.videos import FRAMES, Film, encode, frames

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

EDGE = 384
ROUNDING = 2 / 255
LOSSY = 0.02  # mean difference that a film's compression may make
# Where the old frame lies in the new one; for pans the half that is in both, in the old frame and in the new one.
KEPT = {
    "zoom_out_2x": (FRAME, Window(0.25, 0.25, 0.5, 0.5)),
    "zoom_out_1_5x": (FRAME, Window(1 / 6, 1 / 6, 2 / 3, 2 / 3)),
    "pan_left": (Window(0, 0, 0.5, 1), Window(0.5, 0, 0.5, 1)),
    "pan_right": (Window(0.5, 0, 0.5, 1), Window(0, 0, 0.5, 1)),
    "pan_up": (Window(0, 0, 1, 0.5), Window(0, 0.5, 1, 0.5)),
    "pan_down": (Window(0, 0.5, 1, 0.5), Window(0, 0, 1, 0.5)),
}


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    async with calling(size=EDGE, pace=0) as caller:
        yield caller


def image(array: Array) -> Image.Image:
    return Image.fromarray((array * 255).round().astype(np.uint8))


def encoded(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def scenes() -> dict[str, Scene]:
    """A landscape, a photo, and a landscape with a repainted part."""
    landscape, other = fresh("a red fox", edge=64, ratio=1.0, version="8.2", photos=[]).scenes[:2]
    mask = np.zeros((64, 64), dtype=np.uint8)
    mask[10:40, 20:50] = 255
    picture = image(landscape.sample(FRAME, 96, 96))
    return {"landscape": landscape, "photo": photo(encoded(picture)), "repainted": Mixed(landscape, other, 1.0, Mask(mask))}


@pytest.mark.parametrize("action", KEPT)
@pytest.mark.parametrize("kind", ["landscape", "photo", "repainted"])
def test_the_window_moves_over_the_same_field(action: str, kind: str) -> None:
    parent = fresh("a red fox", edge=64, ratio=1.0, version="8.2", photos=[])
    scene = scenes()[kind]
    parent.scenes = (scene,)
    before, after = KEPT[action]
    size = round(96 * before.w), round(96 * before.h)
    expected = scene.sample(before, *size)
    enlarged = changed("upscale1", parent, edge=64)
    children = changed(action, parent, edge=64).scenes + changed(action, enlarged, edge=64).scenes
    assert len(children) == 8
    for child in children:
        assert np.abs(child.sample(after, *size) - expected).max() < ROUNDING


def misplaced(whole: Array, part: Array, at: tuple[int, int]) -> dict[tuple[int, int], float]:
    """The mean difference of a part and the whole around a place, by how far it is off: (right, down)."""
    left, top = at
    height, width = part.shape[:2]
    return {
        (right, down): float(np.abs(whole[top + down :, left + right :][:height, :width] - part).mean())
        for right in (-2, 0, 2)
        for down in (-2, 0, 2)
    }


@pytest.mark.parametrize(("action", "edge"), [("zoom_out_2x", EDGE // 2), ("zoom_out_1_5x", EDGE * 2 // 3)])
async def test_zooming_out_shows_the_picture_smaller_in_its_place(caller: Caller, action: str, edge: int) -> None:
    single = await caller.result(action="upscale2", image_id=(await caller.result(prompt="a castle"))["image_id"])
    wide = await caller.result(action=action, image_id=single["image_id"])
    whole = pixels(await caller.picture(await caller.result(action="upscale3", image_id=wide["image_id"])))
    old = image(pixels(await caller.picture(single))).resize((edge, edge), Image.Resampling.BOX)
    small = np.asarray(old, dtype=np.float32) / 255
    off = misplaced(whole, small, ((EDGE - edge) // 2, (EDGE - edge) // 2))
    assert min(off, key=lambda place: off[place]) == (0, 0)
    assert off[0, 0] < 0.008


@pytest.mark.parametrize("action", [action for action in KEPT if action.startswith("pan")])
async def test_panning_shows_one_half_at_its_new_place_unchanged(caller: Caller, action: str) -> None:
    single = await caller.result(action="upscale2", image_id=(await caller.result(prompt="a castle"))["image_id"])
    panned = await caller.result(action=action, image_id=single["image_id"])
    whole = await caller.picture(await caller.result(action="upscale3", image_id=panned["image_id"]))
    before, after = ((part.x, part.y, part.x + part.w, part.y + part.h) for part in KEPT[action])
    assert np.abs(box(whole, *after) - box(await caller.picture(single), *before)).max() < ROUNDING


@pytest.mark.parametrize(("ratio", "inner"), [("2:1", Window(0, 0.25, 1, 0.5)), ("1:2", Window(0.25, 0, 0.5, 1))])
async def test_a_square_has_the_same_field_in_its_middle(caller: Caller, ratio: str, inner: Window) -> None:
    grid = await caller.result(prompt=f"a castle --ar {ratio}")
    single = await caller.result(action="upscale2", image_id=grid["image_id"])
    squared = await caller.result(action="square", image_id=single["image_id"])
    whole = pixels(await caller.picture(await caller.result(action="upscale1", image_id=squared["image_id"])))
    assert whole.shape == (EDGE, EDGE, 3)
    size = round(EDGE * inner.w), round(EDGE * inner.h)
    old = image(pixels(await caller.picture(single))).resize(size, Image.Resampling.BOX)
    part = box(whole, inner.x, inner.y, inner.x + inner.w, inner.y + inner.h)
    assert np.abs(np.asarray(old, dtype=np.float32) / 255 - part).mean() < 0.008
    # Beyond it the picture goes on: where it ends, no edge can be seen.
    rows = whole if ratio == "2:1" else whole.transpose(1, 0, 2)
    jumps = np.abs(np.diff(rows, axis=0)).mean(axis=(1, 2))
    assert jumps[EDGE // 4 - 1] < np.quantile(jumps, 0.95)


async def test_a_mask_repaints_nothing_but_what_is_white(caller: Caller) -> None:
    single = await caller.result(action="upscale2", image_id=(await caller.result(prompt="a castle"))["image_id"])
    old = pixels(await caller.picture(single))
    for size in (EDGE, EDGE // 2):
        white = np.zeros((size, size), dtype=np.uint8)
        white[size // 8 : size // 2, size // 4 : size * 3 // 4] = 255
        mask = base64.b64encode(encoded(Image.fromarray(white))).decode()
        body: dict[str, Any] = {"mask": mask, "prompt": "a green dragon", "image_id": single["image_id"]}
        grid = await caller.result(action="variation_region", **body)
        new = pixels(await caller.picture(await caller.result(action="upscale1", image_id=grid["image_id"])))
        repainted = np.asarray(Image.fromarray(white).resize((EDGE, EDGE), Image.Resampling.NEAREST)) == 255
        changed_by = np.abs(new - old).max(axis=2)
        assert changed_by[~repainted].max() == 0
        assert (changed_by[repainted] > ROUNDING).mean() > 0.95


@pytest.mark.parametrize(("checked", "answered"), [(True, (400, "bad_request")), (False, (200, None))])
async def test_a_mask_of_another_size_is_refused_or_stretched(caller: Caller, checked: bool, answered: tuple[int, str]) -> None:
    caller.midjourney.readings.mask_size_checked = checked
    single = await caller.result(action="upscale2", image_id=(await caller.result(prompt="a castle"))["image_id"])
    mask = base64.b64encode(encoded(Image.new("L", (EDGE, EDGE // 2)))).decode()
    status, answer = await caller.post(
        "imagine", action="variation_region", image_id=single["image_id"], mask=mask, prompt="a fox"
    )
    assert (status, answer.get("error", {}).get("code")) == answered


def decoded(film: bytes) -> list[Array]:
    """All frames of an MP4 as floats, and whether it is one that browsers play while it loads."""
    with av.open(io.BytesIO(film)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.pix_fmt) == ("h264", "yuv420p")
        assert 0 < film.find(b"moov") < film.find(b"mdat")
        return [frame.to_ndarray(format="rgb24").astype(np.float32) / 255 for frame in container.decode(stream)]


async def test_a_video_moves_the_window_over_the_field_and_an_extension_goes_on(caller: Caller) -> None:
    source = await caller.result(prompt="a castle")
    scene = photo(await caller.picture(source))
    status, video = await caller.post("videos", image_url=source["raw_image_url"], resolution="480p")
    assert status == 200
    first = decoded((await caller.get(video["video_urls"][0]))[1])
    _, longer = await caller.post("videos", action="extend", video_id=video["video_id"], video_index=0)
    second = decoded((await caller.get(longer["video_urls"][3]))[1])
    film = Film(fresh("", edge=480, ratio=1.0, version="8.2", photos=[]))
    ends = [film.window(0, 0), film.window(0, FRAMES - 1)]
    further = ends[1].inside(film.window(3, FRAMES - 1))
    assert (ends[0], ends[1].y) == (FRAME, 0)
    assert 0.2 < ends[1].x < 0.4
    assert [len(first), len(second), first[0].shape] == [FRAMES, FRAMES, (480, 480, 3)]
    for frame, window in ((first[0], ends[0]), (first[-1], ends[1]), (second[0], ends[1]), (second[-1], further)):
        assert np.abs(frame - scene.sample(window, 480, 480)).mean() < LOSSY
        assert np.abs(frame - scene.sample(Window(window.x + 0.02, window.y), 480, 480)).mean() > LOSSY
    assert longer["image_url"] != video["image_url"]
    cover = pixels((await caller.get(longer["image_url"]))[1])
    assert np.abs(cover - first[-1]).mean() < LOSSY


def test_a_film_fades_to_its_end_image_and_a_loop_comes_back() -> None:
    grid = fresh("a castle", edge=64, ratio=1.5, version="8.2", photos=[])
    grid.scenes, end = grid.scenes[:1], Photo(Image.new("RGB", (6, 4), "red"), 1)
    width, height = Film(grid).size
    assert width % 2 == height % 2 == 0
    faded = list(frames(Film(grid, end), 2))
    assert np.abs(faded[-1] - np.array([255, 0, 0])).max() == 0
    assert np.array_equal(faded[0], next(frames(Film(grid), 2)))
    looped = list(frames(Film(grid, loop=True), 1))
    assert np.array_equal(looped[0], looped[-1])
    assert not np.array_equal(looped[0], looped[FRAMES // 2])


def test_the_four_films_go_four_ways_from_the_same_picture() -> None:
    grid = fresh("a castle", edge=96, ratio=1.0, version="8.2", photos=[])
    grid.scenes = grid.scenes[:1]
    films = [decoded(encode(Film(grid), number)) for number in range(4)]
    assert all(np.abs(film[0] - films[0][0]).mean() < LOSSY for film in films)
    ends = [film[-1] for film in films]
    assert min(np.abs(ends[a] - ends[b]).mean() for a in range(4) for b in range(a)) > LOSSY
