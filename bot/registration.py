"""Registering the commands with Discord: only when they changed, in the background, and never at the price of being online."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from typing import Any

import discord
from discord import app_commands
from discord.http import Route

from bot.background import Background
from bot.pace import Pace
from bot.store import Queries
from bot.ui.discord_errors import TROUBLE

log = logging.getLogger(__name__)

ENTRY_POINT = 4  # discord.py knows no such type
_SYNCED, _REFUSED = "commands", "commands refused"
# What a command may be overwritten with, of all that Discord tells of it.
_FIELDS = (
    "id",
    "type",
    "name",
    "name_localizations",
    "description",
    "description_localizations",
    "default_member_permissions",
    "dm_permission",
    "contexts",
    "integration_types",
    "nsfw",
    "handler",
)


class Registration:
    """The commands of a tree as Discord has them; the database remembers what was registered last."""

    def __init__(self, tree: app_commands.CommandTree[Any], queries: Queries, pace: Pace) -> None:
        self._tree = tree
        self._queries = queries
        self._pace = pace
        self._tasks = Background()
        self._begun = False
        self._told: str | None = None

    def begin(self) -> None:
        """After the login: register in the background what changed, again and again until it works."""
        if not self._begun:  # a start that failed is repeated
            self._begun = True
            self._tasks.spawn("registration", self._until_registered())

    async def close(self) -> None:
        """Stop trying."""
        await self._tasks.close()

    async def register(self) -> None:
        """Register the commands as they are now; raises discord.HTTPException, or what a broken network raises."""
        payload = await self._payload()
        there = await self._listing()
        # Discord made it, for an application with Activities, and refuses (50240) an overwrite that leaves it out.
        kept = [_unchanged(command) for command in there if command.get("type") == ENTRY_POINT]
        await self._tree.client.http.bulk_upsert_global_commands(self._application, payload=[*payload, *kept])
        await self._queries.remember(_SYNCED, self._fingerprint(payload))
        if await self.refusal():
            await self._queries.remember(_REFUSED, "")
        log.info("Commands were registered")

    async def has_synced(self) -> bool:
        """Whether this database remembers that the commands as they are now were registered."""
        return await self._queries.fact(_SYNCED) == self._fingerprint(await self._payload())

    async def are_listed(self) -> bool:
        """Whether Discord has commands of exactly our names; an Entry Point command is not ours."""
        ours = {(command["type"], command["name"]) for command in await self._payload()}
        there = {(command.get("type", 1), command["name"]) for command in await self._listing()}
        return ours == {(kind, name) for kind, name in there if kind != ENTRY_POINT}

    async def refusal(self) -> str:
        """Why a running bot could not register the commands when it last tried; empty if it could, or never tried."""
        return await self._queries.fact(_REFUSED) or ""

    async def _until_registered(self) -> None:
        pause, longest = self._pace.register_again
        while not await self._try():
            await asyncio.sleep(pause)
            pause = min(pause * 2, longest)

    async def _try(self) -> bool:
        """Whether the commands are registered now."""
        # No time-out cuts this short. If discord.py is cancelled while it waits as a global 429 asks for, it never lets
        # another request go; and it waits for no longer than Discord says, or five minutes if Discord says nothing.
        slow = asyncio.get_running_loop().call_later(self._pace.register_patience, self._tell, "Discord makes it wait")
        try:
            if not (await self.has_synced() and await self.are_listed()):
                await self.register()
        except Exception as error:  # noqa: BLE001  # nothing here may end the trying; `_tell` logs it
            reason = explain(error)
            self._tell(reason, unexpected=not isinstance(error, TROUBLE))
            await self._remember(reason)
            return False
        finally:
            slow.cancel()
        return True

    def _tell(self, reason: str, *, unexpected: bool = False) -> None:
        """Warn of a failure once, not at every try."""
        words = "The commands could not be registered (%s); those that are there work, and it will be tried again"
        log.log(logging.DEBUG if reason == self._told else logging.WARNING, words, reason, exc_info=unexpected)
        self._told = reason

    async def _remember(self, reason: str) -> None:
        """For `easel check`, which tries nothing itself. A database that can't be written may be the very failure."""
        try:
            await self._queries.remember(_REFUSED, reason)
        except Exception:
            log.debug("The failure could not be noted", exc_info=True)

    async def _payload(self) -> list[dict[str, Any]]:
        """Every command as Discord is to have it."""
        tree, translator = self._tree, self._tree.translator
        commands = [command for kind in discord.AppCommandType for command in tree.get_commands(type=kind)]
        if translator is None:
            return [command.to_dict(tree) for command in commands]
        return [await command.get_translated_payload(tree, translator) for command in commands]

    def _fingerprint(self, payload: list[dict[str, Any]]) -> str:
        """What the registered commands depend on: the application and every command's payload."""
        ordered = sorted(payload, key=lambda command: (str(command["type"]), str(command["name"])))
        text = json.dumps(ordered, sort_keys=True, default=str)
        return f"{self._application}:{hashlib.sha256(text.encode()).hexdigest()}"

    @property
    def _application(self) -> int:
        """The application's id, known since the login."""
        number: int | None = self._tree.client.application_id
        if number is None:
            raise discord.MissingApplicationID
        return number

    async def _listing(self) -> list[dict[str, Any]]:
        """The global commands as Discord tells them; discord.py's own call leaves out the localizations."""
        route = Route("GET", "/applications/{application_id}/commands", application_id=self._application)
        listing: list[dict[str, Any]] = await self._tree.client.http.request(route, params={"with_localizations": "true"})
        return listing


def explain(error: Exception) -> str:
    """What went wrong, in one line."""
    words = " ".join(str(error).split())
    return words if isinstance(error, discord.HTTPException) else f"{type(error).__name__}: {words}".removesuffix(": ")


def _unchanged(command: dict[str, Any]) -> dict[str, Any]:
    """A listed command as it is overwritten with itself."""
    body = {key: command[key] for key in _FIELDS if command.get(key) not in (None, "")}
    if "contexts" in body:
        body.pop("dm_permission", None)  # what they replaced
    if "default_member_permissions" in body:  # told as a string, taken as a number
        body["default_member_permissions"] = int(body["default_member_permissions"])
    return body
