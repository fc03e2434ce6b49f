"""Keeping everything between two runs: both services' objects in files of their own, uploads beside them."""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import io
import logging
import pickle
import secrets
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from sandbox import folders
from sandbox.errors import Unready

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from sandbox.discord.bell import Bell

# The rooms whose objects are kept.
ROOMS = ("discord", "midjourney", "town")
OURS = tuple(f"sandbox.{room}." for room in ROOMS)
log = logging.getLogger(__name__)
# What is not ours and may still be in the files: times, sets, and the pixels of photos.
FOREIGN = {
    ("builtins", "set"),
    ("builtins", "frozenset"),
    ("datetime", "datetime"),
    ("datetime", "timezone"),
    ("datetime", "timedelta"),
    ("collections", "deque"),
    ("pathlib", "PosixPath"),
    ("pathlib._local", "PosixPath"),
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    *((f"numpy.{core}.multiarray", name) for core in ("core", "_core") for name in ("_reconstruct", "scalar")),
    *((f"numpy.{core}.numeric", "_frombuffer") for core in ("core", "_core")),
}


class Keeper:
    """A folder that belongs to one sandbox at a time.

    `load` gives what was kept under a name, None if there is nothing; where anything can't be read, or was written by other
    code than ours, all is forgotten together and `forgot` says why.
    """

    def __init__(self, folder: Path, *, fresh: bool = False, write_every: float = 3.0, spared: float = 50) -> None:
        """Raises Unready if the folder can't be written or another sandbox has it.

        `write_every` are the seconds between two looks at what has changed; all else waits for a look, so that the next one
        comes after `spared` times as long at the earliest.
        """
        self.folder = folder
        self._write_every = write_every
        self._spared = spared
        self.files = folder / "files"
        self.forgot: str | None = None
        self._lock = _lock(folder)
        self._kept = {} if fresh else self._read_all()
        self._written: dict[str, bytes] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="keeper")
        self.is_fresh = not self._kept
        if self.is_fresh:
            for path in folder.glob("*.kept"):
                path.unlink()
            folders.clear(self.files)
        try:
            folders.make(self.files)
        except OSError as error:
            self.close()
            raise Unready(f"The folder {self.files} can't be made: {error.strerror}.") from error
        # The page's address, which so stays the same.
        self.token: str = self._kept.get("token") or secrets.token_urlsafe(24)

    def load(self, name: str) -> Any:
        """What was kept under this name, or None."""
        return self._kept.get(name)

    @asynccontextmanager
    async def keeping(self, bell: Bell, parts: dict[str, Callable[[], Any]]) -> AsyncIterator[None]:
        """Write the parts every few seconds in which the bell rang, and at the end of the block."""
        parts = parts | {"token": lambda: self.token}
        self._kept.clear()
        task = asyncio.create_task(self._keep_on(bell, parts), name="keeper")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await self._write(parts)

    def close(self) -> None:
        """Let the folder go."""
        self._thread.shutdown()
        self._lock.close()

    async def _keep_on(self, bell: Bell, parts: dict[str, Callable[[], Any]]) -> None:
        while True:
            rung = bell.next_ring()
            held_up = await self._write(parts)
            await asyncio.sleep(max(self._write_every, self._spared * held_up))
            await rung.wait()

    async def _write(self, parts: dict[str, Callable[[], Any]]) -> float:
        """Take the parts as they are now, and write those that have changed, in a thread; for how many seconds the loop stood.

        What can't be written is logged, and tried again at the next time.
        """
        held_up = 0.0
        for name, part in parts.items():
            try:
                began = time.perf_counter()
                data = pickle.dumps(part(), protocol=5)
                held_up += time.perf_counter() - began
                # One thread, so that a write never overtakes another.
                await asyncio.get_running_loop().run_in_executor(self._thread, self._put, name, data)
            except Exception:
                log.exception("%s could not be kept in %s; what was kept of it before is still there", name, self.folder)
        return held_up

    def _put(self, name: str, data: bytes) -> None:
        digest = hashlib.sha256(data).digest()
        if self._written.get(name) != digest:
            _replace(self.folder / f"{name}.kept", ORIGIN + digest + data)
            self._written[name] = digest

    def _read_all(self) -> dict[str, Any]:
        try:
            return {path.stem: _read(path) for path in self.folder.glob("*.kept")}
        except Exception as error:  # noqa: BLE001 - a broken file can fail in any way; none may keep the sandbox from starting
            self.forgot = f"What was kept in {self.folder} can't be used ({error}): starting afresh."
            return {}


class _Reader(pickle.Unpickler):
    """Makes our own classes and a few others, so that a strange file can't run anything."""

    def find_class(self, module: str, name: str) -> Any:
        is_ours = module.startswith(OURS) and "." not in name
        found = super().find_class(module, name) if is_ours else None
        if isinstance(found, type) and found.__module__ == module:
            return found
        if (module, name) in FOREIGN:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"it names {module}.{name}")


def _read(path: Path) -> Any:
    raw = path.read_bytes()
    origin, digest, data = raw[:32], raw[32:64], raw[64:]
    if hashlib.sha256(data).digest() != digest:
        raise ValueError(f"{path.name} can't be read")
    if origin != ORIGIN:
        raise ValueError("another version wrote it")
    return _Reader(io.BytesIO(data)).load()


def _replace(path: Path, data: bytes) -> None:
    partial = path.with_suffix(".partial")
    partial.write_bytes(data)
    partial.chmod(0o600)
    partial.replace(path)


def _origin() -> bytes:
    """A hash of the code whose objects are kept: what other code wrote may lack what ours needs."""
    digest = hashlib.sha256(repr(sys.version_info[:2]).encode())
    here = Path(__file__).parent
    for room in ROOMS:
        for source in sorted((here / room).glob("*.py")):
            digest.update(source.read_bytes())
    return digest.digest()


def _lock(folder: Path) -> IO[bytes]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Open for as long as the folder is ours.
        lock = (folder / "lock").open("ab")
    except OSError as error:
        raise Unready(f"The folder {folder} can't be written: {error.strerror}.") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise Unready(f"Another sandbox is using {folder}: stop it, or start this one in another folder.") from error
    return lock


ORIGIN = _origin()
