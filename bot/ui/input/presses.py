"""What each button does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import discord

from bot import prompts
from bot.errors import Gone, NotYours
from bot.jobs.kinds import IMAGINE
from bot.jobs.model import Job, Order, State
from bot.jobs.records import UNKNOWN_KEY
from bot.midjourney import ImageResult, ImagineRequest, Request
from bot.text import Text, _, sentences
from bot.ui.cards.kinds import face_of
from bot.ui.cards.layout import card, stopped
from bot.ui.input.answering import begin, refuse, tell, token_of
from bot.ui.input.keys import parent_of
from bot.ui.input.modals import prompt_modal, typed_prompt
from bot.ui.input.router import Router
from bot.ui.services import Interaction, language_for, services


def routes() -> Router:
    """The router of everything that can be pressed."""
    operations = {
        "action": press_listed_action,
        "again": try_again,
        "cancel": cancel,
        "delete": delete,
        "edit": edit,
        "edited": imagine_edited,
        "imagine": imagine_text,
        "imagine_all": imagine_all,
        "show": show,
    }
    return Router(press_action, operations)


def imagine_order(interaction: Interaction, built: prompts.Built, *, parent_url: str | None = None) -> Order:
    """An order for a new picture."""
    return Order(
        kind=IMAGINE,
        user_id=interaction.user.id,
        request=ImagineRequest.model_validate(built.request()),
        prompt=built.shown,
        note=sentences(*built.warnings) if built.warnings else None,
        press=_press(interaction),
        parent_url=parent_url,
    )


async def press_action(interaction: Interaction, action: str, image_id: str) -> None:
    """Run an action on a picture; works without the picture's row, only the prompt is unknown then."""
    if action == "variation_region":
        await tell(interaction, _("Vary (Region) needs a mask, which I can't take yet. The other buttons work."))
        return
    parent = await parent_of(interaction, image_id)
    request, note = _act(action, image_id, parent.order.request if parent else None)
    order = Order(
        kind=IMAGINE,
        user_id=interaction.user.id,
        request=request,
        prompt=parent.order.prompt if parent else "",
        action=action,
        image_id=image_id,
        parent_url=_url(interaction),
        press=_press(interaction),
        note=note,
    )
    await begin(interaction, order)


def _act(action: str, image_id: str, made_by: Request | None) -> tuple[ImagineRequest, Text | None]:
    """An action's body, with what the picture was made with, and what its card must say of that.

    The body of an action says it too, so that each generation hands it on to the next.
    """
    if not isinstance(made_by, ImagineRequest):
        return ImagineRequest(action=action, image_id=image_id), None
    only_fast = made_by.version in prompts.FAST_ACTIONS
    request = ImagineRequest(
        action=action,
        image_id=image_id,
        mode="fast" if only_fast else made_by.mode,
        version=made_by.version,
        hd=made_by.hd,
        quality=made_by.quality,
    )
    if request.mode == made_by.mode or made_by.mode is None:
        return request, None
    note = _(
        "Actions on version {version} always run in fast mode, though “{mode}” was chosen for the picture.",
        version=made_by.version or "",
        mode=made_by.mode,
    )
    return request, note


async def press_listed_action(interaction: Interaction, job: Job, index: str) -> None:
    """An action whose name or picture does not fit into a custom id: named by job and place in its list."""
    image = job.result
    if not isinstance(image, ImageResult) or image.image_id is None:
        raise Gone(UNKNOWN_KEY)
    await press_action(interaction, _at(image.actions, index), image.image_id)


async def try_again(interaction: Interaction, job: Job, _index: str) -> None:
    """The same request once more, as a new job with a card of its own."""
    await begin(interaction, replace(job.order, user_id=interaction.user.id, press=_press(interaction)))


async def cancel(interaction: Interaction, job: Job, index: str) -> None:
    """Drop a job that waits, let one go that runs."""
    _check_own(interaction, job)
    await show(interaction, await services(interaction).jobs.cancel(job), index)


