"""Which cards an exchange has to do with, worked out from what is in it: the sandbox knows nothing of the bot.

Calls to Discord name a message or an interaction. A request to the image service belongs to an interaction that began before
it and in which something of it occurs: its prompt among the options, the picture's id in the pressed button. What such a
request was answered gives ids, by which later look-ups and downloads are known.
"""

from __future__ import annotations

import re
import time
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, Any

from sandbox.discord.state import EPOCH_MS, TOKEN_LIFE

from .resemblance import NONE, resemblance, words_in

if TYPE_CHECKING:
    from sandbox.discord.model import Interaction
    from sandbox.discord.state import State

    from .entries import Entry

JSON = dict[str, Any]
MESSAGE = re.compile(r"^/channels/\d+/messages/(\d+)")
WEBHOOK = re.compile(r"^/webhooks/\d+/([^/?]+)(?:/messages/([^/?]+))?")
CALLBACK = re.compile(r"^/interactions/(\d+)/")
FILE = re.compile(r"/(\w+?)(?:/0_\d)?\.\w+(?:\?|$)")
IDS = ("task_id", "image_id", "video_id", "id")
# How many interactions are asked whether a request is theirs; seconds that one may wait for its request, or a lost one be
# looked for.
ASKED, WAITS, LOOKED_FOR = 300, 600.0, 180.0
REMEMBERED = 10_000
WITHOUT_REQUEST = ("failed", "choices", "modal")


