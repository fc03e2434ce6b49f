"""What phones, editors and copied web pages do to a prompt, undone before it is read."""

from __future__ import annotations

import re
import unicodedata

from bot.prompts.capabilities import NAMES

LONG_DASHES = "‐‑‒–—―−⸺⸻﹘﹣－"
"""Dashes that autocorrection and input methods make of `-` and `--`."""
DASHES = "-" + LONG_DASHES

_BLANKS = dict.fromkeys(map(ord, "\u2800\u3164\uffa0"), " ")  # invisible, and no white space to Unicode
_JOINERS = "\u200c\u200d"  # part of the spelling in Persian, Hindi and emoji; invisible noise elsewhere

_NAME_DASH = re.compile(rf"([{DASHES}]++)(?=[A-Za-z])")
_RATIO_NAME = re.compile(r"(?:ar|aspect) (?=[0-9]+:[0-9]+(?: |$))", re.IGNORECASE)
# A double hyphen glued to the word before it.
_GLUED = re.compile(r"[^\s-]--+([a-z]+)(?![a-z])", re.IGNORECASE)


def clean(text: str) -> str:
    """Collapse white space, drop what can't be seen, and turn the dashes that were meant as `--` into that."""
    return mend_dashes(tidy(text))


def tidy(text: str) -> str:
    """Collapse white space, and drop control characters, lone surrogates and what has no width."""
    text = " ".join(text.translate(_BLANKS).split())
    kept = [each for each in text if each in _JOINERS or unicodedata.category(each) not in ("Cc", "Cf", "Cs")]
    joined = [each for at, each in enumerate(kept) if each not in _JOINERS or _joins(kept, at)]
    return " ".join("".join(joined).split())


def mend_dashes(text: str) -> str:
    """Turn the dashes that were meant as `--` into that, in text that `tidy` returned.

    That is a dash at the start of a word and directly before a letter; “a fox — in snow” and “1990–1995” stay.
    """
    words: list[str] = []
    for word in _mend_ratio(text).split():
        found = _NAME_DASH.match(word)
        if found is None or found[1] == "-":
            words.append(word)
            continue
        while words and not words[-1].strip(LONG_DASHES):  # – –ar: one of two hyphens was torn off
            words.pop()
        words.append("--" + word[found.end() :])
    return " ".join(words)


def _mend_ratio(text: str) -> str:
    """Mend the dashes before `ar 16:9`, if the ratio leaves no doubt, however they were torn apart or glued on."""
    pieces, start = [], 0
    for found in _RATIO_NAME.finditer(text):
        kept = text[start : found.start()].rstrip(" " + DASHES)
        gap = text[start + len(kept) : found.start()]
        apart = gap.startswith(" ") or not kept
        if set(gap) & set(LONG_DASHES) or "--" in gap or (apart and "-" in gap):
            pieces += [kept, " --", found[0]]
            start = found.end()
    return "".join((*pieces, text[start:]))


def glued_name(word: str) -> str | None:
    """Return the parameter that hangs on the end of another word, as in `fox--ar`, or None."""
    return next((name for name in _GLUED.findall(word) if name.lower() in NAMES), None)


def is_punctuation(word: str) -> bool:
    """Whether this is only commas, semicolons and full stops, which mean nothing between parameters."""
    return not word.strip(",.;")


def _joins(characters: list[str], at: int) -> bool:
    """Whether both neighbours of a joiner are something that a joiner can join."""
    if not 0 < at < len(characters) - 1:
        return False
    around = (characters[at - 1], characters[at + 1])
    return all(not each.isascii() and unicodedata.category(each)[0] in "LMS" for each in around)
