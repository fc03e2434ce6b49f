"""A kind of job is data: one that only the tests know, with four clips in several messages, goes the same way as all others."""

from __future__ import annotations

import pytest
from seeing import noted, painted

from bot.client import Easel
from bot.jobs.kinds import KINDS, Kind
from bot.jobs.model import Order, Place
from bot.midjourney import endpoints
from bot.midjourney.models import VideosRequest
from bot.text import _
from bot.ui.cards.buttons import nothing_told
from bot.ui.cards.kinds import FACES, Face, Told
from sandbox.town import Card, Town

FILM = Kind("film", endpoints.VIDEOS)
FACE = Face(
    title=_("Film"),
    at_work=_("Filming…"),
    still=_("Still filming."),
    refused=_("Nobody films that."),
    told=lambda job, room: Told("", nothing_told(job.id, room.language)),
    alt_text=lambda _job, _preview: _("A film"),
)


@pytest.fixture(autouse=True)
def _film(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, FILM.name, FILM)
    monkeypatch.setitem(FACES, FILM.name, FACE)


HEAVY = 7 * 1024 * 1024  # bytes of a clip: a server's limit lets each pass, but one request has no room for four


async def film(town: Town, easel: Easel) -> None:
    picture = (await painted(await town.member.slash("imagine", prompt="a red fox"))).pictures[0].url
    await noted(town)
    assert town.channel.guild
    application_id, channel_id, guild_id = map(int, (town.discord.state.application_id, town.channel.id, town.channel.guild.id))
    place = Place(application_id, channel_id, guild_id=guild_id, has_bot=True)
    order = Order(FILM, town.member.id, VideosRequest(image_url=picture, prompt="it runs"), prompt="it runs")
    await easel.services.jobs.open(order, place, origin="test:1")


def films(town: Town) -> list[Card]:
    """The messages that the film is in, without the picture's."""
    return [card for card in town.cards() if card.attachments and card.attachments[0].filename.endswith(".mp4")]


def clips(town: Town) -> list[str]:
    return [attachment.filename.rpartition("-")[2] for card in films(town) for attachment in card.attachments]


async def test_four_clips_fit_into_one_message(town: Town, easel: Easel) -> None:
    await film(town, easel)
    await town.until(lambda: films(town))
    assert clips(town) == ["raw.mp4", "1raw.mp4", "2raw.mp4", "3raw.mp4"]
    assert len(films(town)) == 1
    assert "Film" in films(town)[0].text


async def test_what_one_request_can_not_hold_comes_in_messages_of_its_own(town: Town, easel: Easel) -> None:
    town.midjourney.weigh_pictures(raw=HEAVY)
    await film(town, easel)
    await town.until(lambda: len(clips(town)) == 4)
    await noted(town)
    assert len(films(town)) > 1
    assert sorted(clips(town)) == ["1raw.mp4", "2raw.mp4", "3raw.mp4", "raw.mp4"]
    last = films(town)[-1]
    await last.press("Delete")
    await last.until(lambda card: card.deleted)


async def test_a_message_nobody_heard_of_is_found_and_not_sent_again(town: Town, easel: Easel) -> None:
    town.discord.cut_next("POST", f"/channels/{town.channel.id}/messages", after=True, times=3)
    town.midjourney.weigh_pictures(raw=HEAVY)
    await film(town, easel)
    await town.until(lambda: len(clips(town)) == 4, 40)
    await noted(town)
    assert sorted(clips(town)) == ["1raw.mp4", "2raw.mp4", "3raw.mp4", "raw.mp4"]


async def test_a_failure_is_told_in_the_kind_s_own_words(town: Town, easel: Easel) -> None:
    town.midjourney.fail_next(403, "forbidden", endpoint="videos")
    await film(town, easel)
    await town.until(lambda: any("Nobody films that" in card.text for card in town.cards()))


def test_every_kind_has_a_face() -> None:
    assert KINDS.keys() == FACES.keys()
