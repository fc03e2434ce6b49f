"""From a prompt and the options beside it to a request."""

from __future__ import annotations

from typing import Any

import pytest

from bot.prompts import MAX_PROMPT, MODES, VERSIONS, PromptError, build, build_from_service, parse

ATTACHMENT = "https://cdn.example.com/attachments/1/2/fox.png?ex=66f0a1b2&is=66ef5032&hm=abcdef&"
LOCAL_ATTACHMENT = "http://127.0.0.1:5000/attachments/1/2/fox.png"
IMAGE = "https://example.com/fox.png"


def test_a_bare_prompt_makes_the_smallest_request() -> None:
    built = build(" a  red fox ")
    assert built.request() == {"prompt": "a red fox", "action": "generate", "mode": "fast"}
    assert (built.mode, built.translation, built.warnings) == (None, None, ())


def test_every_option_finds_its_place() -> None:
    built = build("狐狸", aspect="16:9", version="7", mode="relax", translate=True, image_url=ATTACHMENT)
    assert built.request() == {
        "prompt": f"{ATTACHMENT} 狐狸 --ar 16:9 --v 7",
        "action": "generate",
        "mode": "relax",
        "version": "7",
        "translation": True,
    }
    assert built.shown == "狐狸 --ar 16:9 --v 7"


def test_a_mode_in_the_text_becomes_the_field() -> None:
    built = build("a fox --turbo --v 7")
    assert built.prompt == built.shown == "a fox --v 7"
    assert built.request()["mode"] == built.mode == "turbo"
    assert built.request()["version"] == "7"


def test_no_translation_is_said_too() -> None:
    assert build("a fox", translate=False).request()["translation"] is False


@pytest.mark.parametrize("typed", [" 16:9 ", "16x9", "16/9", "16 : 9", "16×9", "--ar 16:9", "—ar 16:9", "１６：９", "ar 16:9"])
def test_an_obvious_aspect_is_mended(typed: str) -> None:
    assert build("a fox", aspect=typed).prompt == "a fox --ar 16:9"


@pytest.mark.parametrize("typed", ["0:1", "abc", "1:0", "16:9:4", "1.5:1", "20:1", "16", ":", "16:9 fox", "-"])
def test_an_aspect_that_is_none_is_refused(typed: str) -> None:
    with pytest.raises(PromptError, match="aspect ratio"):
        build("a fox", aspect=typed)


@pytest.mark.parametrize(
    ("prompt", "options"),
    [
        ("a --ar 16:9", {"aspect": "16:9"}),
        ("a --ar 32:18", {"aspect": "16x9"}),
        ("a --v 7", {"version": "7"}),
        ("a --v 7", {"version": " v7.0 "}),
        ("a --relax", {"mode": "relax"}),
        ("a", {"aspect": " ", "version": ""}),
    ],
)
def test_the_same_said_twice_is_fine(prompt: str, options: dict[str, Any]) -> None:
    assert build(prompt, **options).shown == prompt.removesuffix(" --relax")


@pytest.mark.parametrize(
    ("prompt", "options", "words"),
    [
        ("a --ar 1:1", {"aspect": "16:9"}, ["option aspect", "“16:9”", "“--ar 1:1”"]),
        ("a --relax", {"mode": "turbo"}, ["option mode", "“turbo”", "“--relax”"]),
        ("a --v 6", {"version": "7"}, ["option version", "“7”", "“--v 6”"]),
        ("a --niji 6", {"version": "6"}, ["option version", "“--niji 6”"]),
        ("a", {"version": "9"}, ["“9” is no version", "8.2"]),
        ("a", {"mode": "warp"}, ["“warp” is no mode", "fast, relax and turbo"]),
        ("", {"image_url": ATTACHMENT}, ["One image alone"]),
        ("--ar 1:1", {"image_url": ATTACHMENT}, ["One image alone"]),
        (" ".join([IMAGE] * 5), {"image_url": ATTACHMENT}, ["6 images"]),
        ("x" * MAX_PROMPT, {"aspect": "1:1"}, ["too long"]),
    ],
)
def test_what_disagrees_is_refused(prompt: str, options: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(PromptError) as refusal:
        build(prompt, **options)
    assert all(word in str(refusal.value) for word in words), str(refusal.value)


def test_an_attachment_is_trusted_and_makes_a_blend_with_one_link() -> None:
    built = build(IMAGE, image_url=LOCAL_ATTACHMENT)
    assert built.prompt == f"{LOCAL_ATTACHMENT} {IMAGE}"
    assert built.shown == IMAGE


def test_warnings_know_the_options() -> None:
    assert build("a --quality 2", version="7").warnings == ()
    assert "V8" in str(build("a --quality 2", version="8").warnings)
    assert "turbo" in str(build("a", mode="turbo", version="8").warnings)
    assert build("a --turbo", mode="turbo", version="7").warnings == ()
    assert "retired" in str(build("a", version="8").warnings[0])
    assert build("a --iw 1", image_url=ATTACHMENT).warnings == ()


def test_every_version_and_mode_is_taken() -> None:
    for version in VERSIONS:
        assert build("a", version=version).request()["version"] == version
        assert str(parse(f"a --v {version}")) == f"a --v {version}"
    for mode in MODES:
        assert build("a", mode=mode).request()["mode"] == build(f"a --{mode}").request()["mode"] == mode


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("A wooden signpost in a sunlit park --ar 75:44", "A wooden signpost in a sunlit park --ar 75:44"),
        ("1️⃣ A signpost —in a park –ar 75:44", "A signpost — in a park --ar 75:44"),
        ("a park --ar 9999:1 --v 7", "a park --v 7"),
        ("a park --ar 3:2 with trees", "a park with trees --ar 3:2"),
        ("a park --lens 35mm --ar 3:2", "a park --ar 3:2"),
        ("a park --ar 3:2 --ar 1:1 --hd --sd", "a park --ar 3:2 --hd"),
        ("a park --tile at dusk", "a park at dusk --tile"),
        ("a park -- at dusk --", "a park"),
        ("a {red, blue} park", "a red, blue park"),
        ("a park -no people", "a park no people"),
        ("a park--no people--v 5", "a park-no people-v 5"),
        ("park::1 trees::-2", "park trees"),
        ("https://10.0.0.1/x.png https://example.com/y.png a park", "https://example.com/y.png a park"),
        ("a park, see https://example.com/y.png", "a park, see"),
        ("a park --repeat 4 --motion low", "a park"),
        ("word " * 1000, " ".join(["word"] * 740)),
        ("w" * 5000, "w" * 3700),
        ("a park --foo", "a park"),
    ],
)
def test_what_the_service_wrote_is_never_the_users_mistake(said: str, shown: str) -> None:
    built = build_from_service(said)
    assert built.shown == shown
    assert build(built.shown) == built


@pytest.mark.parametrize("said", ["", "--ar 1:1", "http://10.0.0.1/x.png", "{}", "https://example.com/x.png"])
def test_a_suggestion_of_nothing_is_refused(said: str) -> None:
    with pytest.raises(PromptError):
        build_from_service(said)
