"""Stops: N random SIGTERMs and N random `kill -9` under a stream of jobs, with Discord's answers up to 0.9 s late.

Each stop is aimed at one of the windows in a job's life, in turn. What counts as accepted is what Discord took, by the
sandbox's own books; what became of each job is read from its card and from the image service's ledger.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from bots import OPTIONS
from options import Options
from people import Failed, newcomers, open_town

from bot.config import Settings
from sandbox.discord.model import Interaction, Message
from sandbox.town import Town

STOPS, RATE = 150, 12.0
LATE = 0.9  # seconds
LEAST = 0.1  # of all stops must fall into each window: 15 of 150
PEOPLE = 60
AIM_WITHIN, ENDED_WITHIN, READY_WITHIN, SETTLED_WITHIN = 8.0, 10.0, 30.0, 180.0
WINDOWS = ("recorded–sent", "sent–answered", "answered–handed", "submitting", "running", "delivering")
# As an operator runs it, but the minute in which an accepted task must show up is two seconds: between two stops it has few.
RUN = """
import sys
from bot import __main__
from bot.pace import Pace
sys.exit(__main__.main(["run"], Pace(poll_idle=0.5, accepted_within=2.0)))
"""


@dataclass
class Books:
    """What was seen."""

    stops: Counter[tuple[str, str]] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    slowest: float = 0.0


class Bot:
    """The bot's process, which comes and goes on the same data."""

    def __init__(self, town: Town, home: Path) -> None:
        self._town = town
        self._home = home
        self.database = home / "data" / "easel.db"
        self.output = home / "output.txt"
        ours = {key: value for key, value in os.environ.items() if key.lower() not in Settings.model_fields}
        limits = {"MAX_CONCURRENT_JOBS": "6", "DATA_DIR": str(home / "data")}
        self._environment = ours | town.settings() | OPTIONS | limits
        self.process: asyncio.subprocess.Process

    async def start(self) -> None:
        """Start it and wait until it listens."""
        with self.output.open("ab") as output:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", RUN, cwd=self._home, env=self._environment, stdout=output, stderr=output
            )
        await self._town.ready(READY_WITHIN)

    async def stop(self, number: int, books: Books) -> None:
        """Send a signal and wait for the end; what is wrong about it is noted."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        self.process.send_signal(number)
        try:
            async with asyncio.timeout(ENDED_WITHIN):
                code = await self.process.wait()
        except TimeoutError:
            books.faults.append(f"SIGTERM was not obeyed within {ENDED_WITHIN:g} s")
            self.process.kill()
            code = await self.process.wait()
        if number == signal.SIGTERM:
            books.slowest = max(books.slowest, loop.time() - began)
            if code != 0:
                books.faults.append(f"SIGTERM ended with exit code {code}")
        await self._town.gone(READY_WITHIN)


async def run(options: Options) -> str:
    """The table; raises Failed where anything was lost, doubled or billed twice, or a window had too few stops."""
    stops = options.stops or STOPS
    chance = random.Random(options.seed)
    books = Books()
    with tempfile.TemporaryDirectory(prefix="easel-bench-", ignore_cleanup_errors=True) as home:
        async with open_town() as town:
            newcomers(town, PEOPLE)
            town.discord.answers_late(lambda: chance.uniform(0.0, LATE))
            bot = Bot(town, Path(home))
            await bot.start()
            stream = asyncio.create_task(_ask(town, options.rate or RATE, chance), name="people")
            try:
                for number in [signal.SIGTERM, signal.SIGKILL] * stops:
                    await _stop_once(town, bot, books, number, chance)
            finally:
                stream.cancel()
                await asyncio.gather(stream, return_exceptions=True)
            await _settle(town)
            await bot.stop(signal.SIGTERM, books)
            words = bot.output.read_text("utf-8", "replace")
            return _judge(town, books, words, stops)


async def _ask(town: Town, rate: float, chance: random.Random) -> None:
    """People who ask for pictures as long as the bot is there, each with words of their own."""
    people = [person for person in town.discord.state.users.values() if person.username.startswith("person")]
    channels = [channel for channel in town.discord.state.channels.values() if (channel.name or "").startswith("easel-")]
    number = 0
    while True:
        await asyncio.sleep(chance.expovariate(rate))
        if not town.discord.sessions:
            continue
        number += 1
        user, channel = chance.choice(people), chance.choice(channels)
        offered = town.discord.clients.offered(user, channel)
        command = offered.get("imagine")
        if command is not None:
            options = [{"name": "prompt", "type": 3, "value": f"a lighthouse, number {number}."}]
            town.discord.clients.command(user, channel, command, options, [])


async def _stop_once(town: Town, bot: Bot, books: Books, number: int, chance: random.Random) -> None:
    name = signal.Signals(number).name
    target = min(WINDOWS, key=lambda window: (books.stops[name, window], chance.random()))
    await asyncio.sleep(chance.uniform(0.0, 0.3))
    seen: set[str] = set()
    with suppress(TimeoutError):
        async with asyncio.timeout(AIM_WITHIN):
            while target not in (seen := _windows(town, bot.database)):  # noqa: ASYNC110  # rows ring no bell
                await asyncio.sleep(0.001)
    # A stop falls into one window of some job; of those that others are in at that moment nothing is counted.
    fell = target if target in seen else next(iter(sorted(seen)), None)
    if fell:
        books.stops[name, fell] += 1
    await bot.stop(number, books)
    await bot.start()


def _windows(town: Town, database: Path) -> set[str]:
    """In which windows some job is now, by the bot's rows and by what Discord has taken."""
    sql = "SELECT origin, state, answered_at FROM jobs WHERE closed_at IS NULL"
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=1.0)) as connection:
        rows = connection.execute(sql).fetchall()
    found = set()
    for origin, state, answered_at in rows:
        interaction = town.discord.state.interactions.get(str(origin).partition(".")[0])
        if state == "queued" and answered_at is None:
            taken = interaction is not None and interaction.outcome == "message"
            found.add("sent–answered" if taken else "recorded–sent")
        else:
            found.add({"queued": "answered–handed", "finished": "delivering"}.get(state, state))
    return found & set(WINDOWS)


