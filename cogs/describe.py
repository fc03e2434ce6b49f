"""/describe, and the same from a message's menu."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot import prompts
from bot.errors import UserError
from bot.jobs.kinds import DESCRIBE
from bot.jobs.model import Order
from bot.midjourney import DescribeRequest
from bot.text import _
from bot.ui.input.answering import begin, refuse
from bot.ui.input.attachments import FORMATS, image_url
from bot.ui.input.commands import described
from bot.ui.services import Interaction


class NoImage(UserError):
    """There is nothing to describe."""


class Describe(commands.Cog):
    """Words from pictures."""

    def __init__(self, bot: commands.Bot) -> None:
        self._tree = bot.tree
        self._menu = app_commands.ContextMenu(name=described(_("Describe this image")), callback=self.describe_message)

    async def cog_load(self) -> None:
        """Context menus can't be declared in a cog."""
        self._tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        """Take it back."""
        self._tree.remove_command(self._menu.name, type=self._menu.type)

    @app_commands.command(description=described(_("Four prompts that could have made an image")))
    @app_commands.describe(image=described(_("The image")), url=described(_("Or a direct link to it")))
    async def describe(
        self,
        interaction: Interaction,
        image: discord.Attachment | None = None,
        url: app_commands.Range[str, 1, 2000] | None = None,
    ) -> None:
        """Ask for descriptions of an attachment or a link."""
        if (image is None) == (url is None):
            raise NoImage(_("Attach an image, or give a link to one: one of the two."))
        link = image_url(image) if image else prompts.check_url(url or "")
        await begin(interaction, _order(interaction, link))

    async def describe_message(self, interaction: Interaction, message: discord.Message) -> None:
        """Describe the first image of a message."""
        link = _image_of(message)
        if link is None:
            await refuse(interaction, NoImage(_("There is no image in that message.")))
            return
        await begin(interaction, _order(interaction, link))


def _order(interaction: Interaction, link: str) -> Order:
    return Order(kind=DESCRIBE, user_id=interaction.user.id, request=DescribeRequest(image_url=link))


def _image_of(message: discord.Message) -> str | None:
    """The link of a message's first image: Discord's own copy is trusted, another host's is checked like a typed link.

    Raises AttachmentRefused, PromptError. Links typed in the message are not looked at.
    """
    for attachment in message.attachments:
        if (attachment.content_type or "").partition(";")[0] in FORMATS:
            return image_url(attachment)
    for component in message.components:
        for item in getattr(component, "children", ()):
            if isinstance(item, discord.MediaGalleryComponent):
                media = item.items[0].media
                return media.proxy_url or prompts.check_url(media.url)
    return None


async def setup(bot: commands.Bot) -> None:
    """Called by discord.py."""
    await bot.add_cog(Describe(bot))
