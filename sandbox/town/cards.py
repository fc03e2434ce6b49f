"""What a person sees of a message, and does with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import aiohttp

from . import view
from .errors import ClientRefused, InteractionFailed
from .modals import Modal

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.discord.model import Attachment, Interaction, Message, Snapshot, User

    from .ports import Surroundings
    from .view import Button, Option, Picture, Select

    Target = str | Callable[[Button], bool]


class Presser(Protocol):
    """A person as their cards see it."""

    town: Surroundings
    user: User

    async def outcome(self, interaction: Interaction, *, answered: bool) -> Reply:
        """Wait for an interaction's first answer; raises `InteractionFailed` if it is demanded."""


class Card:
    """A message at one moment, seen by one person; `now` is the same message at present.

    Presses and choices go to what the message shows at present, as a person's finger does.
    """

    def __init__(self, person: Presser, message: Message | None, index: int = -1) -> None:
        self.person = person
        self._message = message
        self.index = index if index >= 0 or message is None else len(message.history) + index

    @property
    def message(self) -> Message:
        """The live message; AssertionError if there is none."""
        assert self._message is not None, "there is no message here"
        return self._message

    @property
    def snapshot(self) -> Snapshot:
        """The message's state that this card shows."""
        return self.message.history[self.index]

    @property
    def now(self) -> Card:
        """The same message at present."""
        return Card(self.person, self.message)

    @property
    def text(self) -> str:
        """All text that can be read, blocks joined by newlines; labels of buttons are not in it."""
        return view.text(self.snapshot) if self._message is not None else ""

    @property
    def buttons(self) -> list[Button]:
        """Every button in reading order, those beside sections too."""
        return view.buttons(self.snapshot) if self._message is not None else []

    @property
    def selects(self) -> list[Select]:
        """Every select menu."""
        return view.selects(self.snapshot) if self._message is not None else []

    @property
    def pictures(self) -> list[Picture]:
        """Pictures and files as they are shown."""
        return view.pictures(self.snapshot, self.person.town.discord.state) if self._message is not None else []

    @property
    def attachments(self) -> list[Attachment]:
        """The uploaded files, shown or not."""
        return self.snapshot.attachments

    @property
    def ephemeral(self) -> bool:
        """Whether only one person sees it."""
        return self._message is not None and self._message.ephemeral

    @property
    def deleted(self) -> bool:
        """Whether it is gone in this state."""
        return self.snapshot.deleted

    @property
    def edits(self) -> int:
        """How often the message was edited until now."""
        return self.message.edits

    @property
    def history(self) -> list[Card]:
        """The message in each of its states, oldest first."""
        return [Card(self.person, self.message, index) for index in range(len(self.message.history))]

    def button(self, what: Target) -> Button:
        """The button of this label, emoji or custom_id, or for which the predicate holds."""
        found = self.find(what)
        assert found is not None, f"no button {what!r} here:\n{self.describe()}"
        return found

    def has(self, what: Target) -> bool:
        """Whether there is such a button, or such an option in a menu."""
        return self.find(what) is not None or (isinstance(what, str) and self.find_option(what) is not None)

    async def until(self, predicate: Callable[[Card], object], timeout: float = 20) -> Card:  # noqa: ASYNC109 - a promise
        """The first state, from this one on, for which `predicate` holds; AssertionError after `timeout` seconds."""
        index = self.index

        def probe() -> Card | None:
            nonlocal index
            while index < len(self.message.history):
                card = Card(self.person, self.message, index)
                index += 1
                if predicate(card):
                    return card
            return None

        try:
            found = await self.message.bell.until(probe, timeout)
        except TimeoutError:
            raise AssertionError(f"not seen in {timeout:g} s; the message shows:\n{self.now.describe()}") from None
        assert found is not None
        return found

    async def press(self, what: Target, *, by: Presser | None = None, twice: bool = False, answered: bool = True) -> Reply:
        """Press a button, or choose an option, called by label, emoji, custom_id, value or predicate.

        Raises AssertionError where there is none, `ClientRefused` where it can't be pressed,
        `InteractionFailed` where the bot doesn't answer (with `answered=False` a reply of kind `failed` is returned).
        """
        card, presser = self._reach(by)
        button = card.find(what)
        if button is None and isinstance(what, str) and card.find_option(what) is not None:
            return await self.choose(what, by=by, twice=twice, answered=answered)
        button = card.button(what)
        if button.disabled or button.url:
            raise ClientRefused(f"{button.words!r} is {'disabled' if button.disabled else 'a link'}")
        interaction = presser.town.discord.clients.press(presser.user, self.message, button.raw, twice=twice)
        return await presser.outcome(interaction, answered=answered)

    async def choose(self, *what: str, by: Presser | None = None, twice: bool = False, answered: bool = True) -> Reply:
        """Choose options of one select menu, called by label, value or emoji; raises as `press` does."""
        card, presser = self._reach(by)
        found = [card.find_option(name) for name in what]
        assert all(found), f"no option {what!r} here:\n{card.describe()}"
        pairs = [pair for pair in found if pair is not None]
        select = pairs[0][0]
        if select.disabled or not select.raw.get("min_values", 1) <= len(pairs) <= select.raw.get("max_values", 1):
            raise ClientRefused(f"the menu {select.placeholder!r} doesn't take this choice")
        values = [option.value for _, option in pairs]
        interaction = presser.town.discord.clients.press(presser.user, self.message, select.raw, values, twice=twice)
        return await presser.outcome(interaction, answered=answered)

    async def picture(self, index: int = 0) -> bytes:
        """Download a shown picture through its link, as a client does."""
        return await self.person.town.fetch(self.pictures[index].url)

    def describe(self) -> str:
        """Text, buttons, menus and pictures in a few lines, for people and for failures."""
        lines = [self.text or "(no text)"] + (["(deleted)"] if self.deleted else [])
        lines += [f"[{button.words}]" + (" (disabled)" if button.disabled else "") for button in self.buttons]
        lines += [f"<{select.placeholder}: {', '.join(o.label for o in select.options)}>" for select in self.selects]
        return "\n".join(lines + [f"({picture.filename}: {picture.alt})" for picture in self.pictures])

    def _reach(self, by: Presser | None) -> tuple[Card, Presser]:
        presser, card = by or self.person, self.now
        if card.deleted:
            raise ClientRefused("the message was deleted")
        if self.message.ephemeral and self.message.seen_by is not presser.user:
            raise ClientRefused("only the one it was for sees this message")
        return card, presser

    def find(self, what: Target) -> Button | None:
        """The button called so, or None."""
        if callable(what):
            return next((button for button in self.buttons if what(button)), None)
        exact = next((button for button in self.buttons if what == button.custom_id), None)
        return exact or next((button for button in self.buttons if button.called(what)), None)

    def find_option(self, what: str) -> tuple[Select, Option] | None:
        """The first menu's option called so, or None."""
        return next(((menu, option) for menu in self.selects for option in menu.options if option.called(what)), None)


