"""A card's text as a terminal shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.reading import readable
from sandbox.town import Town

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    """A town of Discord's alone."""
    async with Town(midjourney=False) as town:
        yield town


@pytest.mark.parametrize(
    "code",
    ["```\n@everyone <@1> [evil](http://evil.example) **b** \\~\n-# small\n```", "`<@1> **b** \\_`", "``<#5> ` \\*``"],
)
async def test_code_is_shown_as_it_was_written(town: Town, code: str) -> None:
    assert readable(f"**Imagine** {code} **done**", town.discord.state) == f"Imagine {code} done"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        (r"a \_\_u\_\_ \*b\* \\\~ cat", r"a __u__ *b* \~ cat"),
        (r"The link “\[evil\](http\://evil.example)” stands", "The link “[evil](http://evil.example)” stands"),
        (r"\<@1\> \`x\` **a \*\* b**", "<@1> `x` a ** b"),
        (r"a\b \ c", r"a\b \ c"),
    ],
)
async def test_what_is_escaped_stands_for_itself(town: Town, text: str, seen: str) -> None:
    assert readable(text, town.discord.state) == seen


async def test_marks_are_left_out_and_ids_are_read_as_names(town: Town) -> None:
    text = f"**Upscale** of [this \\[picture\\]](http://x.example/1)\n-# <@{town.member.id}> · <#{town.channel.id}> · <@1>"
    assert readable(text, town.discord.state) == "Upscale of this [picture]\n@Member · #pictures · @somebody"
    role = next(role for role in town.guild.roles.values() if role.name == "Moderators")
    assert readable(f"<@&{role.id}> <@&1> <#1>", town.discord.state) == "@Moderators @unknown-role #unknown"
