"""The connection: one that writes, one that reads, and what keeps a second process out.

Statements use `$1`-style parameters, which PostgreSQL takes as they are and SQLite takes as names.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol, cast

import aiosqlite

from bot.errors import AlreadyRunning, ConfigError, StoreUnavailable
from bot.store.locks import Lock
from bot.store.migrations import migrate

log = logging.getLogger(__name__)


class Row(Protocol):
    """One row, by the name or the number of a column."""

    def __getitem__(self, column: str | int, /) -> Any: ...


Statement = tuple[Any, ...]
"""SQL and its arguments."""
BUSY_TIMEOUT = 10.0  # seconds; only another program (a backup, a shell) can hold the file that long


@contextmanager
def _passing() -> Iterator[None]:
    """Tell what may pass (a full disk, a busy file) from what asking again won't mend."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise StoreUnavailable(f"the database: {error}") from error


class Writer:
    """Runs statements on one connection; `Database` sees to it that one change at a time is made."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    async def fetch(self, sql: str, *args: object) -> list[Row]:
        """Run one statement; its rows (of a SELECT, or of RETURNING). Raises StoreUnavailable."""
        with _passing():
            return list(await self._connection.execute_fetchall(sql, _named(args)))

    async def change(self, *statements: Statement) -> list[list[Row]]:
        """Run statements as one transaction; the rows of each. Where the first says no, the rest don't happen.

        It says no by giving no row, or one whose first column is false.

        All make one journey to the connection's thread, so a cancelled caller does not undo it. Raises StoreUnavailable.
        """

        def run() -> list[list[Row]]:
            raw = self._connection._conn  # noqa: SLF001  # several statements in one journey: no public way in aiosqlite
            rows: list[list[Row]] = []
            raw.execute("BEGIN IMMEDIATE")
            try:
                for sql, *args in statements:
                    rows.append(raw.execute(sql, _named(args)).fetchall())
                    if not (rows[0] and rows[0][0][0]):
                        break
                raw.execute("COMMIT")
            except BaseException:
                if raw.in_transaction:
                    raw.execute("ROLLBACK")
                raise
            return rows

        execute = self._connection._execute  # noqa: SLF001  # the same reason
        with _passing():
            return cast("list[list[Row]]", await execute(run))  # type: ignore[no-untyped-call]  # aiosqlite's own omission


class Database:
    """A SQLite file in WAL mode; `alone` if no other process is running on it, which the lock sees to."""

    def __init__(self, path: Path, lock: Lock, *, alone: bool) -> None:
        self.alone = alone
        self._path = path
        self._lock = lock
        self._writing = asyncio.Lock()
        self._connections = AsyncExitStack()
        self._file: tuple[int, int] | None = None

    async def open(self) -> None:
        """Connect; raises OSError and sqlite3.Error."""
        async with AsyncExitStack() as stack:
            writer = await stack.enter_async_context(_connect(self._path))
            reader = await stack.enter_async_context(_connect(self._path))
            if self.alone:
                await migrate(writer)
            self._writer, self._reader = Writer(writer), Writer(reader)
            self._file = await asyncio.to_thread(_identity, self._path)
            self._connections = stack.pop_all()

    async def close(self) -> None:
        """Close the connections."""
        await self._connections.aclose()

    async def read(self, sql: str, *args: object) -> list[Row]:
        """Rows of a SELECT, as of the last commit. Raises StoreUnavailable, as the two below."""
        return await self._reader.fetch(sql, *args)

    async def write(self, sql: str, *args: object) -> list[Row]:
        """Run one statement in a transaction of its own; its RETURNING rows. A cancelled caller does not undo it."""
        async with self._writing:
            return await self._writer.fetch(sql, *args)

    async def change(self, *statements: Statement) -> list[list[Row]]:
        """Run statements as one transaction, see `Writer.change`."""
        async with self._writing:
            return await self._writer.change(*statements)

    async def restore_file(self) -> bool:
        """Write the database anew if its file was taken away while it is open; whether that was so.

        Until then changes go into a file that nobody can find any more, and would be lost with this process. Raises
        StoreUnavailable if it can't be written, and ConfigError if something else is in its place.
        """
        found = await asyncio.to_thread(_identity, self._path)
        if found == self._file:
            return False
        if found is not None:
            raise ConfigError(f"{_called(self._path)} was replaced while the bot was running. Start it again.")
        async with self._writing:
            with _passing():
                await self._write_anew()
        log.error("The file %s was gone; it was written anew from memory", self._path)
        return True

    async def _write_anew(self) -> None:
        copy = self._path.with_name(f"{self._path.name}.new")
        try:
            await asyncio.to_thread(self._path.parent.mkdir, parents=True, exist_ok=True)
            await asyncio.to_thread(copy.unlink, missing_ok=True)
            await self._writer.fetch("VACUUM INTO $1", str(copy))
            await self.close()
            # Locked before it has its name, so that nobody else finds it open.
            await asyncio.to_thread(self._lock.add, copy)
            await asyncio.to_thread(copy.rename, self._path)
        except OSError as error:
            raise StoreUnavailable(f"the database can't be written anew: {error}") from error
        await self.open()


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file stands under a path, if any."""
    with suppress(FileNotFoundError, NotADirectoryError):
        told = path.stat()
        return told.st_dev, told.st_ino
    return None


