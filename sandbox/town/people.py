"""People at Discord clients, each at a place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.discord import messages
from sandbox.discord.commands import ON_MESSAGE

from .cards import Card, Reply, failure
from .options import Upload, descend, fill, nest

if TYPE_CHECKING:
    from sandbox.discord.model import Channel, Interaction, Message, User

    from .ports import Surroundings


class Person:
    """Someone with an account, looking at one channel."""

    def __init__(self, town: Surroundings, user: User, channel: Channel) -> None:
        self.town = town
        self.user = user
        self.channel = channel

    @property
    def id(self) -> int:
        """The account's id, as discord.py tells it."""
        return int(self.user.id)

    @property
    def dm(self) -> Person:
        """The same person in the DM with the bot."""
        return self.at(self.town.discord.state.dm(self.user))

    def at(self, channel: Channel) -> Person:
        """The same person elsewhere."""
        return Person(self.town, self.user, channel)

    async def slash(self, command: str, /, *, twice: bool = False, answered: bool = True, **options: Any) -> Reply:
        """Use a slash command (`"group sub"` for subcommands) and wait for the first answer.

        Raises AssertionError for a command or option that is not offered here, `ClientRefused` for a value that
        the client would not send, `InteractionFailed` if there is no answer in time (with `answered=False` a
        reply of kind `failed` is returned). `twice` delivers the same interaction twice.
        """
        name, *path = command.split(" ")
        clients = self.town.discord.clients
        offered = clients.offered(self.user, self.channel)
        assert name in offered, f"/{name} is not offered here, but {sorted(offered)}"
        filled, attachments = await fill(clients, self.channel, offered[name], path, options)
        interaction = clients.command(self.user, self.channel, offered[name], filled, attachments, twice=twice)
        return await self.outcome(interaction, answered=answered)

    async def suggestions(self, command: str, option: str, typed: Any = "", **others: Any) -> list[str]:
        """The names that autocomplete offers for an option, with `typed` in it so far."""
        name, *path = command.split(" ")
        clients = self.town.discord.clients
        found = clients.offered(self.user, self.channel)[name]
        chain, entries = descend(found, path)
        declared = {entry["name"]: entry["type"] for entry in entries}
        options = [{"name": key, "type": declared[key], "value": value} for key, value in others.items()]
        options.append({"name": option, "type": declared[option], "value": typed, "focused": True})
        interaction = clients.command(self.user, self.channel, found, nest(chain, options), [], focused=True)
        await self.outcome(interaction, answered=True)
        return [choice["name"] for choice in interaction.choices or []]

    async def context_menu(self, name: str, message: Card | Message, *, answered: bool = True) -> Reply:
        """Use a command of a message's context menu; raises as `slash` does."""
        clients = self.town.discord.clients
        offered = clients.offered(self.user, self.channel, ON_MESSAGE)
        assert name in offered, f"the menu has no {name!r}; it offers {', '.join(sorted(offered)) or 'nothing'}"
        target = message.message if isinstance(message, Card) else message
        return await self.outcome(clients.menu(self.user, self.channel, offered[name], target), answered=answered)

    async def say(self, content: str = "", *uploads: Upload) -> Card:
        """Send a message of one's own."""
        state = self.town.discord.state
        attachments = [await messages.store(state, self.channel, upload.filename, upload.data) for upload in uploads]
        draft = messages.Draft(content, [], [], attachments, 0, None)
        return Card(self, messages.send(state, self.channel, self.user, draft))

    async def outcome(self, interaction: Interaction, *, answered: bool) -> Reply:
        """Wait for an interaction's first answer; raises `InteractionFailed` if it is demanded."""
        await interaction.bell.until(lambda: interaction.outcome, self.town.discord.clients.patience)
        reply = Reply(self, interaction)
        if reply.kind == "failed" and answered:
            raise failure(reply)
        return reply

    def sees(self, message: Card | Message) -> Card:
        """A message as this person sees it."""
        return Card(self, message.message if isinstance(message, Card) else message)
