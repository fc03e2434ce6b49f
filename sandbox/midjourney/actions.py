"""What each action makes of a picture, and what the result offers next."""

from __future__ import annotations

from dataclasses import replace

from .drawing import Painting, Window, hue_of, seed_of
from .pictures import Picture, new_id
from .scenes import Mask, Mixed, Photo, Scene, Widened

GRID = ("upscale1", "upscale2", "upscale3", "upscale4", "reroll", "variation1", "variation2", "variation3", "variation4")
_PANS = ("pan_left", "pan_right", "pan_up", "pan_down")
_VARIED = ("variation_subtle", "variation_strong")
_ZOOMS = ("zoom_out_2x", "zoom_out_1_5x")
SINGLE_OLD = ("upscale_2x", "upscale_4x", *_VARIED, *_ZOOMS, *_PANS)
SINGLE_NEW = (
    *("upscale_subtle", "upscale_creative", "redo_upscale_subtle", *_VARIED, "variation_region"),
    *(*_ZOOMS, "square", *_PANS),
)
LARGER_OLD = ("redo_upscale_2x", "redo_upscale_4x", *_VARIED, *_ZOOMS, *_PANS)
LARGER_NEW = ("redo_upscale_subtle", "redo_upscale_creative", *_VARIED, *_ZOOMS, "square", *_PANS)

SUBTLE, MIDDLE, STRONG = 0.012, 0.025, 0.06
WINDOWS = {
    "zoom_out_2x": Window(-0.5, -0.5, 2, 2),
    "zoom_out_1_5x": Window(-0.25, -0.25, 1.5, 1.5),
    "pan_left": Window(-0.5, 0, 1, 1),
    "pan_right": Window(0.5, 0, 1, 1),
    "pan_up": Window(0, -0.5, 1, 1),
    "pan_down": Window(0, 0.5, 1, 1),
}
LARGEST = 4096


def is_new(version: str) -> bool:
    """Whether the model's upscaled pictures offer the newer set of actions."""
    return float(version) >= 7


def frame(edge: int, ratio: float) -> tuple[int, int]:
    """Width and height of a raw picture, multiples of 4, with the area of a square of this edge."""
    width, height = edge * ratio**0.5, edge / ratio**0.5
    return max(4, round(width / 4) * 4), max(4, round(height / 4) * 4)


def painted_from(text: str, ratio: float, photos: list[Photo], *, seed: int, generation: int = 0) -> tuple[Scene, ...]:
    """Four different pictures from a prompt; those of another generation are far from these."""
    scenes: list[Scene] = []
    for number in range(4):
        hue = (hue_of(text, seed) + 0.07 * number + 0.31 * generation) % 1
        scene: Scene = Painting(seed_of(seed, number, generation), (number + generation + seed) % 4, hue, ratio)
        for photo in photos:
            scene = Mixed(scene, photo.varied(seed + number, 0.02), 0.45)
        scenes.append(scene)
    return tuple(scenes)


def fresh(text: str, *, edge: int, ratio: float, version: str, photos: list[Photo]) -> Picture:
    """The grid for a prompt: the same words give the same pictures."""
    seed = seed_of(text)
    width, height = frame(edge, ratio)
    scenes = painted_from(text, ratio, photos, seed=seed)
    return Picture(scenes, width, height, ratio=ratio, version=version, seed=seed % 2**32, actions=GRID)


def changed(action: str, parent: Picture, *, edge: int, mask: Mask | None = None, text: str = "") -> Picture:
    """What an action makes of a picture; an action nobody has heard of gives a variation."""
    width, height = frame(edge, parent.ratio)
    seed = seed_of(action, parent.id, parent.generation, text)
    grid = replace(parent, id=new_id(), width=width, height=height, seed=seed % 2**32, blur=0.0, actions=GRID, frames=())
    number = int(action[-1]) - 1 if action[-1:] in {"1", "2", "3", "4"} and parent.is_grid else 0
    source = parent.scenes[number]
    if action.startswith(("upscale", "redo_upscale")):
        return _upscaled(action, replace(grid, scenes=(source,)))
    if action == "reroll":
        return replace(grid, scenes=_rerolled(parent, seed), generation=parent.generation + 1)
    if action == "square":
        return _squared(grid, source, seed, edge)
    if action in WINDOWS:
        return replace(grid, scenes=_widened(source, WINDOWS[action], seed))
    if action == "variation_region" and mask is not None:
        return replace(grid, scenes=_repainted(source, mask, text, seed))
    strength = {"variation_subtle": SUBTLE, "variation_strong": STRONG}.get(action, MIDDLE)
    return replace(grid, scenes=tuple(source.varied(seed + n, strength) for n in range(4)))


def _upscaled(action: str, picture: Picture) -> Picture:
    """A grid's quadrant as large as the grid; an upscaled picture two or four times as large."""
    new = is_new(picture.version)
    if action in GRID:
        return replace(picture, actions=SINGLE_NEW if new else SINGLE_OLD)
    factor = min(4 if action.endswith("4x") else 2, LARGEST / max(picture.width, picture.height))
    scenes = picture.scenes
    if action.endswith("creative"):
        scenes = (scenes[0].varied(picture.seed, SUBTLE / 2),)
    width, height = round(picture.width * factor), round(picture.height * factor)
    return replace(picture, scenes=scenes, width=width, height=height, actions=LARGER_NEW if new else LARGER_OLD)


def _rerolled(parent: Picture, seed: int) -> tuple[Scene, ...]:
    """Four new pictures in other moods than those they replace."""
    scenes: list[Scene] = []
    for number in range(4):
        old = parent.scenes[number % len(parent.scenes)].painting()
        hue = (old.hue + 0.31) % 1
        scenes.append(Painting(seed_of(seed, number), (old.mood + 2) % 4, hue, parent.ratio))
    return tuple(scenes)


def _widened(source: Scene, window: Window, seed: int) -> tuple[Scene, ...]:
    return tuple(Widened(source, window, source.painting().varied(seed + number, 0.12)) for number in range(4))


def _squared(grid: Picture, source: Scene, seed: int, edge: int) -> Picture:
    """The picture in the middle of a square, what is missing added on two sides."""
    ratio = grid.ratio
    window = Window(0, 0.5 - ratio / 2, 1, ratio) if ratio > 1 else Window(0.5 - 0.5 / ratio, 0, 1 / ratio, 1)
    return replace(grid, scenes=_widened(source, window, seed), width=edge, height=edge, ratio=1.0)


def _repainted(source: Scene, mask: Mask, text: str, seed: int) -> tuple[Scene, ...]:
    """White parts of the mask painted anew."""
    inner = source.painting()
    others = (
        Painting(seed_of(seed, number), (inner.mood + 1 + number % 3) % 4, hue_of(text, seed), inner.ratio)
        for number in range(4)
    )
    return tuple(Mixed(source, other, 1.0, mask) for other in others)
