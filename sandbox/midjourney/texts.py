"""The endpoints that answer with words: translate, shorten, describe."""

from __future__ import annotations

import colorsys
import math
import re
import unicodedata
from typing import TYPE_CHECKING

from .drawing import FRAME

if TYPE_CHECKING:
    from .scenes import Photo

PHRASES = {
    "一只红色的狐狸": "a red fox",
    "红狐狸": "red fox",
    "狐狸": "fox",
    "精致完美纯白天使": "Exquisite, flawless, pure white angel",
    "猫": "cat",
    "雪地里": "in the snow",
    "在雪中": "in snow",
    "山": "mountain",
    "日出": "sunrise",
    "赤い狐": "a red fox",
    "雪の中": "in snow",
    "夜の海": "the sea at night",
    "富士山": "Mount Fuji",
    "ein roter fuchs": "a red fox",
    "eine katze": "a cat",
    "im schnee": "in snow",
    "ein schloss": "a castle",
    "bei nacht": "at night",
    "un renard roux": "a red fox",
    "dans la neige": "in the snow",
    "un chat": "a cat",
    "un château": "a castle",
    "la nuit": "at night",
    "un zorro rojo": "a red fox",
    "en la nieve": "in the snow",
    "un gato": "a cat",
    "un castillo": "a castle",
    "de noche": "at night",
}
_FILLERS = frozenset(["a", "an", "the", "of", "in", "on", "at", "with", "and", "very", "really", "that", "is", "are", "some"])
_PUNCTUATION = str.maketrans("，。、！？；：", ",.,!?;:")  # as it stands in Chinese and Japanese text


def translate(text: str) -> str:
    """English for a few known phrases; the rest without accents, as far as it has Latin letters."""
    found = text
    for phrase in sorted(PHRASES, key=len, reverse=True):
        found = re.sub(
            re.escape(phrase), f" {PHRASES[phrase]} " if not phrase.isascii() else PHRASES[phrase], found, flags=re.IGNORECASE
        )
    plain = unicodedata.normalize("NFKD", found.translate(_PUNCTUATION)).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^\S\n]+", " ", plain).replace(" ,", ",").replace(" .", ".").strip()
    return plain or "a picture"


def shorten(prompt: str) -> list[str]:
    """Up to five shorter prompts; the first keeps the parameters."""
    text, mark, parameters = prompt.partition(" --")
    words = [word for word in text.split() if word.strip(",.").lower() not in _FILLERS] or text.split()
    lengths = sorted({math.ceil(len(words) * part) for part in (1, 0.8, 0.6, 0.4, 0.25)}, reverse=True)
    prompts = [" ".join(words[:length]).rstrip(",.") for length in lengths if length]
    return [prompts[0] + mark + parameters, *prompts[1:]] if prompts else [prompt]


def describe(photo: Photo | None, url: str) -> list[str]:
    """Four descriptions of a picture, by its colours; each ends with its proportions."""
    if photo is None:
        return [
            f"{start} {_subject(url)} --ar 1:1" for start in ("A photo of", "A painting of", "A sketch of", "A close view of")
        ]
    common = math.gcd(photo.image.width, photo.image.height)
    ratio = f"--ar {photo.image.width // common}:{photo.image.height // common}"
    pixels = photo.sample(FRAME, 8, 8)
    top, bottom = (_colour(*part.mean(axis=(0, 1))) for part in (pixels[:4], pixels[4:]))
    light = "bright daylight" if pixels.mean() > 0.55 else "soft evening light" if pixels.mean() > 0.3 else "moonlight"
    return [
        f"{'An' if top[0] in 'aeiou' else 'A'} {top} sky above {bottom} hills in {light} {ratio}",
        f"A quiet landscape, {bottom} and {top}, layered paper style {ratio}",
        f"A minimalist poster of mountains, {top} gradient, {light} {ratio}",
        f"Rolling {bottom} ridges and mist, wide view, {light} {ratio}",
    ]


def _subject(url: str) -> str:
    name = url.split("?")[0].rstrip("/").rsplit("/", 1)[-1].rsplit(".", 1)[0]
    return re.sub(r"[^A-Za-z]+", " ", name).strip().lower() or "a quiet place"


def _colour(red: float, green: float, blue: float) -> str:
    hue, saturation, value = colorsys.rgb_to_hsv(float(red), float(green), float(blue))
    if value < 0.15:
        return "black"
    if saturation < 0.12:
        return "white" if value > 0.75 else "grey"
    names = ("red", "orange", "yellow", "green", "green", "teal", "teal", "blue", "blue", "violet", "purple", "pink", "red")
    return names[round(hue * 12)]
