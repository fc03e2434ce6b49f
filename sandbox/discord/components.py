"""What Discord allows of message components, and the shape it keeps them in."""

from __future__ import annotations

import copy
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .errors import Form
    from .model import Attachment

JSON = dict[str, Any]
Path = tuple[str | int, ...]

ROW, BUTTON, STRING_SELECT, TEXT_INPUT = 1, 2, 3, 4
SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER = 9, 10, 11, 12, 13, 14, 17
SELECTS = (3, 5, 6, 7, 8)
TOP_V2 = (ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR, CONTAINER)
IN_CONTAINER = (ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR)
LINK, PREMIUM = 5, 6
MAX_COMPONENTS, MAX_TEXT, MAX_ROWS = 40, 4000, 5


def walk(components: list[JSON]) -> Iterator[JSON]:
    """Every component, nested ones and accessories too, in reading order."""
    for component in components:
        yield component
        yield from walk(component.get("components") or [])
        for key in ("accessory", "component"):
            if isinstance(component.get(key), dict):
                yield from walk([component[key]])


def check(form: Form, components: list[JSON], *, v2: bool, names: set[str]) -> None:
    """Note in `form` whatever Discord would refuse; `names` are the message's attachments."""
    checker = _Checker(form, names)
    top = TOP_V2 if v2 else (ROW,)
    if not v2:
        form.length(("components",), components, 0, MAX_ROWS)
    checker.children(("components",), components, top)
    every = [component for component in walk(components) if isinstance(component, dict)]
    if v2 and len(every) > MAX_COMPONENTS:
        message = f"The maximum number of total components has been exceeded ({MAX_COMPONENTS})."
        form.refuse(("components",), "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", message)
    if v2 and sum(len(str(c.get("content") or "")) for c in every if c.get("type") == TEXT) > MAX_TEXT:
        message = f"The total displayable text size exceeds the maximum ({MAX_TEXT})."
        form.refuse(("components",), "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", message)
    if v2 and not every:
        form.refuse(("components",), "BASE_TYPE_REQUIRED", "This field is required")