class Reply(Card):
    """What came of an interaction. `kind` is message, deferred, updated, modal, choices or failed."""

    def __init__(self, person: Presser, interaction: Interaction) -> None:
        super().__init__(person, interaction.original, interaction.original_index)
        self.interaction = interaction
        self.kind = interaction.outcome

    @property
    def modal(self) -> Modal[Reply]:
        """The modal that was opened; AssertionError if none was."""
        assert self.kind == "modal", f"no modal was opened, but {self.kind}"
        return Modal(self.interaction, self._submit)

    async def _submit(self, components: list[dict[str, Any]], *, twice: bool, answered: bool) -> Reply:
        person = self.person
        interaction = person.town.discord.clients.submit(person.user, self.interaction, components, twice=twice)
        return await person.outcome(interaction, answered=answered)

    @property
    def followups(self) -> list[Card]:
        """The further messages sent so far with this interaction's token, at present."""
        return [Card(self.person, message) for message in self.interaction.followups]

    async def followup(self, number: int = 0, timeout: float = 20) -> Card:  # noqa: ASYNC109 - a promise
        """Wait for a further message; its first state. AssertionError after `timeout` seconds."""
        sent = self.interaction.followups
        try:
            await self.interaction.bell.until(lambda: len(sent) > number, timeout)
        except TimeoutError:
            raise AssertionError(f"no follow-up {number} in {timeout:g} s") from None
        return Card(self.person, sent[number], 0)


def failure(reply: Reply) -> InteractionFailed:
    """The error that tells what the client shows."""
    return InteractionFailed(f"The application did not respond (interaction {reply.interaction.id})")


async def download(url: str) -> bytes:
    """The bytes behind a link; raises aiohttp.ClientResponseError for an error status."""
    async with aiohttp.ClientSession() as session, session.get(url, raise_for_status=True) as response:
        return await response.read()
