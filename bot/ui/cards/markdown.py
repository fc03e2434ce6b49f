"""What people typed, made fit to stand on a card: plain text, never markup, and never longer than its room.

Lengths are counted in UTF-16 units, the strictest way of counting what Discord calls characters.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import accumulate
from urllib.parse import quote, urlsplit

ELLIPSIS = "…"
URL_LIMIT = 1500
"""Units of a URL that goes into a card's text: it counts against the card's 4,000."""
_JOINERS = "\u200c\u200d"  # they shape emoji families, Persian and Indic words; elsewhere they only hide
_JOINED = re.compile(r"([^\x00-\x7f\u200c\u200d])?([\u200c\u200d])[\u200c\u200d]*(?=([^\x00-\x7f])?)")
_BLANKS = dict.fromkeys(map(ord, "\u3164\uffa0\u2800"), " ")  # letters by name, spaces to the eye
_MARKUP = re.compile(r"[\\*_~|`<@\[\]]|:(?=//|[^\s:]+:)")  # a colon starts links (https://) and emoji (:fire:)
_LINE_START = re.compile(r"^(\d*)(?=[.>#+-])")  # lists, quotes, headings, small text
_HOST = re.compile(r"[A-Za-z0-9.-]+")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_LONGEST_CLUSTER = 32  # units; who stacks more marks on one letter may lose some of them


def plain(text: str) -> str:
    """One line without anything invisible: white space collapsed, control and direction characters gone."""
    text = " ".join(text.translate(_BLANKS).split())
    if text.isprintable():
        return text
    text = "".join(map(_visible, text))
    text = _JOINED.sub(lambda run: (run[1] or "") + (run[2] if run[1] and run[3] else ""), text)
    return " ".join(text.split())


def escape(text: str) -> str:
    """One line that Discord shows as it was typed: no formatting, links, mentions, timestamps or custom emoji."""
    escaped = _MARKUP.sub(r"\\\g<0>", plain(text))
    return _LINE_START.sub(_escape_line_start, escaped)


def clip(text: str, limit: int) -> str:
    """The text, or as much of it as fits into `limit` with an ellipsis; escapes and compound emoji stay whole."""
    if width(text) <= limit:
        return text
    if limit < 1:
        return ""
    end = next(place for place, used in enumerate(accumulate(map(width, text))) if used >= limit)
    return text[: _boundary(text, end)].rstrip() + ELLIPSIS


def escape_and_clip(text: str, limit: int) -> str:
    """Escaped first and cut then, so that the cut is what bounds the length on the card."""
    return clip(escape(text), limit)


def width(text: str) -> int:
    """How many UTF-16 units the text takes."""
    return len(text) + sum(character > "\uffff" for character in text)


def code_block(text: str, limit: int) -> str:
    """Text in a block of its own, to be copied; a fence inside it is broken with an invisible space."""
    lines = [plain(line) for line in text.splitlines()]
    body = re.sub("`(?=``)", "`\u200b", "\n".join(line for line in lines if line))
    return f"```\n{clip(body, limit - 8)}\n```"


def link(label: str, url: str) -> str:
    """A masked link; the label is ours or already escaped, the URL comes from `web_url`."""
    return f"[{label}]({url})"


def web_url(url: object, limit: int) -> str | None:
    """The URL in characters that Discord takes, in links too; None if it is no http(s) URL or over `limit`."""
    if not isinstance(url, str) or not url.isprintable():
        return None
    try:
        parts = urlsplit(url)
        sound = parts.scheme in {"http", "https"} and _HOST.fullmatch(parts.hostname or "") and parts.port != 0
    except ValueError:
        return None
    quoted = _STRAY_PERCENT.sub("%25", quote(url, safe="!#$%&'*+,/:;=?@~"))
    return quoted if sound and len(quoted) <= limit else None


def _visible(character: str) -> str:
    match unicodedata.category(character):
        case "Cc" | "Cf":
            return character if character in _JOINERS else ""
        case "Cs":
            return "\ufffd"
        case _:
            return character


def _escape_line_start(match: re.Match[str]) -> str:
    """`1.` becomes `1\\.`; a number before anything else starts nothing."""
    number, following = match[1], match.string[match.end()]
    return f"{number}\\" if bool(number) == (following == ".") else number


def _boundary(text: str, end: int) -> int:
    """The nearest place at or before `end` where nothing that belongs together is parted."""
    for place in range(end, max(end - _LONGEST_CLUSTER, 0), -1):
        if not _parts_something(text, place):
            return place
    return end - _dangling(text, end)


def _parts_something(text: str, place: int) -> bool:
    before, after = text[place - 1], text[place]
    if _dangling(text, place) or before in _JOINERS or after in _JOINERS or unicodedata.category(after).startswith("M"):
        return True
    if "\U0001f3fb" <= after <= "\U0001f3ff":  # skin tones
        return True
    return _is_flag_half(after) and _flag_halves(text, place) % 2 == 1


def _dangling(text: str, place: int) -> int:
    """1 if the character before `place` is a backslash that escapes the one behind it."""
    head = text[:place]
    return (len(head) - len(head.rstrip("\\"))) % 2


def _is_flag_half(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _flag_halves(text: str, place: int) -> int:
    start = place
    while start and _is_flag_half(text[start - 1]):
        start -= 1
    return place - start