class Links:
    """Finds out what entries have to do with; each call answers with the other entries whose cards have changed by it."""

    def __init__(self, state: State, entries: deque[Entry]) -> None:
        self._state = state
        self._entries = entries
        # Ids that the image service gave in its answers, and the interactions that they came of.
        self._given: dict[str, list[Interaction]] = {}
        self._served: set[str] = set()

    def call(self, entry: Entry, path: str, *, over: bool) -> set[Entry]:
        """An HTTP exchange has begun, or is over."""
        if entry.kind == "discord":
            self._link_discord(entry, path)
            return self._refresh(entry)
        if not entry.interactions:
            entry.interactions = self._find(entry, path)
            self._served |= {each.id for each in entry.interactions}
        changed = self._refresh(entry)
        if over and entry.interactions and entry.method == "POST":
            self._learn(entry, path)
            for other in self._entries:
                if other.kind == "midjourney" and not other.interactions:
                    other.interactions = self._find(other, other.path)
                    changed |= {other} if other.interactions else set()
                    changed |= self._refresh(other)
        return changed

    def frame(self, entry: Entry, payload: JSON) -> set[Entry]:
        """A gateway frame."""
        name, data = payload.get("t"), payload.get("d")
        if name == "INTERACTION_CREATE" and isinstance(data, dict):
            interaction = self._state.interactions.get(data["id"])
            entry.interactions = [interaction] if interaction else []
        elif isinstance(name, str) and name.startswith("MESSAGE") and isinstance(data, dict) and "id" in data:
            entry.messages.add(data["id"])
        return self._refresh(entry)

    def _link_discord(self, entry: Entry, path: str) -> None:
        interaction = None
        if found := MESSAGE.match(path):
            entry.messages.add(found[1])
        elif found := WEBHOOK.match(path):
            interaction = self._state.tokens.get(found[1])
            if interaction is not None and found[2] == "@original" and interaction.original is not None:
                entry.messages.add(interaction.original.id)
            elif found[2] and found[2] != "@original":
                entry.messages.add(found[2])
        elif found := CALLBACK.match(path):
            interaction = self._state.interactions.get(found[1])
        if interaction is not None and not entry.messages:
            entry.interactions = [interaction]
        if entry.method == "POST" and "/messages" in path and isinstance(entry.response, dict) and "id" in entry.response:
            entry.messages.add(entry.response["id"])

    def _find(self, entry: Entry, path: str) -> list[Interaction]:
        """The interactions that a call to the image service came of."""
        if entry.method == "GET":
            found = FILE.search(path)
            return self._given.get(found[1], []) if found else []
        body = entry.request if isinstance(entry.request, dict) else {}
        if path.endswith("/tasks"):
            return self._looked_up(entry, body)
        asked = list(islice(reversed(self._state.interactions.values()), ASKED))
        asked = [each for each in asked if each.outcome not in WITHOUT_REQUEST and _began(each) <= entry.at]
        scores = {each: resemblance(body, each) for each in asked}
        best = max(scores.values(), default=NONE)
        if best == NONE:
            return []
        alike = [each for each, score in scores.items() if score == best]
        waiting = [each for each in alike if each.id not in self._served and entry.at - _began(each) < WAITS]
        # Of several alike, the one that has waited longest; where all were served, it is a second try of the newest.
        return [waiting[-1] if waiting else alike[0]]

    def _looked_up(self, entry: Entry, body: JSON) -> list[Interaction]:
        """Whose tasks are looked up: by their ids, or by there having been no clear answer lately."""
        ids = words_in({key: body[key] for key in ("id", "ids", "trace_id", "trace_ids") if key in body})
        if ids:
            return list({each: None for key in ids for each in self._given.get(key, [])})
        lost = [
            other
            for other in self._entries
            if other.kind == "midjourney" and other.method == "POST" and not other.path.endswith("/tasks")
            if other.ms is not None and (not other.status or other.status >= 500) and entry.at - other.at < LOOKED_FOR
        ]
        return list({each: None for other in lost for each in other.interactions})

    def _learn(self, entry: Entry, path: str) -> None:
        """Remember the ids that an answer gave; a look-up's gives those of many, each to whom its task belongs."""
        if path.endswith("/tasks"):
            page = entry.response if isinstance(entry.response, dict) else {}
            for record in page.get("items", [page]):
                self._keep(record.get("response"), self._given.get(str(record.get("id")), []))
            return
        for line in entry.response if isinstance(entry.response, list) else [entry.response]:
            self._keep(line, entry.interactions)

    def _keep(self, line: Any, interactions: list[Interaction]) -> None:
        if isinstance(line, dict):
            given = {str(line[key]) for key in IDS if line.get(key)}
            given |= {found[1] for text in words_in(line) if "://" in text and (found := FILE.search(text))}
            for key in given:
                if len(self._given) >= REMEMBERED:
                    del self._given[next(iter(self._given))]
                known = self._given.setdefault(key, [])
                known += [each for each in interactions if each not in known]

    def _refresh(self, entry: Entry) -> set[Entry]:
        """Work out the cards of an entry, and of those that share an interaction with it."""
        changed = set()
        shared = set(entry.interactions)
        for other in self._entries if shared else (entry,):
            if other is entry or shared.intersection(other.interactions):
                cards = frozenset(other.messages.union(*(_cards(each, other.kind) for each in other.interactions)))
                if cards != other.cards:
                    other.cards = cards
                    changed.add(other)
        return changed


def _began(interaction: Interaction) -> float:
    """When it was sent, by the real clock, as its id tells."""
    return ((int(interaction.id) >> 22) + EPOCH_MS) / 1000


def _cards(interaction: Interaction, kind: str) -> set[str]:
    """The messages that an interaction led to; what goes between Discord and the bot also shows where it was pressed."""
    led = [message for message in (interaction.original, *interaction.followups) if message is not None]
    pressed = [interaction.message] if interaction.message is not None and (kind != "midjourney" or not led) else []
    return {message.id for message in [*led, *pressed]}


def token_end(state: State, message_id: str) -> float | None:
    """When (epoch seconds) the newest token ends by which a message can be changed; None if there is no such token."""
    for interaction in reversed(state.interactions.values()):
        led = [interaction.original, *interaction.followups]
        if any(message is not None and message.id == message_id for message in led):
            return interaction.born_at + TOKEN_LIFE - state.now() + time.time()
    return None
