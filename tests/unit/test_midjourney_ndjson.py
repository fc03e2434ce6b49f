"""Lines are read however they are cut."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.midjourney import Unclear, read_lines
from bot.midjourney.ndjson import parse_object

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.lists(st.dictionaries(st.text(max_size=9), VALUES, max_size=4), max_size=6)


async def pieces(data: bytes, cuts: list[int]) -> AsyncIterator[bytes]:
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    for start, end in pairwise(edges):
        yield data[start:end]


async def read(*chunks: bytes, **options: Any) -> list[dict[str, Any]]:
    async def source() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    return [line async for line in read_lines(source(), **options)]


@given(
    objects=OBJECTS,
    cuts=st.lists(st.integers(0, 10**6), max_size=30),
    ends=st.lists(st.sampled_from(["\n", "\r\n", "\n\n", "\r\n \r\n"]), min_size=6, max_size=6),
    bom=st.booleans(),
    ascii_only=st.booleans(),
    last=st.booleans(),
)
async def test_any_objects_cut_anywhere_come_out_the_same(
    objects: list[dict[str, Any]], cuts: list[int], ends: list[str], bom: bool, ascii_only: bool, last: bool
) -> None:
    text = "".join(json.dumps(item, ensure_ascii=ascii_only) + end for item, end in zip(objects, ends, strict=False))
    data = b"\xef\xbb\xbf" * bom + (text if last else text.rstrip()).encode()
    assert [line async for line in read_lines(pieces(data, cuts))] == objects


@pytest.mark.parametrize(
    "line", [b"<html>", b"[1]", b'"text"', b'{"cut": ', b"null", b"\xff\xfe\xfa", b"[" * 100_000, b"9" * 5000]
)
async def test_a_line_that_is_no_object_is_unclear(line: bytes) -> None:
    with pytest.raises(Unclear):
        await read(b'{"progress": 1}\n' + line + b"\n")


async def test_what_came_before_a_bad_line_is_told_first() -> None:
    async def source() -> AsyncIterator[bytes]:
        yield b'{"progress": 1}\nrubbish\n'

    lines = read_lines(source())
    assert await anext(lines) == {"progress": 1}
    with pytest.raises(Unclear):
        await anext(lines)


async def test_a_line_may_be_long_but_not_endless() -> None:
    line = json.dumps({"text": "x" * 50}).encode()
    assert await read(line + b"\n", max_line=len(line)) == [{"text": "x" * 50}]
    with pytest.raises(Unclear, match="more than 20 bytes"):
        await read(line + b"\n", max_line=20)
    with pytest.raises(Unclear, match="more than 20 bytes"):
        await read(line[:30], line[30:], max_line=20)


def test_half_a_surrogate_pair_becomes_a_replacement_character() -> None:
    whole = parse_object(rb'{"a\ud83d": ["\ud83d", {"b": "\ude00x"}], "fine": "\ud83d\ude00", "n": 1}')
    assert whole["fine"] == "😀"
    assert json.dumps(whole, ensure_ascii=False).encode()
    assert "x" in whole[next(key for key in whole if key.startswith("a"))][1]["b"]
