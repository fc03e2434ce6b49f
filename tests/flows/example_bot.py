"""A bot as discord.py's own examples are: views, a modal, a select, autocomplete, a context menu, a localised command.

It is an ordinary discord.py client that knows nothing of the sandbox; `python example_bot.py` with the addresses in the
environment runs it, and so does `python -m sandbox --bot`.
"""

from __future__ import annotations

import os
from typing import ClassVar

import discord
import yarl
from discord import app_commands

FRUITS = ("apple", "apricot", "banana", "cherry")


class Counter(discord.ui.View):
    """A button that counts how often it was pressed."""

    @discord.ui.button(label="0", style=discord.ButtonStyle.red)
    async def count(self, interaction: discord.Interaction, button: discord.ui.Button[Counter]) -> None:
        number = int(button.label or 0) + 1
        button.label = str(number)
        if number >= 3:
            button.style, button.disabled = discord.ButtonStyle.green, True
        await interaction.response.edit_message(view=self)


class Colours(discord.ui.View):
    """A menu of colours, and one of people."""

    @discord.ui.select(
        placeholder="Your favourite colour",
        min_values=1,
        max_values=2,
        options=[discord.SelectOption(label=name, value=name.lower()) for name in ("Red", "Green", "Blue")],
    )
    async def colour(self, interaction: discord.Interaction, select: discord.ui.Select[Colours]) -> None:
        await interaction.response.send_message(f"Your favourites: {', '.join(select.values)}", ephemeral=True)

    @discord.ui.select(cls=discord.ui.UserSelect, placeholder="Someone")
    async def someone(self, interaction: discord.Interaction, select: discord.ui.UserSelect[Colours]) -> None:
        await interaction.response.send_message(f"You chose {select.values[0].display_name}")


class Feedback(discord.ui.Modal, title="Feedback"):
    """A form with a text, a menu, a check box and files."""

    name = discord.ui.Label(text="Name", component=discord.ui.TextInput[discord.ui.Label](max_length=30))
    rating = discord.ui.Label(
        text="Rating",
        component=discord.ui.Select[discord.ui.Label](options=[discord.SelectOption(label=str(n)) for n in range(1, 6)]),
    )
    files = discord.ui.Label(text="Files", component=discord.ui.FileUpload[discord.ui.Label](required=False, max_values=2))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        name, rating, files = (label.component for label in (self.name, self.rating, self.files))
        sizes = [f"{file.filename} ({file.size} bytes)" for file in files.values]
        await interaction.response.send_message(f"{name.value} gave {rating.values[0]}; {', '.join(sizes) or 'no files'}")


class German(app_commands.Translator):
    """Says a few words in German."""

    WORDS: ClassVar = {
        "greet": "gruesse",
        "Greet someone": "Jemanden grüßen",
        "who": "wen",
        "Whom to greet": "Wer gegrüßt wird",
    }

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,  # noqa: ARG002 - discord.py passes it
    ) -> str | None:
        return self.WORDS.get(string.message) if locale is discord.Locale.german else None


class Example(discord.Client):
    """The bot; its commands are global."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents.default(), guild_ready_timeout=0.05)
        self.tree = app_commands.CommandTree(self)
        add_commands(self.tree)

    async def setup_hook(self) -> None:
        await self.tree.set_translator(German())
        await self.tree.sync()


def add_commands(tree: app_commands.CommandTree) -> None:
    """All that the bot can do."""

    @tree.command(description="Count presses")
    async def counter(interaction: discord.Interaction) -> None:
        await interaction.response.send_message(
            "Press!", view=Counter(), embed=discord.Embed(title="Counting", colour=0x336699)
        )

    @tree.command(description="Choose colours")
    async def colours(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("What do you like?", view=Colours())

    @tree.command(description="Say what you think")
    async def feedback(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Feedback())

    @tree.command(description="Eat a fruit")
    async def eat(interaction: discord.Interaction, fruit: str, amount: app_commands.Range[int, 1, 9] = 1) -> None:
        await interaction.response.send_message(f"{amount} × {fruit}")

    @eat.autocomplete("fruit")
    async def suggest(_: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=fruit.title(), value=fruit) for fruit in FRUITS if fruit.startswith(current.lower())]

    @tree.command(description="Greet someone")
    @app_commands.describe(who="Whom to greet")
    async def greet(interaction: discord.Interaction, who: discord.Member) -> None:
        await interaction.response.send_message(f"Hello {who.mention}")

    @tree.command(description="Never answer")
    async def ignore(_: discord.Interaction) -> None:
        return

    @tree.context_menu(name="Shout")
    async def shout(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.defer(thinking=True)
        await interaction.followup.send(message.content.upper())


def main() -> None:
    """Run it where the environment says that Discord is."""
    discord.http.Route.BASE = os.environ["DISCORD_API_URL"]
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(os.environ["DISCORD_GATEWAY_URL"])
    Example().run(os.environ["DISCORD_TOKEN"], log_handler=None)


if __name__ == "__main__":
    main()
