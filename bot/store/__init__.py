"""The store: SQL only, portable to PostgreSQL. What rows mean is `bot/jobs`' matter."""

from bot.store.database import Database, Row, Writer, open_database
from bot.store.queries import Queries

__all__ = ["Database", "Queries", "Row", "Writer", "open_database"]
