"""What a job is: one request of one person, from the command to the card that shows what came of it.

States (the same for all kinds; the row in the store is the truth):

    queued → submitting → running → finished → delivered | undeliverable
    failed from each of the first three; cancelled from queued; running again, if the task of one that was given up turns up
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType

from bot.jobs.kinds import Kind
from bot.midjourney import Answer, Medium, Request
from bot.text import Text

JobId = NewType("JobId", str)


TOKEN_LIFE = 15 * 60.0  # seconds of an interaction's token (Discord: interactions/receiving-and-responding)
TOKEN_MARGIN = 20.0  # seconds before its death in which a token is not relied on any more


class State(StrEnum):
    """Where a job stands; `submitting` is the doubtful one: it may have been accepted. `failed` is, if it may be billed."""

    QUEUED = "queued"
    SUBMITTING = "submitting"
    RUNNING = "running"
    FINISHED = "finished"
    DELIVERED = "delivered"
    UNDELIVERABLE = "undeliverable"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job failed, in the API's terms; the words for people are made in `bot/ui`.

    `code` is the API's `error.code`, or one of ours: `unanswered`, `unclear` (perhaps accepted), `unfinished` (accepted, but
    its end was never told), `unreachable`, `expired_attachment`, `internal`. `message` is the API's own text, or for
    `internal` the reference. It `may_be_billed` unless the request was certainly not accepted, or the service itself reported
    the failure. `family` is what it is about, see `midjourney.Family`; empty if only the code tells.
    """

    code: str
    message: str = ""
    trace_id: str | None = None
    may_be_billed: bool = False
    family: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a card lives, and by which ways it can still be edited.

    `has_bot` is true where the bot's own token reaches the channel (a guild that the bot is in, or its DM);
    `token` is the newest interaction token on this card and dies at `token_expires_at` (epoch seconds by Discord's
    clock); None if no interaction asked for the job and nobody has pressed yet.
    `original` tells whether the card is that interaction's own message or a follow-up of it;
    `file_limit` is what the interaction's `attachment_size_limit` allowed, in bytes. `locale` is the person's,
    `guild_locale` the guild's.
    """

    application_id: int
    channel_id: int
    interaction_id: int | None = None
    token: str | None = field(default=None, repr=False)
    token_expires_at: float = 0.0
    guild_id: int | None = None
    message_id: int | None = None
    original: bool = True
    ephemeral: bool = False
    has_bot: bool = False
    file_limit: int = 10 * 1024 * 1024
    locale: str = "en-US"
    guild_locale: str | None = None

    @property
    def is_reached_by_bot(self) -> bool:
        """Whether the bot's own token reaches the card."""
        return self.has_bot and self.message_id is not None and not self.ephemeral

    def may_be_reached_by_token(self, now: float | None) -> bool:
        """Whether the interaction's token may still work; `now` by Discord's clock, None lets it be of whatever age."""
        return bool(self.token) and self.token_expires_at > 0 and (now is None or self.token_expires_at - TOKEN_MARGIN > now)

    @property
    def jump_url(self) -> str | None:
        """A link to the card, or None while its message is not known."""
        if self.message_id is None:
            return None
        return f"https://discord.com/channels/{self.guild_id or '@me'}/{self.channel_id}/{self.message_id}"


@dataclass(frozen=True, slots=True)
class Order:
    """What a person asked for, before it is a job.

    `request` is the body that will be sent. `prompt` is what the card shows. `action` and `image_id` are set when
    a button was pressed on a picture, `parent_url` links to the card it was on. `press` names card and button, and
    makes a second press within seconds a duplicate. `note` is what the prompt grammar warned of, or what
    an action does otherwise than its picture's choices say.
    """

    kind: Kind
    user_id: int
    request: Request
    prompt: str = ""
    action: str = "generate"
    image_id: str | None = None
    parent_url: str | None = None
    press: str | None = None
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A row of the store as Python sees it.

    Times are epoch seconds: `sent_at` and `finished_at` by the image service's clock, the others by this machine's.
    `sent_with` names the token that it was sent with (see `MidjourneyClient.token_digest`).
    """

    id: JobId
    order: Order
    place: Place
    state: State
    created_at: float
    answered_at: float | None = None
    sent_at: float | None = None
    finished_at: float | None = None
    delivered_at: float | None = None
    let_go_at: float | None = None
    task_id: str | None = None
    sent_with: str | None = None
    result: Answer | None = None
    failure: Failure | None = None

    @property
    def media(self) -> tuple[Medium, ...]:
        """The pictures or clips in its answer, which must be brought to its card."""
        return self.result.media if self.result else ()

    @property
    def is_open(self) -> bool:
        """Whether its end is still to come."""
        return self.state in {State.QUEUED, State.SUBMITTING, State.RUNNING}


@dataclass(frozen=True, slots=True)
class Progress:
    """What a card shows of a job that is not over: all of it may be outdated a second later.

    `position` is the place in the queue (1 is next), `percent` and `preview_url` come from the service. Where it tells
    none, `since` is when it took the job, in epoch seconds by Discord's clock, and `usual` how long such a job takes.
    `note` is set while the service has no room (`busy`; it is tried again at `until`, by Discord's clock too, if that is
    known) or is silent (`slow`; `long`, for words that take longer than usual), while another job with the very same words
    is being sent (`twin`), or while it is looked up whether the job was accepted (`checking`; `silent` if nobody answers
    that) or how far it is (`asking`). A job that waits while the service does not answer has `trouble`.
    """

    position: int | None = None
    percent: int = 0
    preview_url: str | None = None
    note: str | None = None
    since: float | None = None
    usual: float | None = None
    until: float | None = None
