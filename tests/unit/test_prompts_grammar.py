"""The prompt grammar: what is understood, what is refused, and in which words."""

from __future__ import annotations

import pytest

from bot.errors import UserError
from bot.prompts import MAX_PROMPT, Parameter, Prompt, PromptError, parse

IMAGE = "https://example.com/fox.png"
OTHER = "https://example.com/snow.png"

GOOD = [
    # text and white space
    ("a red fox", "a red fox"),
    ("  a\n red\t\tfox  ", "a red fox"),
    ("a\u200b red\u2060 fox\x00\ufeff", "a red fox"),
    ("a red\u00a0fox\u3164", "a red fox"),
    ("می\u200cخواهم", "می\u200cخواهم"),
    ("👩\u200d🚀 in space", "👩\u200d🚀 in space"),
    ("\u200da fo\u200dx\u200d", "a fox"),
    ("fox \ud800in snow", "fox in snow"),
    ("gr-ass and well-known half-timbered", "gr-ass and well-known half-timbered"),
    ("time: 5:30, ratio 16:9", "time: 5:30, ratio 16:9"),
    # dashes that a phone made
    ("a fox —ar 16:9", "a fox --ar 16:9"),
    ("a fox –ar 16:9", "a fox --ar 16:9"),
    ("a fox – –ar 16:9", "a fox --ar 16:9"),
    ("a fox — ar 16:9", "a fox --ar 16:9"),
    ("a fox -- ar 16:9", "a fox --ar 16:9"),
    ("a fox - -ar 16:9", "a fox --ar 16:9"),
    ("a fox -ar 16:9", "a fox --ar 16:9"),
    ("a fox—ar 16:9", "a fox --ar 16:9"),
    ("a fox--ar 16:9", "a fox --ar 16:9"),
    ("a fox ---ar 16:9", "a fox --ar 16:9"),
    ("a fox －－ar 16:9", "a fox --ar 16:9"),
    ("a fox —stylize 50 –v 7", "a fox --stylize 50 --v 7"),
    ("a fox – –stylize 50", "a fox --stylize 50"),
    ("a fox — in snow", "a fox — in snow"),
    ("1990–1995, fox—snow", "1990–1995, fox—snow"),
    ("a man—no hat", "a man—no hat"),
    ("it was —5 degrees", "it was —5 degrees"),
    ("a - b", "a - b"),
    ("a fox — -tail", "a fox — -tail"),
    ("a car-ar 16:9", "a car-ar 16:9"),
    ("a car 16:9", "a car 16:9"),
    ("a fox — — — --ar 16:9", "a fox --ar 16:9"),
    # parameters and their spellings
    ("a --aspect 3:2 --version 6.1", "a --ar 3:2 --v 6.1"),
    ("a --s 50 --c 5 --w 10 --q .5", "a --stylize 50 --chaos 5 --weird 10 --quality 0.5"),
    ("a --AR 16:9 --Tile", "a --ar 16:9 --tile"),
    ("a --ar 16x9", "a --ar 16:9"),
    ("a --ar 16/9", "a --ar 16:9"),
    ("a --ar 16 : 9", "a --ar 16:9"),
    ("a --ar １６：９", "a --ar 16:9"),
    ("a --ar 14:1", "a --ar 14:1"),
    ("a --ar 1:14", "a --ar 1:14"),
    ("a --ar 016:09", "a --ar 16:9"),
    ("a --ar 16:9, --v 7.", "a --ar 16:9 --v 7"),
    ("a --ar 16:9 , --tile,", "a --ar 16:9 --tile"),
    ("a --v 8.0", "a --v 8"),
    ("a --chaos 0 --weird 3000 --stylize 1000", "a --chaos 0 --weird 3000 --stylize 1000"),
    ("a --seed 4294967295", "a --seed 4294967295"),
    ("a --seed 007", "a --seed 7"),
    ("a --stop 10 --exp 100", "a --stop 10 --exp 100"),
    ("a --no cars, red trees", "a --no cars, red trees"),
    ("a --no cars,,  red trees. --ar 1:1", "a --no cars, red trees --ar 1:1"),
    (f"{IMAGE} a --iw 1.50", f"{IMAGE} a --iw 1.5"),
    ("a --raw --hd --fast", "a --raw --hd --fast"),
    ("a --style raw", "a --raw"),
    ("a --niji 6 --style Cute", "a --niji 6 --style cute"),
    ("a --p", "a --profile"),
    ("a --profile abc1234 m77::2, x", "a --profile abc1234 m77::2 x"),
    ("a --sref random", "a --sref random"),
    (f"a --sref {IMAGE}::2 {OTHER}, 12345::.5 --sw 5 --sv 6", f"a --sref {IMAGE}::2 {OTHER} 12345::.5 --sw 5 --sv 6"),
    (f"a --cref <{IMAGE}> --cw 0", f"a --cref {IMAGE} --cw 0"),
    (f"a --oref {IMAGE}. --ow 1000", f"a --oref {IMAGE} --ow 1000"),
    # image links
    (f"{IMAGE} a fox", f"{IMAGE} a fox"),
    (f"<{IMAGE}>, a fox", f"{IMAGE} a fox"),
    (f"{IMAGE} , {OTHER}", f"{IMAGE} {OTHER}"),
    (f"{IMAGE} {OTHER} --ar 1:1", f"{IMAGE} {OTHER} --ar 1:1"),
    (" ".join([IMAGE] * 5), " ".join([IMAGE] * 5)),
    # weights, braces
    ("fox::2 snow::-1", "fox::2 snow::-1"),
    ("fox:: snow", "fox:: snow"),
    ("fox::.5 snow::-.25", "fox::.5 snow::-.25"),
    ("set \\{a, b\\}", "set \\{a, b\\}"),
    ("a smile :} and {", "a smile :} and {"),
]


