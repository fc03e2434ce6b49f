"""Presses are routed like URLs: the custom id says it all, so nothing dies with the process."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import discord

from bot.errors import Gone
from bot.jobs.model import Job
from bot.text import _
from bot.ui.cards.custom_ids import ActionPressed, OperationPressed, Pressed, parse
from bot.ui.input.answering import refuse, token_of
from bot.ui.input.keys import job_of
from bot.ui.services import Interaction, services

log = logging.getLogger(__name__)


PRESSES = frozenset({discord.InteractionType.component, discord.InteractionType.modal_submit})

Operation = Callable[[Interaction, Job, str], Awaitable[None]]
Action = Callable[[Interaction, str, str], Awaitable[None]]


# Whoever sees any other button sees the end of its job, even if the row does not say so yet.
_OF_UNFINISHED = {"cancel", "show"}
# These change the card that they are pressed on.
_OF_ONE_CARD = {"cancel", "delete", "show"}


class Router:
    """Takes every press and every modal, and sees to it that none stays unanswered."""

    def __init__(self, action: Action, operations: Mapping[str, Operation]) -> None:
        self._action = action
        self._operations = operations

    async def route(self, interaction: Interaction) -> None:
        """Handle an interaction of one of the types in `PRESSES`."""
        try:
            async with asyncio.timeout(services(interaction).pace.press_within):
                pressed = self._read(interaction)
                if not await self._deliver_what_waits(interaction, pressed):
                    await self._call(interaction, pressed)
        except Exception as error:  # noqa: BLE001  # whatever it is, the person gets an answer
            await refuse(interaction, error)

    @staticmethod
    def _read(interaction: Interaction) -> Pressed:
        data: Mapping[str, Any] = interaction.data or {}
        custom_id = str(data.get("custom_id", ""))
        pressed = parse(custom_id)
        if isinstance(pressed, OperationPressed) and pressed.operation == "menu":
            values = data.get("values")
            pressed = parse(str(values[0])) if isinstance(values, list) and values else None
        if pressed is None:
            log.info("Interaction %s had an unknown custom id", interaction.id)
            raise _outdated()
        return pressed

    @staticmethod
    async def _deliver_what_waits(interaction: Interaction, pressed: Pressed) -> bool:
        """A press on a card whose job is over but not shown brings a fresh token: use it for that."""
        unfinished = isinstance(pressed, OperationPressed) and pressed.operation in _OF_UNFINISHED
        if interaction.message is None or not unfinished or interaction.type is not discord.InteractionType.component:
            return False
        job = await services(interaction).jobs.waiting_at(interaction.message.id)
        if job is None:
            return False
        await interaction.response.defer()
        await services(interaction).jobs.renew(job.id, token_of(interaction))
        return True

    async def _call(self, interaction: Interaction, pressed: Pressed) -> None:
        if isinstance(pressed, ActionPressed):
            await self._action(interaction, pressed.action, pressed.image_id)
        elif operation := self._operations.get(pressed.operation):
            # A key is a job's id, behind which a place in its answer may stand.
            job_id, _dot, index = pressed.key.partition(".")
            await operation(
                interaction, await job_of(interaction, job_id, on_its_card=pressed.operation in _OF_ONE_CARD), index
            )
        else:
            raise _outdated()


def _outdated() -> Gone:
    return Gone(_("This button is from a version of me that is gone. The command starts a new picture."))
