"""A typed line becomes a command's options."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.lines import attachment_option, read_options
from sandbox.town import ClientRefused, Upload

if TYPE_CHECKING:
    from pathlib import Path

IMAGINE = [
    {"name": "prompt", "type": 3, "required": True},
    {"name": "aspect", "type": 3},
    {"name": "count", "type": 4},
    {"name": "translate", "type": 5},
    {"name": "image", "type": 11},
]


def test_the_first_words_go_to_the_required_option() -> None:
    assert read_options(IMAGINE, "a red fox --ar 3:2") == {"prompt": "a red fox --ar 3:2"}


def test_named_options_end_where_the_next_one_starts() -> None:
    found = read_options(IMAGINE, "a fox: red aspect:16:9 count:2 translate:True")
    assert found == {"prompt": "a fox: red", "aspect": "16:9", "count": 2, "translate": True}


def test_an_attachment_is_read_from_its_path(tmp_path: Path) -> None:
    (tmp_path / "fox.png").write_bytes(b"bytes")
    assert attachment_option(IMAGINE) == "image"
    assert read_options(IMAGINE, f"prompt:fox image:{tmp_path / 'fox.png'}")["image"] == Upload(b"bytes", "fox.png")


@pytest.mark.parametrize(("path", "why"), [("/none.png", "/none.png: No such file or directory"), ("", ".: Is a directory")])
def test_a_file_that_cannot_be_read_is_named(path: str, why: str) -> None:
    with pytest.raises(ClientRefused) as refused:
        read_options(IMAGINE, f"fox image:{path}")
    assert str(refused.value) == f"the file can't be read: {why}"


def test_a_home_that_is_nobodys_is_a_file_that_is_not_there() -> None:
    with pytest.raises(ClientRefused, match="can't be read"):
        read_options(IMAGINE, "fox image:~nobody-of-this-name/fox.png")


@pytest.mark.parametrize("words", ["fox image:a\0b", "fox count:many", "fox prompt:fox"])
def test_what_fits_nowhere_is_refused(words: str) -> None:
    with pytest.raises(ClientRefused):
        read_options(IMAGINE, words)


def test_words_for_a_command_without_options_are_refused() -> None:
    assert read_options([], "") == {}
    with pytest.raises(ClientRefused):
        read_options([], "words")
