"""What further bought pictures tell, one each: an upscaled one, an edit, an action on the edit, an old model in turbo."""

from __future__ import annotations

import asyncio
import base64
import struct
import zlib
from typing import Any, Final

from bot.probe import picture
from bot.probe.model import Fact, Finding, compared, not_tested, unclear
from bot.probe.probing import EDITS, IMAGINE, PROMPT, Bought, Found, Probing, ServiceRefused, Subject, result_of
from bot.probe.wire import JSON

OLD_ACTIONS: Final = {"upscale_2x", "upscale_4x", "redo_upscale_2x", "redo_upscale_4x"}
NEW_ACTIONS: Final = {"upscale_subtle", "upscale_creative", "redo_upscale_subtle", "redo_upscale_creative"}
BAD: Final = "bad_request"
SMALLER: Final = 0.8
"""Of a mask's edge beside the picture's, as the provider's own tool makes them."""
EDGE: Final = 512
LARGEST: Final = 4096

ASYNC_JSON = Fact(
    name="async for JSON",
    assumes="async is answered at once by one object with a task_id, for application/json",
    otherwise="Easel asks for lines, not for JSON. A request that is held open is looked up like any doubtful one.",
)
VERSION = Fact(
    name="version in the body",
    assumes="the body's version alone picks the model",
    otherwise="Nothing: Easel says the version in the prompt as well.",
)
MASK = Fact(
    name="size of masks",
    assumes="a mask in base64 may be of another size than the picture",
    otherwise="Nothing yet: Easel draws no masks so far.",
)
PRESS = Fact(
    name="actions on edits",
    assumes="/imagine runs no action on what /edits made",
    otherwise="Nothing yet: Easel shows the actions that a result offers, and edits offer none.",
)
TURBO = Fact(
    name="turbo with version 8",
    assumes="version 8 takes turbo",
    otherwise="The service refuses it before anything is billed, and the card says so.",
)


async def _upscale(probing: Probing) -> Found:
    grid = probing.picture
    if grid is None or grid.image_id is None:
        return
    bought = await probing.buy(IMAGINE, UPSCALE | {"image_id": grid.image_id}, accept=JSON)
    if bought.held_open:
        yield ASYNC_JSON.name, compared("held open until the picture was there", as_assumed=False)
    else:
        yield ASYNC_JSON.name, compared("answered by one object at once", as_assumed=True)
        yield "success in acceptance", picture.success(bought)
    yield VERSION.name, _version(bought)


def _version(bought: Bought) -> Finding:
    """The model of the grid, by what is offered for a picture of it."""
    offered = set(result_of(bought).actions)
    if offered & OLD_ACTIONS:
        return compared(f"version {picture.OLD_VERSION} in the body alone made a picture of that model", as_assumed=True)
    if offered & NEW_ACTIONS:
        return compared(f"version {picture.OLD_VERSION} in the body alone made a picture of a newer model", as_assumed=False)
    return unclear("the actions that are offered do not tell the model")


async def _edit(probing: Probing) -> Found:
    source = probing.picture
    url = source and (source.raw_image_url or source.image_url)
    if source is None or not url:
        return
    width, height = (round(min(max(side or EDGE, 2), LARGEST) * SMALLER) for side in source.size)
    drawn = await asyncio.to_thread(mask, width, height)
    body = EDIT | {"image_url": url}
    try:
        bought = await probing.buy(EDITS, body | {"mask": drawn}, accept=JSON)
        yield MASK.name, compared(f"{SMALLER} times the size is taken", as_assumed=True)
    except ServiceRefused as refused:
        # If it is taken without the mask, then that was the reason.
        bought = await probing.buy(EDITS, body, accept=JSON)
        found = f"{SMALLER} times the size is refused: {refused.status} {refused.code}"
        yield MASK.name, compared(found, as_assumed=False) if refused.code == BAD else unclear(found)
    probing.edited = result_of(bought)


async def _press(probing: Probing) -> Found:
    edited = probing.edited
    if edited is None or edited.image_id is None:
        yield PRESS.name, not_tested("there is no edit to try it on")
        return
    try:
        await probing.buy(IMAGINE, UPSCALE | {"image_id": edited.image_id}, accept=JSON)
        yield PRESS.name, compared("upscale1 is run", as_assumed=False)
    except ServiceRefused as refused:
        found = f"upscale1 is refused: {refused.status} {refused.code}"
        yield PRESS.name, compared(found, as_assumed=True) if refused.code == BAD else unclear(found)


async def _turbo(probing: Probing) -> Found:
    try:
        await probing.buy(IMAGINE, TURBO_BODY, accept=JSON)
        yield TURBO.name, compared("taken", as_assumed=True)
    except ServiceRefused as refused:
        found = f"{refused.status} {refused.code}"
        yield TURBO.name, compared(found, as_assumed=False) if refused.code == BAD else unclear(found)


def mask(width: int, height: int) -> str:
    """A mask as the API wants it: a grey PNG in base64, white in its middle."""
    black = b"\0" + bytes(width)
    white = b"\0" + bytes(width // 4) + b"\xff" * (width - 2 * (width // 4)) + bytes(width // 4)
    edge = height // 4
    rows = black * edge + white * (height - 2 * edge) + black * edge
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    data = b"".join(
        struct.pack(">I", len(each)) + name + each + struct.pack(">I", zlib.crc32(name + each)) for name, each in chunks
    )
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + data).decode()


UPSCALE: Final[dict[str, Any]] = {"action": "upscale1", "async": True}
EDIT: Final[dict[str, Any]] = {"prompt": PROMPT, "action": "generate", "async": True}
TURBO_BODY: Final[dict[str, Any]] = {
    "prompt": f"{PROMPT} --version 8",
    "action": "generate",
    "version": "8",
    "mode": "turbo",
    "async": True,
}
SUBJECTS = (
    Subject(facts=(ASYNC_JSON, VERSION), ask=_upscale, offer=(IMAGINE, UPSCALE)),
    Subject(facts=(MASK,), ask=_edit, offer=(EDITS, EDIT)),
    Subject(facts=(PRESS,), ask=_press, offer=(IMAGINE, UPSCALE)),
    Subject(facts=(TURBO,), ask=_turbo, offer=(IMAGINE, TURBO_BODY)),
)
