"""Nothing is said to people that did not go through the catalogue: all flows once in a language that nobody speaks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import test_every_button as every
from pseudo import CLOSE, OPEN, PADDING, Pseudo
from seeing import noted, painted

from bot.client import Easel
from bot.ui.languages import Languages
from sandbox.discord import components as kinds
from sandbox.town import Town
from sandbox.town.view import Button, Option

# What people typed or attached, and what the service said.
TYPED = ("a red fox in snow", "a red fox", "a green fox", "a blue fox", "a grey fox", "a white fox", "a fox", "ein roter Fuchs")
MISTAKES = (
    " ",
    "--ar",
    "a fox --ar 1:99",
    "a fox --v 99",
    "{a, b} fox",
    "a fox --tile yes",
    "a::-1 b::-2",
    "http://localhost/x.png a",
)
ODD = "a fox --v 6 --quality 4 --oref https://example.com/a.png"  # is warned of
# Mentions, links, parameters, buttons that are names in all languages, and actions that nobody has heard of.
NAMES = re.compile(
    r"<@!?\d+>|\(https?://[^)\s]*\)|https?://\S+|--\w+(?: [\w:.]+)?|\b[UV]\d(?:\.\d)?\b|\bHD\b"
    r"|\b(?:fast|relax|turbo)\b|Style \d+|Reimagine x+",
    re.IGNORECASE,
)


@pytest.fixture
def languages() -> Languages:
    return Languages({"en": Pseudo()})


@pytest.fixture(autouse=True)
def _called_as_in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests call buttons by their English names."""
    for kind in (Button, Option):
        called = kind.called

        def unmarked(self: Button | Option, what: str, called: Any = called) -> bool:
            name = re.sub(f"[{OPEN}{CLOSE}{PADDING}]", "", self.label)
            return called(self, what) or what in (name, f"{self.emoji} {name}".strip())

        monkeypatch.setattr(kind, "called", unmarked)


def outside(text: str, said: list[str]) -> str:
    """What is left of a text without all between the marks, and without what may be there."""
    before = None
    while before != text:
        before, text = text, re.sub(f"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}", "", text)
    text = text.replace("\\", "")
    for words in sorted(said, key=len, reverse=True):
        text = text.replace(words, "")
    return "".join(re.findall(r"[^\W\d_]+", NAMES.sub("", text)))


def shown(town: Town) -> Iterator[str]:
    """Everything that the bot has shown to anybody."""
    for channel in town.discord.state.channels.values():
        for message in channel.messages.values():
            if message.author is town.discord.state.bot:
                for snapshot in message.history:
                    yield from words(list(kinds.walk(snapshot.components)))
    for interaction in town.discord.state.interactions.values():
        if interaction.modal is not None:
            yield interaction.modal["title"]
            yield from (item["label"] for item in interaction.modal["components"])


def words(components: list[dict[str, Any]]) -> Iterator[str]:
    for item in components:
        for name in ("content", "label", "placeholder", "description"):
            if isinstance(item.get(name), str):
                yield item[name]
        yield from (option["label"] for option in item.get("options", ()))
        yield from (entry["description"] for entry in item.get("items", ()) if entry.get("description"))


@pytest.mark.settings(max_jobs_per_user=0)
@pytest.mark.pace(channel_every=0.01, park_after=0.2)
async def test_everything_said_goes_through_the_catalogue(town: Town, easel: Easel) -> None:
    await every.pick(town)
    await every.tell(town)
    await every.mend(town)
    await every.wait_and_press(town)
    await fail(town)
    await refuse(town)
    await noted(town)
    said = [*TYPED, *filter(str.strip, MISTAKES), ODD, "gory", "No.", "No", *await said_by_service(easel)]
    left = {text: rest for text in shown(town) if (rest := outside(text, said))}
    assert left == {}
    assert len(set(shown(town))) > 100


async def fail(town: Town) -> None:
    """Each way in which the service fails; elsewhere, since Discord counts what is changed in a channel."""
    member = town.member.at(town.other_channel)
    for status, code in ((403, "forbidden"), (400, "bad_request"), (403, "used_up"), (500, "api_error"), (418, "odd")):
        town.midjourney.fail_next(status, code, "No.", endpoint="translate", times=1)
        await (await member.slash("translate", text="gory")).until(lambda card: "⚠️" in card.text)
    town.midjourney.fail_next(429, "too_many_requests", retry_after=20, endpoint="imagine")
    reply = await member.slash("imagine", prompt="a red fox")
    await (await reply.until(lambda card: "busy" in card.text)).press("Cancel")


async def refuse(town: Town) -> None:
    """Mistakes of people."""
    for prompt in MISTAKES:
        assert (await town.member.slash("imagine", prompt=prompt)).ephemeral
    assert (await town.member.slash("describe")).ephemeral
    card = await painted(await town.member.slash("imagine", prompt=ODD))
    assert (await card.press("Delete", by=town.neighbour)).ephemeral


async def said_by_service(easel: Easel) -> list[str]:
    """Its descriptions and translations."""
    results = [json.loads(row[0]) for row in await easel._queries._db.read("SELECT result FROM jobs WHERE result IS NOT NULL")]
    texts = [text for result in results for text in (*result.get("descriptions", ()), result.get("content", ""))]
    return [text for text in texts if text]
