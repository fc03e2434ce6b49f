"""Progress is shown at a pace that Discord allows, and never stands in the way of a picture."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from itertools import pairwise

import pytest

from sandbox.discord.server import Exchange
from sandbox.town import Card, Person, Town

CARDS = 10
LINES = 30
CARD_EVERY = 3.0
CHANNEL_BURST = 5
CHANNEL_EVERY = 3.0  # 20 a minute
SLACK = 0.1  # seconds that a request may be under way longer than the one before it


def progress_edits(town: Town) -> list[Exchange]:
    """Edits of cards that brought no picture."""
    return [edit for edit in town.discord.exchanges("PATCH", "/messages/") if not edit.files]


def final_edits(town: Town) -> list[Exchange]:
    """Edits of cards that brought the picture."""
    return [edit for edit in town.discord.exchanges("PATCH", "/messages/") if edit.files]


def pace(town: Town, *, seconds: float) -> None:
    """Let every painting tell thirty steps in so many seconds."""
    town.midjourney.steps = [3 * number for number in range(1, LINES + 1)]
    town.midjourney.pace = seconds / LINES


async def imagined(person: Person, number: int) -> Card:
    """A job's card with its picture."""
    reply = await person.slash("imagine", prompt=f"lighthouse number {number}")
    return await reply.until(lambda card: card.attachments and card.has("U1"), timeout=40)


@pytest.mark.settings(max_concurrent_jobs=0, max_jobs_per_user=0)
async def test_thirty_lines_in_each_of_ten_cards_stay_within_the_channel_s_pace(town: Town) -> None:
    pace(town, seconds=4)
    await asyncio.gather(*(imagined(town.member, number) for number in range(CARDS)))
    edits = progress_edits(town)
    assert sum(len(task.lines) for task in town.midjourney.tasks) == CARDS * (LINES + 1)
    assert edits, "nobody saw any progress"
    took = max(edit.at for edit in edits) - min(edit.at for edit in edits)
    assert len(edits) <= CHANNEL_BURST + took / CHANNEL_EVERY + 1
    cards = defaultdict(list)
    for edit in edits:
        cards[edit.path].append(edit.at)
    pauses = [later - earlier for times in cards.values() for earlier, later in pairwise(times)]
    assert all(pause > CARD_EVERY - SLACK for pause in pauses), pauses


@pytest.mark.settings(max_concurrent_jobs=0, max_jobs_per_user=0)
async def test_pictures_do_not_wait_behind_the_progress_of_others(town: Town) -> None:
    pace(town, seconds=1.5)
    held = town.midjourney.hold_next("before_final")
    slow = await town.member.slash("imagine", prompt="a slow lighthouse")
    await held.reached()
    await asyncio.gather(*(imagined(town.member, number) for number in range(CARDS)))
    finals = final_edits(town)
    assert len(finals) == CARDS
    ended = max(task.finished_at for task in town.midjourney.tasks if task.finished_at)
    # Behind the progress that ten cards had to show, the last one would have come half a minute later; ten pictures that are
    # fetched and sent at once take some seconds where the cores are busy with other things.
    assert max(edit.at for edit in finals) - ended < 10
    ends = {edit.path: edit.at for edit in finals}
    assert not [edit for edit in progress_edits(town) if edit.at > ends.get(edit.path, edit.at)], "an end was painted over"
    held.release()
    await slow.until(lambda card: card.attachments)


async def test_one_card_is_edited_at_most_every_three_seconds(town: Town) -> None:
    pace(town, seconds=4.5)
    card = await imagined(town.member, 1)
    times = [edit.at for edit in progress_edits(town)]
    assert len(times) == 2
    assert all(later - earlier > CARD_EVERY - SLACK for earlier, later in pairwise(times))
    shown = [state.text for state in card.history if "%" in state.text]
    assert len(set(shown)) == 2, "each edit shows the latest state"
