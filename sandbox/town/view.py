"""Reading a message as a person does: its text, buttons, menus and pictures."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.discord import components as kinds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.discord.model import Attachment, Snapshot
    from sandbox.discord.state import State

JSON = dict[str, Any]
STYLES = {1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link", 6: "premium"}


@dataclass(frozen=True)
class Button:
    """A button, in a row or beside a section."""

    label: str
    emoji: str
    style: str
    custom_id: str
    url: str
    disabled: bool
    raw: JSON = field(repr=False, compare=False)

    @property
    def words(self) -> str:
        """Emoji and label as they stand on it."""
        return f"{self.emoji} {self.label}".strip()

    def called(self, what: str) -> bool:
        """Whether a person (or a test) would call it so: by label, emoji, both, or custom_id."""
        return bool(what) and (
            what in (self.custom_id, self.emoji, self.label, self.words) or self.label.casefold() == what.casefold()
        )


@dataclass(frozen=True)
class Option:
    """An entry of a select menu."""

    label: str
    value: str
    description: str
    emoji: str

    def called(self, what: str) -> bool:
        """Whether a person (or a test) would call it so: by label, value, emoji, or emoji and label."""
        return bool(what) and what in (self.label, self.value, self.emoji, f"{self.emoji} {self.label}".strip())


@dataclass(frozen=True)
class Select:
    """A select menu."""

    custom_id: str
    placeholder: str
    options: tuple[Option, ...]
    disabled: bool
    raw: JSON = field(repr=False, compare=False)


@dataclass(frozen=True)
class Picture:
    """A picture or file on the message; `url` was signed when it was looked at."""

    url: str
    alt: str
    filename: str
    spoiler: bool
    attachment: Attachment | None = field(default=None, compare=False)


def text(snapshot: Snapshot) -> str:
    """All text that can be read, in order, one line a block; labels of buttons are not in it."""
    blocks: list[str | None] = [snapshot.content]
    for embed in snapshot.embeds:
        blocks += [(embed.get("author") or {}).get("name"), embed.get("title"), embed.get("description")]
        for entry in embed.get("fields") or []:
            blocks += [entry["name"], entry["value"]]
        blocks.append((embed.get("footer") or {}).get("text"))
    blocks += [item["content"] for item in kinds.walk(snapshot.components) if item["type"] == kinds.TEXT]
    return "\n".join(block for block in blocks if block)


def buttons(snapshot: Snapshot) -> list[Button]:
    """Every button in reading order."""
    return [_button(item) for item in kinds.walk(snapshot.components) if item["type"] == kinds.BUTTON]


def selects(snapshot: Snapshot) -> list[Select]:
    """Every select menu in reading order."""
    return [_select(item) for item in kinds.walk(snapshot.components) if item["type"] in kinds.SELECTS]


def pictures(snapshot: Snapshot, state: State) -> list[Picture]:
    """What is shown of pictures and files: with components V2 only what a component refers to."""
    shown = list(_media(snapshot.components, state))
    for embed in snapshot.embeds:
        shown += [_picture(embed[key], "", False, state) for key in ("thumbnail", "image") if embed.get(key)]
    bound = {picture.attachment for picture in shown}
    if not any(item["type"] in kinds.TOP_V2[1:] for item in snapshot.components):
        loose = [entry for entry in snapshot.attachments if entry not in bound]
        shown += [Picture(state.link(entry), entry.description or "", entry.filename, entry.spoiler, entry) for entry in loose]
    return shown


def _media(components: list[JSON], state: State) -> Iterator[Picture]:
    for item in kinds.walk(components):
        entries = item["items"] if item["type"] == kinds.GALLERY else [item] if item["type"] == kinds.THUMBNAIL else []
        for entry in entries:
            yield _picture(entry["media"], entry.get("description") or "", bool(entry.get("spoiler")), state)
        if item["type"] == kinds.FILE:
            yield _picture(item["file"], "", bool(item.get("spoiler")), state)


def _picture(media: JSON, alt: str, spoiler: bool, state: State) -> Picture:
    found: Attachment | None = media.get("_attachment")
    if found is None:
        return Picture(media["url"], alt, media["url"].rpartition("/")[2].partition("?")[0], spoiler)
    return Picture(state.link(found), alt or found.description or "", found.filename, spoiler or found.spoiler, found)


def _emoji(item: JSON) -> str:
    return (item.get("emoji") or {}).get("name") or ""


def _button(item: JSON) -> Button:
    return Button(
        item.get("label") or "",
        _emoji(item),
        STYLES[item["style"]],
        item.get("custom_id") or "",
        item.get("url") or "",
        bool(item.get("disabled")),
        item,
    )


def _select(item: JSON) -> Select:
    options = tuple(
        Option(entry["label"], entry["value"], entry.get("description") or "", _emoji(entry))
        for entry in item.get("options") or []
    )
    return Select(item["custom_id"], item.get("placeholder") or "", options, bool(item.get("disabled")), item)
