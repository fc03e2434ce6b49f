"""The store: SQL only, portable to PostgreSQL. What rows mean is `bot/jobs`' matter."""

from bot.store.database import Database, Row, check_pages, open_database
from bot.store.queries import Asked, Load, Queries

__all__ = ["Asked", "Database", "Load", "Queries", "Row", "check_pages", "open_database"]
