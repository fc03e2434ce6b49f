"""Typed text stands on a card as it was typed: no markup, nothing invisible, nothing torn apart."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ui.cards.markdown import clip, code_block, escape, escape_and_clip, link, plain, web_url, width

TYPED = st.text(st.one_of(st.characters(), st.sampled_from("\\*_~|`<>@#[]():-+.1\n\u200d🦊🇩🇪\u0301"))) | st.text(
    "\\*_~|`<>@#[]():-+.1 ab", max_size=60
)


def shown(escaped: str) -> str:
    """What is left to see once Discord has taken the escapes away."""
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", escaped)


@given(TYPED)
def test_escaped_text_shows_what_was_typed(text: str) -> None:
    assert shown(escape(text)) == plain(text)


@given(TYPED)
def test_no_markup_survives_unescaped(text: str) -> None:
    left = re.sub(r"\\[^0-9A-Za-z\s]", "", escape(text))
    assert not re.search(r"[\\*_~|`<@\[\]]|://", left)
    assert not re.match(r"[>#+-]|\d+\.", escape(text))


@given(TYPED)
def test_plain_text_is_one_line_of_visible_characters(text: str) -> None:
    line = plain(text)
    assert line == plain(line)
    assert not any(unicodedata.category(c) in {"Cc", "Cs"} or c in "\u200b\u202e\u2066\ufeff\u2028" for c in line)
    line.encode()


@pytest.mark.parametrize(
    ("typed", "escaped"),
    [
        ("a red fox --ar 16:9", "a red fox --ar 16:9"),
        ("cat::2 dog::-1", "cat::2 dog::-1"),
        ("**b** __u__", r"\*\*b\*\* \_\_u\_\_"),
        ("||s|| ~~t~~ `c`", r"\|\|s\|\| \~\~t\~\~ \`c\`"),
        ("<@1> @everyone <#2>", r"\<\@1> \@everyone \<#2>"),
        ("<t:1:R> <:a:1> :fire:", r"\<t\:1:R> \<\:a:1> \:fire:"),
        ("[x](https://y)", r"\[x\](https\://y)"),
        ("> quote", r"\> quote"),
        ("# heading", r"\# heading"),
        ("-# small", r"\-# small"),
        ("- item", r"\- item"),
        ("12. item", r"12\. item"),
        ("12 items", "12 items"),
        ("a\n# b\r\n> c", "a # b > c"),
        ("a\u200bb\u202ec\x00d\u2066", "abcd"),
        ("a\u200d\u200db", "ab"),
        ("👨\u200d👩\u200d👧 می\u200cخواهم", "👨\u200d👩\u200d👧 می\u200cخواهم"),
        ("\u3164\u2800 x", "x"),
        ("x\ud800y", "x\ufffdy"),
        (" \n\t ", ""),
    ],
)
def test_what_people_type_becomes_plain_text(typed: str, escaped: str) -> None:
    assert escape(typed) == escaped


@given(TYPED, st.integers(-1, 80))
def test_a_cut_fits_and_leaves_escapes_whole(text: str, limit: int) -> None:
    cut = escape_and_clip(text, limit)
    assert width(cut) <= max(limit, 0)
    if width(escape(text)) > limit > 0:
        assert cut.endswith("…")
        assert len(re.search(r"\\*$", cut[:-1])[0]) % 2 == 0
        assert plain(text).startswith(shown(cut[:-1]))


@pytest.mark.parametrize(
    ("text", "limit", "cut"),
    [
        ("short", 5, "short"),
        ("a longer text", 9, "a longer…"),
        (r"\*\*\*\*", 6, r"\*\*…"),
        (r"\*\*\*\*", 4, r"\*…"),
        ("🦊🦊🦊", 4, "🦊…"),
        ("🇩🇪🇫🇷", 6, "🇩🇪…"),
        ("👍🏽👍🏽", 7, "👍🏽…"),
        ("e\u0301e\u0301e\u0301", 4, "e\u0301…"),
        ("a👨\u200d👩\u200d👧", 7, "a…"),
        ("text", 0, ""),
        ("a" + "\u0301" * 200, 100, "a" + "\u0301" * 98 + "…"),
    ],
)
def test_what_belongs_together_is_not_parted(text: str, limit: int, cut: str) -> None:
    assert clip(text, limit) == cut


@given(st.text("`a\n\\ ", max_size=60), st.integers(12, 60))
def test_a_code_block_cannot_be_left(text: str, limit: int) -> None:
    block = code_block(text, limit)
    assert width(block) <= limit
    assert block.startswith("```\n")
    assert block.endswith("\n```")
    assert "```" not in block[3:-3]


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("https://cdn.example.com/1.png?width=1&height=2", "https://cdn.example.com/1.png?width=1&height=2"),
        ("http://example.com/a b[1]?ü=%zz", "http://example.com/a%20b%5B1%5D?%C3%BC=%25zz"),
        ("ftp://example.com/", None),
        ("javascript:alert(1)", None),
        ("https://", None),
        ("https://ü.example/", None),
        ("https://example.com:99999/", None),
        ("https://example.com:0/", None),
        ("https://[::1/", None),
        ("https://example.com/\n", None),
        ("https://example.com/" + "x" * 600, None),
        (None, None),
        (5, None),
    ],
)
def test_only_links_that_discord_takes_are_used(typed: object, url: str | None) -> None:
    assert web_url(typed, 512) == url


def test_a_link_survives_parentheses() -> None:
    url = web_url("https://example.com/a_(b)", 512)
    assert url is not None
    assert link("here", url) == "[here](https://example.com/a_%28b%29)"