@asynccontextmanager
async def open_database(path: Path, *, beside: bool = False, wait: float = 0.0) -> AsyncIterator[Database]:
    """Open the file, alone, and bring it up to date; raises ConfigError if that can't be done.

    Another process gets `wait` seconds to leave, then AlreadyRunning is raised. With `beside`, a bot that is running on it
    is no reason to refuse: the file is left as that bot has it, and `Database.alone` is False. Take up no jobs then.
    """
    async with AsyncExitStack() as stack:
        try:
            await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
            lock = Lock(path)
            stack.callback(lock.release)
            alone = await lock.take(wait=wait)
            if not alone and not beside:
                raise AlreadyRunning(f"{_called(path)}: another process is using it, another Easel perhaps; stop that first.")
            database = Database(path, lock, alone=alone)
            await database.open()
            stack.push_async_callback(database.close)
        except (FileExistsError, NotADirectoryError) as error:
            raise ConfigError(f"{_called(path)} can't be opened: {error.filename} is not a folder.") from error
        except (OSError, sqlite3.Error) as error:
            raise ConfigError(f"{_called(path)} can't be opened ({error}).") from error
        yield database


async def check_pages(path: Path) -> None:
    """Read all of a database file, seconds for a gigabyte; raises ConfigError if it is damaged."""

    def read() -> str:
        with closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT)) as connection:
            return str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])

    try:
        found = await asyncio.to_thread(read)
    except sqlite3.OperationalError:
        return  # busy, or not there: that says nothing of its pages
    except sqlite3.DatabaseError as error:
        found = str(error)
    if found != "ok":
        first = found.partition("\n")[0]
        raise ConfigError(f"{_called(path)} is damaged ({first}). Put a backup in its place, or try sqlite3's .recover on it.")


@asynccontextmanager
async def _connect(path: Path) -> AsyncIterator[aiosqlite.Connection]:
    async with aiosqlite.connect(path, timeout=BUSY_TIMEOUT, isolation_level=None) as connection:
        connection.row_factory = sqlite3.Row
        await connection.execute_fetchall("PRAGMA journal_mode = WAL")
        await connection.execute_fetchall("PRAGMA foreign_keys = ON")
        # FULL, though it costs an fsync a commit: a row that a power cut took back is a picture paid for twice.
        await connection.execute_fetchall("PRAGMA synchronous = FULL")
        # KiB, four times the default: with a million pictures the upper levels of all indexes then stay in memory.
        await connection.execute_fetchall("PRAGMA cache_size = -8000")
        yield connection


def _called(path: Path) -> str:
    return f"The database {path} (from DATABASE_URL, else in DATA_DIR)"


def _named(args: Iterable[object]) -> dict[str, object]:
    """`$1` is a name to SQLite."""
    return {str(number): value for number, value in enumerate(args, 1)}