class _Checker:
    def __init__(self, form: Form, names: set[str]) -> None:
        self.form = form
        self.names = names
        self.custom_ids: set[str] = set()
        self.ids: set[int] = set()

    def children(self, path: Path, items: list[JSON], allowed: tuple[int, ...]) -> None:
        for index, item in enumerate(items):
            where = (*path, index)
            if not isinstance(item, dict) or item.get("type") not in allowed:
                message = f'Value of field "type" must be one of {allowed}.'
                self.form.refuse((*where, "type"), "UNION_TYPE_CHOICES", message)
                continue
            self.one(where, item)

    def one(self, path: Path, item: JSON) -> None:
        if item.get("id"):
            if item["id"] in self.ids:
                self.form.refuse((*path, "id"), "COMPONENT_ID_DUPLICATED", "Component id cannot be duplicated")
            self.ids.add(item["id"])
        kind = item["type"]
        if kind in SELECTS:
            self.select(path, item)
        else:
            getattr(self, _BY_TYPE[kind])(path, item)

    def custom_id(self, path: Path, item: JSON) -> None:
        value = item.get("custom_id")
        if not self.form.length((*path, "custom_id"), value, 1, 100):
            return
        if value in self.custom_ids:
            self.form.refuse((*path, "custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
        self.custom_ids.add(str(value))

    def row(self, path: Path, item: JSON) -> None:
        inside = item.get("components") or []
        if not self.form.length((*path, "components"), inside, 1, 5):
            return
        selects = sum(isinstance(entry, dict) and entry.get("type") in SELECTS for entry in inside)
        if selects and len(inside) > 1:
            message = "The specified component exceeds the maximum width"
            self.form.refuse((*path, "components"), "COMPONENT_LAYOUT_WIDTH_EXCEEDED", message)
        self.children((*path, "components"), inside, (BUTTON, *SELECTS))

    def button(self, path: Path, item: JSON) -> None:
        style = item.get("style")
        if style not in range(1, 7):
            self.form.refuse((*path, "style"), "BASE_TYPE_CHOICES", "Value must be one of {1, 2, 3, 4, 5, 6}.")
            return
        if style == LINK:
            self.link(path, item)
        elif style != PREMIUM:
            self.custom_id(path, item)
            if item.get("url"):
                self.form.refuse((*path, "url"), "BUTTON_COMPONENT_URL_NOT_ALLOWED", "A url is only for link buttons")
        if style != PREMIUM and not item.get("label") and not item.get("emoji"):
            self.form.refuse((*path, "label"), "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED", "A label or emoji is required")
        if item.get("label"):
            self.form.length((*path, "label"), item["label"], 1, 80)
        self.emoji(path, item)

    def link(self, path: Path, item: JSON) -> None:
        if item.get("custom_id"):
            message = "A custom id and url cannot both be specified"
            self.form.refuse((*path, "custom_id"), "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", message)
        if not item.get("url"):
            self.form.refuse((*path, "url"), "BUTTON_COMPONENT_URL_REQUIRED", "A url is required")
        elif urlsplit(str(item["url"])).scheme not in ("http", "https", "discord"):
            self.form.refuse((*path, "url"), "URL_TYPE_INVALID_SCHEME", "Scheme must be one of ('http', 'https', 'discord').")
        else:
            self.form.length((*path, "url"), item["url"], 1, 512)

    def emoji(self, path: Path, item: JSON) -> None:
        emoji = item.get("emoji")
        if emoji and not emoji.get("id") and not _is_emoji(emoji.get("name") or ""):
            self.form.refuse((*path, "emoji", "name"), "BUTTON_COMPONENT_INVALID_EMOJI", "Invalid emoji")

    def select(self, path: Path, item: JSON) -> None:
        self.custom_id(path, item)
        self.form.length((*path, "placeholder"), item.get("placeholder") or "", 0, 150)
        low, high = item.get("min_values", 1), item.get("max_values", 1)
        if not 0 <= low <= 25:
            self.form.refuse((*path, "min_values"), "NUMBER_TYPE_RANGE", "Value must be between 0 and 25.")
        if not 1 <= high <= 25 or low > high:
            self.form.refuse((*path, "max_values"), "NUMBER_TYPE_RANGE", "Value must be between min_values and 25.")
        if item["type"] == STRING_SELECT:
            self.options((*path, "options"), item.get("options") or [], high)

    def options(self, path: Path, options: list[JSON], high: int) -> None:
        if not self.form.length(path, options, 1, 25):
            return
        if high > len(options):
            self.form.refuse(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {high} and 25 in length.")
        values: set[str] = set()
        for index, option in enumerate(options):
            self.form.length((*path, index, "label"), option.get("label"), 1, 100)
            self.form.length((*path, index, "value"), option.get("value"), 1, 100)
            self.form.length((*path, index, "description"), option.get("description") or "", 0, 100)
            self.emoji((*path, index), option)
            if option.get("value") in values:
                message = "The specified option value is already used"
                self.form.refuse((*path, index, "value"), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", message)
            values.add(str(option.get("value")))

    def text(self, path: Path, item: JSON) -> None:
        self.form.length((*path, "content"), (item.get("content") or "").strip() and item["content"], 1, MAX_TEXT)

    def section(self, path: Path, item: JSON) -> None:
        inside = item.get("components") or []
        if self.form.length((*path, "components"), inside, 1, 3):
            self.children((*path, "components"), inside, (TEXT,))
        accessory = item.get("accessory")
        if not isinstance(accessory, dict):
            self.form.refuse((*path, "accessory"), "BASE_TYPE_REQUIRED", "This field is required")
        elif accessory.get("type") not in (BUTTON, THUMBNAIL):
            self.form.refuse(
                (*path, "accessory", "type"), "UNION_TYPE_CHOICES", 'Value of field "type" must be one of (2, 11).'
            )
        else:
            self.one((*path, "accessory"), accessory)

    def thumbnail(self, path: Path, item: JSON) -> None:
        self.media((*path, "media"), item.get("media"))
        self.form.length((*path, "description"), item.get("description") or "", 0, 1024)

    def gallery(self, path: Path, item: JSON) -> None:
        items = item.get("items") or []
        if self.form.length((*path, "items"), items, 1, 10):
            for index, entry in enumerate(items):
                self.thumbnail((*path, "items", index), entry)

    def file(self, path: Path, item: JSON) -> None:
        self.media((*path, "file"), item.get("file"))
        if not str((item.get("file") or {}).get("url")).startswith("attachment://"):
            message = "Scheme must be one of ('attachment')."
            self.form.refuse((*path, "file", "url"), "URL_TYPE_INVALID_SCHEME", message)

    def separator(self, path: Path, item: JSON) -> None:
        if item.get("spacing", 1) not in (1, 2):
            self.form.refuse((*path, "spacing"), "BASE_TYPE_CHOICES", "Value must be one of {1, 2}.")

    def container(self, path: Path, item: JSON) -> None:
        inside = item.get("components") or []
        if not 0 <= (item.get("accent_color") or 0) <= 0xFFFFFF:
            self.form.refuse((*path, "accent_color"), "NUMBER_TYPE_MAX", "int value should be less than or equal to 16777215.")
        if self.form.length((*path, "components"), inside, 1, MAX_COMPONENTS):
            self.children((*path, "components"), inside, IN_CONTAINER)

    def media(self, path: Path, item: Any) -> None:
        url = item.get("url") if isinstance(item, dict) else None
        if not self.form.length((*path, "url"), url, 1, 2048):
            return
        scheme, _, name = str(url).partition("://")
        if scheme not in ("http", "https", "attachment"):
            message = "Scheme must be one of ('http', 'https', 'attachment')."
            self.form.refuse((*path, "url"), "URL_TYPE_INVALID_SCHEME", message)
        elif scheme == "attachment" and name not in self.names:
            message = "The referenced attachment was not found"
            self.form.refuse((*path, "url"), "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND", message)


_BY_TYPE = {
    ROW: "row",
    BUTTON: "button",
    SECTION: "section",
    TEXT: "text",
    THUMBNAIL: "thumbnail",
    GALLERY: "gallery",
    FILE: "file",
    SEPARATOR: "separator",
    CONTAINER: "container",
}
ALWAYS_TOLD = ("description", "accent_color", "name", "size")
DEFAULTS: dict[int, JSON] = {
    STRING_SELECT: {"min_values": 1, "max_values": 1},
    THUMBNAIL: {"description": None, "spoiler": False},
    FILE: {"spoiler": False, "name": None, "size": None},
    SEPARATOR: {"spacing": 1, "divider": True},
    CONTAINER: {"accent_color": None, "spoiler": False},
}


def _is_emoji(text: str) -> bool:
    """A rough look: Discord knows a list; letters and words are certainly not on it."""
    return len(text) <= 32 and any(ord(character) >= 0x203C or character in "©®" for character in text)


def normalize(components: list[JSON], attachments: list[Attachment]) -> list[JSON]:
    """The components as Discord keeps them: numbered, defaults filled in, media bound to their files."""
    kept: list[JSON] = copy.deepcopy(components)
    by_name = {attachment.filename: attachment for attachment in attachments}
    taken = {item.get("id") for item in walk(kept)}
    fresh = (number for number in count(1) if number not in taken)
    for item in walk(kept):
        item["id"] = item.get("id") or next(fresh)
        for key, value in DEFAULTS.get(item["type"], {}).items():
            item.setdefault(key, value)
        _drop_nulls(item, ALWAYS_TOLD)
        for holder in (item, *(item.get("options") or [])):
            _drop_nulls(holder.get("emoji") or {})
        for option in item.get("options") or []:
            _drop_nulls(option)
        for entry in item.get("items") or []:
            entry.setdefault("description", None)
            entry.setdefault("spoiler", False)
            _bind(entry["media"], by_name)
        for key in ("media", "file"):
            if key in item:
                _bind(item[key], by_name)
        if item["type"] == FILE:
            item |= {"name": item["file"]["_attachment"].filename, "size": item["file"]["_attachment"].size}
    return kept


def _drop_nulls(holder: JSON, kept: tuple[str, ...] = ()) -> None:
    """Fields sent as null are absent in what Discord tells, except for a few that are always there."""
    for key in [key for key, value in holder.items() if value is None and key not in kept]:
        del holder[key]


def _bind(media: JSON, by_name: dict[str, Attachment]) -> None:
    # Discord numbers unfurled media too; nobody reads the number.
    media["id"] = "0"
    if media["url"].startswith("attachment://"):
        media["_attachment"] = by_name[media["url"].removeprefix("attachment://")]
