"""Kills: N `kill -9` in the second of submission, while the service lists strangers' tasks with the very same words.

Among them are requests that were taken unheard and such that never arrived, twins that another program of the same account
has made, four people who ask for the same at once, and descriptions. What was taken is read from the image service's own books.
"""

from __future__ import annotations

import asyncio
import random
import signal
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from options import Options
from people import Failed, newcomers, open_town
from stops import READY_WITHIN, Books, Bot

from sandbox.discord.model import Message, User
from sandbox.town import Town

KILLS = 200
SECOND = 1.0
PEOPLE = 40
SETTLED_WITHIN = 120.0
SCENES = ("one", "another program's twin", "four of the same words", "a description")


@dataclass
class Asked:
    """What people asked for: how often each thing, and which scenes there were."""

    things: Counter[str] = field(default_factory=Counter)
    scenes: Counter[str] = field(default_factory=Counter)
    unheard: int = 0


async def run(options: Options) -> str:
    """The table; raises Failed where anything was lost, billed or delivered twice, or taken from a stranger."""
    kills = options.stops or KILLS
    chance = random.Random(options.seed)
    asked, books = Asked(), Books()
    with tempfile.TemporaryDirectory(prefix="easel-bench-", ignore_cleanup_errors=True) as home:
        async with open_town() as town:
            newcomers(town, PEOPLE)
            bot = Bot(town, Path(home))
            await bot.start()
            await _acquaint(town)
            for number in range(kills):
                await _kill_once(town, bot, books, asked, chance, number)
            await _settle(town)
            await bot.stop(signal.SIGTERM, books)
            return _judge(town, bot, books, asked, kills)


async def _acquaint(town: Town) -> None:
    """One picture in peace: before it, the bot can't know which tasks are its own."""
    person = next(user for user in town.discord.state.users.values() if user.username.startswith("person"))
    message = _ask(town, person, "imagine", "prompt", "a first picture")
    async with asyncio.timeout(READY_WITHIN):
        while not message() or not _has_end(message()):  # noqa: ASYNC110  # messages ring no bell here
            await asyncio.sleep(0.05)


async def _kill_once(town: Town, bot: Bot, books: Books, asked: Asked, chance: random.Random, number: int) -> None:
    scene = SCENES[number % len(SCENES)]
    asked.scenes[scene] += 1
    people = [user for user in town.discord.state.users.values() if user.username.startswith("person")]
    endpoint = "describe" if scene == "a description" else "imagine"
    thing = f"https://example.com/{number}.png" if endpoint == "describe" else f"a lighthouse, number {number}."
    # The request arrives, is taken, and is answered at moments of this second; the kill falls anywhere between.
    if chance.random() < 0.5:
        town.midjourney.slow_next(chance.uniform(0, SECOND), endpoint=endpoint)
    held = town.midjourney.hold_next("after_accept", endpoint=endpoint) if chance.random() < 0.9 else None
    arrived = len(town.midjourney.received(endpoint))
    for person in chance.sample(people, 4 if scene == "four of the same words" else 1):
        _ask(town, person, endpoint, "url" if endpoint == "describe" else "prompt", thing)
        asked.things[thing] += 1
    with suppress(TimeoutError):
        await town.midjourney.until_received(endpoint, arrived + 1, within=5.0)
    if scene == "another program's twin":
        body = town.midjourney.received(endpoint)[-1].body
        town.midjourney.add_task_of(town.midjourney.account.other_program(), endpoint, {**body})
    await asyncio.sleep(chance.uniform(0, SECOND))
    asked.unheard += _is_unheard(bot.database)
    await bot.stop(signal.SIGKILL, books)
    if held is not None:
        held.release()
    await bot.start()


def _ask(town: Town, person: User, command: str, option: str, value: str) -> Callable[[], Message | None]:
    """Use a command; what gives the card once it is there."""
    channel = next(each for each in town.discord.state.channels.values() if (each.name or "").startswith("easel-"))
    offered = town.discord.clients.offered(person, channel)
    options = [{"name": option, "type": 3, "value": value}]
    interaction = town.discord.clients.command(person, channel, offered[command], options, [])
    return lambda: interaction.original


def _is_unheard(database: Path) -> int:
    """How many jobs may have been taken, though no answer told so, at this moment."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=1.0)) as connection:
        row = connection.execute("SELECT count(*) FROM jobs WHERE state = 'submitting'").fetchone()
    return int(row[0])


def _text(message: Message) -> str:
    return str(message.now.components)


def _has_end(message: Message | None) -> bool:
    return message is not None and (_is_done(message) or "⚠️" in _text(message))


def _is_done(message: Message) -> bool:
    return bool(message.now.attachments) or "Imagine all" in _text(message)


async def _settle(town: Town) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(SETTLED_WITHIN):
            while any(not _has_end(message) for _, message in _cards(town)):  # noqa: ASYNC110  # messages ring no bell here
                await asyncio.sleep(0.5)
    await asyncio.sleep(2.0)  # for what would come twice


def _cards(town: Town) -> list[tuple[str, Message]]:
    """What Discord took as cards: what was asked for, and the message."""
    return [
        (str(each.data["options"][0]["value"]), each.original)
        for each in town.discord.state.interactions.values()
        if each.outcome == "message" and each.original is not None and not each.original.ephemeral
    ]


def _judge(town: Town, bot: Bot, books: Books, asked: Asked, kills: int) -> str:
    cards = _cards(town)
    taken = Counter(thing for thing, _ in cards)
    billed = Counter(_thing(entry.body) for entry in town.midjourney.ledger.entries)
    done = Counter(thing for thing, message in cards if _is_done(message))
    shown = Counter(
        thing
        for channel in town.discord.state.channels.values()
        for message in channel.messages.values()
        if message.author is town.discord.state.bot and not message.deleted and _is_done(message)
        for thing in taken
        if thing in _text(message)
    )
    silent = [thing for thing, message in cards if not _has_end(message)]
    unposted = [thing for thing, count in billed.items() if count > done[thing]]
    ours = {task.id for task in town.midjourney.tasks}
    strange = [task_id for task_id in _held(bot.database) if task_id not in ours]
    results = {
        "lost": [*silent, *unposted],
        "billed twice": [thing for thing, count in billed.items() if count > taken[thing]],
        "delivered twice": [thing for thing, count in shown.items() if count > taken[thing]],
        "claimed from a stranger": strange,
    }
    lines = [f"kills: {kills} kill -9 in the second of submission, strangers' identical tasks in the list", ""]
    lines += [f"{scene:34}{asked.scenes[scene]:8}" for scene in SCENES]
    lines += [f"{'jobs accepted by Discord':34}{len(cards):8}", f"{'jobs that were being sent':34}{asked.unheard:8}"]
    lines += [f"{name:34}{len(found):8}" for name, found in results.items()]
    told = sum("⚠️" in _text(message) for _, message in cards)
    lines.append(f"{'told as unclear, not billed':34}{told:8}")
    if faults := [*books.faults, *(f"{name}: {found[:5]}" for name, found in results.items() if found)]:
        raise Failed("\n".join([*lines, *faults]))
    return "\n".join(lines)


def _thing(body: dict[str, object]) -> str:
    return str(body.get("prompt") or body.get("image_url"))


def _held(database: Path) -> list[str]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=1.0)) as connection:
        return [row[0] for row in connection.execute("SELECT task_id FROM jobs WHERE task_id IS NOT NULL")]
