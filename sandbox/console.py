"""A person at a terminal: lines are typed, cards come back as text, pictures as files."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.errors import reason
from sandbox.keyboard import Keyboard
from sandbox.lines import attachment_option, read_options
from sandbox.names import find
from sandbox.reading import readable
from sandbox.town import Card, ClientRefused, InteractionFailed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.town import Modal, Reply, Town

SETTLED_WITHIN = 90.0
AT_WORK = frozenset({"Cancel", "Let go", "Show"})
WAYS_ON = frozenset({"Try again", "Edit and try again", "Edit prompt", "Start after all"})
WARNING = "⚠️"
PAINTING = frozenset({"/imagine", "press"})
LEAVING, HELPING = frozenset({"quit", "exit", "q"}), frozenset({"help", "?", "h"})
TELLING = frozenset({"/describe", "/translate"})
HELP = """\
/imagine a red fox in snow aspect:16:9   use a command; the first words go to its main option, others are name:value
/describe image:PATH                     attach a file
press U2                                 press a button, choose from a menu or see a link, of the latest card that has it
fill WORDS  (or  fill LABEL: WORDS)      fill the open form and send it
menu Describe this image                 use the context menu of the latest card
help, quit"""


class LineFailed(Exception):
    """A line did not come to a good end; its words say why."""


@dataclass(frozen=True)
class Settled:
    """What a line led to: the cards as they are at the end, and the files that were saved."""

    cards: list[Card]
    saved: list[Path]


class Console:
    """One person of the town (`member`) at a terminal; pictures go to `folder`, numbered on from what is there."""

    def __init__(self, town: Town, folder: Path) -> None:
        self.town = town
        self.person = town.member
        self.folder = folder
        self._seen: list[Card] = []
        self._modal: Modal[Reply] | None = None
        self._saved: set[str] = set()

    def tell(self, text: str) -> None:
        """Say something to whoever sits there."""
        print(text, flush=True)  # noqa: T201 - a terminal is what this is

    async def talk(self) -> int:
        """Run the lines of standard input until `quit` or their end; failures are told, and it goes on.

        0; where no person types them, 1 if one failed.
        """
        self.tell(f"\nYou are in a channel with the bot. Pictures go to {self.folder}.\n{HELP}")
        failures = 0
        with Keyboard() as keyboard:
            while (line := await keyboard.line("\n> ")) is not None and line.strip().casefold() not in LEAVING:
                if not keyboard.attended:
                    self.tell(f"\n> {line}")
                try:
                    await self.do(line)
                except LineFailed as failed:
                    failures += not keyboard.attended
                    self.tell(f"({failed})")
        return min(failures, 1)

    async def run(self, lines: Sequence[str]) -> int:
        """Run the lines in order, unattended; 0 when all came to a good end, 1 at the first that did not."""
        for line in lines:
            self.tell(f"\n> {line}")
            try:
                await self.do(line)
            except LineFailed as failed:
                self.tell(f"FAILED: {line!r}: {failed}")
                return 1
        return 0

    async def tour(self) -> int:
        """Everything once: imagine, upscale, variation, describe, translate; 0 when all came to a good end."""
        if await self.run(["/imagine a red fox in snow", "press U2"]):
            return 1
        vary = next((button.label for button in self._seen[-1].now.buttons if button.label.startswith("Vary")), "")
        picture = max(self.folder.glob("*.png"), key=_number)
        option = attachment_option(self._declared("describe")) or "image"
        lines = [f"press {vary}"] if vary else []
        if await self.run([*lines, f"/describe {option}:{picture}", "/translate 一只红色的狐狸"]):
            return 1
        self.tell(f"\nThat was the tour. The pictures are in {self.folder.resolve()}.")
        return 0

    async def do(self, line: str) -> Settled | None:
        """Do what a line says and wait until the answer has settled; None if there was nothing to wait for.

        Raises LineFailed where the line makes no sense here, is refused, fails, takes over 90 s, or brings no picture
        though it should.
        """
        verb, _, rest = line.strip().partition(" ")
        verb = verb.casefold()
        if not verb:
            return None
        if line.strip().casefold() in HELPING:
            self.tell(HELP)
            return None
        before = {card.message.id for card in self.town.cards()}
        try:
            reply = await self._act(verb, rest.strip())
        except TimeoutError:
            raise LineFailed("Discord had no answer to give") from None
        except (AssertionError, ClientRefused, InteractionFailed, OSError) as error:
            raise LineFailed(reason(error) if isinstance(error, OSError) else str(error)) from error
        if reply is None:
            return None
        if reply.kind == "modal":
            self._modal = reply.modal
            self._show_modal(reply.modal)
            return None
        settled = await self._settle(reply, before)
        _judge(settled, verb, answered=reply.kind in {"message", "deferred"})
        return settled

    async def _act(self, verb: str, rest: str) -> Reply | None:
        if verb.startswith("/"):
            options = await asyncio.to_thread(read_options, self._declared(verb[1:]), rest)
            return await self.person.slash(verb[1:], **options)
        if verb == "press":
            return await self._press(rest)
        if verb == "fill":
            return await self._fill(rest)
        if verb == "menu":
            if not self._seen:
                raise ClientRefused("there is no card yet")
            return await self.person.context_menu(rest, self._seen[-1])
        raise ClientRefused(f"{verb!r} is no command here; try `help`")

    def _declared(self, command: str) -> list[dict[str, object]]:
        offered = self.town.discord.clients.offered(self.person.user, self.person.channel)
        if command not in offered:
            raise ClientRefused(f"there is no /{command}, but {', '.join(f'/{name}' for name in sorted(offered))}")
        return offered[command].get("options") or []

    async def _press(self, name: str) -> Reply | None:
        card, thing = find([card.now for card in reversed(self._seen) if not card.now.deleted], name)
        if isinstance(thing, tuple):
            return await card.choose(thing[1].value)
        if thing.url:
            self.tell(f"  {thing.words}: {thing.url}")
            return None
        return await card.press(lambda button: button == thing)

    async def _fill(self, words: str) -> Reply:
        if self._modal is None:
            raise ClientRefused("no form is open")
        modal, self._modal = self._modal, None
        label, colon, value = words.partition(":")
        if colon and any(field.called(label.strip()) for field in modal.fields):
            return await modal.submit({label.strip(): value.strip()})
        return await modal.submit({modal.fields[0].custom_id: words} if words else {})

    async def _settle(self, reply: Reply, before: set[str]) -> Settled:
        told: set[str] = set()

        def probe() -> list[Card] | None:
            cards = self._cards_of(reply, before)
            for card in cards:
                self._tell_progress(card, told)
            waited_for = reply.kind == "deferred" and len(cards) == 1 and cards[0].index <= reply.index
            return cards if cards and not waited_for and all(map(_is_settled, cards)) else None

        try:
            await self.town.until(probe, SETTLED_WITHIN)
        except TimeoutError:
            shown = "\n".join(card.describe() for card in self._cards_of(reply, before))
            raise LineFailed(f"not settled within {SETTLED_WITHIN:g} s; it shows:\n{shown}") from None
        cards = self._cards_of(reply, before)
        saved = []
        for card in cards:
            self._seen = [seen for seen in self._seen if seen.message is not card.message] + [card]
            self._show(card)
            saved += await self._save(card)
        return Settled(cards, saved)

    def _cards_of(self, reply: Reply, before: set[str]) -> list[Card]:
        """The answer, its follow-ups, and what else the bot has said since, each once, at present."""
        original = [reply.interaction.original] if reply.interaction.original is not None else []
        later = [card.message for card in self.town.cards() if card.message.id not in before]
        messages = {message.id: message for message in [*original, *reply.interaction.followups, *later]}
        return [self.person.sees(message) for message in messages.values()]

    async def _save(self, card: Card) -> list[Path]:
        saved = []
        for index, picture in enumerate(card.pictures):
            attachment = picture.attachment
            if attachment is None or attachment not in card.attachments or attachment.id in self._saved:
                continue
            data = await card.picture(index)
            path = await asyncio.to_thread(store, self.folder, Path(picture.filename).suffix or ".png", data)
            self._saved.add(attachment.id)
            saved.append(path)
            self.tell(f"  picture saved: {path} ({picture.alt})" if picture.alt else f"  picture saved: {path}")
        return saved

    def _tell_progress(self, card: Card, told: set[str]) -> None:
        for line in self._readable(card):
            if ("%" in line or line.startswith("Queued")) and line not in told and not _is_settled(card):
                told.add(line)
                self.tell(f"  … {line}")

    def _show(self, card: Card) -> None:
        if card.deleted:
            self.tell("  (the card is gone)")
            return
        whom = "  (only you see this)\n" if card.ephemeral else ""
        self.tell(whom + "\n".join(f"  {line}" for line in self._readable(card)))
        if card.buttons:
            self.tell("  " + " ".join(f"[{button.words}]" for button in card.buttons))
        for menu in card.selects:
            self.tell(f"  <{menu.placeholder}: {', '.join(option.label for option in menu.options)}>")

    def _readable(self, card: Card) -> list[str]:
        return readable(card.text, self.town.discord.state).splitlines()

    def _show_modal(self, modal: Modal[Reply]) -> None:
        self.tell(f"  A form opened: {modal.title}")
        for field in modal.fields:
            self.tell(f"  {field.label}: {field.value or ''}")
        self.tell("  (fill WORDS sends it; fill alone sends it as it is)")


def store(folder: Path, suffix: str, data: bytes) -> Path:
    """Write a picture under the next free number; the path."""
    folder.mkdir(parents=True, exist_ok=True)
    number = max((_number(path) for path in folder.iterdir()), default=0) + 1
    path = folder / f"{number:03}{suffix}"
    path.write_bytes(data)
    return path


def _number(path: Path) -> int:
    return int(path.stem) if path.stem.isdecimal() else 0


def _is_settled(card: Card) -> bool:
    if card.deleted:
        return True
    shows = bool(card.text or card.pictures)
    return shows and not any(button.label in AT_WORK for button in card.buttons)


def _judge(settled: Settled, verb: str, *, answered: bool) -> None:
    """Raise LineFailed where a card tells of a failure, or what the line asks for isn't there."""
    for card in settled.cards:
        if WARNING in card.text or any(button.label in WAYS_ON for button in card.buttons):
            raise LineFailed("the bot says that it failed")
    gone = all(card.deleted for card in settled.cards)
    if verb in PAINTING and answered and not (settled.saved or gone):
        raise LineFailed("no picture came")
    if verb in TELLING and all(card.ephemeral for card in settled.cards):
        raise LineFailed("only a notice came")
