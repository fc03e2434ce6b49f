"""A town with the real bot in it, both in this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from acquainted import acquaint
from discord.gateway import DiscordWebSocket
from discord.http import Route
from page_client import Visit, visiting
from readings import READINGS, read
from recording import traffic_file

from bot.app import log_in, open_easel
from bot.client import Easel
from bot.config import Settings
from bot.pace import Pace
from bot.ui.languages import Languages
from sandbox.town import Town
from sandbox.web import Page

HURRIED = Pace(
    tasks_interval=0.05,
    poll_due=0.05,
    poll_idle=0.05,
    seek_every=0.2,
    twin_again=0.05,
    deliver_again=(0.3, 2.0, 5.0),
)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "pace(**values): waits of the bot that differ from the tests' own")
    config.addinivalue_line("markers", "newcomer: the bot does not know yet which account is its own")
    config.addinivalue_line("markers", "settings(**values): settings of the bot that differ from the defaults")


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests may have a bot of their own; what discord.py was pointed at is put back."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)


@pytest.fixture
def page() -> Page:
    """The town's page, not open yet."""
    return Page()


@pytest.fixture
async def empty_town(page: Page) -> AsyncIterator[Town]:
    """The town before the bot came."""
    async with Town(traffic_file(), pace=0.02, routes=page.routes()) as town:
        town.midjourney.lookups.interval = HURRIED.tasks_interval  # or every picture would take a second
        yield town


@pytest.fixture
def settings(empty_town: Town, tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    """What the bot is started with; `@pytest.mark.settings(max_jobs_per_user=1)` changes it."""
    marker = request.node.get_closest_marker("settings")
    values = {name.lower(): value for name, value in empty_town.settings().items()}
    return Settings(_env_file=None, **{**values, "data_dir": tmp_path, **(marker.kwargs if marker else {})})


@pytest.fixture
def pace(request: pytest.FixtureRequest) -> Pace:
    """Nobody watches a test: what is lost is looked for soon; `@pytest.mark.pace(card_every=0.1)` changes it further."""
    markers = reversed(list(request.node.iter_markers("pace")))  # the closest one last
    return replace(HURRIED, **{name: value for marker in markers for name, value in marker.kwargs.items()})


@pytest.fixture(params=READINGS)
def reading(empty_town: Town, request: pytest.FixtureRequest) -> str:
    """How the image service reads what its sources leave open; a test that uses it runs once for each way."""
    name: str = request.param
    request.node.user_properties.append(("reading", name))  # for the matrix at the end
    read(empty_town.midjourney, name)
    return name


@pytest.fixture
def languages() -> Languages | None:
    """What the bot speaks; None: what comes with it."""
    return None


@pytest.fixture
async def easel(
    empty_town: Town, settings: Settings, pace: Pace, languages: Languages | None, request: pytest.FixtureRequest
) -> AsyncIterator[Easel]:
    """The bot, connected; unless it is marked as a newcomer, it has had a picture made before."""
    if not request.node.get_closest_marker("newcomer"):
        await acquaint(settings.database_path, empty_town.midjourney)
    async with open_easel(settings, pace, languages=languages) as easel:
        await log_in(easel, settings)
        await easel.begin_work()
        connection = asyncio.create_task(easel.connect(), name="connection")
        try:
            await empty_town.ready()
            yield easel
        finally:
            await easel.services.jobs.close()
            await easel.close()
            connection.cancel()
            with suppress(asyncio.CancelledError):
                await connection


@pytest.fixture
async def town(empty_town: Town, easel: Easel) -> Town:  # noqa: ARG001 - the bot is in it
    """The town with the bot in it."""
    return empty_town


@pytest.fixture
async def page_url(town: Town, page: Page) -> AsyncIterator[str]:
    """Where the town's page is, now open."""
    async with page.open(town):
        yield page.url(town)


@pytest.fixture
async def visit(page_url: str) -> AsyncIterator[Visit]:
    """A member's page."""
    async with visiting(page_url) as visit:
        yield visit
