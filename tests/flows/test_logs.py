"""What the bot writes down can be shown to anyone: no token at any level, and no prompt unless it is debugged."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bot_process import living

from sandbox.town import Card, Town

PROMPT = "an unmistakable lighthouse"


def painted(card: Card) -> bool:
    """Whether the picture is there."""
    return bool(card.attachments)


async def imagine_and_press(town: Town) -> None:
    """A picture, what a button makes of it by each of the ways, a modal, and a refusal."""
    reply = await town.member.slash("imagine", prompt=PROMPT)
    card = await reply.until(painted)
    await (await card.press("U1")).until(painted)
    held = town.midjourney.hold_next("before_final")
    pressed = await card.press("V1")
    await held.reached()
    town.discord.expire_tokens()
    held.release()
    await pressed.until(painted)
    translated = await (await town.member.slash("translate", text=PROMPT)).until(lambda state: state.has("Edit first"))
    await (await (await translated.press("Edit first")).modal.submit()).until(painted)
    assert (await town.member.slash("imagine", prompt=f"{PROMPT} --nonsense")).ephemeral


def secrets(town: Town) -> dict[str, str]:
    """Everything that opens something, by what it is."""
    tokens = {f"the token of interaction {each.id}": each.token for each in town.discord.state.interactions.values()}
    return tokens | {"the bot's token": town.discord.bot_token, "the API's token": town.midjourney.token}


@pytest.mark.parametrize("level", ["DEBUG", "INFO"])
async def test_no_token_reaches_the_log(tmp_path: Path, level: str) -> None:
    async with living(tmp_path, LOG_LEVEL=level) as place:
        await imagine_and_press(place.town)
        known = secrets(place.town)
        assert await place.bot.terminate() == 0
        words = place.bot.words
    assert len(known) >= 8
    assert [what for what, secret in known.items() if secret in words] == []
    if level == "DEBUG":
        assert "INTERACTION_CREATE" in words, "discord.py's own lines, which hold the tokens, were not written at all"
        assert "[redacted]" in words
    else:
        assert "submitted" in words
        assert "unmistakable" not in words
        assert re.search(r"is online as .+ in 1 server$", words, re.MULTILINE)


@pytest.mark.parametrize("trouble", ["dead token", "lost upload"])
async def test_no_token_stands_in_a_traceback(tmp_path: Path, trouble: str) -> None:
    async with living(tmp_path, LOG_LEVEL="DEBUG") as place:
        town = place.town
        held = town.midjourney.hold_next("before", endpoint="pictures")
        reply = await town.member.slash("imagine", prompt=PROMPT)
        await held.reached()
        if trouble == "dead token":
            town.discord.expire_tokens()
        else:
            town.discord.cut_next("PATCH", "/webhooks/")
        held.release()
        await reply.until(painted)
        known = secrets(town)
        await place.bot.terminate()
        words = place.bot.words
    assert [what for what, secret in known.items() if secret in words] == []
    assert {"dead token": "was dead", "lost upload": "Traceback"}[trouble] in words
