"""The connection: one that writes, one that reads, and the lock that keeps a second process out.

Statements use `$1`-style parameters, which PostgreSQL takes as they are and SQLite takes as names.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import sqlite3
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Protocol, cast

import aiosqlite

from bot.errors import ConfigError
from bot.store.migrations import migrate

log = logging.getLogger(__name__)


class Row(Protocol):
    """One row, by the name or the number of a column."""

    def __getitem__(self, column: str | int, /) -> Any: ...


Statement = tuple[Any, ...]
"""SQL and its arguments."""
BUSY_TIMEOUT = 10.0  # seconds; only another program (a backup, a shell) can hold the file that long


class Writer:
    """Runs statements on one connection; `Database` sees to it that one change at a time is made."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    async def fetch(self, sql: str, *args: object) -> list[Row]:
        """Run one statement; its rows (of a SELECT, or of RETURNING)."""
        return list(await self._connection.execute_fetchall(sql, _named(args)))

    async def change(self, *statements: Statement) -> list[list[Row]]:
        """Run statements as one transaction; the rows of each. Where the first says no, the rest don't happen.

        It says no by giving no row, or one whose first column is false.

        All make one journey to the connection's thread, so a cancelled caller does not undo it.
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

        # The same reason; and aiosqlite leaves this method untyped.
        return cast("list[list[Row]]", await self._connection._execute(run))  # type: ignore[no-untyped-call]  # noqa: SLF001


class Database:
    """A SQLite file in WAL mode; `alone` where no other process is running on it."""

    def __init__(self, writer: aiosqlite.Connection, reader: aiosqlite.Connection, *, alone: bool = True) -> None:
        self.alone = alone
        self._writing = asyncio.Lock()
        self._writer = Writer(writer)
        self._reader = Writer(reader)

    async def read(self, sql: str, *args: object) -> list[Row]:
        """Rows of a SELECT, as of the last commit."""
        return await self._reader.fetch(sql, *args)

    async def write(self, sql: str, *args: object) -> list[Row]:
        """Run one statement in a transaction of its own; its RETURNING rows. A cancelled caller does not undo it."""
        async with self._writing:
            return await self._writer.fetch(sql, *args)

    async def change(self, *statements: Statement) -> list[list[Row]]:
        """Run statements as one transaction, see `Writer.change`."""
        async with self._writing:
            return await self._writer.change(*statements)


@contextmanager
def _lock(path: Path) -> Iterator[bool]:
    """Try to hold the lock beside a database file; whether it is held."""
    descriptor = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


@asynccontextmanager
async def open_database(path: Path, *, beside: bool = False) -> AsyncIterator[Database]:
    """Open the file, alone, and bring it up to date; raises ConfigError where that can't be done.

    With `beside`, a bot that is running on it is no reason to refuse: the file is left as that bot has it, and
    `Database.alone` is False. Take up no jobs then.
    """
    async with AsyncExitStack() as stack:
        try:
            await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
            alone = stack.enter_context(_lock(path))
            if not alone and not beside:
                raise ConfigError(f"{_called(path)}: another process is using it; stop that first.")
            writer = await stack.enter_async_context(_connect(path))
            reader = await stack.enter_async_context(_connect(path))
            if alone:
                await migrate(writer)
        except (FileExistsError, NotADirectoryError) as error:
            raise ConfigError(f"{_called(path)} can't be opened: {error.filename} is not a folder.") from error
        except (OSError, sqlite3.Error) as error:
            raise ConfigError(f"{_called(path)} can't be opened ({error}).") from error
        yield Database(writer, reader, alone=alone)


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
