"""Which job a press may name. What a client sends is data: a key counts only from where the job's own card can be seen."""

from __future__ import annotations

from bot.errors import Gone
from bot.jobs.model import Job
from bot.jobs.records import UNKNOWN_KEY
from bot.ui.services import Interaction, services


async def job_of(interaction: Interaction, job_id: str, *, on_its_card: bool) -> Job:
    """The job that a key names; raises Gone if there is none, and in the same words if it is none of theirs.

    `on_its_card`, too, if the press is on another card than the job's: what is pressed changes the card that it is on.
    """
    job = await services(interaction).jobs.job(job_id)
    message = interaction.message
    if not _sees_card(interaction, job):
        raise Gone(UNKNOWN_KEY)
    elsewhere = on_its_card and message is not None and job.place.message_id not in (None, message.id)
    # Some of its media may be in a message of their own.
    if elsewhere and message and not await services(interaction).jobs.media.is_posted(job, message.id):
        raise Gone(UNKNOWN_KEY)
    return job


async def parent_of(interaction: Interaction, image_id: str) -> Job | None:
    """The job that made a picture, as far as this person may know of it: made in this server, or in this private channel."""
    job = await services(interaction).jobs.job_of_picture(image_id)
    if job is None or _is_private_to_another(interaction, job):
        return None
    here, place = interaction.guild_id, job.place
    same = here == place.guild_id if here is not None else _sees_card(interaction, job)
    return job if same else None


def _sees_card(interaction: Interaction, job: Job) -> bool:
    """Whether the press comes from the job's own channel, or from a private answer to or a direct message with its owner."""
    if _is_private_to_another(interaction, job):
        return False
    if (interaction.guild_id, interaction.channel_id) == (job.place.guild_id, job.place.channel_id):
        return True
    message = interaction.message
    private = interaction.context.dm_channel or (message is not None and message.flags.ephemeral)
    return private and interaction.user.id == job.order.user_id


def _is_private_to_another(interaction: Interaction, job: Job) -> bool:
    return job.place.ephemeral and interaction.user.id != job.order.user_id
