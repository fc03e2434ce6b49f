"""The page: the sandbox's own Discord client, in a browser."""

from .app import Page

__all__ = ["Page"]
