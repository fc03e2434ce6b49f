"""What the source says to people can be translated: whole templates that Babel finds, and nothing glued."""

from __future__ import annotations

import ast
import importlib
import re
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import messages
import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from bot.errors import UserError
from bot.text import Language, _, _n, any_of

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
SOURCES = sorted(path for folder in ("bot", "cogs") for path in (ROOT / folder).rglob("*.py"))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def calls(source: str, names: set[str]) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            if name in names:
                yield node


def places(template: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", template.replace("{{", "").replace("}}", "")))


def faults_of_texts(source: str) -> list[str]:
    """The calls whose template is no literal, or has other places than values."""
    faults = []
    for call in calls(source, {"_", "_n"}):
        plural = isinstance(call.func, ast.Name) and call.func.id == "_n"
        templates = [each.value for each in call.args[: 2 if plural else 1] if isinstance(each, ast.Constant)]
        if len(call.args) != (3 if plural else 1) or len(templates) != (2 if plural else 1):
            faults.append(ast.unparse(call))
            continue
        given = {keyword.arg for keyword in call.keywords} | ({"n"} if plural else set())
        if set().union(*map(places, templates)) != given:
            faults.append(ast.unparse(call))
    return faults


def user_errors() -> set[str]:
    """The names of UserError and of all that is made from it."""
    for path in SOURCES:
        if path.stem != "__main__":
            importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"))
    found, kinds = set(), [UserError]
    while kinds:
        kind = kinds.pop()
        found.add(kind.__name__)
        kinds += kind.__subclasses__()
    return found


def is_words(node: ast.expr) -> bool:
    """Whether an argument is a string rather than a Text: a literal, an f-string, or made from one."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return is_words(node.func.value)
    return isinstance(node, ast.Constant | ast.JoinedStr | ast.BinOp | ast.BoolOp | ast.IfExp)


def glued_refusals(source: str, errors: set[str]) -> list[str]:
    faulty = (call for call in calls(source, errors) if call.keywords or not call.args or any(map(is_words, call.args)))
    return [ast.unparse(call) for call in faulty]


def test_the_template_of_translations_is_up_to_date() -> None:
    assert messages.TEMPLATE.read_text("utf-8") == messages.extract(), "run `make messages`"


def test_babel_finds_all_that_we_mark() -> None:
    with messages.TEMPLATE.open("rb") as file:
        found = {message.id for message in read_po(file) if message.id}
    marked: set[object] = set()
    for path in SOURCES:
        for call in calls(path.read_text("utf-8"), {"_", "_n"}):
            words = tuple(each.value for each in call.args if isinstance(each, ast.Constant))
            marked.add(words if len(words) > 1 else words[0])
    assert found == marked
    assert len(found) > 90


def test_a_language_made_from_the_template_is_spoken() -> None:
    one, many = "You have {n} job left for today.", "You have {n} jobs left for today."
    with messages.TEMPLATE.open("rb") as file:
        catalogue = read_po(file, locale="pl")
    catalogue[one].string = ("{n} zadanie", "{n} zadania", "{n} zadań")
    catalogue["{words} or {last}"].string = "{words} lub {last}"
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    polish = Language(GNUTranslations(compiled))
    assert [polish.render(_n(one, many, n)) for n in (1, 3, 5)] == ["1 zadanie", "3 zadania", "5 zadań"]
    assert polish.render(_("There are {versions}.", versions=any_of(["6", "7"]))) == "There are 6 lub 7."
    assert polish.render(_("")) == ""


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_every_text_has_a_literal_template_and_a_value_for_each_place(path: Path) -> None:
    assert faults_of_texts(path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_no_refusal_is_a_plain_string(path: Path) -> None:
    assert glued_refusals(path.read_text("utf-8"), user_errors()) == []


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_only_the_user_interface_puts_texts_into_words(path: Path) -> None:
    names = {node.id for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Name)}
    assert path.relative_to(ROOT).parts[1] in ("ui", "text.py") or not names & {"ENGLISH", "Language"}


@pytest.mark.parametrize(
    "call",
    [
        *('_(f"{x} is no mode.")', '_("{x} is no mode.")', '_("No mode.", x=x)', '_("{x}", y=x)', "_(words)", '_("a" + "b")'),
        *('_n("{n} job", n)', '_n("{n} {x} job", "{n} jobs", n)', '_n("{n} job", f"{n} jobs", n)', '_("{x}", **x)'),
    ],
)
def test_a_text_that_no_translator_would_understand_is_found(call: str) -> None:
    assert len(faults_of_texts(f"raise Gone({call})")) == 1


@pytest.mark.parametrize(
    "words",
    [
        *('"Gone."', 'f"{x} is gone."', '"%s is gone." % x', '"{} is gone.".format(x)', '_("Gone."), "Try again."'),
        *('"A." if x else "B."', 'x or "Gone."', '" ".join(x)', '_("Gone."), hint="Try again."', ""),
    ],
)
def test_a_refusal_in_a_plain_string_is_found(words: str) -> None:
    assert glued_refusals(f"raise errors.Gone({words})", {"Gone"})
    assert not glued_refusals('raise Gone(_("Gone."), problem, *more)', {"Gone"})


def test_every_refusal_is_known() -> None:
    assert user_errors() >= {"UserError", "PromptError", "Gone", "NoImage", "AttachmentRefused", "AlreadyPressed", "NotYours"}
