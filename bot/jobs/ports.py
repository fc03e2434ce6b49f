"""What jobs need of whoever shows them; `bot/ui` provides it."""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple, Protocol

from bot.jobs.model import Job, Progress


class Outcome(Enum):
    """What became of a delivery. A passing trouble is raised instead, and tried again."""

    DELIVERED = auto()
    UNDELIVERABLE = auto()  # message or channel gone, bot removed
    KEPT_OUT = auto()  # the bot may not see the channel or change its card there for now
    WAITING = auto()  # no way to the card but a press on it


class AnsweredByAnother(Exception):
    """The interaction has an answer that is none of ours: another process runs with the same token."""


class Unknowable(Exception):
    """Nobody can tell whether a job has a card, now or later."""


class Posted(NamedTuple):
    """Where an interaction's answer is."""

    message_id: int
    channel_id: int
    ephemeral: bool


class Cards(Protocol):
    """Cards as jobs see them."""

    def show(self, job: Job, progress: Progress) -> None:
        """Show how far a job is: latest state only, at the card's own pace. Never waits."""

    async def deliver(self, job: Job) -> Outcome:
        """Bring the end of a job, good or bad, to its card."""

    async def delayed(self, job: Job) -> None:
        """Show what can be shown of an end whose delivery failed, to be tried again or (undeliverable) not; may raise."""

    async def ask_for_press(self, job: Job) -> bool:
        """Ask for a press on a card that only its dying token reaches; False if that may yet succeed at another try."""

    async def open(self, job: Job, progress: Progress) -> Posted | None:
        """Post the first card of a job with the bot's own token; None if Discord certainly refuses it."""

    async def find(self, job: Job) -> Posted | None:
        """The card that a job got, or None if it certainly got none.

        Raises AnsweredByAnother and Unknowable; anything else that it raises may be told at another try.
        """
