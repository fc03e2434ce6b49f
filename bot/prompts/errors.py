"""What is wrong with a prompt, in words for the person who typed it.

The sentences are plain text: Markdown is escaped where they are shown. What was typed is a value of theirs, cut short.
"""

from __future__ import annotations

from bot.errors import UserError

QUOTED = 60


class PromptError(UserError):
    """A mistake in the prompt or its parameters: what is wrong, where, and in a sentence of its own what would be right."""


def cut(typed: str, limit: int = QUOTED) -> str:
    """Return what was typed, of at most `limit` characters."""
    return typed if len(typed) <= limit else typed[: limit - 1] + "…"
