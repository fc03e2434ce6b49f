"""What people see of a kind of job, as data: everything in which the cards of two kinds differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bot.jobs.model import Job
from bot.text import Language, Text
from bot.ui.cards.buttons import ButtonRow


class Room(NamedTuple):
    """How many units of text and how many components an answer may take, and in which language."""

    text: int
    components: int
    language: Language


@dataclass(frozen=True, slots=True)
class Told:
    """An answer below its title: Markdown that is ready to be shown, and what can be pressed.

    `link` is the full size, to be linked in the small print if no button holds it.
    """

    text: str
    rows: Sequence[ButtonRow]
    link: str | None = None


def nothing(_job: Job) -> None:
    """For what a kind does not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """A kind's words, and functions for what depends on the job.

    `title` names the command; `at_work` is shown while there is no progress to measure (`taken`, if that is another text,
    once the service has taken the job), `still` before a press is asked for, `refused` if the service's moderation did.
    `told` lays out a finished job's answer in the room that there is for it.
    `alt_text` is what a screen reader says of its media (or of a preview), `thumbnail` the link of a picture that the job
    is about. `choices` are the small print's words for what was chosen. `prompt` is what *Edit prompt* opens with, if
    other words may help; `texts` are those in the answer that can be imagined.
    """

    title: Text
    at_work: Text
    still: Text
    refused: Text
    told: Callable[[Job, Room], Told]
    alt_text: Callable[[Job, bool], Text]
    taken: Text | None = None
    thumbnail: Callable[[Job], str | None] = nothing
    choices: Callable[[Job], Sequence[str]] = lambda _job: ()
    prompt: Callable[[Job], str | None] = nothing
    texts: Callable[[Job], Sequence[str]] = lambda _job: ()
