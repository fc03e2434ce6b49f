"""The bodies of results, in the API's shape."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .pictures import Picture, Pictures

if TYPE_CHECKING:
    from .faults import Quirks
    from .readings import Readings
    from .tasks import Task

SIZES = ("image_width", "image_height", "raw_image_width", "raw_image_height")


def preview(picture: Picture, progress: int) -> Picture:
    """The unfinished picture of a progress line: a quarter of the size, and the less sharp the earlier."""
    small = (max(16, picture.width // 8 * 2), max(16, picture.height // 8 * 2))
    blank = Picture((), 0, 0)
    return replace(picture, id=blank.id, width=small[0], height=small[1], blur=(100 - progress) / 100, actions=())


def image_result(
    url: str, task: Task, picture: Picture, progress: int, *, quirks: Quirks, readings: Readings
) -> dict[str, Any]:
    """An image result; the thumbnail is half the raw size, but of `edits`, which have no actions either, as large."""
    link = f"{url}/pictures/{picture.id}.png"
    edited = task.type == "edits"
    width, height = (picture.width, picture.height) if edited else (picture.width // 2, picture.height // 2)
    result: dict[str, Any] = {
        "image_url": link if edited else f"{link}?width={width}&height={height}",
        "image_width": width,
        "image_height": height,
        "image_id": picture.id,
        "raw_image_url": link,
        "raw_image_width": picture.width,
        "raw_image_height": picture.height,
        "progress": progress,
        "actions": list(picture.actions) if progress == 100 else [],
        "task_id": task.id,
        "success": True,
    }
    if edited:
        del result["actions"]
    if picture.frames and progress == 100:
        result["sub_image_urls"] = [f"{url}/pictures/{frame}.png" for frame in picture.frames]
    return quirky(result, quirks, string_widths=readings.string_widths)


def video_result(
    url: str, task: Task, cover: Picture, video_id: str, progress: int, *, quirks: Quirks, readings: Readings
) -> dict[str, Any]:
    """A video result; before the end there are no videos. Read in the other way, a single one takes the cover's place."""
    numbers = range(4) if progress == 100 else range(0)
    result: dict[str, Any] = {
        "image_url": f"{url}/pictures/{cover.id}.png",
        "image_width": cover.width,
        "image_height": cover.height,
        "progress": progress,
        "video_id": video_id,
        "video_urls": [f"{url}//videos/{video_id}/0_{number}.mp4" for number in numbers],
        "task_id": task.id,
        "success": True,
    }
    if readings.single_video:
        clips = result.pop("video_urls")
        result["image_url"] = clips[0] if clips else result["image_url"]
    return quirky(result, quirks, string_widths=readings.string_widths)


def failure(task: Task, code: str, message: str) -> dict[str, Any]:
    """The last line of a task that failed."""
    return {"success": False, "task_id": task.id, "trace_id": task.trace_id, "error": {"code": code, "message": message}}


def split(picture: Picture, pictures: Pictures) -> Picture:
    """The grid with its four pictures known one by one."""
    for number, scene in enumerate(picture.scenes):
        single = replace(picture, id=f"{picture.id}_{number}", scenes=(scene,), actions=(), frames=())
        pictures.add(replace(single, width=picture.width // 2, height=picture.height // 2))
    return replace(picture, frames=tuple(f"{picture.id}_{number}" for number in range(len(picture.scenes))))


def quirky(result: dict[str, Any], quirks: Quirks, *, string_widths: bool) -> dict[str, Any]:
    """The result with whatever odd habits are switched on."""
    if string_widths:
        result |= {key: str(result[key]) for key in SIZES if key in result}
    if quirks.unknown_fields:
        result |= {"job_id": "f6b2", "hold": False, "flavour": {"salt": [1, None]}, "seconds": 12.5}
    return result
