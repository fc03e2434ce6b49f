"""A refusal says how to go on; whoever does as it says is not refused for that."""

from __future__ import annotations

import pytest

from bot.prompts import PromptError, parse
from bot.prompts.capabilities import CAPABILITIES

IMAGE = "https://example.com/fox.png"
OTHER = "https://example.com/snow.png"

ADVICE = [
    ("a fox --foo 3", "“- foo” before the first parameter", "a fox - foo 3"),
    ("a fox --ar 3:2 --foo", "“- foo” before the first parameter", "a fox - foo --ar 3:2"),
    ("a fox —Hola amigo", "“- Hola” before", "a fox - Hola amigo"),
    ("a fox --foo--bar=3", "“- foo--bar=3” before", "a fox - foo--bar=3"),
    ("a fox -- foo 3", "Leave it out", "a fox foo 3"),
    ("a fox -- foo 3", "write “-” if it is part of the text", "a fox - foo 3"),
    ("a fox -- asleep with no hat", "write “-” if", "a fox - asleep with no hat"),
    ("a fox --ar 3:2 --", "Leave it out", "a fox --ar 3:2"),
    ("a fox -- v 7", "Write “--v” without a space", "a fox --v 7"),
    ("a fox -v 7", "Write “--v”", "a fox --v 7"),
    ("a fox -video", "Leave it out", "a fox"),
    ("a fox --r4", "Leave it out", "a fox"),
    ("a fox --v=7", "Write “--v 7”", "a fox --v 7"),
    ("a fox --hd=on", "Write “--hd”", "a fox --hd"),
    ("a fox--v 7", "Put a space before “--v”", "a fox --v 7"),
    ("a fox--v 7", "write one dash", "a fox-v 7"),
    ("a fox --seedd 3", "Did you mean “--seed”", "a fox --seed 3"),
    ("a --hd fox", "like “a red fox --hd”", "a red fox --hd"),
    ("a --ar 3:2 fox", "like “a red fox --ar 3:2”", "a red fox --ar 3:2"),
    ("a --sref fox", "like “a red fox --sref random”", "a red fox --sref random"),
    ("a --profile red fox!", "like “a red fox --profile abc1234”", "a red fox --profile abc1234"),
    ("a {red, blue} fox", "Choose one", "a red fox"),
    ("a {red, blue} fox", "write \\{ and \\}", "a \\{red, blue\\} fox"),
    ("fox::1 snow::-1", "Raise one of them, like “red fox::2 snow::-1”", "red fox::2 snow::-1"),
    ("--ar 3:2", "Write them first", "a fox --ar 3:2"),
    ("--sref random", "Write them before it", "a fox --sref random"),
    (IMAGE, "Add some words", f"{IMAGE} a fox"),
    (IMAGE, "or a second image", f"{IMAGE} {OTHER}"),
    (f"a fox {IMAGE} --hd", "Image links go first", f"{IMAGE} a fox --hd"),
    ("a fox --v 8.1 --q 2", "Leave it out", "a fox --v 8.1"),
    ("a fox --v 8.1 --q 2", "or choose version 5.2, 6, 6.1, 7 or 8.2 instead", "a fox --v 8.2 --q 2"),
    ("a fox --v 8.1 --turbo", "Choose fast or relax", "a fox --v 8.1 --relax"),
    ("a fox --niji 7 --hd", "or choose version 8.1 or 8.2 instead", "a fox --v 8.1 --hd"),
    ("a fox --niji 7 --v 7", "Keep one of them", "a fox --niji 7"),
    ("http://0x5db8d70e/ a fox", "Write it like 93.184.215.14", "http://93.184.215.14 a fox"),
]


@pytest.mark.parametrize(("typed", "advice", "followed"), ADVICE)
def test_who_follows_the_advice_is_understood(typed: str, advice: str, followed: str) -> None:
    with pytest.raises(PromptError) as refusal:
        parse(typed)
    assert advice in str(refusal.value)
    assert parse(followed)


@pytest.mark.parametrize("name", [name for name, each in CAPABILITIES.items() if not each.refusal])
def test_every_example_of_a_value_is_one(name: str) -> None:
    assert parse(f"a red fox --{name} {CAPABILITIES[name].example}").parameters
