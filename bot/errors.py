"""What can go wrong in words a person can act on.

    UserError                 shown to the person as it is, privately
    ├── PromptError           (bot/prompts) a mistake in the prompt or its parameters
    ├── NotAllowed            this server or person may not spend
    ├── TooManyWaiting        this person's queue is full
    ├── DailyLimitReached     this person's jobs of the day are used up
    ├── NotYours              only the one who asked, or a moderator, may do this
    └── Gone                  what the button meant is no longer known
    ConfigError               told to the operator, a line for each fault; exit code 78
    └── AlreadyRunning        another process has the database; exit code 75, since it may leave
    StoreUnavailable          the database can't be read or written now: a full disk, a busy file; it may pass

What the image service does wrong has its own tree in `bot/midjourney/errors.py`.
"""

from __future__ import annotations

from bot.text import Text, sentences


class UserError(Exception):
    """A refusal whose text is meant for the person who asked; nothing was sent and nothing billed.

    It is told in whole sentences: what is wrong, and perhaps how to go on. `str()` is the English wording, for logs.
    """

    def __init__(self, problem: Text, *more: Text) -> None:
        super().__init__(problem, *more)
        self.text = sentences(problem, *more)

    def __str__(self) -> str:
        return str(self.text)


class NotAllowed(UserError):
    """The operator has not opened the bot to this server or person."""


class TooManyWaiting(UserError):
    """This person already has as many jobs waiting as one person may have."""


class DailyLimitReached(UserError):
    """This person has used up the jobs the operator grants a day."""


class NotYours(UserError):
    """Only the one who asked, or someone who may manage messages here, may do this."""


class Gone(UserError):
    """The job or picture that a button names is no longer known."""


class ConfigError(Exception):
    """A setting is missing or malformed, the database can't be used, or Discord closed the gateway for good.

    One line names each fault.
    """


class AlreadyRunning(ConfigError):
    """Another process is using the database."""


class StoreUnavailable(Exception):
    """The database can't be read or written now, which may pass; what was asked for did not happen, as far as is known."""
