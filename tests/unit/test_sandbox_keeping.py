"""What is kept between two runs of the sandbox, and what is never read back."""

from __future__ import annotations

import hashlib
import pickle
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sandbox.errors import Unready
from sandbox.keeping import ORIGIN, Keeper
from sandbox.town import Town, Upload

if TYPE_CHECKING:
    from collections.abc import Iterator


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


async def test_a_folder_belongs_to_one_at_a_time(tmp_path: Path, keepers: list[Keeper]) -> None:
    keepers.append(Keeper(tmp_path))
    with pytest.raises(Unready, match="Another sandbox"):
        Keeper(tmp_path)


def test_a_fresh_start_forgets(tmp_path: Path, keepers: list[Keeper]) -> None:
    write(tmp_path / "town.kept", pickle.dumps("old"))
    keepers.append(Keeper(tmp_path, fresh=True))
    assert keepers[0].load("town") is None
    assert not list(tmp_path.glob("*.kept"))


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


@pytest.mark.parametrize("make", [damaged, from_another_version, malicious, crooked])
def test_what_cannot_be_trusted_is_not_used(tmp_path: Path, keepers: list[Keeper], make: object) -> None:
    assert callable(make)
    make(tmp_path / "town.kept")
    write(tmp_path / "service.kept", pickle.dumps("fine"))
    keepers.append(Keeper(tmp_path))
    assert keepers[0].forgot
    assert "\n" not in keepers[0].forgot
    assert keepers[0].load("service") is None, "half of a world is none"


def test_a_folder_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unready, match="file"):
        Keeper(tmp_path / "file")
