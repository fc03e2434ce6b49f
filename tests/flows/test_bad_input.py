"""What people mistype costs nothing, and only they are told."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.town import Town, Upload

PROMPTS = {
    "blank": "   ",
    "only parameters": "--ar 16:9",
    "unknown parameter": "a red fox --aspekt 16:9",
    "parameter twice": "a red fox --ar 16:9 --ar 1:1",
    "missing value": "a red fox --ar",
    "bad ratio": "a red fox --ar wide",
    "zero ratio": "a red fox --ar 0:1",
    "out of range": "a red fox --stylize 5000",
    "no number": "a red fox --chaos lots",
    "braces": "a {red, green} fox",
    "weights": "a red fox::1 snow::-2",
    "too long": "x" * 6000,
    "local link": "http://127.0.0.1/fox.png a red fox",
    "private link": "http://192.168.1.1/fox.png a red fox",
    "metadata link": "http://169.254.169.254/latest/meta-data a red fox",
    "link with a user": "https://user:secret@example.com/fox.png a red fox",
    "link in the text": "a red fox https://example.com/fox.png in snow",
    "one image alone": "https://example.com/fox.png",
    "two modes": "a red fox --fast --relax",
    "repeat": "a red fox --repeat 10",
    "quality on 8.1": "a red fox --v 8.1 --q 2",
    "turbo on 8.1": "a red fox --turbo --v 8.1",
    "niji and a version": "a red fox --niji 7 --v 7",
    "niji and hd": "a red fox --hd --niji 7",
}
OPTIONS: dict[str, dict[str, Any]] = {
    "aspect": {"prompt": "a red fox", "aspect": "wide"},
    "contradicting aspect": {"prompt": "a red fox --ar 1:1", "aspect": "16:9"},
    "contradicting version": {"prompt": "a red fox --v 6", "version": "7"},
    "contradicting mode": {"prompt": "a red fox --relax", "mode": "turbo"},
    "quality on the option 8.1": {"prompt": "a red fox --quality 1", "version": "8.1"},
    "option turbo on 8.1": {"prompt": "a red fox --v 8.1", "mode": "turbo"},
    "options turbo and 8.1": {"prompt": "a red fox", "version": "8.1", "mode": "turbo"},
    "niji and an option version": {"prompt": "a red fox --niji 7", "version": "7"},
    "no image": {"prompt": "a red fox", "image": Upload(b"words", "notes.txt")},
}
LINKS = {"local": "http://localhost/fox.png", "no link": "a red fox", "file": "file:///etc/passwd"}


def free(town: Town) -> bool:
    """Whether nothing was asked of the image service and nothing is billed."""
    return not town.midjourney.requests and not town.midjourney.ledger.entries


@pytest.mark.parametrize("prompt", PROMPTS.values(), ids=PROMPTS)
async def test_a_bad_prompt_is_explained_to_the_one_who_typed_it(town: Town, prompt: str) -> None:
    reply = await town.member.slash("imagine", prompt=prompt)
    assert reply.ephemeral
    assert "reference" not in reply.text
    if prompt.strip():
        assert prompt[:20] in reply.text, "what was typed must not be lost"
    assert not town.cards()
    assert free(town)


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
async def test_a_bad_option_is_explained(town: Town, options: dict[str, Any]) -> None:
    reply = await town.member.slash("imagine", **options)
    assert reply.ephemeral
    assert "a red fox" in reply.text
    assert "reference" not in reply.text
    assert free(town)


@pytest.mark.parametrize("url", LINKS.values(), ids=LINKS)
async def test_a_bad_link_is_not_described(town: Town, url: str) -> None:
    reply = await town.member.slash("describe", url=url)
    assert reply.ephemeral
    assert "reference" not in reply.text
    assert free(town)


async def test_describe_wants_one_image(town: Town) -> None:
    for options in ({}, {"image": Upload(b"\x89PNG\r\n\x1a\n"), "url": "https://example.com/fox.png"}):
        reply = await town.member.slash("describe", **options)
        assert reply.ephemeral
        assert "one of the two" in reply.text
    assert free(town)


async def test_blanks_are_not_translated(town: Town) -> None:
    reply = await town.member.slash("translate", text="   ")
    assert reply.ephemeral
    assert "nothing to translate" in reply.text
    assert free(town)
