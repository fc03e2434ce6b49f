"""What is kept between two runs of the sandbox, and what is never read back."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import pickle
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from sandbox_midjourney_caller import calling

from sandbox.discord.bell import Bell
from sandbox.errors import Unready
from sandbox.keeping import ORIGIN, Keeper
from sandbox.town import Town, Upload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def keepers() -> Iterator[list[Keeper]]:
    """Keepers that are closed at the end."""
    opened: list[Keeper] = []
    yield opened
    for keeper in opened:
        keeper.close()


async def live(folder: Path, words: str) -> list[str]:
    """A town's life, in which something is said; all that has been said there so far."""
    keeper = Keeper(folder)
    async with Town(midjourney=False, kept=keeper.load("town"), directory=keeper.files) as town:
        assert keeper.forgot is None
        async with keeper.keeping(town.discord.state.bell, {"town": town.kept}):
            await town.member.say(words, Upload(words.encode(), "words.txt"))
            said = list(town.channel.messages.values())
            for message in said:
                link = town.discord.state.link(message.now.attachments[0])
                assert await town.fetch(link) == message.now.content.encode()
            assert {message.author for message in said} == {town.member.user}
    keeper.close()
    return [message.now.content for message in said]


async def test_a_town_goes_on_where_it_was(tmp_path: Path) -> None:
    assert await live(tmp_path / "here", "one") == ["one"]
    assert await live(tmp_path / "here", "two") == ["one", "two"]
    # Elsewhere, it finds its files all the same.
    (tmp_path / "here").rename(tmp_path / "there")
    assert await live(tmp_path / "there", "three") == ["one", "two", "three"]


async def test_the_service_still_knows_its_pictures_and_has_given_up_what_it_was_painting(
    tmp_path: Path, keepers: list[Keeper]
) -> None:
    keeper = Keeper(tmp_path)
    async with calling() as before:
        painted = await before.result(prompt="a red fox")
        mask = io.BytesIO()
        Image.new("L", (128, 128), 255).save(mask, "PNG")
        shown = {"image_url": painted["raw_image_url"], "mask": base64.b64encode(mask.getvalue()).decode()}
        _, edited = await before.post("edits", **shown, prompt="at night", split_images=True)
        film = (await before.lines("videos", image_url=painted["raw_image_url"], prompt="it runs"))[-1]
        pixels = [await before.picture(result) for result in (painted, edited)]
        before.midjourney.hold_next("before_final")
        _, pending = await before.post("imagine", prompt="an owl", **{"async": True})
        async with keeper.keeping(Bell(), {"pictures": before.midjourney.kept}):
            pass
    keeper.close()
    keepers.append(Keeper(tmp_path))
    assert keepers[0].forgot is None
    async with calling() as after:
        after.midjourney.restore(keepers[0].load("pictures"))
        for result, data in zip((painted, edited), pixels, strict=True):
            status, again = await after.get(f"{after.midjourney.url}/pictures/{result['image_id']}.png")
            assert (status, again) == (200, data)
        assert (await after.result(action="upscale2", image_id=painted["image_id"]))["progress"] == 100
        status, _ = await after.post("videos", action="extend", video_id=film["video_id"], video_index=1)
        assert status == 200
        _, record = await after.post("tasks", action="retrieve", id=pending["task_id"])
        assert record["response"]["error"]["code"] == "task_failed"
        assert after.midjourney.ledger.count("imagine", prompt="an owl") == 0


async def test_what_can_not_be_written_once_is_written_later(
    tmp_path: Path, keepers: list[Keeper], caplog: pytest.LogCaptureFixture
) -> None:
    keeper = Keeper(tmp_path, write_every=0.0)
    bell, looked = Bell(), Bell()
    world = ["one"]

    def part() -> list[str]:
        looked.ring()
        return list(world)

    (tmp_path / "town.partial").mkdir()  # in the way
    first = looked.next_ring()
    async with asyncio.timeout(20), keeper.keeping(bell, {"town": part, "odd": lambda: keeper}):
        await first.wait()
        while "town could not be kept" not in caplog.text:  # noqa: ASYNC110 - a log line is no event
            await asyncio.sleep(0)
        (tmp_path / "town.partial").rmdir()
        world.append("two")
        second = looked.next_ring()
        bell.ring()
        await second.wait()
        while not (tmp_path / "town.kept").exists():  # noqa: ASYNC110 - nor is a file
            await asyncio.sleep(0)
    keeper.close()
    keepers.append(Keeper(tmp_path))
    assert keepers[0].load("town") == ["one", "two"]
    assert "odd could not be kept" in caplog.text


