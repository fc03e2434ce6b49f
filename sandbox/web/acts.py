"""What a visitor does: looks elsewhere, says something, uses commands, presses, fills forms in."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Protocol

from sandbox.discord import components as kinds
from sandbox.discord import messages
from sandbox.discord.commands import CHAT_INPUT, ON_MESSAGE
from sandbox.discord.model import Permission
from sandbox.errors import reason
from sandbox.town.errors import ClientRefused

from . import forms, options
from .commands import find
from .people import places_of
from .projection import page_of, sees

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from sandbox.discord.model import Attachment, Channel, Interaction, Message, User

    from .watching import Watching

log = logging.getLogger(__name__)
JSON = dict[str, Any]
LONGEST, MOST_FILES = 2000, 10
REPLY = 19
# How a frame fails that speaks of what isn't there, or of nothing at all.
SENSELESS = (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError)


class Actor(Protocol):
    """A visitor as its acts see it."""

    watching: Watching
    user: User
    channel: Channel

    def be(self, person_id: str) -> None:
        """Go on as somebody else."""

    def speak(self, locale: str | None) -> None:
        """Go on in another language."""

    def open(self, channel: Channel) -> None:
        """Look at another channel."""

    def watch_wire(self, *, on: bool, message_id: str | None) -> None:
        """Open or close the drawer that shows what went over the wire."""

    def tell(self, kind: str, **frame: Any) -> None:
        """Queue a frame for the page."""

    def notice(self, text: str) -> None:
        """Say something to the person."""


class Acts:
    """The frames that come from one page."""

    def __init__(self, visitor: Actor) -> None:
        self.visitor = visitor
        self.town = visitor.watching.town
        self.state = visitor.watching.town.discord.state
        self.clients = visitor.watching.town.discord.clients
        self._tasks: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Do something beside, until the visitor goes."""
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("%s failed", task.get_name(), exc_info=error)

    async def close(self) -> None:
        """End what is done beside."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def be(self, frame: JSON) -> None:
        self.visitor.be(str(frame["person_id"]))

    async def speak(self, frame: JSON) -> None:
        self.visitor.speak(frame["locale"])

    async def open(self, frame: JSON) -> None:
        self.visitor.open(self._channel(frame))

    async def older(self, frame: JSON) -> None:
        page = page_of(self.town, self.visitor.user, self._channel(frame), str(frame["before"]))
        self.visitor.tell("channel", **page)

    async def say(self, frame: JSON) -> None:
        channel, user = self._channel(frame), self.visitor.user
        content, files = str(frame.get("content") or "").strip(), self._uploads(frame.get("attachments") or [])
        needed = Permission.SEND_MESSAGES | (Permission.ATTACH_FILES if files else 0)
        if needed & ~self.state.permissions(user, channel):
            self.visitor.notice("You may not write here.")
        elif not (content or files):
            self.visitor.notice("There is nothing to send.")
        elif len(content) > LONGEST or len(files) > MOST_FILES:
            self.visitor.notice(f"A message takes {LONGEST} characters and {MOST_FILES} files.")
        else:
            for file in files:
                file.ephemeral = False
            target = self._seen(channel, frame["reply_to"]) if frame.get("reply_to") else None
            draft = messages.Draft(content, [], [], files, 0, None)
            messages.send(self.state, channel, user, draft, reference=target, type=REPLY if target else 0)

    async def delete(self, frame: JSON) -> None:
        message = self._seen(self._channel(frame), frame["message_id"])
        manages = self.state.permissions(self.visitor.user, message.channel) & Permission.MANAGE_MESSAGES
        if message.ephemeral or not (message.author is self.visitor.user or (manages and message.channel.guild)):
            self.visitor.notice("You may not delete this message.")
        else:
            messages.delete(self.state, message)

    async def dismiss(self, frame: JSON) -> None:
        message = self._seen(self._channel(frame), frame["message_id"])
        if message.ephemeral:
            message.dismissed = True
            self.state.changed(message)

    async def switch(self, frame: JSON) -> None:
        self.visitor.watching.switches.turn(str(frame["id"]), frame.get("value"), self.visitor.channel)
        self.visitor.watching.look_again()

    async def wire(self, frame: JSON) -> None:
        message_id = frame.get("message_id")
        self.visitor.watch_wire(on=bool(frame["on"]), message_id=None if message_id is None else str(message_id))

    async def bot(self, frame: JSON) -> None:
        supervisor = self.visitor.watching.supervisor
        if supervisor is None:
            self.visitor.notice("The sandbox didn't start this bot, and can't stop it.")
        elif frame["do"] == "start":
            try:
                await supervisor.start()
            except OSError as error:
                log.info("The bot could not be started", exc_info=error)
                self.visitor.notice(f"The bot can't be started: {reason(error)}.")
        else:
            await supervisor.kill()

    # What becomes an interaction.

    async def slash(self, frame: JSON) -> None:
        self._attempt(frame, lambda: self._command(frame, focused=False))

    async def autocomplete(self, frame: JSON) -> None:
        self._attempt(frame, lambda: self._command(frame, focused=True))

    async def menu(self, frame: JSON) -> None:
        def act() -> Interaction:
            channel = self._channel(frame)
            command = self._offered(channel, ON_MESSAGE, frame)
            return self.clients.menu(self.visitor.user, channel, command, self._seen(channel, frame["message_id"]))

        self._attempt(frame, act)

    async def press(self, frame: JSON) -> None:
        def act() -> Interaction:
            message, component = self._component(frame)
            if component["type"] != kinds.BUTTON or "custom_id" not in component:
                raise ClientRefused("That is no button that can be pressed.")
            return self.clients.press(self.visitor.user, message, component)

        self._attempt(frame, act)

    async def choose(self, frame: JSON) -> None:
        def act() -> Interaction:
            message, component = self._component(frame)
            values = [str(value) for value in frame["values"]]
            resolved = forms.check_choice(self.state, message.channel, component, values)
            return self.clients.press(self.visitor.user, message, component, values, resolved=resolved)

        self._attempt(frame, act)

    async def submit(self, frame: JSON) -> None:
        def act() -> Interaction:
            opened = self.state.interactions[str(frame["interaction_id"])]
            if opened.user is not self.visitor.user or opened.modal is None:
                raise ClientRefused("This form isn't open any more.")
            filled = forms.read(self.state, opened, frame["components"])
            return self.clients.submit(
                self.visitor.user, opened, filled.components, attachments=filled.files, resolved=filled.resolved
            )

        self._attempt(frame, act)

    def _command(self, frame: JSON, *, focused: bool) -> Interaction:
        channel = self._channel(frame)
        command = self._offered(channel, CHAT_INPUT, frame)
        filled = options.read(self.state, channel, command, frame.get("options") or [], partial=focused)
        return self.clients.command(
            self.visitor.user, channel, command, filled.options, filled.files, resolved=filled.resolved, focused=focused
        )

    def _attempt(self, frame: JSON, act: Callable[[], Interaction]) -> None:
        """Send an interaction as the client would, or tell why it wouldn't; then follow it beside."""
        ref = frame["ref"]
        try:
            interaction = act()
        except ClientRefused as refused:
            self._refuse(ref, str(refused))
            return
        except SENSELESS as error:
            log.info("A page sent what made no sense", exc_info=error)
            self._refuse(ref, "What this was about isn't there any more.")
            return
        self.visitor.tell("interaction", ref=ref, interaction_id=interaction.id, outcome="pending")
        self.spawn(self._follow(ref, interaction), f"page interaction {interaction.id}")

    def _refuse(self, ref: Any, reason: str) -> None:
        self.visitor.tell("interaction", ref=ref, interaction_id=None, outcome="refused", reason=reason)

    async def _follow(self, ref: Any, interaction: Interaction) -> None:
        told: JSON = {"ref": ref, "interaction_id": interaction.id}
        try:
            told["outcome"] = await interaction.bell.until(lambda: interaction.outcome, self.clients.patience)
        except TimeoutError:
            log.warning("Interaction %s had no outcome in time; the page was told that it failed", interaction.id)
            told["outcome"] = "failed"
        if interaction.outcome == "choices":
            told["choices"] = interaction.choices
        elif interaction.outcome == "modal":
            told["modal"] = forms.shown(interaction)
        elif interaction.original is not None:
            told["message_id"] = interaction.original.id
        self.visitor.tell("interaction", **told)

    def _offered(self, channel: Channel, kind: int, frame: JSON) -> JSON:
        command = find(self.clients, self.visitor.user, channel, kind, str(frame["command_id"]))
        if command is None:
            raise ClientRefused("This command isn't offered here.")
        return command

    def _channel(self, frame: JSON) -> Channel:
        places = {place.id: place for place in places_of(self.town, self.visitor.user)}
        return places[str(frame["channel_id"])]

    def _seen(self, channel: Channel, message_id: Any) -> Message:
        message = channel.messages[str(message_id)]
        if not sees(self.visitor.user, message):
            raise KeyError(message_id)
        return message

    def _component(self, frame: JSON) -> tuple[Message, JSON]:
        message = self._seen(self._channel(frame), frame["message_id"])
        for component in kinds.walk(message.now.components):
            if component["id"] == frame["component_id"]:
                if component.get("disabled"):
                    raise ClientRefused("It is switched off.")
                return message, component
        raise ClientRefused("The message has changed meanwhile.")

    def _uploads(self, ids: list[Any]) -> list[Attachment]:
        return [self.state.attachments[str(key)] for key in ids]


ACTS: dict[str, Callable[[Acts, JSON], Awaitable[None]]] = {
    name: getattr(Acts, name)
    for name in (
        "be",
        "speak",
        "open",
        "older",
        "say",
        "delete",
        "dismiss",
        "slash",
        "autocomplete",
        "menu",
        "press",
        "choose",
        "submit",
        "bot",
        "switch",
        "wire",
    )
}
"""Frame types, and what is done at each."""