def _accepted(town: Town) -> Iterator[tuple[str, Interaction, Message]]:
    """What Discord took as cards: the prompt, the interaction and its message."""
    for interaction in town.discord.state.interactions.values():
        message = interaction.original
        if interaction.outcome == "message" and message is not None and not message.ephemeral:
            prompt = interaction.data["options"][0]["value"]
            yield prompt, interaction, message


def _text(message: Message) -> str:
    return str(message.now.components)


def _is_told(message: Message) -> bool:
    return "⚠️" in _text(message)


def _has_end(message: Message) -> bool:
    return bool(message.now.attachments) or _is_told(message)


async def _settle(town: Town) -> None:
    """Wait until every card shows an end."""
    with suppress(TimeoutError):
        async with asyncio.timeout(SETTLED_WITHIN):
            while any(not _has_end(message) for *_, message in _accepted(town)):  # noqa: ASYNC110  # there are thousands
                await asyncio.sleep(0.5)
    await asyncio.sleep(2.0)  # for what would come twice


def _judge(town: Town, books: Books, words: str, stops: int) -> str:
    billed = Counter(str(entry.body.get("prompt")) for entry in town.midjourney.ledger.entries)
    accepted = list(_accepted(town))
    cards: Counter[str] = Counter()
    for channel in town.discord.state.channels.values():
        for message in channel.messages.values():
            if message.author is town.discord.state.bot and not message.ephemeral and not message.deleted:
                cards.update(prompt for prompt in [_prompt_on(message)] if prompt)
    told = [prompt for prompt, _, message in accepted if _is_told(message)]
    lost = [prompt for prompt, _, message in accepted if not _has_end(message)]
    lost += [prompt for prompt in told if billed[prompt]]
    lost += [prompt for prompt in billed if prompt not in {each for each, *_ in accepted}]
    doubled = [prompt for prompt, count in cards.items() if count > 1]
    twice = [prompt for prompt, count in billed.items() if count > 1]
    lines = [f"stops: {stops} SIGTERM and {stops} SIGKILL, Discord's answers up to {LATE:g} s late", ""]
    lines.append(f"{'':30}{'SIGTERM':>12}{'SIGKILL':>12}")
    lines += [f"{each:30}{books.stops['SIGTERM', each]:12}{books.stops['SIGKILL', each]:12}" for each in WINDOWS]
    results = {"jobs accepted": len(accepted), "lost": len(lost), "doubled": len(doubled), "billed twice": len(twice)}
    lines += [f"{name:30}{value:12}" for name, value in results.items()]
    lines += [f"{'told as unclear, not billed':30}{len(told):12}", f"{'slowest SIGTERM, s':30}{books.slowest:12.1f}"]
    table = "\n".join(lines)
    faults = [*books.faults, *(["a traceback was written"] if "Traceback" in words else [])]
    wrong = {"lost": lost, "doubled": doubled, "billed twice": twice}
    faults += [f"{name}: {prompts[:5]}" for name, prompts in wrong.items() if prompts]
    aims = [(name, window) for name in ("SIGTERM", "SIGKILL") for window in WINDOWS]
    if few := [" ".join(aim) for aim in aims if books.stops[aim] < stops * LEAST]:
        faults.append(f"too few stops in: {', '.join(few)}")
    if faults:
        raise Failed("\n".join([table, *faults]))
    return table


def _prompt_on(message: Message) -> str | None:
    text = _text(message)
    start = text.find("a lighthouse, number ")
    return text[start : text.find(".", start) + 1] if start >= 0 else None