@pytest.mark.parametrize(("typed", "normal"), GOOD)
def test_a_good_prompt_is_brought_into_its_normal_form(typed: str, normal: str) -> None:
    assert str(parse(typed)) == normal
    assert parse(normal) == parse(typed)


BAD = [
    # nothing, too much
    ("", ["empty"]),
    (" \u200b\n\u2800", ["empty"]),
    ("::2", ["empty"]),
    ("--ar 16:9", ["no words"]),
    ("--fast", ["no words"]),
    ("x" * (MAX_PROMPT + 1), ["too long", "4001", "4000"]),
    ("x" * (MAX_PROMPT - 6) + " --s 5", ["too long"]),
    # text after parameters
    ("a --ar 16:9 a fox", ["“a fox” stands after “--ar 16:9”", "text goes before"]),
    ("a --v 7, in snow", ["“in snow” stands after “--v 7”"]),
    ("a --tile in snow", ["“--tile” takes no value", "“in snow”"]),
    ("a --chaos 5 6", ["“6” stands after"]),
    ("a --ar 16:9 5:4", ["“5:4” stands after"]),
    (f"a --oref {IMAGE} {OTHER}", ["stands after"]),
    # names
    ("a --foo", ["“--foo” is no parameter"]),
    ("a --strlize 5", ["“--strlize”", "Did you mean “--stylize”"]),
    ("a --aspec 1:1", ["Did you mean “--aspect”"]),
    ("a --1girl", ["no parameter"]),
    ("a --привет", ["no parameter"]),
    ("a —Hola amigo", ["no parameter", "“- Hola”"]),
    ("a --" + "z" * 900, ["…”", "no parameter"]),
    ("a --ar=16:9", ["lacks a space", "“--ar 16:9”"]),
    ("a --v7", ["lacks a space", "“--v 7”"]),
    ("a --s50", ["lacks a space", "“--s 50”"]),
    ("a -v 7", ["“-v” has one dash", "“--v”"]),
    ("a --ar 1:1 -s 5", ["one dash"]),
    ("a fox--v 7", ["hangs on another word", "space before “--v”"]),
    ("a --ar 16:9--v 7", ["hangs on another word"]),
    ("a fox --", ["stands alone"]),
    ("a fox -- in snow", ["“--” stands alone"]),
    ("a fox -- v 7", ["stands alone", "“--v” without a space"]),
    ("a --ar 1:1 --", ["stands alone"]),
    ("a ------ fox", ["stands alone"]),
    # doubled and contradicting
    ("a --ar 1:1 --ar 1:1", ["“--ar” is there twice"]),
    ("a --ar 1:1 --aspect 16:9", ["“--ar” and “--aspect” set the same thing twice"]),
    ("a --s 5 --stylize 5", ["twice"]),
    ("a --raw --style raw", ["twice"]),
    ("a --tile --tile", ["twice"]),
    ("a --fast --relax", ["“--fast” and “--relax” contradict"]),
    ("a --hd --sd", ["contradict"]),
    # values
    ("a --ar", ["“--ar” needs a value", "“--ar 16:9”"]),
    ("a --ar , --v 7", ["needs a value"]),
    ("a --ar --v 7", ["“--ar” needs a value"]),
    ("a --no", ["needs a value"]),
    ("a --no -", ["needs a value"]),
    ("a --niji", ["needs a value"]),
    ("a --seed", ["needs a value"]),
    ("a --ar 0:1", ["“0:1”", "zero"]),
    ("a --ar 1:0", ["“1:0”", "zero"]),
    ("a --ar abc", ["“abc” is no aspect ratio", "16:9"]),
    ("a --ar 16:9:4", ["“16:9:4” is no aspect ratio"]),
    ("a --ar 1.5:1", ["“1.5:1” is no aspect ratio", "whole numbers"]),
    ("a --ar -1:1", ["no aspect ratio"]),
    ("a --ar 15:1", ["“15:1” is too narrow", "14:1"]),
    ("a --ar 1:15", ["too narrow"]),
    ("a --ar 1:" + "9" * 3000, ["too narrow", "…”"]),
    ("a --ar 16 9", ["“16” is no aspect ratio"]),
    ("a --v 9", ["“9”", "8.2"]),
    ("a --v latest", ["“latest”", "5.2, 6"]),
    ("a --niji 3", ["“3”", "4, 5, 6 or 7"]),
    ("a --stylize 1001", ["“1001” is out of range", "0 to 1000"]),
    ("a --chaos -1", ["“-1” is out of range", "0 to 100"]),
    ("a --chaos 101", ["out of range"]),
    ("a --chaos lots", ["“--chaos” can't take “lots”", "whole number"]),
    ("a --chaos 5.5", ["can't take “5.5”"]),
    ("a --chaos ½", ["can't take"]),
    ("a --weird 3001", ["0 to 3000"]),
    ("a --quality 3", ["“3”", "0.5, 1, 2 or 4"]),
    ("a --seed 4294967296", ["out of range", "4294967295"]),
    ("a --seed " + "9" * 3900, ["out of range", "…”"]),
    ("a --iw 3.1", ["out of range", "0 to 3"]),
    ("a --iw 1,5", ["can't take “1,5”"]),
    ("a --sref random --sw 1001", ["out of range"]),
    ("a --sref random --sv 0", ["out of range", "1 to 6"]),
    ("a --ow 0", ["out of range", "1 to 1000"]),
    ("a --cw 101", ["out of range"]),
    ("a --stop 9", ["out of range", "10 to 100"]),
    ("a --exp 101", ["out of range"]),
    ("a --style fancy", ["can't take “fancy”", "cute"]),
    ("a --sref a fox", ["“--sref” can't take “a”", "random"]),
    ("a --sref ::", ["can't take"]),
    ("a --p a-b", ["can't take “a-b”", "profile codes"]),
    ("a --cref fox", ["“--cref” can't take “fox”", "image link"]),
    ("a --no https://example.com/x.png", ["words, not links"]),
    # references need text
    ("--sref 12345", ["“--sref” needs words"]),
    (f"{IMAGE} --cref {OTHER}", ["“--cref” needs words"]),
    (f"{IMAGE} {OTHER} --oref {OTHER}", ["“--oref” needs words"]),
    # not here
    ("a --repeat 4", ["“--repeat” can't be used here", "one job"]),
    ("a --r 4", ["“--r” can't be used here"]),
    # refused by the model
    ("a --v 8.1 --quality 2", ["V8.1 does not take “--quality 2”", "Leave it out", "5.2, 6, 6.1, 7 or 8.2"]),
    ("a --q 4 --v 8.1", ["V8.1 does not take “--quality 4”", "choose version 7 instead"]),
    ("a --v 8.1 --turbo", ["V8.1 has no mode “turbo”", "fast or relax", "5.2, 6, 6.1, 7 or 8.2"]),
    ("a --niji 7 --hd", ["niji 7 does not take “--hd”", "8.1 or 8.2"]),
    ("a --niji 6 --v 6", ["“--niji 6” and “--v 6” both choose the model", "Keep one"]),
    ("a {red, blue} fox", ["“{red, blue}”", "several pictures"]),
    ("a --ar {1:1, 3:2}", ["several pictures"]),
    ("a --edit", ["can't be used here", "own site"]),
    ("a --preview", ["own site"]),
    ("a --stealth", ["own site"]),
    ("a --public", ["own site"]),
    ("a --motion low", ["videos"]),
    ("a --loop", ["videos"]),
    (f"a --end {IMAGE}", ["videos"]),
    ("a --bs 2", ["videos"]),
    # weights
    ("fox::1 snow::-1", ["add up to “0”", "above zero"]),
    ("fox::-2 snow", ["add up to “-1”"]),
    ("fox::.1 snow::.2 ice::-.3", ["add up to “0.0”"]),
    # links
    (IMAGE, ["One image alone"]),
    (f"{IMAGE} --ar 1:1", ["One image alone"]),
    (f"{IMAGE} ::2", ["One image alone"]),
    (f"{IMAGE} {OTHER} ::2", ["empty"]),
    (" ".join([IMAGE] * 6), ["6 images", "5"]),
    (f"a fox {IMAGE}", ["stands within the text", "Image links go first"]),
    (f"a fox ({IMAGE})", ["stands within the text"]),
    ("ftp://example.com/x.png a", ["http://"]),
    ("file:///etc/passwd a", ["http://"]),
    ("data:image/png;base64,AAAA a", ["http://"]),
    ("http://127.0.0.1/x.png a fox", ["private or local"]),
    ("a --sref http://10.0.0.1/x.png", ["private or local"]),
    ("a --cref http://localhost/x.png", ["private or local"]),
    ("a --oref http://[::1]/x.png", ["private or local"]),
    ("ｈｔｔｐ：／／１２７．０．０．１/x.png a", ["http://"]),
]


