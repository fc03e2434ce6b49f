"""Telling the application's owner what only they can mend."""

from __future__ import annotations

import asyncio
import logging

from bot.background import Background
from bot.clock import uptime
from bot.jobs.events import AnsweredElsewhere, Event, JobFailed
from bot.jobs.model import Failure
from bot.text import Text, _
from bot.ui.cards.failures import operator_matter
from bot.ui.cards.layout import notice, stopped
from bot.ui.discord_errors import TROUBLE
from bot.ui.output.messenger import Messenger

log = logging.getLogger(__name__)

ANOTHER = _(
    "Another Easel with this token is running, and answers the same commands. Stop one of the two: they disturb each other."
)


class Operator:
    """Sends at most one message an hour for each kind of trouble."""

    def __init__(self, messenger: Messenger) -> None:
        self._messenger = messenger
        self._told: dict[str, float] = {}
        self._told_of_another = False
        self._tasks = Background()

    def hear(self, event: Event) -> None:
        """Called for everything that happens; tells what only the operator can mend."""
        match event:
            case JobFailed(failure=failure):
                self._tell(failure)
            case AnsweredElsewhere():
                self._tell_of_another()

    def _tell(self, failure: Failure) -> None:
        """Log and send it, if it is the operator's matter and was not told within the hour."""
        now = uptime()
        every = self._messenger.pace.operator_every
        if not operator_matter(failure) or now - self._told.get(failure.code, -every) < every:
            return
        self._told[failure.code] = now
        log.error("The image service refuses this bot: %s %s (trace %s)", failure.code, failure.message, failure.trace_id)
        text = _(
            "The image service refuses my requests: {code}. {message} Trace: {trace}. "
            "Check the account and ACEDATACLOUD_API_TOKEN.",
            code=failure.code,
            message=failure.message,
            trace=failure.trace_id or "–",
        )
        self._tasks.spawn("tell operator", self._send(text))

    def _tell_of_another(self) -> None:
        """Say once that another process runs with the same Discord token."""
        if not self._told_of_another:
            self._told_of_another = True
            log.error("%s", ANOTHER)
            self._tasks.spawn("tell operator", self._send(ANOTHER))

    async def close(self) -> None:
        """Stop what is being sent."""
        await self._tasks.close()

    async def _send(self, text: Text) -> None:
        application = self._messenger.client.application
        if application is None:
            return
        owner_id = application.team.owner_id if application.team else application.owner.id
        if owner_id is None:
            return
        try:
            async with asyncio.timeout(self._messenger.pace.edit_timeout):
                owner = await self._messenger.client.fetch_user(owner_id)
                await owner.send(view=stopped(notice(text, language=self._messenger.languages.of("en-US"))))
        except TROUBLE:
            log.warning("The owner could not be told", exc_info=True)
