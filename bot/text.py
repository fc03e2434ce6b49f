"""What people read, kept apart from the language in which they read it.

`_("“{typed}” takes no value.", typed=typed)` says it in English and marks it for translators: `make messages` (Babel)
collects all such templates. Nothing is put into words before `bot/ui` knows who reads it; then `Language.render` does.
A template is a whole sentence, since half a sentence can't be translated; what people typed, names and numbers are its values.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from gettext import NullTranslations
from typing import Any, Protocol, TypeAlias

log = logging.getLogger(__name__)

Value: TypeAlias = "str | int | float | Text"
"""What a placeholder stands for: words that are shown as they are, a number, or another text."""

_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{(\w+)\}|[{}]")


@dataclass(frozen=True, slots=True)
class Text:
    """A template in English, which is also the id of its translations, and the values of its `{placeholders}`.

    Where it depends on a number, `template` is its singular and `plural` the other form; the number is the value `n`.
    `str()` is the English wording, for logs and tests.
    """

    template: str
    values: tuple[tuple[str, Value], ...] = ()
    plural: str | None = None

    def __str__(self) -> str:
        return ENGLISH.render(self)

    def data(self) -> dict[str, Any]:
        """Return what JSON can hold; `text_from` turns it back."""
        values = {name: value.data() if isinstance(value, Text) else value for name, value in self.values}
        return {"template": self.template, "values": values} | ({"plural": self.plural} if self.plural is not None else {})


class Catalogue(Protocol):
    """The translations into one language, as `gettext.GNUTranslations` has them; what is missing comes back in English."""

    def gettext(self, message: str, /) -> str:
        """Return the translation of a template."""

    def ngettext(self, one: str, many: str, n: int, /) -> str:
        """Return the translation in the form that this number takes."""


class Language:
    """Puts texts into the words of one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._told: set[str] = set()

    def render(self, text: Text) -> str:
        """Return the words. A translation with a broken placeholder is logged once, and the English shown instead."""
        if not text.values and "{" not in text.template and "}" not in text.template:
            return self._translate(text.template, None, None)  # most are as plain as that
        number = dict(text.values).get("n")
        plural = text.plural if isinstance(number, int) else None
        values = {name: self.render(value) if isinstance(value, Text) else _plain(value) for name, value in text.values}
        try:
            return _fill(self._translate(text.template, plural, number), values)
        except ValueError as error:
            if text.template not in self._told:
                self._told.add(text.template)
                log.warning("A translation was left out: %s in what %r became", error, text.template)
        english = text.template if plural is None or number == 1 else plural
        return _fill(english, values, lenient=True)

    def _translate(self, template: str, plural: str | None, number: object) -> str:
        if plural is not None and isinstance(number, int):
            return self._catalogue.ngettext(template, plural, number)
        # A catalogue's own description stands under the empty id.
        return self._catalogue.gettext(template) if template else ""


ENGLISH = Language(NullTranslations())


def _(template: str, /, **values: Value) -> Text:
    """Return a text; the template is a literal, never an f-string, or no translator sees it."""
    return Text(template, tuple(sorted(values.items())))


def _n(one: str, many: str, n: int, /, **values: Value) -> Text:
    """Return a text whose form depends on `n`, which is `{n}` in both templates."""
    return Text(one, tuple(sorted({**values, "n": n}.items())), many)


def any_of(words: Sequence[Value]) -> Value:
    """Return `a, b or c`."""
    *others, last = words
    # Translators: the end of a list, as in “5.2, 6 or 7”; {words} is all of it but the last.
    return _("{words} or {last}", words=_list(others), last=last) if others else last


def all_of(words: Sequence[Value]) -> Value:
    """Return `a, b and c`."""
    *others, last = words
    # Translators: the end of a list, as in “5.2, 6 and 7”; {words} is all of it but the last.
    return _("{words} and {last}", words=_list(others), last=last) if others else last


def sentences(first: Text, *others: Text) -> Text:
    """Return whole sentences as one text."""
    # Translators: two sentences, with what your language puts between them.
    return reduce(lambda text, more: _("{text} {more}", text=text, more=more), others, first)


def text_from(data: object) -> Text:
    """Return what `Text.data` made JSON of; whatever else it is becomes a text that says it as it stands there."""
    if not isinstance(data, Mapping) or not isinstance(data.get("template"), str):
        return Text("{words}", (("words", str(data)),))
    plural, values = data.get("plural"), data.get("values")
    read = {str(name): _value_from(value) for name, value in values.items()} if isinstance(values, Mapping) else {}
    return Text(data["template"], tuple(sorted(read.items())), plural if isinstance(plural, str) else None)


def _value_from(data: object) -> Value:
    return data if isinstance(data, str | int | float) else text_from(data)


def _list(words: Sequence[Value]) -> Value:
    # Translators: a list that grows by one word.
    return reduce(lambda said, word: _("{words}, {word}", words=said, word=word), words)


def _plain(value: str | float) -> str:
    return str(value).removesuffix(".0") if isinstance(value, float) else str(value)


def _fill(template: str, values: Mapping[str, str], *, lenient: bool = False) -> str:
    """Put values in their places; raises ValueError for a place without a value, which stays as it is when lenient."""

    def fill(found: re.Match[str]) -> str:
        if found[1] in values:
            return values[found[1]]
        if found[0] in ("{{", "}}"):
            return found[0][0]
        if lenient:
            return found[0]
        raise ValueError(found[0])

    return _PLACEHOLDER.sub(fill, template)