async def test_a_world_that_takes_long_to_take_down_is_left_alone_meanwhile(tmp_path: Path, keepers: list[Keeper]) -> None:
    bell, looks = Bell(), 0

    def part() -> int:
        nonlocal looks
        looks += 1
        return looks

    for spared, least, most in ((0.0, 5, 1000), (1e9, 1, 1)):
        looks = 0
        keepers.append(Keeper(tmp_path / str(spared), write_every=0.0, spared=spared))
        async with asyncio.timeout(20), keepers[-1].keeping(bell, {"town": part}):
            for _ in range(1000):
                bell.ring()
                await asyncio.sleep(0)
                while looks < least:
                    bell.ring()
                    await asyncio.sleep(0)
            assert least <= looks <= most


async def test_a_folder_belongs_to_one_at_a_time(tmp_path: Path, keepers: list[Keeper]) -> None:
    keepers.append(Keeper(tmp_path))
    with pytest.raises(Unready, match="Another sandbox"):
        Keeper(tmp_path)


def test_a_fresh_start_forgets(tmp_path: Path, keepers: list[Keeper]) -> None:
    write(tmp_path / "town.kept", pickle.dumps("old"))
    keepers.append(Keeper(tmp_path, fresh=True))
    assert keepers[0].load("town") is None
    assert not list(tmp_path.glob("*.kept"))


def test_files_that_were_there_before_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "thesis.txt").write_text("precious")
    (tmp_path / "film.partial").write_text("a download")
    for _ in range(2):
        Keeper(tmp_path, fresh=True).close()
        write(tmp_path / "town.kept", pickle.dumps("old"))
    assert (tmp_path / "files" / "thesis.txt").read_text() == "precious"
    assert (tmp_path / "film.partial").exists()


def test_files_of_our_own_go_with_the_world_they_were_of(tmp_path: Path, keepers: list[Keeper]) -> None:
    Keeper(tmp_path).close()
    (tmp_path / "files" / "1.png").write_text("of another world")
    keepers.append(Keeper(tmp_path, fresh=True))
    assert not (tmp_path / "files" / "1.png").exists()


def write(path: Path, data: bytes, origin: bytes = ORIGIN) -> None:
    """A file as a keeper writes it."""
    path.write_bytes(origin + hashlib.sha256(data).digest() + data)


def damaged(path: Path) -> None:
    """A file that ends too early."""
    write(path, pickle.dumps("x" * 100))
    path.write_bytes(path.read_bytes()[:-5])


def from_another_version(path: Path) -> None:
    """A file of other code."""
    write(path, pickle.dumps("fine"), b"0" * 32)


class Evil:
    """Something that would run a command as it is read."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, ("ran",)


def malicious(path: Path) -> None:
    """A file that names what is not ours."""
    write(path, pickle.dumps(Evil()))


def crooked(path: Path) -> None:
    """A file that reaches for a function through one of our modules."""
    write(path, b"\x80\x04\x8c\x0fsandbox.keeping\x94\x8c\x0dshutil.rmtree\x94\x93\x94.")


class Deleting:
    """Something that would delete a folder by opening it as a keeper's."""

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Keeper, (Path("somewhere"),)


def constructing(path: Path) -> None:
    """A file that names a class of ours that is no part of a world."""
    write(path, pickle.dumps(Deleting()))


def garbage(path: Path) -> None:
    """A file that no keeper wrote."""
    path.write_bytes(bytes(range(256)))


@pytest.mark.parametrize(
    ("make", "why"),
    [(garbage, "town.kept can't be read"), (damaged, "town.kept can't be read"), (from_another_version, "another version")],
)
def test_why_it_is_not_used_is_said(tmp_path: Path, keepers: list[Keeper], make: Callable[[Path], None], why: str) -> None:
    make(tmp_path / "town.kept")
    keepers.append(Keeper(tmp_path))
    assert why in (keepers[0].forgot or "")


@pytest.mark.parametrize("make", [damaged, from_another_version, malicious, crooked, constructing])
def test_what_cannot_be_trusted_is_not_used(tmp_path: Path, keepers: list[Keeper], make: object) -> None:
    assert callable(make)
    make(tmp_path / "town.kept")
    write(tmp_path / "service.kept", pickle.dumps("fine"))
    keepers.append(Keeper(tmp_path))
    assert keepers[0].forgot
    assert "\n" not in keepers[0].forgot
    assert keepers[0].load("service") is None, "half of a world is none"


def test_a_file_in_the_way_of_the_files_is_named(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("precious")
    for _ in range(2):
        with pytest.raises(Unready, match="files can't be made"):
            Keeper(tmp_path)
    assert (tmp_path / "files").read_text() == "precious"


def test_a_folder_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unready, match="file"):
        Keeper(tmp_path / "file")