async def show(interaction: Interaction, job: Job, _index: str) -> None:
    """Show the job as it stands, and keep the press's token so that the end reaches this card."""
    jobs = services(interaction).jobs
    goes_on = job.is_open and not job.let_go_at
    ended = job.delivered_at or (job.state is State.FINISHED and not job.let_go_at)
    if goes_on or ended:
        # The end is there or on its way, or may overtake this answer: only what waits for edits under way may paint.
        await interaction.response.defer()
    else:
        await interaction.response.edit_message(view=_as_it_stands(interaction, job))
    try:
        if not (goes_on or ended) and await services(interaction).cards.quiet(job):
            # Progress was on its way, and may have been painted over what was shown just now.
            await interaction.edit_original_response(view=_as_it_stands(interaction, job))
    finally:
        # Only now: until the press is answered, nothing can be done with its token.
        job = await jobs.renew(job.id, token_of(interaction))
    if job.is_open and not job.let_go_at:
        services(interaction).cards.show(job, jobs.progress(job))


def _as_it_stands(interaction: Interaction, job: Job) -> discord.ui.LayoutView:
    language = services(interaction).languages.of_card(job.place)
    return stopped(card(job, services(interaction).jobs.progress(job), note=job.order.note, language=language))


async def delete(interaction: Interaction, job: Job, _index: str) -> None:
    """Take the card away; what is painted already is painted to its end, and paid for."""
    _check_own(interaction, job)
    if job.state in {State.QUEUED, State.SUBMITTING, State.RUNNING}:
        await services(interaction).jobs.cancel(job)
    await interaction.response.defer()
    await interaction.delete_original_response()


async def edit(interaction: Interaction, job: Job, _index: str) -> None:
    """Open the prompt in a modal."""
    services(interaction).access.check(interaction.user.id, interaction.guild_id)
    await interaction.response.send_modal(
        prompt_modal(job.id, face_of(job).prompt(job) or job.order.prompt, language_for(interaction))
    )


async def imagine_edited(interaction: Interaction, job: Job, _index: str) -> None:
    """The modal came back: other words, and all that was chosen beside them."""
    text = typed_prompt(interaction)
    try:
        built = prompts.rebuild(text, job.order.request.body(), job.order.prompt)
    except prompts.PromptError as error:
        await refuse(interaction, error, prompt=text)
        return
    await begin(interaction, imagine_order(interaction, built))


async def imagine_text(interaction: Interaction, job: Job, index: str) -> None:
    """Imagine one of the texts on a card."""
    text = _at(face_of(job).texts(job), index)
    await begin(interaction, imagine_order(interaction, prompts.build_from_service(text), parent_url=_url(interaction)))


async def imagine_all(interaction: Interaction, job: Job, _index: str) -> None:
    """Imagine every text on a card: one job each."""
    built = [prompts.build_from_service(text) for text in face_of(job).texts(job)]
    if not built:
        raise Gone(_("There is nothing to imagine here."))
    url = _url(interaction)
    await begin(interaction, *(imagine_order(interaction, each, parent_url=url) for each in built))


def _at(items: Sequence[str], index: str) -> str:
    """What stands at a place in an answer; raises Gone."""
    if not (index.isascii() and index.isdigit()) or int(index) >= len(items):
        raise Gone(UNKNOWN_KEY)
    return items[int(index)]


def _check_own(interaction: Interaction, job: Job) -> None:
    """Raise NotYours unless this person may end the job."""
    if interaction.user.id != job.order.user_id and not interaction.permissions.manage_messages:
        raise NotYours(_("Only the one who asked, or someone who may manage messages here, can do that."))


def _press(interaction: Interaction) -> str | None:
    message = interaction.message
    data: Mapping[str, Any] = interaction.data or {}
    if message is None:
        return None
    return f"{message.id}:{data.get('custom_id')}:{data.get('values', '')}"


def _url(interaction: Interaction) -> str | None:
    return interaction.message.jump_url if interaction.message else None