@pytest.mark.parametrize(("typed", "words"), BAD)
def test_a_bad_prompt_is_refused_in_clear_words(typed: str, words: list[str]) -> None:
    with pytest.raises(PromptError) as refusal:
        parse(typed)
    said = str(refusal.value)
    assert all(word in said for word in words), said
    assert len(said) < 400
    assert said.endswith((".", "?"))


def test_a_refusal_is_meant_for_the_person() -> None:
    assert issubclass(PromptError, UserError)


def test_a_prompt_is_taken_apart() -> None:
    prompt = parse(f"{IMAGE} a red fox, in snow --ar 16:9 --no cars, red trees --raw --v 6.1")
    assert prompt == Prompt(
        (IMAGE,),
        "a red fox, in snow",
        (
            Parameter("ar", ("16:9",)),
            Parameter("no", ("cars", "red trees")),
            Parameter("raw"),
            Parameter("v", ("6.1",)),
        ),
    )
    assert prompt.get("v") == Parameter("v", ("6.1",))
    assert prompt.get("seed") is None


def test_the_longest_prompt_is_taken() -> None:
    assert len(str(parse("x" * MAX_PROMPT))) == MAX_PROMPT


WARNINGS = [
    ("a --v 8 --quality 2", ["“--quality 2” may not work with V8", "1 or 4"]),
    ("a --v 6.1 --quality .25", ["“--quality 0.25” may not work with V6.1", "0.5, 1 or 2"]),
    ("a --quality 4", ["“--quality 4” may not work with V8.2", "1 or 2", "No version was chosen; the default is V8.2."]),
    ("a --v 7 --quality .5", ["“--quality 0.5” may not work with V7", "1, 2 or 4"]),
    ("a --v 6 --quality 4", ["0.5, 1 or 2"]),
    ("a --turbo --v 8", ["Mode “turbo” may not work with V8", "5.2, 6, 6.1, 7 and 8.2"]),
    ("a --turbo --seed 5 --v 7", ["“--seed 5” may not go together with “--turbo”"]),
    (f"a --oref {IMAGE}", ["“--oref” may not work with V8.2", "twice as much"]),
    (f"a --v 7 --oref {IMAGE} --quality 4", ["“--oref” may not go together with “--quality 4”", "twice"]),
    (f"a --v 7 --draft --oref {IMAGE}", ["“--draft”", "twice"]),
    (f"a --v 7 --cref {IMAGE}", ["“--cref” may not work with V7"]),
    ("a --v 7 --hd", ["“--hd” may not work with V7"]),
    ("a --hd --ar 5:1", ["“--ar 5:1” may be too narrow", "4:1"]),
    ("a --draft", ["“--draft” may not work"]),
    ("a --v 8", ["Version 8 has been retired"]),
    ("a --niji 7 --sd", ["may not work with niji 7"]),
    ("a --niji 5", ["old model"]),
    ("a --style cute", ["“--style cute” does nothing without “--niji”"]),
    ("a --sw 50", ["does nothing without “--sref”"]),
    ("a --iw 2", ["does nothing without an image"]),
    (f"{IMAGE} a --iw .2", ["“--iw 0.2” may not work", "0.5 to 3"]),
    ("a --sref 1 --sv 6 --v 6", ["1 to 4"]),
    ("a --p", ["profile belongs to one"]),
    ("a::2 b", ["Weights", "5.2, 6 and 6.1"]),
]


@pytest.mark.parametrize(("typed", "words"), WARNINGS)
def test_what_only_the_version_decides_is_a_warning(typed: str, words: list[str]) -> None:
    warnings = [str(each) for each in parse(typed).warnings]
    assert all(word in " ".join(warnings) for word in words), warnings
    assert all(each.endswith(".") for each in warnings)


@pytest.mark.parametrize(
    "typed",
    [
        "a red fox",
        "a --ar 16:9 --no cars --seed 5 --raw --fast",
        "a --hd --ar 4:1",
        f"{IMAGE} a --iw 1",
        "a::2 b::-1 --v 6",
        f"a --cref {IMAGE} --cw 5 --niji 6",
        "a --v 7 --turbo --quality 4 --exp 5",
        "a --turbo --quality 2",
        "a --v 5.2 --quality .25",
        "a --v 8.1 --hd --relax",
    ],
)
def test_what_is_known_to_work_gets_no_warning(typed: str) -> None:
    assert parse(typed).warnings == ()
