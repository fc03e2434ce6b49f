"""Numbered `.sql` files, applied once each, in order, in one transaction each."""

from __future__ import annotations

import asyncio
import logging
import re
import sqlite3
import time
from contextlib import suppress
from importlib.resources import files

import aiosqlite

log = logging.getLogger(__name__)

_NAME = re.compile(r"(\d{4})_\w+\.sql")


def numbered() -> list[tuple[int, str]]:
    """All migrations as (number, SQL), in order."""
    found = [(match, item) for item in files(__package__).iterdir() if (match := _NAME.fullmatch(item.name))]
    return sorted((int(match[1]), item.read_text("utf-8")) for match, item in found)


async def migrate(connection: aiosqlite.Connection) -> int:
    """Apply what is missing; how many were applied."""
    await connection.execute_fetchall(
        "CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, applied_at DOUBLE PRECISION NOT NULL)"
    )
    done = {row[0] for row in await connection.execute_fetchall("SELECT number FROM migrations")}
    missing = [(number, sql) for number, sql in await asyncio.to_thread(numbered) if number not in done]
    for number, sql in missing:
        await connection.execute_fetchall("BEGIN IMMEDIATE")
        try:
            for statement in statements(sql):
                await connection.execute_fetchall(statement)
            await connection.execute_fetchall("INSERT INTO migrations VALUES (?, ?)", (number, time.time()))
            await connection.execute_fetchall("COMMIT")
        except BaseException:
            with suppress(sqlite3.OperationalError):  # some errors, a full disk for one, have rolled back already
                await connection.execute_fetchall("ROLLBACK")
            raise
        log.info("Migration %04d was applied", number)
    return len(missing)


def statements(sql: str) -> list[str]:
    """Split a migration at its semicolons; comments run to the end of their line, and hold none that count."""
    bare = "\n".join(line.partition("--")[0] for line in sql.splitlines())
    return [statement.strip() for statement in bare.split(";") if statement.strip()]
