"""Texts are data until somebody reads them, and come out whole in any language."""

from __future__ import annotations

import gettext
import json
import logging
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pseudo import CLOSE, OPEN, PADDING, Pseudo

from bot.errors import UserError
from bot.text import Language, Text, Value, _, _n, all_of, any_of, sentences, text_from

PSEUDO = Language(Pseudo())


class Translations(gettext.NullTranslations):
    """A catalogue with these translations."""

    def __init__(self, translations: dict[str, str]) -> None:
        super().__init__()
        self._translations = translations

    def gettext(self, message: str) -> str:
        return self._translations.get(message, message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


def test_values_stand_in_their_places() -> None:
    assert str(_("“{typed}” stands after {n}.", typed="{n} a %s fox", n=3)) == "“{n} a %s fox” stands after 3."
    assert str(_("from {low} to {high}", low=0.5, high=3.0)) == "from 0.5 to 3"
    assert str(_("write \\{{ and \\}}, {word}", word="{{}}")) == "write \\{ and \\}, {{}}"
    assert str(Text("")) == ""


def test_a_plural_follows_its_number() -> None:
    assert [str(_n("{n} job", "{n} jobs", n)) for n in (0, 1, 2)] == ["0 jobs", "1 job", "2 jobs"]


@pytest.mark.parametrize(
    ("words", "either", "every"),
    [
        (["a"], "a", "a"),
        (["a", "b"], "a or b", "a and b"),
        (["a", "b", "c", "d"], "a, b, c or d", "a, b, c and d"),
        ([_("“{word}”", word="a"), "b"], "“a” or b", "“a” and b"),
    ],
)
def test_words_are_listed(words: list[Value], either: str, every: str) -> None:
    assert str(_("{words}", words=any_of(words))) == either
    assert str(_("{words}", words=all_of(words))) == every


def test_a_list_is_translated_too() -> None:
    chinese = Language(Translations({"{words} or {last}": "{words}或{last}", "{words}, {word}": "{words}、{word}"}))
    assert chinese.render(_("{words}", words=any_of(["5", "6", "7"]))) == "5、6或7"


def test_sentences_follow_each_other() -> None:
    said = sentences(_("One."), _("Two."), _("Three."))
    assert str(said) == "One. Two. Three."
    assert sentences(_("One.")) == _("One.")
    error = UserError(_("One."), _("Two."), _("Three."))
    assert (error.text, str(error)) == (said, "One. Two. Three.")


def test_the_same_text_is_equal_and_can_be_a_key() -> None:
    assert _("{a} {b}", a=1, b=_("x")) == _("{a} {b}", b=_("x"), a=1)
    assert len({_n("{n} job", "{n} jobs", 2), _n("{n} job", "{n} jobs", 2), _n("{n} job", "{n} jobs", 3)}) == 2


@pytest.mark.parametrize(
    "broken", ["{typd}", "{}", "{0}", "{typed", "typed}", "{typed.x}", "{typed!r}", "{typed:>9}", "{ typed }"]
)
def test_a_broken_translation_is_left_out_and_logged_once(broken: str, caplog: pytest.LogCaptureFixture) -> None:
    language = Language(Translations({"You typed {typed}": f"Getippt: {broken}", "Other": "Ander"}))
    with caplog.at_level(logging.WARNING):
        for typed in ("a secret", "a fox"):
            assert language.render(_("You typed {typed}", typed=typed)) == f"You typed {typed}"
    assert language.render(_("Other")) == "Ander"
    assert len(caplog.records) == 1
    assert "You typed {typed}" in caplog.text
    assert "secret" not in caplog.text


def test_a_broken_plural_is_left_out_in_its_own_form() -> None:
    translations = {"{n} job": "{anzahl} Auftrag", "{n} jobs": "{anzahl} Aufträge"}
    assert [Language(Translations(translations)).render(_n("{n} job", "{n} jobs", n)) for n in (1, 2)] == ["1 job", "2 jobs"]


def test_the_standard_library_is_a_catalogue() -> None:
    assert Language(gettext.NullTranslations()).render(_n("{n} job", "{n} jobs", 2)) == "2 jobs"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("A note of an older version: {x}.", "A note of an older version: {x}."),
        ({"template": "{who} is gone, {typed}.", "values": {"typed": "fox"}}, "{who} is gone, fox."),
        ({"template": "{n} jobs", "plural": "x", "values": {}}, "{n} jobs"),
        ({"template": "{n} job", "plural": "{n} jobs", "values": {"n": "2"}}, "2 job"),
        ({"template": "{n} job", "plural": 7, "values": {"n": 2}}, "2 job"),
        ({"template": "Fox.", "values": ["x"]}, "Fox."),
        ({"template": "{a} {b}", "values": {"a": None, "b": {"words": "x"}}}, "None {'words': 'x'}"),
        ({"template": 5}, "{'template': 5}"),
        (["A.", "B."], "['A.', 'B.']"),
    ],
)
def test_what_was_stored_otherwise_can_still_be_read(data: object, said: str) -> None:
    assert str(text_from(data)) == said
    assert PSEUDO.render(text_from(data))


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
LITERALS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="{}"), min_size=1, max_size=12)
PLAIN = st.one_of(WORDS.map(lambda typed: (typed, typed)), st.integers().map(lambda number: (number, str(number))))


@st.composite
def texts(draw: st.DrawFn, value: st.SearchStrategy[tuple[Value, str]]) -> tuple[Text, str]:
    """A text, and what the pseudo-language makes of it."""
    first, *others = draw(st.lists(LITERALS, min_size=1, max_size=4))
    template = shown = first
    values: dict[str, Value] = {}
    for name, literal in zip("abc", others, strict=False):
        values[name], said = draw(value)
        template += f"{{{name}}}{literal}"
        shown += said + literal
    length = len(first) + sum(map(len, others))
    text = _n("one", template, draw(st.integers(2)), **values) if draw(st.booleans()) else _(template, **values)
    return text, f"{OPEN}{shown}{PADDING * math.ceil(length * 0.4)}{CLOSE}"


@given(texts(st.recursive(PLAIN, texts, max_leaves=5)))
def test_a_pseudo_language_marks_templates_and_leaves_values_as_they_were(case: tuple[Text, str]) -> None:
    text, said = case
    assert PSEUDO.render(text) == said
    assert PSEUDO.render(text_from(json.loads(json.dumps(text.data())))) == said
    marks = dict.fromkeys(map(ord, OPEN + CLOSE + PADDING))
    assert str(text).translate(marks) == said.translate(marks)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | WORDS,
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["template", "values", "plural", "n", "x"]), inner),
        max_leaves=8,
    )
)
def test_whatever_was_stored_is_read_as_something(data: object) -> None:
    assert isinstance(str(text_from(data)), str)
    assert isinstance(PSEUDO.render(text_from(data)), str)
