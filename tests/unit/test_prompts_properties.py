"""What holds for any prompt at all."""

from __future__ import annotations

import ast
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import bot.prompts
from bot.prompts import PromptError, build, build_from_service, parse
from bot.prompts.capabilities import CAPABILITIES, NAMES, VERSIONS, ValueType

URLS = st.sampled_from(
    ["https://example.com/a.png", "<https://example.com/b.png>,", "http://8.8.8.8/x?a=b,#c", "https://ü.example/é"]
)
WORDS = st.text(st.characters(exclude_categories=("C", "Z"), exclude_characters="{}\\:-—–/"), min_size=1, max_size=12).filter(
    str.isalnum
)
TEXTS = st.lists(
    st.one_of(WORDS, st.sampled_from(["—", "-", "1990–1995", "a::2", "b::-1", "\\{x\\}", ","])), min_size=1, max_size=8
)


@st.composite
def values(draw: st.DrawFn, name: str) -> str:
    capability = CAPABILITIES[name]
    if capability.takes in (ValueType.WHOLE, ValueType.NUMBER):
        return str(draw(st.integers(int(capability.low), int(capability.high))))
    if capability.takes is ValueType.CHOICE:
        return draw(st.sampled_from(capability.choices))
    several = st.lists(
        {ValueType.STYLE: st.sampled_from(["random", "123", "https://example.com/x.png::2"])}.get(capability.takes, WORDS),
        min_size=1,
    )
    return {
        ValueType.FLAG: "",
        ValueType.RATIO: f"{draw(st.integers(10, 99))}:{draw(st.integers(10, 99))}",
        ValueType.LIST: ", ".join(draw(several)),
        ValueType.STYLE: " ".join(draw(several)),
        ValueType.IMAGE: "https://example.com/x.png,",
        ValueType.CODES: draw(st.sampled_from(["", "abc", "abc m7::2"])),
    }[capability.takes]


@st.composite
def prompts(draw: st.DrawFn) -> str:
    usable = st.sampled_from([name for name, each in NAMES.items() if not each.refusal])
    names = draw(
        st.lists(usable, max_size=6, unique_by=lambda name: (NAMES[name].group or NAMES[name].name).replace("style", "raw"))
    )
    dash = st.sampled_from(["--", "—", "–", "---", "– –"])
    said = {NAMES[name].name: (name, draw(values(NAMES[name].name))) for name in names}
    for refused in ("v", "hd") if "niji" in said else ("quality", "turbo") if said.get("v", ())[1:] == ("8.1",) else ():
        said.pop(refused, None)
    parts = [f"{draw(dash)}{name} {value}" for name, value in said.values()]
    words = ["fox::9", *draw(TEXTS)]
    return draw(st.sampled_from([" ", "  ", "\n"])).join([*draw(st.lists(URLS, max_size=3)), *words, *parts])


@given(prompts())
@settings(max_examples=200, deadline=None)
def test_the_normal_form_of_a_valid_prompt_means_the_same(typed: str) -> None:
    prompt = parse(typed)
    assert parse(str(prompt)) == prompt
    assert build_from_service(typed).request() == build(typed).request()


PIECES = st.sampled_from(
    [
        *(f"--{name}" for name in NAMES),
        *(
            "--",
            "-",
            "—",
            "–ar",
            "—ar",
            "-ar",
            "ar",
            "no",
            "16:9",
            "0:1",
            "5",
            "-1",
            ".5",
            "random",
            ",",
            ".",
            "a,",
            ",-ar",
            "::",
            "::2",
        ),
        *(
            "a::-1",
            "{",
            "}",
            "\\",
            "{a,b}",
            "https://example.com/x.png",
            "http://10.0.0.1",
            "x://",
            "<",
            ">",
            "\u200d",
            "é",
            " ",
            "\n",
            "#,",
            "?",
        ),
    ]
)


@given(
    st.one_of(
        st.text(max_size=80),
        st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=12).map(" ".join),
        st.lists(PIECES).map("".join),
    )
)
@settings(max_examples=1500, deadline=None)
@example("a --no x,--b, —ar")
@example("https://example.com/x,#f a")
def test_any_text_is_understood_or_refused_and_nothing_else(typed: str) -> None:
    refusal = ""
    try:
        prompt = parse(typed)
    except PromptError as refused:
        refusal = str(refused)
    else:
        assert parse(str(prompt)) == prompt
    assert len(refusal) < 400
    try:
        built = build_from_service(typed)
    except PromptError:
        return
    assert build(built.shown).request()["prompt"] == built.shown


@pytest.mark.parametrize(
    "piece",
    [
        "-",
        "—",
        "- ",
        "— ",
        "--",
        "a",
        "::",
        "::1",
        "{",
        "\\",
        "--no ",
        "x--",
        "1",
        ":",
        "::1.",
        "https://",
        "a--ar",
        "-ar ",
        "\u200d",
        "é\u200d",
        "--ar 1",
        ".",
        "|",
    ],
)
def test_no_text_takes_long(piece: str) -> None:
    for start in ("", "a --no ", "a --sref ", "http://", "a --p "):
        began = time.perf_counter()
        for function in (parse, build_from_service):
            try:
                function((start + piece * 4000)[:4000])
            except PromptError:
                continue
        assert time.perf_counter() - began < 1


def test_the_table_holds_together() -> None:
    for capability in CAPABILITIES.values():
        assert set(capability.versions) <= set(VERSIONS)
        assert capability.needs in (None, "image", *CAPABILITIES)
        assert {name for name, _ in capability.clashes} <= set(CAPABILITIES)
        if not capability.refusal:
            text = f"a --{capability.name} {capability.example}"
            assert str(parse(text)) in (text.rstrip(), "a --raw", "a --profile abc1234")
        if capability.default is not None:
            parse(f"a --{capability.name} {capability.default}")


def test_the_room_knows_nothing_but_the_standard_library_and_our_errors() -> None:
    for path in Path(bot.prompts.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                assert (
                    name in ("bot.errors", "bot.text")
                    or name.startswith("bot.prompts.")
                    or name.split(".")[0] not in ("bot", "discord", "aiohttp", "socket")
                )
