"""What is wrong with a prompt, in words for the person who typed it.

The sentences are plain text. Markdown is escaped where they are shown; what was typed is quoted here, cut short.
"""

from __future__ import annotations

from bot.errors import UserError

QUOTED = 60


class PromptError(UserError):
    """A mistake in the prompt or its parameters: what is wrong, where, and what would be right.

    `hint` is the part that says how to go on, where there is one; `str()` already ends with it.
    """

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(f"{message} {hint}" if hint else message)
        self.hint = hint


def quote(typed: str, limit: int = QUOTED) -> str:
    """Return what was typed in quotation marks, cut to `limit` characters."""
    return f"“{typed if len(typed) <= limit else typed[: limit - 1] + '…'}”"


def enumerate_words(words: tuple[str, ...], last: str = "or") -> str:
    """Return `a, b or c`."""
    return f" {last} ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)
